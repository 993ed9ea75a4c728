import Tokenizers
import Foundation
import TestSupport
import Testing

/// tokenizer.json in its forms, and files that are something else.
@Suite struct TokenizerFileTests {
  private static let vocabulary =
    #""a":0,"b":1,"a</w>":2,"b</w>":3,"ab</w>":4,"<|startoftext|>":5,"<|endoftext|>":6"#

  private static func file(
    type: String = "BPE", suffix: String = "</w>", vocabulary: String = vocabulary,
    merges: String = #"["a b</w>"]"#, more: String = "", added: String = "[]"
  ) -> String {
    """
    {"version":"1.0","added_tokens":\(added),"normalizer":{"a":[[{"b":"\\"]}"}]]},
    "model":{"type":"\(type)","dropout":null,"end_of_word_suffix":"\(suffix)",\(more)
    "vocab":{\(vocabulary)},"merges":\(merges)}}
    """
  }

  private func tokenizer(_ text: String) throws -> Tokenizer {
    try withTemporaryFolder { folder in
      try Data(text.utf8).write(to: folder.appendingPathComponent("tokenizer.json"))
      return try Tokenizer(contentsOf: folder.path, contextLength: 8, embeddings: 7)
    }
  }

  @Test(
    "merges as texts and as pairs, special tokens in the vocabulary or added",
    arguments: [
      file(), file(merges: #"[["a","b</w>"]]"#),
      file(
        vocabulary: #""a":0,"b":1,"a</w>":2,"b</w>":3,"ab</w>":4"#,
        added:
          #"[{"id":5,"content":"<|startoftext|>","special":true},{"content":"<|endoftext|>","id":6}]"#
      ),
    ])
  func forms(text: String) throws {
    let tokenizer = try tokenizer(text)
    #expect(tokenizer.encode("ab ba a") == [5, 4, 1, 2, 2, 6])
  }

  @Test("the ids need not ascend, and only half of the other pair of files is no pair")
  func orderAndPlace() throws {
    let turned = Self.file(
      vocabulary:
        #""<|startoftext|>":5,"<|endoftext|>":6,"ab</w>":4,"b</w>":3,"a</w>":2,"b":1,"a":0"#)
    try withTemporaryFolder { folder in
      try Data(turned.utf8).write(to: folder.appendingPathComponent("tokenizer.json"))
      for half in ["vocab.json", "merges.txt"] {
        let other = folder.appendingPathComponent(half)
        try Data("none".utf8).write(to: other)
        let tokenizer = try Tokenizer(contentsOf: folder.path, contextLength: 8, embeddings: 7)
        #expect(tokenizer.vocabularySize == 7)
        #expect(tokenizer.encode("ab ba a") == [5, 4, 1, 2, 2, 6])
        try FileManager.default.removeItem(at: other)
      }
    }
  }

  @Test("a text that fills the context is whole; one token more is told")
  func cut() throws {
    let tokenizer = try tokenizer(Self.file())
    #expect(tokenizer.cut("ab ab ab ab ab") == nil)
    #expect(tokenizer.cut("ab ab ab ab ab ab") == nil)
    let text = "ab ab ab ab ab ab ab"
    #expect(tokenizer.cut(text) == TextCut(text: text, tokens: 7, read: 6))
  }

  @Test(
    "what is no CLIP tokenizer is refused with what it is",
    arguments: [
      ("", "opening brace"), ("{", "expected at byte"), ("[]", "opening brace"),
      (file(type: "WordPiece"), "model.type is WordPiece"),
      (file(suffix: ""), "end_of_word_suffix"),
      (file(more: #""byte_fallback":true,"#), "byte_fallback"),
      ("{\"model\":{\"type\":\"BPE\",\"end_of_word_suffix\":\"</w>\"}}", "is missing"),
      (file(merges: "[]"), "no merges"), (file(merges: #"["a"]"#), "two pieces"),
      (file(merges: #"["a\nb</w>"]"#), "two pieces"), (file(merges: #"[["a"]]"#), "two pieces"),
      (file(merges: #"[["a","b","c"]]"#), "two pieces"), (file(merges: #"["a c"]"#), "\"c\""),
      (file(merges: "3"), "opening bracket"),
      (file(vocabulary: #""a":0,"a":1"#), "there twice"),
      (file(vocabulary: #""a":7"#), "not in 0..<7"),
      (file(added: #"[{"content":"x"}]"#), "added token"),
      (file(added: #"[{"id":9,"content":"x"}]"#), "not in 0..<7"),
      (file() + "x", "end of the file"),
      (String(repeating: "{\"a\":", count: 200_000), "expected at byte"),
      ("{\"a\":" + String(repeating: "[", count: 500_000), "expected at byte"),
    ])
  func refused(text: String, words: String) throws {
    let error = #expect(throws: TokenizerError.self) { try tokenizer(text) }
    let found = error.map { "\($0)" } ?? ""
    #expect(found.contains(words) && found.contains("tokenizer.json"), "\(found)")
  }
}
