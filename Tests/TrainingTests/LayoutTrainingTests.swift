import Models
import Checkpoints
import Foundation
import Synchronization
import TestSupport
import Testing
import Training

/// Runs that start from what remote sensing publishes: bare .pt weights, trainers' wrappers, Long-CLIP, and
/// pictures of another size. The run must begin with exactly the model that the engine reads there.
@Suite struct LayoutTrainingTests {
  private static let checkpoints = Places.fixtures.appendingPathComponent("checkpoints")

  private struct Told {
    var evaluations: [RunEvent.Evaluation] = []
    var losses: [Double] = []
    var notes: [String] = []
  }

  /// A recipe that moves nothing to speak of, whose train and valid split are the same 24 pairs in one
  /// batch: the loss of its first step and that of its first validation are then the same figure, once by
  /// the backward pass's forward and once by the engine's.
  private func recipe(_ workshop: TrainingWorkshop, _ model: String, _ more: String...) throws
    -> Recipe
  {
    try """
    model = "\(model)"
    output = "\(workshop.path("run"))"
    steps = 2
    threads = 2
    batch = 24
    piece = 8
    max_length = 248
    learning_rate = 1e-9
    log_every = 1

    [[data]]
    captions = "\(workshop.path("train.jsonl"))"
    images = "\(workshop.folder.path)"
    captions_per_image = 1

    [valid]
    captions = "\(workshop.path("train.jsonl"))"
    images = "\(workshop.folder.path)"
    """.write(toFile: workshop.path("layout.toml"), atomically: true, encoding: .utf8)
    return try Recipe(contentsOf: workshop.path("layout.toml"), settings: more)
  }

  private func train(_ recipe: Recipe, resuming: Bool = false) throws -> Told {
    let told = Mutex(Told())
    let run = try TrainingRun(recipe, resuming: resuming) { event in
      told.withLock { told in
        switch event {
        case .evaluated(let evaluation): told.evaluations.append(evaluation)
        case .step(let point): told.losses.append(point.loss)
        case .note(let text): told.notes.append(text)
        default: break
        }
      }
    }
    try run.train { false }
    return told.withLock { $0 }
  }

  /// Every picture has a caption of its own, so that the order of pairs does not matter.
  private func nameCaptions(_ workshop: TrainingWorkshop, _ words: String) throws {
    let path = workshop.path("train.jsonl")
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      .filter { !$0.contains("lost") }
    try lines.enumerated().map { place, line in
      line.replacing(/"captions": \[.*\]/, with: "\"captions\": [\"number \(place) \(words)\"]")
    }.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
  }

  @Test(
    "a run from bare weights and from a trainer's wrapper begins with the model that is published",
    arguments: ["openai/ViT-tiny.pt", "layouts/trainer", "layouts/torchscript/ViT-tiny.pt"])
  func published(_ name: String) throws {
    try TrainingWorkshop.run { workshop in
      try nameCaptions(workshop, "seen from above")
      let path = Self.checkpoints.appendingPathComponent(name).path
      let told = try train(try recipe(workshop, path))
      let (first, loss) = (
        try #require(told.evaluations.first), try #require(told.losses.first)
      )
      #expect(first.step == 0)
      // f32 sums in another order, over logits of up to 100.
      #expect(abs(first.loss - loss) < 1e-3 * loss, "\(first.loss), \(loss)")
      // What is written is read as transformers' layout, with the published vectors.
      let folder =
        (path as NSString).deletingPathExtension == path
        ? path : (path as NSString).deletingLastPathComponent
      let expected = try SafetensorsFixture(
        contentsOf: URL(fileURLWithPath: folder).appendingPathComponent("expected.safetensors"))
      let (model, original) = (
        try CLIPModel(contentsOf: workshop.path("run/final"), threads: 1),
        try CLIPModel(contentsOf: path, threads: 1)
      )
      #expect(model.configuration.vision.activation == original.configuration.vision.activation)
      #expect(model.configuration.vision.heads == original.configuration.vision.heads)
      let pixels = try expected.floats("pixel_values")
      let count = try expected.shape("pixel_values")[0]
      expectSame(
        try model.embed(preprocessed: pixels, count: count).values,
        try expected.floats("image_embeds"), within: 2e-5)
      let shape = try expected.shape("input_ids")
      let ids = try expected.integers("input_ids").map { Int32($0) }
      expectSame(
        try model.embed(
          tokens: (0..<shape[0]).map { Array(ids[$0 * shape[1]..<($0 + 1) * shape[1]]) }
        ).values, try expected.floats("text_embeds"), within: 2e-5)
    }
  }

  @Test("Long-CLIP is trained with its 248 positions, on captions that CLIP would cut")
  func longCLIP() throws {
    try TrainingWorkshop.run { workshop in
      try nameCaptions(workshop, Array(repeating: "a b c d", count: 30).joined(separator: " "))
      try writeLongCLIP(to: workshop.path("long"))
      let told = try train(try recipe(workshop, workshop.path("long")))
      #expect(!told.notes.contains { $0.contains("cut") }, "\(told.notes)")
      let loss = try #require(told.losses.first)
      #expect(abs((told.evaluations.first?.loss ?? 0) - loss) < 1e-3 * loss)
      let (model, original) = (
        try CLIPModel(contentsOf: workshop.path("run/final"), threads: 1),
        try CLIPModel(contentsOf: workshop.path("long"), threads: 1)
      )
      #expect(model.configuration.contextLength == 248)
      for length in [10, 21, 100, 248] {
        let ids = [1012] + (0..<length - 2).map { Int32((7 * $0 + length) % 1000) } + [1013]
        expectSame(
          try model.embed(tokens: [ids]).values, try original.embed(tokens: [ids]).values,
          within: 2e-5)
      }
      // And goes on from its checkpoint.
      #expect(
        try train(
          try recipe(workshop, workshop.path("long"), "steps=3"), resuming: true
        ).losses.count == 1)
    }
  }

  @Test("image_size trains a model of pictures of that size, whose positions are interpolated")
  func imageSize() throws {
    try TrainingWorkshop.run { workshop in
      try nameCaptions(workshop, "seen from above")
      for (name, start, size) in [
        ("a", Self.checkpoints.appendingPathComponent("openai/ViT-tiny.pt").path, 48),
        ("b", Places.model("clip-mini"), 64),
      ] {
        let output = "output=\(workshop.path(name))"
        let told = try train(
          try recipe(workshop, start, output, "image_size=\(size)", "max_length=16"))
        let loss = try #require(told.losses.first)
        #expect(abs((told.evaluations.first?.loss ?? 0) - loss) < 1e-3 * loss, "\(name)")
        let (model, original) = (
          try CLIPModel(contentsOf: workshop.path("\(name)/final"), threads: 1),
          try CLIPModel(contentsOf: start, threads: 1, imageSize: size)
        )
        #expect(model.configuration.imageSize == size)
        #expect(model.preprocessing.output.width == size)
        let pixels = (0..<3 * size * size).map { (place: Int) -> Float in
          Float(place * 37 % 101) / 50 - 1
        }
        expectSame(
          try model.embed(preprocessed: pixels, count: 1).values,
          try original.embed(preprocessed: pixels, count: 1).values, within: 2e-5)
        let rest = try train(
          try recipe(
            workshop, start, output, "image_size=\(size)", "max_length=16", "steps=3"),
          resuming: true)
        #expect(rest.losses.count == 1)
      }
    }
  }

  /// f32 sums in another order.
  private func expectSame(
    _ found: [Float], _ expected: [Float], within tolerance: Float,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(found.count == expected.count, sourceLocation: sourceLocation)
    let difference = zip(found, expected).map { abs($0 - $1) }.max() ?? .infinity
    #expect(difference <= tolerance, sourceLocation: sourceLocation)
  }

  /// The tiny model's weights with 248 positions, as Long-CLIP publishes them.
  private func writeLongCLIP(to folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let source = Self.checkpoints.appendingPathComponent("openai")
    let table = try CheckpointFiles(in: source.path).table()
    var values: [Float] = []
    var tensors: [SafetensorsWriter.Tensor] = []
    func add(_ name: String, _ shape: [Int], _ numbers: [Float]) {
      tensors.append(
        .init(name: name, shape: shape, range: values.count..<values.count + numbers.count))
      values += numbers
    }
    for name in table.names where table.type(of: name)?.isFloat == true {
      guard name != "positional_embedding", let shape = table.shape(of: name) else { continue }
      add(name, shape, try table.floats(name, shape: shape))
    }
    let count = 248 * 64
    func drawn(_ step: Double) -> [Float] {
      (0..<count).map { (place: Int) -> Float in Float(sin(Double(place) * step) / 8) }
    }
    add("positional_embedding", [248, 64], drawn(0.37))
    add("positional_embedding_res", [248, 64], drawn(0.23))
    try SafetensorsWriter.write(
      tensors, values: values, as: .f32, to: "\(folder)/model.safetensors")
    for name in ["vocab.json", "merges.txt"] {
      try FileManager.default.copyItem(
        atPath: source.appendingPathComponent(name).path, toPath: "\(folder)/\(name)")
    }
  }
}
