/// What is done to a text before it is split into words: which library's way a model follows. It belongs
/// to the layout in which the model is published, and to its fingerprint.
///
/// Plain ASCII without `&` gives the same tokens in all three, but for the spelling of the special tokens.
public enum TextCleaning: String, Sendable, CaseIterable {
  /// `CLIPTokenizer` of transformers 5, which knows no ftfy: NFC, then every scalar to lower case;
  /// `<|endoftext|>` as written is the end token.
  case transformers
  /// open_clip's `SimpleTokenizer`: ftfy's `fix_text`, `html.unescape` twice, lower case as Python has
  /// it; `<end_of_text>` in any case is the end token.
  case openCLIP = "open_clip"
  /// OpenAI's `SimpleTokenizer`: as open_clip's, with `<|endoftext|>` in any case.
  case openAI = "openai"

  /// For a person, e.g. in a model's facts.
  public var summary: String {
    switch self {
    case .transformers: "as transformers: NFC, lower case"
    case .openCLIP: "as open_clip: ftfy, HTML's characters twice, lower case"
    case .openAI: "as OpenAI's clip: ftfy, HTML's characters twice, lower case"
    }
  }

  /// What stands for the start and the end token in a text.
  var specialTokens: (start: [Unicode.Scalar], end: [Unicode.Scalar]) {
    switch self {
    case .openCLIP:
      (Array("<start_of_text>".unicodeScalars), Array("<end_of_text>".unicodeScalars))
    case .transformers, .openAI:
      (Array("<|startoftext|>".unicodeScalars), Array("<|endoftext|>".unicodeScalars))
    }
  }

  /// The text as words are looked for in it. White space is not collapsed: words end at any of it.
  package func scalars(of text: String) -> [Unicode.Scalar] {
    if self == .transformers { return Normalization.scalars(of: text) }
    if Self.isPlain(text) {
      return text.utf8.map { byte in
        Unicode.Scalar((0x41...0x5A).contains(byte) ? byte | 0x20 : byte)
      }
    }
    let fixed = TextFixer.fixed(Array(text.unicodeScalars))
    return Lowercase.python(CharacterReferences.unescaped(CharacterReferences.unescaped(fixed)))
  }

  /// ftfy's `fix_text` alone.
  package static func fixed(_ text: String) -> String {
    CodePoints.text(TextFixer.fixed(Array(text.unicodeScalars)))
  }

  /// Whether cleaning changes nothing but capitals and line breaks.
  private static func isPlain(_ text: String) -> Bool {
    text.utf8.allSatisfy { byte in
      switch byte {
      case 0x26: false
      case 0x20...0x7E, 0x09, 0x0A, 0x0D: true
      default: false
      }
    }
  }
}

/// Python's `str.lower`.
enum Lowercase {
  /// Full mappings; a Σ at a word's end becomes ς.
  static func python(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.count)
    for (place, scalar) in text.enumerated() {
      if scalar == "\u{3A3}" {
        result.append(isFinalSigma(text, place) ? "\u{3C2}" : "\u{3C3}")
      } else if scalar.isASCII {
        result.append(
          (0x41...0x5A).contains(scalar.value)
            ? Unicode.Scalar(UInt8(truncatingIfNeeded: scalar.value | 0x20)) : scalar)
      } else {
        result.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
      }
    }
    return result
  }

  /// Whether a cased letter comes before and none after, ignoring what is no letter of its own.
  private static func isFinalSigma(_ text: [Unicode.Scalar], _ place: Int) -> Bool {
    var before = place - 1
    while before >= 0, text[before].properties.isCaseIgnorable { before -= 1 }
    guard before >= 0, text[before].properties.isCased else { return false }
    var after = place + 1
    while after < text.count, text[after].properties.isCaseIgnorable { after += 1 }
    return after == text.count || !text[after].properties.isCased
  }
}

/// Python's classes of characters.
extension Unicode.Scalar {
  /// `str.isspace`
  var isPythonSpace: Bool {
    (0x1C...0x1F).contains(value) || properties.isWhitespace
  }

  /// `\w`
  var isPythonWord: Bool {
    if self == "_" { return true }
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      return true
    default: return properties.numericType != nil
    }
  }

  var isASCIILetter: Bool { (0x41...0x5A).contains(value) || (0x61...0x7A).contains(value) }
  var isASCIILowercase: Bool { (0x61...0x7A).contains(value) }
  var isASCIIDigit: Bool { (0x30...0x39).contains(value) }
}
