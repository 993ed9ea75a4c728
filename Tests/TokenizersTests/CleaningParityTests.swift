import Tokenizers
import Foundation
import TestSupport
import Testing

/// Texts as ftfy, `html.unescape` and the originals' tokenizers have them, case by case. CASES names
/// another file of the same form, made from real captions by Tests/Fixtures/cleaning/make_fixture.py.
@Suite struct CleaningParityTests {
  /// Text, as ftfy fixes it, cleaned in small letters, open_clip's ids, OpenAI's where they differ.
  private struct Case: Decodable {
    let text: String
    let fixed: String
    let cleaned: String
    let openCLIP: [Int32]
    let openAI: [Int32]

    init(from decoder: any Decoder) throws {
      var values = try decoder.unkeyedContainer()
      text = try values.decode(String.self)
      fixed = try values.decode(String.self)
      cleaned = try values.decode(String.self)
      openCLIP = try values.decode([Int32].self)
      openAI = try values.decodeIfPresent([Int32].self) ?? openCLIP
    }
  }

  private func cases() throws -> [Case] {
    let file =
      ProcessInfo.processInfo.environment["CASES"].map { URL(fileURLWithPath: $0) }
      ?? Places.fixtures.appendingPathComponent("cleaning/cleaning.json")
    return try JSONDecoder().decode([Case].self, from: Data(contentsOf: file))
  }

  /// Scalar by scalar: Swift takes canonically equal strings for one.
  private func isSame(_ one: some Sequence<Unicode.Scalar>, _ other: String) -> Bool {
    Array(one) == Array(other.unicodeScalars)
  }

  private func shown(_ text: some Sequence<Unicode.Scalar>) -> String {
    text.map { $0.escaped(asASCII: true) }.joined()
  }

  @Test func `texts are fixed as by ftfy`() throws {
    let cases = try cases()
    #expect(cases.count > 250)
    let different = cases.filter { !isSame(TextCleaning.fixed($0.text).unicodeScalars, $0.fixed) }
    for item in different.prefix(20) {
      Issue.record(
        """
        \(shown(item.text.unicodeScalars))
        ours \(shown(TextCleaning.fixed(item.text).unicodeScalars))
        ftfy \(shown(item.fixed.unicodeScalars))
        """)
    }
    #expect(different.isEmpty, "\(different.count) of \(cases.count) differ")
  }

  @Test func `characters of HTML are read twice, capitals become small as in Python`() throws {
    let cases = try cases()
    // White space is left to the words.
    func parts(_ text: some Sequence<Unicode.Scalar>) -> [[Unicode.Scalar]] {
      Array(text).split { $0.properties.isWhitespace }.map(Array.init)
    }
    let different = cases.filter {
      parts(TextCleaning.openCLIP.scalars(of: $0.text)) != parts($0.cleaned.unicodeScalars)
    }
    for item in different.prefix(20) {
      Issue.record(
        """
        \(shown(item.text.unicodeScalars))
        ours   \(shown(TextCleaning.openCLIP.scalars(of: item.text)))
        python \(shown(item.cleaned.unicodeScalars))
        """)
    }
    #expect(different.isEmpty, "\(different.count) of \(cases.count) differ")
  }

  @Test func `ids are open_clip's and OpenAI's`() throws {
    let cases = try cases()
    let openCLIP = try Tokenizer.standard(cleaning: .openCLIP)
    let openAI = try Tokenizer.standard(cleaning: .openAI)
    let first = cases.filter { openCLIP.encode($0.text) != $0.openCLIP }
    let second = cases.filter { openAI.encode($0.text) != $0.openAI }
    for item in first.prefix(20) {
      Issue.record(
        "\(shown(item.text.unicodeScalars)): \(openCLIP.encode(item.text)), not \(item.openCLIP)")
    }
    #expect(first.isEmpty, "\(first.count) of \(cases.count) differ from open_clip's")
    #expect(second.isEmpty, "\(second.count) of \(cases.count) differ from OpenAI's")
  }

  @Test func `a caption in ASCII has the same ids by every rule`() throws {
    let caption = "Many planes, it's 3 of them; parked\n next to a LONG building."
    let ids = try TextCleaning.allCases.map {
      try Tokenizer.standard(cleaning: $0).encode(caption)
    }
    #expect(Set(ids).count == 1)
  }

  /// Python's `regex`, asked to look at no case, takes U+0345 neither for a letter nor for anything else.
  @Test func `an iota below a letter parts words as a space does`() throws {
    for rule in [TextCleaning.openCLIP, .openAI] {
      let tokenizer = try Tokenizer.standard(cleaning: rule)
      #expect(tokenizer.encode("a\u{345}b") == tokenizer.encode("a b"))
      #expect(tokenizer.encode("\u{345}, x") == tokenizer.encode(", x"))
    }
    let tokenizer = try Tokenizer.standard(cleaning: .transformers)
    #expect(tokenizer.encode("a\u{345}b") != tokenizer.encode("a b"))
  }

  @Test func `what needs very many rounds comes to an end`() {
    let deep = "&" + String(repeating: "amp;", count: 100_000)
    #expect(TextCleaning.fixed(deep).hasPrefix("&amp;"))
  }
}
