/// ftfy 6.3.1's `fix_text` with its default settings: mojibake, character references, curly quotes,
/// ligatures, full width, line breaks and control characters, then NFC.
///
///     "itâ€™s &lt;3"  →  "it's <3"
///
/// A Swift string holds no lone surrogates, so `fix_surrogates` has nothing to do. One deviation: where
/// fixing shortens a text by a little in each of very many rounds, it ends after ``most`` characters in
/// all, which no caption reaches.
enum TextFixer {
  /// Characters that are looked at in all rounds together.
  private static let most = 20_000_000
  /// ftfy's longest piece that is fixed in one.
  private static let longestLine = 1_000_000

  static func fixed(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.count)
    var start = 0
    var unescapes = true
    var budget = most
    while start < text.count {
      let feed = text[start...].firstIndex(of: "\n").map { $0 + 1 } ?? text.count
      let end = min(feed, start + longestLine)
      let line = Array(text[start..<end])
      // HTML itself keeps its references, and so does all that follows it.
      if line.contains("<") { unescapes = false }
      result += fixed(line: line, unescapes: unescapes, &budget)
      start = end
    }
    return result
  }

  private static func fixed(line: [Unicode.Scalar], unescapes: Bool, _ budget: inout Int)
    -> [Unicode.Scalar]
  {
    var text = line
    while budget > 0 {
      budget -= text.count
      let before = text
      if unescapes { text = CharacterReferences.unescapedClosed(text) }
      text = EncodingFixer.fixed(text)
      text = CharacterFixes.windowsControls(text)
      text = CharacterFixes.replaced(text)
      text = CharacterFixes.withoutControls(
        CharacterFixes.withoutEscapes(CharacterFixes.unixLines(text)))
      text = Normalization.composed(text)
      if text == before { return text }
    }
    return text
  }
}

/// Fixes of single characters.
enum CharacterFixes {
  /// `fix_c1_controls`: a control character 80…9F is what windows-1252 has there.
  static func windowsControls(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    guard let windows = ByteEncoding.windows1252, text.contains(where: isC1) else { return text }
    return text.map { isC1($0) ? windows.character(UInt8(truncatingIfNeeded: $0.value)) : $0 }
  }

  static func isC1(_ scalar: Unicode.Scalar) -> Bool { (0x80...0x9F).contains(scalar.value) }

  private static let replacements: [Unicode.Scalar: [Unicode.Scalar]] = {
    var replacements: [Unicode.Scalar: [Unicode.Scalar]] = [:]
    for (word, value) in CodePoints.pairs(MojibakeTables.replacements) {
      if let scalar = UInt32(word, radix: 16).flatMap(Unicode.Scalar.init) {
        replacements[scalar] = value
      }
    }
    return replacements
  }()

  /// `fix_latin_ligatures`, `fix_character_width` and `uncurl_quotes`.
  static func replaced(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    guard text.contains(where: { !$0.isASCII }) else { return text }
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.count)
    for scalar in text {
      if scalar.isASCII {
        result.append(scalar)
      } else if let other = replacements[scalar] {
        // The apostrophe of ŉ is curly.
        for part in other { result.append(straightQuote(part)) }
      } else {
        result.append(straightQuote(scalar))
      }
    }
    return result
  }

  private static func straightQuote(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case 0x2BC, 0x2018...0x201B: "'"
    case 0x201C...0x201F: "\""
    default: scalar
    }
  }

  /// `fix_line_breaks`
  static func unixLines(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.count)
    for (place, scalar) in text.enumerated() {
      switch scalar {
      case "\n" where place > 0 && text[place - 1] == "\r": break
      case "\r", "\u{2028}", "\u{2029}", "\u{85}": result.append("\n")
      default: result.append(scalar)
      }
    }
    return result
  }

  /// `remove_terminal_escapes`: ESC [, numbers and semicolons, a letter.
  static func withoutEscapes(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    guard text.contains("\u{1B}") else { return text }
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.count)
    var place = 0
    while place < text.count {
      if text[place] == "\u{1B}", place + 1 < text.count, text[place + 1] == "[" {
        var end = place + 2
        while end < text.count, isNumeric(text[end]) { end += 1 }
        if end < text.count, text[end].isASCIILetter {
          place = end + 1
          continue
        }
        // No escape begins among the numbers.
        result += text[place..<end]
        place = end
        continue
      }
      result.append(text[place])
      place += 1
    }
    return result
  }

  private static func isNumeric(_ scalar: Unicode.Scalar) -> Bool {
    scalar == ";" || scalar.properties.generalCategory == .decimalNumber
  }

  /// `remove_control_chars`
  static func withoutControls(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    text.filter { scalar in
      switch scalar.value {
      case 0x00...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x206A...0x206F, 0xFEFF, 0xFFF9...0xFFFC: false
      default: true
      }
    }
  }
}
