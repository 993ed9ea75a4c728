import Models
import Checkpoints
import Foundation
import Imaging
import TestSupport
import Testing

/// The whole model on the shipped checkpoints, and checkpoints that are not what they should be.
@Suite struct ModelTests {
  private func picture(_ seed: Int) throws -> Pixels {
    try Pixels(
      width: 150, height: 140,
      bytes: (0..<3 * 150 * 140).map { UInt8(truncatingIfNeeded: $0 &* (seed + 3) / 7) })
  }

  @Test("vectors have unit length and do not depend on the batch they are in")
  func batches() throws {
    let model = try CLIPModel(contentsOf: Places.model("rsicd-mini"), threads: 2)
    let texts = (1...70).map { "a photograph of " + String(repeating: "river ", count: $0 % 9) }
    let together = try model.embed(texts: texts)
    let pictures = try (0..<19).map(picture)
    let images = try model.embed(images: pictures)
    for index in texts.indices {
      let row = together[row: index]
      #expect(abs(row.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
      expectClose(row, try model.embed(texts: [texts[index]]).values, within: 1e-5)
    }
    for index in pictures.indices {
      expectClose(
        images[row: index], try model.embed(images: [pictures[index]]).values, within: 1e-5)
    }
  }

  @Test("several models and many tasks at once give what one call gives")
  func concurrency() async throws {
    let first = try CLIPModel(contentsOf: Places.model("rsicd-mini"), threads: 2)
    let second = try CLIPModel(contentsOf: Places.model("clip-mini"), threads: 1)
    #expect(first.fingerprint != second.fingerprint)
    let texts = ["a river", "many planes beside a terminal", "beach"]
    let wanted = [try first.embed(texts: texts), try second.embed(texts: texts)]
    try await withThrowingTaskGroup(of: (Int, EmbeddingMatrix).self) { group in
      for turn in 0..<40 {
        group.addTask {
          (turn % 2, try await (turn % 2 == 0 ? first : second).embeddings(forTexts: texts))
        }
      }
      for try await (which, found) in group {
        expectClose(found.values, wanted[which].values, within: 1e-5)
      }
    }
  }

  @Test("probabilities of a classification sum to one, in the order of the labels")
  func classify() throws {
    let model = try CLIPModel(contentsOf: Places.model("rsicd-mini"))
    let found = try model.classify([try picture(1)], labels: ["beach", "forest", "port"])
    #expect(found.count == 1 && found[0].count == 3)
    #expect(abs(found[0].reduce(0, +) - 1) < 1e-5)
    // In the order of the labels, whatever it is.
    let turned = try model.classify([try picture(1)], labels: ["port", "beach", "forest"])
    #expect(Set(found[0]).count == 3)
    for (place, other) in [1, 2, 0].enumerated() {
      #expect(abs(found[0][place] - turned[0][other]) < 1e-5)
    }
  }

  @Test("each picture of several has its own probabilities")
  func classifySeveral() throws {
    let model = try CLIPModel(contentsOf: Places.model("rsicd-mini"))
    let labels = ["beach", "forest", "port"]
    let pictures = [try picture(1), try picture(2), try picture(3)]
    let together = try model.classify(pictures, labels: labels)
    #expect(together.count == 3 && Set(together.map { $0[0] }).count == 3)
    for (picture, found) in zip(pictures, together) {
      let alone = try model.classify([picture], labels: labels)[0]
      for (a, b) in zip(alone, found) { #expect(abs(a - b) < 1e-5) }
    }
  }

  @Test("token ids outside of the vocabulary are refused", arguments: [-1, 4096, Int32.max])
  func ids(_ id: Int32) throws {
    let model = try CLIPModel(contentsOf: Places.model("rsicd-mini"))
    #expect(model.configuration.vocabularySize == 4096)
    _ = try model.embed(tokens: [[4094, 4095]])
    #expect(throws: CLIPError.self) { try model.embed(tokens: [[4094, id, 4095]]) }
  }

  @Test("labels without a template are refused, and the mean of templates is a unit vector")
  func templates() throws {
    let model = try CLIPModel(contentsOf: Places.model("rsicd-mini"))
    #expect(throws: ZeroShotError.noTemplates) { try model.labelVectors(["beach"], []) }
    let two = [PromptTemplate.aerial, try #require(PromptTemplate("a photo of {category}"))]
    let labels = ["beach", "port"]
    let found = try model.labelVectors(labels, two)
    let parts = try two.map { try model.labelVectors(labels, [$0]).values }
    for label in labels.indices {
      let row = label * model.embeddingWidth..<(label + 1) * model.embeddingWidth
      let sum = row.map { parts[0][$0] + parts[1][$0] }
      let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
      for (place, index) in row.enumerated() {
        #expect(abs(found.values[index] - sum[place] / length) < 1e-6)
      }
    }
  }

  @Test("empty lists give empty matrices")
  func empty() throws {
    let model = try CLIPModel(contentsOf: Places.model("rsicd-mini"))
    #expect(try model.embed(texts: []).count == 0)
    #expect(try model.embed(images: []).count == 0)
  }

  /// A copy of a shipped model with one thing wrong, and what the error must say.
  private static let broken: [(String, @Sendable (URL) throws -> Void, String)] = [
    ("no config", { try remove($0, "config.json") }, "does not exist"),
    (
      "a pipe",
      {
        try remove($0, "config.json")
        #expect(mkfifo($0.appendingPathComponent("config.json").path, 0o600) == 0)
      }, "a pipe"
    ),
    ("no weights", { try remove($0, "model.safetensors") }, "model.safetensors"),
    ("no merges", { try remove($0, "merges.txt") }, "merges"),
    ("no vocabulary", { try remove($0, "vocab.json") }, "vocab.json"),
    (
      "truncated weights",
      { folder in
        let url = folder.appendingPathComponent("model.safetensors")
        try Data(contentsOf: url).prefix(1_000_000).write(to: url)
      }, "truncated"
    ),
    (
      "a config of another width",
      { try replace($0, "config.json", "\"hidden_size\": 192", "\"hidden_size\": 96") },
      "config.json asks for"
    ),
    (
      "a vocabulary larger than the embedding",
      { try replace($0, "config.json", "\"vocab_size\": 4096", "\"vocab_size\": 4000") },
      "config.json asks for"
    ),
    (
      "heads that do not divide",
      {
        try replace($0, "config.json", "\"num_attention_heads\": 3", "\"num_attention_heads\": 5")
      },
      "divisor"
    ),
    (
      "an unknown activation",
      { try replace($0, "config.json", "quick_gelu", "relu") }, "quick_gelu or gelu"
    ),
    (
      "another crop",
      { try replace($0, "preprocessor_config.json", "128", "96") }, "do not belong together"
    ),
    (
      "no JSON", { try Data("{".utf8).write(to: $0.appendingPathComponent("config.json")) },
      "no JSON"
    ),
  ]

  private static func remove(_ folder: URL, _ file: String) throws {
    try FileManager.default.removeItem(at: folder.appendingPathComponent(file))
  }

  private static func replace(_ folder: URL, _ file: String, _ old: String, _ new: String) throws {
    let url = folder.appendingPathComponent(file)
    let text = try String(contentsOf: url, encoding: .utf8)
    #expect(text.contains(old))
    try text.replacing(old, with: new).write(to: url, atomically: true, encoding: .utf8)
  }

  @Test(
    "a directory that is wrong in one thing is refused with its name", arguments: broken.indices)
  func refused(index: Int) throws {
    let (what, spoil, words) = Self.broken[index]
    try withTemporaryFolder { folder in
      let copy = folder.appendingPathComponent("model")
      try FileManager.default.copyItem(
        at: URL(fileURLWithPath: Places.model("rsicd-mini")), to: copy)
      try spoil(copy)
      let error = #expect(throws: (any Error).self) { try CLIPModel(contentsOf: copy.path) }
      let text = error.map { "\($0)" } ?? ""
      #expect(text.contains(words) && text.contains(copy.path), "\(what): \(text)")
      #expect(!text.contains("\n"))
    }
  }
}
