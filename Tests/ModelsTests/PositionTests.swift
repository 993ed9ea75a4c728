import Models
import Checkpoints
import Foundation
import Imaging
import TestSupport
import Testing

/// Pictures of other sizes than the model's, and Long-CLIP's texts, as the original libraries have them:
/// Tests/Fixtures/positions. Unit vectors agree within 2e-5 (f32 sums in another order).
@Suite struct PositionTests {
  private struct Row: Decodable {
    let size: Int
    let vector: [Float]

    init(from decoder: any Decoder) throws {
      var values = try decoder.unkeyedContainer()
      size = try values.decode(Int.self)
      vector = try values.decode([Float].self)
    }
  }

  private struct Expected: Decodable {
    let transformers: [Row]
    let open_clip: [Row]
    let long_clip: [Row]
  }

  private func expected() throws -> Expected {
    let file = Places.fixtures.appendingPathComponent("positions/positions.json")
    return try JSONDecoder().decode(Expected.self, from: Data(contentsOf: file))
  }

  private func picture(_ side: Int) throws -> Pixels {
    try Pixels(
      width: side, height: side,
      bytes: (0..<3 * side * side).map { place in
        let (x, y, c) = (place / 3 % side, place / 3 / side, place % 3)
        return UInt8(truncatingIfNeeded: ((x * 7 + y * 13 + c * 29) * (x + 3 * y + 1)) >> 3)
      })
  }

  private func distance(_ found: EmbeddingMatrix, _ wanted: [Float]) -> Float {
    guard found.width == wanted.count else { return .infinity }
    return zip(found[row: 0], wanted).map { abs($0 - $1) }.max() ?? .infinity
  }

  private func check(_ rows: [Row], _ folder: String) throws {
    for row in rows {
      let model = try CLIPModel(contentsOf: folder, threads: 1, imageSize: row.size)
      #expect(model.preprocessing.output == .init(width: row.size, height: row.size))
      let found = try model.embed(images: [picture(row.size)])
      #expect(distance(found, row.vector) <= 2e-5, "\(row.size): \(distance(found, row.vector))")
    }
  }

  @Test func `transformers' layout is interpolated as by transformers`() throws {
    try check(expected().transformers, Places.model("clip-mini"))
  }

  private static let openAI = Places.fixtures.appendingPathComponent("checkpoints/openai")

  @Test func `other layouts are interpolated as by open_clip`() throws {
    try check(expected().open_clip, Self.openAI.path)
  }

  @Test func `another size is another fingerprint, the model's own is not`() throws {
    let model = try CLIPModel(contentsOf: Places.model("clip-mini"), threads: 1)
    let same = try CLIPModel(contentsOf: Places.model("clip-mini"), threads: 1, imageSize: 128)
    let other = try CLIPModel(contentsOf: Places.model("clip-mini"), threads: 1, imageSize: 160)
    #expect(model.fingerprint == same.fingerprint && model.fingerprint.count == 64)
    #expect(other.fingerprint == model.fingerprint + "@160")
    #expect(EmbeddingModels.imageSize(ofFingerprint: other.fingerprint + "+bands=3,2,1") == 160)
    #expect(EmbeddingModels.imageSize(ofFingerprint: model.fingerprint + "+x@7") == nil)
  }

  @Test(arguments: [8, 5000]) func `a size of less than a patch or too many pixels is refused`(
    _ size: Int
  ) {
    #expect(throws: CLIPError.self) {
      try CLIPModel(contentsOf: Places.model("clip-mini"), threads: 1, imageSize: size)
    }
  }

  // MARK: Long-CLIP

  /// The tiny model's weights with 248 positions, as Long-CLIP publishes them.
  private func withLongCLIP(rows: Int = 248, _ body: (URL) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let table = try CheckpointFiles(in: Self.openAI.path).table()
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
      func drawn(_ count: Int, _ number: (Double, Double) -> Double) -> [Float] {
        (0..<count * 64).map { Float(number(Double($0 / 64), Double($0 % 64)) / 8) }
      }
      add("positional_embedding", [248, 64], drawn(248) { sin($0 * 0.37 + $1 * 0.11) })
      add("positional_embedding_res", [rows, 64], drawn(rows) { cos($0 * 0.23 - $1 * 0.19) })
      try SafetensorsWriter.write(
        tensors, values: values, as: .f32,
        to: folder.appendingPathComponent("model.safetensors").path)
      for name in ["vocab.json", "merges.txt"] {
        try FileManager.default.copyItem(
          at: Self.openAI.appendingPathComponent(name), to: folder.appendingPathComponent(name))
      }
      try body(folder)
    }
  }

  @Test func `Long-CLIP's texts`() throws {
    let rows = try expected().long_clip
    try withLongCLIP { folder in
      let model = try CLIPModel(contentsOf: folder.path, threads: 1)
      #expect(model.configuration.contextLength == 248)
      for row in rows {
        let ids = [1012] + (0..<row.size - 2).map { Int32((7 * $0 + row.size) % 1000) } + [1013]
        let found = try model.embed(tokens: [ids])
        #expect(distance(found, row.vector) <= 2e-5, "\(row.size): \(distance(found, row.vector))")
      }
    }
  }

  @Test func `a second embedding of another length is refused`() throws {
    try withLongCLIP(rows: 77) { folder in
      let error = #expect(throws: CLIPError.self) { try CLIPModel(contentsOf: folder.path) }
      #expect(error?.problem.contains("positional_embedding_res is [77, 64]") == true)
    }
  }

  @Test func `Long-CLIP converted is the same model, its positions in one embedding`() throws {
    try withLongCLIP { folder in
      let target = folder.appendingPathComponent("converted").path
      let report = try ModelConversion(precision: .f32, threads: 1).convert(folder.path, to: target)
      #expect(report.largestDifference <= 1e-5)
      #expect(try CLIPModel(contentsOf: target, threads: 1).configuration.contextLength == 248)
    }
  }

  // MARK: Rules

  @Test func `the layout decides how texts are cleaned`() throws {
    let own = try CLIPModel(contentsOf: Places.model("clip-mini"), threads: 1)
    #expect(own.tokenizer.cleaning == .transformers)
    #expect(own.preprocessing.library == .transformers)
    let openAI = try CLIPModel(contentsOf: Self.openAI.path, threads: 1)
    #expect(openAI.tokenizer.cleaning == .openAI)
    #expect(openAI.preprocessing.library == .torchvision)
  }
}
