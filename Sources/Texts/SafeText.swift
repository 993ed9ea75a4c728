/// Text as it may be sent to a terminal: what could steer it, reorder it or hide is made visible.
///
/// Controls become their pictures (`␛`, `␊`, `␡`), and bidirectional controls, tags, other invisible
/// characters, private and unassigned ones become `<U+202E>`. All else, emoji sequences and
/// combining marks included, stays as it is.
public func safeForTerminal(_ text: String) -> String {
  if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
  var safe = ""
  for scalar in text.unicodeScalars {
    if let standIn = SafeText.standIn(for: scalar) {
      safe += standIn
    } else {
      safe.unicodeScalars.append(scalar)
    }
  }
  return safe
}

package enum SafeText {
  /// What is shown in place of a scalar that must not be sent; none for one that may be.
  package static func standIn(for scalar: Unicode.Scalar) -> String? {
    let value = scalar.value
    if value < 0x20 { return picture(0x2400 + value) }
    if value < 0x7F { return nil }
    if value == 0x7F { return picture(0x2421) }
    if isBlockOfUnicode16(value) { return nil }
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
      return name(value)
    case .format: return isJoiner(value) ? nil : name(value)
    default:
      // Letters that draw nothing (Hangul fillers, the blank braille pattern is not one of them).
      return [0x115F, 0x1160, 0x3164, 0xFFA0].contains(value) ? name(value) : nil
    }
  }

  /// Zero width joiner and non-joiner, which scripts and emoji need inside words.
  package static func isJoiner(_ value: UInt32) -> Bool { value == 0x200C || value == 0x200D }

  /// Octants and the few glyphs that complete them, which Swift's tables may be too old to know.
  private static func isBlockOfUnicode16(_ value: UInt32) -> Bool {
    (0x1CD00...0x1CDE5).contains(value) || [0x1FBE6, 0x1FBE7].contains(value)
      || [0x1CEA0, 0x1CEA3, 0x1CEA8, 0x1CEAB].contains(value)
  }

  private static func picture(_ value: UInt32) -> String {
    Unicode.Scalar(value).map { String(Character($0)) } ?? "?"
  }

  private static func name(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return "<U+\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)>"
  }
}
