/// ftfy's repairs of bytes that were UTF-8 before something was lost.
enum ByteRepairs {
  private static let continuation: ClosedRange<UInt8> = 0x80...0xBF

  /// `restore_byte_a0`: a no-break space that became a space within a character; "Ã la mode" keeps its
  /// space.
  static func withNoBreakSpaces(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.indices.contains(where: { alteredLength(bytes, $0) != nil }) else { return bytes }
    let words = withAGrave(bytes)
    var result: [UInt8] = []
    result.reserveCapacity(words.count)
    var place = 0
    while place < words.count {
      if let length = alteredLength(words, place) {
        result += words[place..<place + length].map { $0 == 0x20 ? 0xA0 : $0 }
        place += length
      } else {
        result.append(words[place])
        place += 1
      }
    }
    return result
  }

  private static let portuguese = [" ", "quele", "quela", "quilo", "s "].map { Array($0.utf8) }

  private static func withAGrave(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    for (place, byte) in bytes.enumerated() {
      result.append(byte)
      guard byte == 0xC3, place + 1 < bytes.count, bytes[place + 1] == 0x20 else { continue }
      let rest = bytes[(place + 2)...]
      if !portuguese.contains(where: rest.starts(with:)) { result.append(0xA0) }
    }
    return result
  }

  /// Length of what would be a character if its space were A0.
  private static func alteredLength(_ bytes: [UInt8], _ place: Int) -> Int? {
    func byte(_ offset: Int) -> UInt8 { place + offset < bytes.count ? bytes[place + offset] : 0 }
    func isLikely(_ byte: UInt8) -> Bool {
      continuation.contains(byte) && byte != 0x85 && byte != 0xA0
    }
    func isContinuation(_ byte: UInt8) -> Bool { continuation.contains(byte) }
    switch byte(0) {
    case 0xC2, 0xC3, 0xC5, 0xCE, 0xD0, 0xD9: return byte(1) == 0x20 ? 2 : nil
    case 0xE0, 0xE1, 0xE2, 0xE3:
      if byte(0) >= 0xE2, byte(1) == 0x20, isLikely(byte(2)) { return 3 }
      return isLikely(byte(1)) && byte(2) == 0x20 ? 3 : nil
    case 0xF0:
      let rest = [byte(1), byte(2), byte(3)]
      let spaces = rest.count { $0 == 0x20 }
      return spaces == 1 && rest.allSatisfy { $0 == 0x20 || isContinuation($0) } ? 4 : nil
    default: return nil
    }
  }

  /// `replace_lossy_sequences`: a character some of whose bytes were lost becomes U+FFFD.
  static func withLostCharacters(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var place = 0
    while place < bytes.count {
      if let length = lossyLength(bytes, place) {
        result += [0xEF, 0xBF, 0xBD]
        place += length
      } else {
        result.append(bytes[place])
        place += 1
      }
    }
    return result
  }

  private static func lossyLength(_ bytes: [UInt8], _ place: Int) -> Int? {
    func byte(_ offset: Int) -> UInt8 { place + offset < bytes.count ? bytes[place + offset] : 0 }
    /// Lost, whatever it was.
    func isLost(_ offset: Int) -> Bool { byte(offset) == 0x1A || byte(offset) == 0x3F }
    /// There, or lost for certain.
    func isRest(_ offset: Int) -> Bool {
      byte(offset) == 0x1A || continuation.contains(byte(offset))
    }
    func isEither(_ offset: Int) -> Bool { isLost(offset) || continuation.contains(byte(offset)) }
    let first = byte(0)
    if (0xC2...0xDF).contains(first), byte(1) == 0x1A { return 2 }
    if first == 0xC2 || first == 0xC3, byte(1) == 0x3F { return 2 }
    if first == 0xED, (0xA0...0xAF).contains(byte(1)), byte(3) == 0xED,
      (0xB0...0xBF).contains(byte(4)),
      isLost(2) && isEither(5) || isEither(2) && isLost(5)
    {
      return 6
    }
    if (0xE0...0xEF).contains(first), isLost(1) && isRest(2) || isRest(1) && isLost(2) { return 3 }
    if (0xF0...0xF4).contains(first),
      isLost(1) && isRest(2) && isRest(3) || isRest(1) && isLost(2) && isRest(3)
        || isRest(1) && isRest(2) && isLost(3)
    {
      return 4
    }
    return first == 0x1A ? 1 : nil
  }
}
