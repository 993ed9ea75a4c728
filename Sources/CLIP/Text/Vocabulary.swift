/// Pieces and their ids, from vocab.json. Pieces are compared byte by byte: as Swift strings,
/// canonically equivalent ones would be one piece.
///
/// Reads the one form that the file has, `{"piece": id, …}`, in one pass into one block of bytes with
/// an open-addressing index; a general JSON reader takes ten times as long, and the explorer waits.
struct Vocabulary {
  static let countLimit = 1_000_000

  private(set) var highestID = -1
  /// All pieces, one after the other.
  private var bytes: [UInt8] = []
  /// Where each piece starts in ``bytes``, and where the last ends.
  private var starts: [Int] = [0]
  private var ids: [Int32] = []
  /// Entry numbers, −1 where free; the length is a power of two, at least twice the entries.
  private var slots: [Int32] = []
  /// Differs from process to process, so that no file is slow on purpose.
  private let seed = UInt64.random(in: .min ... .max)

  /// - Parameters:
  ///   - json: contents of vocab.json; `file` is its path, for errors.
  ///   - idLimit: ids must be below.
  init(json: [UInt8], file: String, idLimit: Int) throws(TokenizerError) {
    // A span's validity is cheaper to know once than per piece.
    guard (try? UTF8Span(validating: json.span)) != nil else {
      throw TokenizerError(file: file, reason: .notUTF8)
    }
    bytes.reserveCapacity(json.count)
    var reader = VocabularyReader(json: json, file: file)
    try reader.expect("{", "an opening brace")
    if !reader.skip("}") {
      repeat {
        try reader.readString(into: &bytes)
        try reader.expect(":", "a colon")
        let id = try reader.readInteger()
        try add(id: id, limit: idLimit, file: file)
      } while reader.skip(",")
      try reader.expect("}", "a comma or the closing brace")
    }
    try reader.expectEnd()
    try index(file: file)
  }

  /// The entry whose piece was appended to ``bytes``.
  private mutating func add(id: Int?, limit: Int, file: String) throws(TokenizerError) {
    guard ids.count < Self.countLimit else {
      throw TokenizerError(file: file, reason: .tooMany(limit: Self.countLimit))
    }
    starts.append(bytes.count)
    guard let id, id < limit, let short = Int32(exactly: id) else {
      throw TokenizerError(
        file: file, reason: .idOutOfRange(piece: piece(ids.count), limit: limit))
    }
    ids.append(short)
    highestID = max(highestID, id)
  }

  private mutating func index(file: String) throws(TokenizerError) {
    var size = 16
    while size < 2 * ids.count { size *= 2 }
    slots = [Int32](repeating: -1, count: size)
    for entry in 0..<ids.count {
      let slot = slot(of: bytes, starts[entry]..<starts[entry + 1], 0..<0)
      guard slots[slot] < 0 else {
        throw TokenizerError(
          file: file, reason: .duplicate(piece: piece(entry), id: Int(ids[entry])))
      }
      slots[slot] = Int32(truncatingIfNeeded: entry)
    }
    if let entry = entryWithRepeatedID() {
      throw TokenizerError(
        file: file, reason: .duplicate(piece: piece(entry), id: Int(ids[entry])))
    }
  }

  private func entryWithRepeatedID() -> Int? {
    // Ids are dense in every real vocabulary; where they are not, a table could be large.
    guard highestID < 4 * ids.count else {
      var seen: Set<Int32> = []
      return ids.indices.first { !seen.insert(ids[$0]).inserted }
    }
    var seen = [Bool](repeating: false, count: highestID + 1)
    for (entry, id) in ids.enumerated() {
      if seen[Int(id)] { return entry }
      seen[Int(id)] = true
    }
    return nil
  }

  private func piece(_ entry: Int) -> String {
    String(decoding: bytes[starts[entry]..<starts[entry + 1]].prefix(80), as: UTF8.self)
  }

  func id(of piece: [UInt8]) -> Int32? {
    id(of: piece, piece.indices, 0..<0)
  }

  /// Id of the piece that `text` holds in two parts, which need not be neighbours.
  func id(of text: [UInt8], _ head: Range<Int>, _ tail: Range<Int>) -> Int32? {
    let entry = slots[slot(of: text, head, tail)]
    return entry < 0 ? nil : ids[Int(entry)]
  }

  /// Where the piece is, or the free place where it would be.
  private func slot(of text: [UInt8], _ head: Range<Int>, _ tail: Range<Int>) -> Int {
    var hash = seed
    for index in head { hash = (hash ^ UInt64(text[index])) &* 0x100_0000_01B3 }
    for index in tail { hash = (hash ^ UInt64(text[index])) &* 0x100_0000_01B3 }
    hash ^= hash >> 32
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] >= 0, !isEqual(Int(slots[slot]), text, head, tail) {
      slot = (slot + 1) & mask
    }
    return slot
  }

  private func isEqual(
    _ entry: Int, _ text: [UInt8], _ head: Range<Int>, _ tail: Range<Int>
  ) -> Bool {
    var own = starts[entry]
    guard starts[entry + 1] - own == head.count + tail.count else { return false }
    for index in head {
      if bytes[own] != text[index] { return false }
      own += 1
    }
    for index in tail {
      if bytes[own] != text[index] { return false }
      own += 1
    }
    return true
  }
}

/// The bytes of a vocab.json from front to back; every failure says where it stands.
private struct VocabularyReader {
  let json: [UInt8]
  let file: String
  private var position = 0

  init(json: [UInt8], file: String) {
    self.json = json
    self.file = file
  }

  private func failure(_ expected: String) -> TokenizerError {
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
}
