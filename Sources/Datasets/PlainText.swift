/// Text files as people have them: with a byte order mark or without, UTF-8 or what PowerShell's `>`
/// writes.
public enum PlainText {
  /// The text's bytes in UTF-8, without a byte order mark. A mark of UTF-16 makes it read as such; half a
  /// surrogate pair becomes U+FFFD. Bytes without a mark are returned unchanged.
  public static func utf8(_ bytes: [UInt8]) -> [UInt8] {
    switch (bytes.first, bytes.dropFirst().first) {
    case (0xEF, 0xBB) where bytes.count > 2 && bytes[2] == 0xBF: Array(bytes.dropFirst(3))
    case (0xFF, 0xFE): decoded(bytes, low: 0, high: 1)
    case (0xFE, 0xFF): decoded(bytes, low: 1, high: 0)
    default: bytes
    }
  }

  private static func decoded(_ bytes: [UInt8], low: Int, high: Int) -> [UInt8] {
    let units = stride(from: 2, to: bytes.count - 1, by: 2).map {
      UInt16(bytes[$0 + low]) | UInt16(bytes[$0 + high]) << 8
    }
    return Array(String(decoding: units, as: UTF16.self).utf8)
  }
}
