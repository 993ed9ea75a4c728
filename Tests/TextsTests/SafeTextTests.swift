import Testing
import Texts

@Suite struct SafeTextTests {
  @Test func `every control character is shown as its picture, and no letter is`() {
    for value in UInt32(0)..<0x20 {
      guard let scalar = Unicode.Scalar(value), let shown = Unicode.Scalar(0x2400 + value) else {
        Issue.record("no scalar \(value)")
        continue
      }
      #expect(SafeText.standIn(for: scalar) == String(Character(shown)))
    }
    for value in UInt32(0x20)..<0x7F {
      #expect(Unicode.Scalar(value).map { SafeText.standIn(for: $0) } == .some(nil))
    }
    #expect(SafeText.standIn(for: "\u{7F}") == "\u{2421}")
    #expect(SafeText.standIn(for: "\u{9B}") == "<U+009B>")
    #expect(safeForTerminal("a\u{1B}]0;b\u{7}") == "a\u{241B}]0;b\u{2407}")
  }

  @Test func `format characters are named, but for the two joiners`() {
    #expect(SafeText.standIn(for: "\u{202E}") == "<U+202E>")
    #expect(SafeText.standIn(for: "\u{FEFF}") == "<U+FEFF>")
    #expect(SafeText.standIn(for: "\u{E0001}") == "<U+E0001>")
    #expect(SafeText.standIn(for: "\u{AD}") == "<U+00AD>")
    #expect(SafeText.standIn(for: "\u{200C}") == nil && SafeText.standIn(for: "\u{200D}") == nil)
    #expect(SafeText.standIn(for: "\u{3164}") == "<U+3164>")
    #expect(SafeText.standIn(for: "é") == nil && SafeText.standIn(for: "林") == nil)
    // Octants of Unicode 16.
    #expect(SafeText.standIn(for: "\u{1CD00}") == nil)
  }

  @Test func `JSON keeps its order and escapes what could steer a terminal`() {
    let value = JSONValue.object([
      ("b", .list([.integer(1), .flag(false), .null, .number(.nan)])),
      ("a", .text("\"\\\n\u{1B}\u{202E}\u{E0001}é")),
    ])
    #expect(
      value.encoded
        == #"{"b":[1,false,null,null],"a":"\"\\\n\u001b\u202e\udb40\udc01é"}"#)
  }
}
