/// ftfy's `fix_encoding`: text that was read with another encoding than it was written in.
enum EncodingFixer {
  static func fixed(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var text = text
    while let next = step(text), next != text { text = next }
    return text
  }

  /// One encoding less; `nil` where nothing looks wrong.
  private static func step(_ text: [Unicode.Scalar]) -> [Unicode.Scalar]? {
    guard Badness.isBad(text) else { return nil }
    var isLatin1 = false
    for encoding in ByteEncoding.all {
      guard let bytes = encoding.encoded(text) else { continue }
      if encoding.name == "latin-1" { isLatin1 = true }
      if let fixed = decoded(bytes, encoding) { return fixed }
    }
    // Sequences that stand alone among what is right.
    let inconsistent = withEmbeddedFixed(text)
    if inconsistent != text { return inconsistent }
    // Latin-1 that was meant as windows-1252.
    if isLatin1, let fixed = windows(text), fixed != text { return fixed }
    if text.contains(where: CharacterFixes.isC1) { return CharacterFixes.windowsControls(text) }
    return text
  }

  /// What the bytes are in UTF-8, as far as that can be told.
  private static func decoded(_ bytes: [UInt8], _ encoding: ByteEncoding) -> [Unicode.Scalar]? {
    var bytes = bytes
    // In MacRoman an en dash and a space would be taken for one.
    if encoding.name != "macroman" { bytes = ByteRepairs.withNoBreakSpaces(bytes) }
    if encoding.isSloppy { bytes = ByteRepairs.withLostCharacters(bytes) }
    return bytes.contains(0xED) || bytes.contains(0xC0)
      ? UTF8Decoding.variants(bytes) : UTF8Decoding.strict(bytes[...])
  }

  private static let undefined = CodePoints.set(MojibakeTables.undefined1252)

  private static func windows(_ text: [Unicode.Scalar]) -> [Unicode.Scalar]? {
    guard let windows = ByteEncoding.windows1252 else { return nil }
    guard !text.contains(where: { undefined.contains($0.value) }) else { return nil }
    return text.map {
      CharacterFixes.isC1($0) ? windows.character(UInt8(truncatingIfNeeded: $0.value)) : $0
    }
  }

  /// `decode_inconsistent_utf8`
  private static func withEmbeddedFixed(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.count)
    var place = 0
    while place < text.count {
      let end = embeddedEnd(text, place)
      guard end > place else {
        result.append(text[place])
        place += 1
        continue
      }
      let part = Array(text[place..<end])
      result += part.count < text.count && Badness.isBad(part) ? fixed(part) : part
      place = end
    }
    return result
  }

  /// The end of characters that look like UTF-8 read as another encoding; `place` where none begins.
  private static func embeddedEnd(_ text: [Unicode.Scalar], _ place: Int) -> Int {
    if text[place].isASCII { return place }
    if place > 0, CharacterKind.of(text[place - 1]).contains(.strictContinuation) { return place }
    var end = place
    while end < text.count {
      let kind = CharacterKind.of(text[end])
      let length: Int
      if kind.contains(.firstOfTwo) {
        length = 2
      } else if kind.contains(.firstOfThree) {
        length = 3
      } else if kind.contains(.firstOfFour) {
        length = 4
      } else {
        break
      }
      guard end + length <= text.count,
        text[end + 1..<end + length].allSatisfy({ CharacterKind.of($0).contains(.continuation) })
      else { break }
      end += length
    }
    return end
  }
}
