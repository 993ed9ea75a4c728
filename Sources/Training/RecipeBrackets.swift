/// Looks at a recipe's brackets before the parser does, which ends the process where a table's header does
/// not begin with a key, and where a list is closed like a table.
struct RecipeBrackets {
  private let bytes: [UInt8]
  private let file: String
  private var place = 0
  private var line = 1
  /// The last byte of this line that is no blank; 0 at its start.
  private var before: UInt8 = 0
  private var open: [UInt8] = []

  init(_ text: String, file: String) {
    bytes = Array(text.utf8)
    self.file = file
  }

  /// - Throws: ``RecipeError`` with the line of a bracket that belongs to nothing.
  consuming func check() throws(RecipeError) {
    while let byte = next {
      switch byte {
      case UInt8(ascii: "#"): while let next, next != UInt8(ascii: "\n") { advance() }
      // The parser comes to the same end of the text, and says what is wrong.
      case UInt8(ascii: "\""), UInt8(ascii: "'"): guard skipText(byte) else { return }
      case UInt8(ascii: "["):
        // What begins no value begins a header, whatever the parser may skip before it.
        if open.isEmpty, before != UInt8(ascii: "=") { try checkHeader() }
        push(byte)
      case UInt8(ascii: "{"): push(byte)
      case UInt8(ascii: "]"): try close(UInt8(ascii: "["), "]")
      case UInt8(ascii: "}"): try close(UInt8(ascii: "{"), "}")
      default: advance()
      }
    }
  }

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func advance(_ count: Int = 1) {
    for _ in 0..<count where place < bytes.count {
      switch bytes[place] {
      case UInt8(ascii: "\n"):
        line += 1
        before = 0
      case 0x20, 0x09: break
      case let byte: before = byte
      }
      place += 1
    }
  }

  private mutating func push(_ bracket: UInt8) {
    open.append(bracket)
    advance()
  }

  private mutating func close(_ opening: UInt8, _ closing: String) throws(RecipeError) {
    guard open.last == opening else { throw wrong("\(closing) closes nothing") }
    open.removeLast()
    advance()
  }

  /// A text from its first quote on, of one line or, in three quotes, of several.
  /// - Returns: false where it does not end.
  private mutating func skipText(_ quote: UInt8) -> Bool {
    let isLong = bytes[place...].starts(with: [quote, quote, quote])
    advance(isLong ? 3 : 1)
    while let byte = next {
      if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        advance(2)
      } else if byte == quote, !isLong {
        advance()
        return true
      } else if isLong, bytes[place...].starts(with: [quote, quote, quote]) {
        advance(3)
        // Up to two more quotes belong to the text.
        for _ in 0..<2 where next == quote { advance() }
        return true
      } else if byte == UInt8(ascii: "\n"), !isLong {
        return false
      } else {
        advance()
      }
    }
    return false
  }

  // MARK: Headers

  private func checkHeader() throws(RecipeError) {
    var rest = bytes[(place + 1)...]
    if rest.first == UInt8(ascii: "[") { rest = rest.dropFirst() }
    rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
    guard let first = rest.first, Self.isKey(first) else {
      throw wrong("[ is followed by no name of a table")
    }
  }

  private static func isKey(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: "_-\"'".utf8.contains(byte)
    }
  }

  private func wrong(_ problem: String) -> RecipeError {
    RecipeError(file: file, line: line, problem: "is not TOML: \(problem)")
  }
}
