import RandomNumbers
import Tokenizers
import Foundation
import TestSupport
import Testing

/// Vocabularies that are not what they should be, and texts meant to hurt.
@Suite struct TokenizerHostileTests {
  static let mini = Places.model("clip-mini")
  static let vocabulary = """
    {"a": 0, "b": 1, "a</w>": 2, "b</w>": 3, "ab</w>": 4, "<|startoftext|>": 5, "<|endoftext|>": 6}
    """

  /// The error of a directory with these files (`nil`: absent); its file name, not its path.
  private func failure(
    vocabulary: String?, merges: String? = "#version: 0.2\na b</w>\n", embeddings: Int = 100,
    contextLength: Int = 8
  ) throws -> TokenizerError? {
    try withTemporaryFolder { folder in
      for (name, text) in [("vocab.json", vocabulary), ("merges.txt", merges)] {
        if let text { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
      }
      do {
        _ = try Tokenizer(
          contentsOf: folder.path, contextLength: contextLength, embeddings: embeddings)
        return nil
      } catch let error as TokenizerError {
        #expect(error.description.hasPrefix(folder.path))
        return TokenizerError(
          file: URL(fileURLWithPath: error.file).lastPathComponent, reason: error.reason)
      }
    }
  }

  @Test func `a smallest vocabulary works`() throws {
    try withTemporaryFolder { folder in
      try Data(Self.vocabulary.utf8).write(to: folder.appendingPathComponent("vocab.json"))
      try Data("a b</w>\r\n\r\n".utf8).write(to: folder.appendingPathComponent("merges.txt"))
      let tokenizer = try Tokenizer(contentsOf: folder.path, contextLength: 8, embeddings: 7)
      #expect(tokenizer.encode("ab aab") == [5, 4, 0, 4, 6])
      // What the vocabulary lacks is unknown, byte by byte: the end token, as in CLIP.
      #expect(tokenizer.encode("a?b é") == [5, 2, 6, 3, 6, 6, 6])
      #expect(tokenizer.encode("a a a a a a a a a") == [5, 2, 2, 2, 2, 2, 2, 6])
    }
  }

  @Test(arguments: [
    ("", "an opening brace", 0), ("[]", "an opening brace", 0),
    ("{", "a piece in quotation marks", 1),
    ("{\"a\"", "a colon", 4), ("{\"a\":", "a whole number", 5),
    ("{\"a\": 1.5}", "a whole number", 7),
    ("{\"a\": 01}", "a whole number", 8), ("{\"a\": \"1\"}", "a whole number", 6),
    ("{\"a\": 1", "a comma or the closing brace", 7),
    ("{\"a\": 1,}", "a piece in quotation marks", 8),
    ("{\"a\": 1} x", "the end of the file", 9), ("{\"a", "the closing quotation mark", 3),
    ("{\"\\x\": 1}", "an escape", 3), ("{\"\\u12\": 1}", "four hexadecimal digits", 6),
    ("{\"\\ud800\": 1}", "a low surrogate", 8),
    ("{\"a\nb\": 1}", "a character (controls are escaped)", 3),
  ])
  func `a vocabulary that is no vocabulary`(json: String, expected: String, byte: Int) throws {
    #expect(
      try failure(vocabulary: json)
        == TokenizerError(
          file: "vocab.json", reason: .notVocabulary(expected: expected, byte: byte)))
  }

  @Test func `vocabularies that lie`() throws {
    func reason(_ json: String, embeddings: Int = 100) throws -> TokenizerError.Reason? {
      try failure(vocabulary: json, embeddings: embeddings)?.reason
    }
    #expect(try reason("{\"a\": 0, \"a\": 1}") == .duplicate(piece: "a", id: 1))
    #expect(try reason("{\"a\": 0, \"\\u0061\": 1}") == .duplicate(piece: "a", id: 1))
    #expect(try reason("{\"a\": 0, \"b\": 0}") == .duplicate(piece: "b", id: 0))
    #expect(try reason("{\"a\": -1}") == .idOutOfRange(piece: "a", limit: 100))
    #expect(try reason("{\"a\": 100}") == .idOutOfRange(piece: "a", limit: 100))
    #expect(
      try reason("{\"a\": 99999999999999999999}") == .idOutOfRange(piece: "a", limit: 100))
    #expect(
      try reason(Self.vocabulary, embeddings: 6) == .idOutOfRange(piece: "<|endoftext|>", limit: 6))
    #expect(try reason("{}") == .missingSpecialToken("<|startoftext|>"))
    #expect(try reason("{\"<|startoftext|>\": 1}") == .missingSpecialToken("<|endoftext|>"))
    #expect(
      try failure(vocabulary: Self.vocabulary, contextLength: 1)?.reason == .contextTooShort(1))
    // Canonically equivalent, but other bytes: two pieces.
    #expect(
      try reason("{\"\u{E9}\": 0, \"e\u{301}\": 1}") == .missingSpecialToken("<|startoftext|>"))
  }

  @Test func `merges that lie`() throws {
    func reason(_ merges: String?) throws -> TokenizerError.Reason? {
      let error = try failure(vocabulary: Self.vocabulary, merges: merges)
      #expect(error?.file == "merges.txt")
      return error?.reason
    }
    #expect(try reason(nil) == .noMerges)
    #expect(try reason("") == .noMerges)
    #expect(try reason("#version: 0.2\n") == .noMerges)
    #expect(try reason("#version: 0.2\nab") == .notMerge(line: 2))
    #expect(try reason("a  b") == .notMerge(line: 1))
    #expect(try reason("a b c") == .notMerge(line: 1))
    #expect(try reason("a b</w>\na z") == .unknownPiece("z", line: 2))
    #expect(try reason("a b") == .unknownPiece("ab", line: 1))
  }

  @Test func `what is no file is refused`() throws {
    #expect(try failure(vocabulary: nil)?.reason == .unreadable("No such file or directory"))
    try withTemporaryFolder { folder in
      let place = folder.appendingPathComponent("vocab.json")
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      #expect(
        throws: TokenizerError(
          file: place.path,
          reason: .unreadable("a regular file was expected, this is a directory"))
      ) { try Tokenizer(contentsOf: folder.path, contextLength: 8) }
      try FileManager.default.removeItem(at: place)
      try Data([0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D]).write(to: place)
      #expect(throws: TokenizerError(file: place.path, reason: .notUTF8)) {
        try Tokenizer(contentsOf: folder.path, contextLength: 8)
      }
    }
  }

  @Test func `an error's text holds no control character`() {
    let error = TokenizerError(
      file: "/tmp/\u{1B}[2J\n", reason: .unknownPiece("\u{7}\u{202E}", line: 3))
    #expect(
      error.description.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
    #expect(!error.description.unicodeScalars.contains("\u{202E}"))
  }

  @Test(arguments: [
    "x", "ab", "\u{301}", "\u{316}\u{301}", "\u{344}\u{316}", "'", "é", "<|", "<|endoftext|",
    "\u{1F6EB}", "क्", "1", " ",
  ])
  func `a megabyte without an end is no matter`(unit: String) throws {
    let tokenizer = try Tokenizer(contentsOf: Self.mini, contextLength: 32)
    let text = String(repeating: unit, count: 1_000_000 / unit.utf8.count)
    // Quadratic work would take hours, and be noticed.
    #expect(tokenizer.encode(text).count <= 32)
    #expect(tokenizer.encode(text, truncated: false).count > 1)
  }

  @Test func `any text starts and ends with the special tokens`() throws {
    let tokenizer = try Tokenizer(contentsOf: Self.mini, contextLength: 32)
    var generator = RandomNumbers(seed: 7)
    for _ in 0..<3000 {
      var text = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 0...40, using: &generator) {
        let limit: UInt32 =
          [0x80, 0x800, 0x3000, 0x110000].randomElement(using: &generator) ?? 0x80
        if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &generator)) {
          text.append(scalar)
        }
      }
      let whole = tokenizer.encode(String(text), truncated: false)
      let cut = tokenizer.encode(String(text))
      #expect(whole.first == 4094 && whole.last == 4095)
      #expect(cut.count == min(whole.count, 32) && cut.last == 4095)
      #expect(cut.dropLast() == whole.prefix(cut.count - 1))
      #expect(whole.allSatisfy { (0..<4096).contains($0) })
    }
  }
}
