/// An encoding of one byte a character, as far as ftfy needs it: which text could have been read with it,
/// and from which bytes.
struct ByteEncoding: Sendable {
  let name: String
  private let bytes: [Unicode.Scalar: UInt8]
  private let characters: [Unicode.Scalar]

  /// Windows' encodings here have no holes: a byte that stands for nothing is its own number, and 1A is
  /// the character that something was lost.
  var isSloppy: Bool { name.hasPrefix("sloppy") }

  /// In the order in which they are tried.
  static let all: [ByteEncoding] = MojibakeTables.encodings.map(ByteEncoding.init)
  static let windows1252 = all.first { $0.name == "sloppy-windows-1252" }

  private init(name: String, characters text: String) {
    self.name = name
    var characters = (UInt8(0)..<0x80).map { Unicode.Scalar($0) }
    let others = text.split(separator: " ")
      .compactMap { UInt32($0, radix: 16).flatMap(Unicode.Scalar.init) }
    characters += others.dropLast()
    if let lost = others.last { characters[0x1A] = lost }
    self.characters = characters
    bytes = Dictionary(
      zip(characters, UInt8(0)...255), uniquingKeysWith: { first, _ in first })
  }

  /// The bytes that the text was read from; `nil` where it has other characters.
  func encoded(_ text: [Unicode.Scalar]) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    for scalar in text {
      guard let byte = bytes[scalar] else { return nil }
      result.append(byte)
    }
    return result
  }

  func character(_ byte: UInt8) -> Unicode.Scalar { characters[Int(byte)] }
}

/// UTF-8 and its variants.
enum UTF8Decoding {
  /// `nil` where the bytes are no UTF-8.
  static func strict(_ bytes: ArraySlice<UInt8>) -> [Unicode.Scalar]? {
    String(validating: bytes, as: UTF8.self).map { Array($0.unicodeScalars) }
  }

  /// As ftfy's utf-8-variants: surrogates encoded one by one (CESU-8), and C0 80 for 0 as Java has it.
  static func variants(_ bytes: [UInt8]) -> [Unicode.Scalar]? {
    var result: [Unicode.Scalar] = []
    var start = 0
    var place = 0
    while place < bytes.count {
      guard let length = specialLength(bytes, place) else {
        place += 1
        continue
      }
      guard let plain = strict(bytes[start..<place]) else { return nil }
      result += plain
      if bytes[place] == 0xC0 {
        guard place + 1 < bytes.count else { return nil }
        result.append("\0")
        start = place + 2
      } else {
        guard length == 6, bytes.count - place >= 6, let scalar = surrogatePair(bytes, place) else {
          return nil
        }
        result.append(scalar)
        start = place + 6
      }
      place = start
    }
    guard start <= bytes.count, let rest = strict(bytes[start...]) else { return nil }
    return result + rest
  }

  /// Python's `$`: the end, or a line feed that is the last byte.
  private static func isEnd(_ bytes: [UInt8], _ place: Int) -> Bool {
    place == bytes.count || place == bytes.count - 1 && bytes[place] == 0x0A
  }

  /// Bytes of what is no plain UTF-8 at a place: 2, 3 or 6, less at the end.
  private static func specialLength(_ bytes: [UInt8], _ place: Int) -> Int? {
    func isIn(_ offset: Int, _ range: ClosedRange<UInt8>) -> Bool {
      let index = place + offset
      return index < bytes.count && range.contains(bytes[index])
    }
    /// Whether each byte is in its range; from the end on none need be.
    func matches(_ ranges: [ClosedRange<UInt8>]) -> Bool {
      var offset = 0
      for range in ranges {
        if isIn(offset, range) {
          offset += 1
        } else if !isEnd(bytes, min(place + offset, bytes.count)) {
          return false
        }
      }
      return true
    }
    switch bytes[place] {
    case 0xC0: return isIn(1, 0x80...0x80) || isEnd(bytes, place + 1) ? 2 : nil
    case 0xED:
      if matches([
        0xED...0xED, 0xA0...0xAF, 0x80...0xBF, 0xED...0xED, 0xB0...0xBF, 0x80...0xBF,
      ]) {
        return 6
      }
      return matches([0xED...0xED, 0xA0...0xBF, 0x80...0xBF]) ? 3 : nil
    default: return nil
    }
  }

  private static func surrogatePair(_ bytes: [UInt8], _ place: Int) -> Unicode.Scalar? {
    func part(_ offset: Int, _ mask: UInt32) -> UInt32 { UInt32(bytes[place + offset]) & mask }
    return Unicode.Scalar(
      (part(1, 0x0F) << 16) + (part(2, 0x3F) << 10) + (part(4, 0x0F) << 6) + part(5, 0x3F)
        + 0x1_0000)
  }
}
