/// The bytes of a vocab.json or tokenizer.json from front to back; every failure says where it stands.
struct VocabularyReader {
  let json: [UInt8]
  let file: String
  private(set) var position = 0

  init(json: [UInt8], file: String, at position: Int = 0) {
    self.json = json
    self.file = file
    self.position = position
  }

  func failure(_ expected: String) -> TokenizerError {
    TokenizerError(file: file, reason: .notVocabulary(expected: expected, byte: position))
  }

  private mutating func skipSpace() {
    while position < json.count {
      switch json[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  /// Steps over `byte`, if that is next.
  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard position < json.count, UInt32(json[position]) == character.value else { return false }
    position += 1
    return true
  }

  mutating func expect(_ character: Unicode.Scalar, _ what: String) throws(TokenizerError) {
    guard skip(character) else { throw failure(what) }
  }

  mutating func expectEnd() throws(TokenizerError) {
    skipSpace()
    guard position == json.count else { throw failure("the end of the file") }
  }

  /// - Returns: `nil` for a number that is below 0 or has more than nine digits.
  mutating func readInteger() throws(TokenizerError) -> Int? {
    let isNegative = skip("-")
    if !isNegative { skipSpace() }
    let first = position
    var value = 0
    while position < json.count, (0x30...0x39).contains(json[position]) {
      if position - first < 9 { value = 10 * value + Int(json[position] - 0x30) }
      position += 1
    }
    let digits = position - first
    guard digits > 0, digits == 1 || json[first] != 0x30 else { throw failure("a whole number") }
    if position < json.count, [0x2E, 0x45, 0x65].contains(json[position]) {
      throw failure("a whole number")
    }
    return isNegative && value != 0 || digits > 9 ? nil : value
  }

  /// Appends the string's UTF-8.
  mutating func readString(into bytes: inout [UInt8]) throws(TokenizerError) {
    try expect("\"", "a piece in quotation marks")
    while position < json.count {
      let byte = json[position]
      switch byte {
      case 0x22:
        position += 1
        return
      case 0x5C:
        position += 1
        try readEscape(into: &bytes)
      case 0..<0x20: throw failure("a character (controls are escaped)")
      default:
        bytes.append(byte)
        position += 1
      }
    }
    throw failure("the closing quotation mark")
  }

  private mutating func readEscape(into bytes: inout [UInt8]) throws(TokenizerError) {
    guard position < json.count else { throw failure("an escape") }
    let byte = json[position]
    position += 1
    switch byte {
    case 0x22, 0x5C, 0x2F: bytes.append(byte)
    case 0x62: bytes.append(0x08)
    case 0x66: bytes.append(0x0C)
    case 0x6E: bytes.append(0x0A)
    case 0x72: bytes.append(0x0D)
    case 0x74: bytes.append(0x09)
    case 0x75:
      var value = try readHexadecimal()
      if (0xD800...0xDBFF).contains(value) {
        guard json[position...].starts(with: [0x5C, 0x75]) else { throw failure("a low surrogate") }
        position += 2
        let low = try readHexadecimal()
        guard (0xDC00...0xDFFF).contains(low) else { throw failure("a low surrogate") }
        value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(value), let encoded = UTF8.encode(scalar) else {
        throw failure("a high surrogate before a low one")
      }
      bytes.append(contentsOf: encoded)
    default:
      position -= 1
      throw failure("an escape")
    }
  }

  private mutating func readHexadecimal() throws(TokenizerError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard position < json.count,
        let digit = Character(Unicode.Scalar(json[position])).hexDigitValue
      else { throw failure("four hexadecimal digits") }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  /// Steps over a value of any kind: by counting brackets, not by recursion.
  mutating func skipValue() throws(TokenizerError) {
    var depth = 0
    var text: [UInt8] = []
    repeat {
      skipSpace()
      guard position < json.count else { throw failure("a value") }
      switch json[position] {
      case 0x22:
        text.removeAll(keepingCapacity: true)
        try readString(into: &text)
      case 0x5B, 0x7B:
        depth += 1
        position += 1
      case 0x5D, 0x7D:
        guard depth > 0 else { throw failure("a value") }
        depth -= 1
        position += 1
      case 0x2C, 0x3A:
        guard depth > 0 else { throw failure("a value") }
        position += 1
      default: skipWord()
      }
    } while depth > 0
  }

  /// A number, or true, false, null.
  private mutating func skipWord() {
    position += 1
    while position < json.count,
      ![0x20, 0x09, 0x0A, 0x0D, 0x22, 0x2C, 0x3A, 0x5B, 0x5D, 0x7B, 0x7D].contains(json[position])
    {
      position += 1
    }
  }

  /// A string, e.g. a name in an object.
  mutating func readText() throws(TokenizerError) -> String {
    var bytes: [UInt8] = []
    try readString(into: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Calls `body` with each name of an object, standing at its value, which `body` reads or skips.
  mutating func readObject(
    _ body: (inout VocabularyReader, String) throws(TokenizerError) -> Void
  ) throws(TokenizerError) {
    try expect("{", "an opening brace")
    if skip("}") { return }
    repeat {
      let name = try readText()
      try expect(":", "a colon")
      try body(&self, name)
    } while skip(",")
    try expect("}", "a comma or the closing brace")
  }

  /// Calls `body` at each value of a list, which `body` reads or skips.
  mutating func readList(
    _ body: (inout VocabularyReader) throws(TokenizerError) -> Void
  ) throws(TokenizerError) {
    try expect("[", "an opening bracket")
    if skip("]") { return }
    repeat { try body(&self) } while skip(",")
    try expect("]", "a comma or the closing bracket")
  }

  /// What is next, without stepping over it.
  mutating func isNext(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    return position < json.count && UInt32(json[position]) == character.value
  }
}
