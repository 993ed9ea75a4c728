import Models
import Foundation
import TestSupport
import Testing

/// Our towers against transformers' `CLIPModel` on the fixtures' checkpoints, element by element.
///
/// Tolerances are the fixtures' own (their README): unit vectors and logits 1e-4, hidden states 1e-3.
@Suite struct ParityTests {
  /// In this checkout: random weights made by Tests/Fixtures/reference and Tests/Fixtures/checkpoints.
  static let own = ["quick_gelu", "gelu_eps", "bf16", "openai"]
  /// Larger ones, of more formats, in the folder of shared data.
  static let others = [
    "quick_gelu", "gelu_eps", "legacy_eos", "quick_gelu_f16", "quick_gelu_bf16",
    "quick_gelu_pytorch_bin", "quick_gelu_pytorch_bin_bf16", "quick_gelu_pytorch_bin_views",
    "quick_gelu_sharded", "quick_gelu_sharded_bin", "quick_gelu_flax", "quick_gelu_openclip",
    "quick_gelu_tokenizer_json",
  ]
  static let checkpoints =
    own.map {
      Places.fixtures.appendingPathComponent(
        $0 == "openai" ? "checkpoints/openai" : "reference/\($0)")
    }
    + others.map { Places.shared.appendingPathComponent("fixtures/checkpoints/\($0)") }
    .filter { FileManager.default.fileExists(atPath: $0.path) }
  static func checkpoints(named names: Set<String>) -> [URL] {
    checkpoints.filter { names.contains($0.lastPathComponent) }
  }

  @Test("the shared checkpoints are among those that are compared", .needs("fixtures/checkpoints"))
  func all() { #expect(Self.checkpoints.count == Self.own.count + Self.others.count) }

  private func load(_ folder: URL) throws -> (CLIPModel, SafetensorsFixture) {
    (
      try CLIPModel(contentsOf: folder.path, threads: 2),
      try SafetensorsFixture(contentsOf: folder.appendingPathComponent("expected.safetensors"))
    )
  }

  /// Ids of each fixture text without its padding.
  private func texts(_ expected: SafetensorsFixture) throws -> [[Int32]] {
    let shape = try expected.shape("input_ids")
    let ids = try expected.integers("input_ids").map { Int32($0) }
    let mask = try expected.integers("attention_mask")
    return (0..<shape[0]).map { row in
      let places = row * shape[1]..<(row + 1) * shape[1]
      return places.filter { mask[$0] == 1 }.map { ids[$0] }
    }
  }

  @Test("image vectors equal transformers'", arguments: checkpoints)
  func images(folder: URL) throws {
    let (model, expected) = try load(folder)
    let pixels = try expected.floats("pixel_values")
    let count = try expected.shape("pixel_values")[0]
    let found = try model.embed(preprocessed: pixels, count: count)
    expectClose(found.values, try expected.floats("image_embeds"), within: 1e-4)
  }

  @Test(
    "text vectors equal transformers', alone and in a batch",
    arguments: checkpoints)
  func texts(folder: URL) throws {
    let (model, expected) = try load(folder)
    let texts = try texts(expected)
    let wanted = try expected.floats("text_embeds")
    expectClose(try model.embed(tokens: texts).values, wanted, within: 1e-4)
    expectClose(
      try texts.flatMap { try model.embed(tokens: [$0]).values }, wanted, within: 1e-4)
  }

  /// Few threads share one text or picture by heads: 2, 3 and 4 of them, from many tasks at once.
  @Test(
    "what threads share equals transformers'",
    arguments: checkpoints(named: ["quick_gelu", "gelu_eps"]), [2, 3, 4])
  func shared(folder: URL, threads: Int) async throws {
    let model = try CLIPModel(contentsOf: folder.path, threads: threads, narrowestPart: 1)
    let expected = try SafetensorsFixture(
      contentsOf: folder.appendingPathComponent("expected.safetensors"))
    let texts = try texts(expected)
    let pixels = try expected.floats("pixel_values")
    let count = try expected.shape("pixel_values")[0]
    let side = pixels.count / count
    let textVectors = try expected.floats("text_embeds")
    let imageVectors = try expected.floats("image_embeds")
    let width = model.embeddingWidth
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<24 {
        group.addTask {
          let item = task % count
          let range = item * width..<(item + 1) * width
          if task % 2 == 0 {
            let found = try model.embed(tokens: [texts[item]])
            expectClose(found.values, Array(textVectors[range]), within: 1e-4)
          } else {
            let own = Array(pixels[item * side..<(item + 1) * side])
            let found = try model.embedShared(preprocessed: own, count: 1)
            expectClose(found.values, Array(imageVectors[range]), within: 1e-4)
          }
        }
      }
      try await group.waitForAll()
    }
  }

  @Test("logits equal transformers'", arguments: checkpoints)
  func logits(folder: URL) throws {
    let (model, expected) = try load(folder)
    let count = try expected.shape("pixel_values")[0]
    let images = try model.embed(preprocessed: try expected.floats("pixel_values"), count: count)
    let texts = try model.embed(tokens: try texts(expected))
    expectClose(
      model.logits(images: images, texts: texts), try expected.floats("logits_per_image"),
      within: 1e-4)
  }

  @Test(
    "every block's input equals transformers'",
    arguments: checkpoints(named: ["quick_gelu", "gelu_eps", "legacy_eos"]))
  func hiddenStates(folder: URL) throws {
    let (model, expected) = try load(folder)
    let side = 3 * model.configuration.imageSize * model.configuration.imageSize
    let vision = try model.visionHiddenStates(Array(try expected.floats("pixel_values")[..<side]))
    #expect(vision.count == model.configuration.vision.layers + 1)
    for (index, found) in vision.enumerated() {
      let wanted = try expected.floats("vision_hidden.\(index)")
      // The last entry is our pooled row only: the class token, the first.
      expectClose(found, Array(wanted[..<found.count]), within: 1e-3)
    }
    let text = try model.textHiddenStates(try texts(expected)[0])
    #expect(text.count == model.configuration.text.layers + 1)
    let tokens = text[0].count / model.configuration.text.width
    for (index, found) in text.enumerated() {
      let wanted = try expected.floats("text_hidden.\(index)")
      let end = tokens * model.configuration.text.width
      expectClose(found, Array(wanted[end - found.count..<end]), within: 1e-3)
    }
  }
}

/// Compares every element and reports the farthest.
func expectClose(
  _ found: [Float], _ wanted: [Float], within tolerance: Float,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(found.count == wanted.count, sourceLocation: sourceLocation)
  let differences = zip(found, wanted).map { abs($0 - $1) }
  let finite = found.allSatisfy { $0.isFinite }
  #expect(finite, sourceLocation: sourceLocation)
  #expect((differences.max() ?? .infinity) <= tolerance, sourceLocation: sourceLocation)
}
