import Tokenizers
import Foundation
import TestSupport
import Testing

/// Ids of transformers' `CLIPTokenizerFast`, case by case.
@Suite struct TokenizerParityTests {
  struct Cases: Decodable {
    struct Case: Decodable {
      let text: String
      let ids: [Int32]
      let padded: [Int32]?
      let attention_mask: [Int]?
    }
    let max_length: Int
    let cases: [Case]
  }

  private func check(_ cases: Cases, _ tokenizer: Tokenizer) {
    for item in cases.cases {
      #expect(tokenizer.encode(item.text, truncated: false) == item.ids, "\(item.text)")
      let cut = tokenizer.encode(item.text)
      #expect(cut.count <= cases.max_length)
      #expect(cut.first == tokenizer.startToken && cut.last == tokenizer.endToken)
      if let padded = item.padded, let mask = item.attention_mask {
        let padding = [Int32](repeating: tokenizer.endToken, count: padded.count - cut.count)
        #expect(cut + padding == padded, "\(item.text)")
        #expect(cut.count == mask.reduce(0, +), "\(item.text)")
      }
    }
  }

  private func cases(_ url: URL) throws -> Cases {
    try JSONDecoder().decode(Cases.self, from: Data(contentsOf: url))
  }

  @Test func `the small vocabulary`() throws {
    let cases = try cases(Places.fixtures.appendingPathComponent("tokenizer/small_vocab.json"))
    #expect(cases.cases.count > 150)
    let tokenizer = try Tokenizer(
      contentsOf: Places.model("clip-mini"), contextLength: cases.max_length)
    #expect(tokenizer.vocabularySize == 4096)
    check(cases, tokenizer)
  }

  @Test(.needs("fixtures/tokenizer")) func `the small vocabulary, padded`() throws {
    let folder = Places.shared.appendingPathComponent("fixtures/tokenizer")
    let cases = try cases(folder.appendingPathComponent("small_vocab.json"))
    check(cases, try Tokenizer(contentsOf: folder.path, contextLength: cases.max_length))
  }

  @Test(.needs("fixtures/tokenizer")) func `the standard vocabulary of 49,408`() throws {
    let folder = Places.shared.appendingPathComponent("fixtures/tokenizer")
    let cases = try cases(folder.appendingPathComponent("clip_vocab.json"))
    try withTemporaryFolder { unpacked in
      for name in ["vocab.json", "merges.txt"] {
        let packed = folder.appendingPathComponent("clip_vocab/\(name).gz").path
        let result = try run(
          ["-dc", packed], executable: URL(fileURLWithPath: "/usr/bin/gzip"))
        try Data(result.stdout.utf8).write(to: unpacked.appendingPathComponent(name))
      }
      check(cases, try Tokenizer(contentsOf: unpacked.path, contextLength: cases.max_length))
    }
  }

  @Test func `the standard vocabulary without any file`() throws {
    let cases = try cases(Places.fixtures.appendingPathComponent("tokenizer/clip_vocab.json"))
    #expect(cases.cases.count > 150)
    let tokenizer = try Tokenizer.standard(contextLength: cases.max_length)
    #expect(tokenizer.vocabularySize == 49_408)
    check(cases, tokenizer)
  }

  @Test(.needs("fixtures/checkpoints")) func `tokenizer.json gives what the pair of files gives`()
    throws
  {
    let folder = Places.shared.appendingPathComponent("fixtures/checkpoints")
    let pair = try Tokenizer(
      contentsOf: folder.appendingPathComponent("quick_gelu").path, contextLength: 32)
    let single = try Tokenizer(
      contentsOf: folder.appendingPathComponent("quick_gelu_tokenizer_json").path,
      contextLength: 32)
    #expect(single.vocabularySize == pair.vocabularySize)
    let cases = try cases(Places.fixtures.appendingPathComponent("tokenizer/small_vocab.json"))
    for item in cases.cases {
      #expect(single.encode(item.text) == pair.encode(item.text), "\(item.text)")
    }
  }
}
