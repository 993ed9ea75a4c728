/// Splits normalised text into words as CLIP's pattern does, leftmost alternative first:
///
///     <\|startoftext\|> | <\|endoftext\|> | 's | 't | 're | 've | 'm | 'll | 'd
///       | [\p{L}]+ | [\p{N}] | [^\s\p{L}\p{N}]+
///
/// and what it found once more by GPT-2's pattern, which takes the first two apart:
/// `<|`, `endoftext`, `|>`. (A special token gets here only through its capitals.)
///
/// The originals' own pattern is the first alone, with the special tokens of ``TextCleaning``, and looks
/// at no case: `ſ` counts as `s`, and U+0345 (a small iota below a letter), no letter itself but with a
/// capital that is one, fits neither `[\p{L}]+` nor the last alternative: it is left out like a space.
struct WordScanner {
  let scalars: [Unicode.Scalar]
  private var position = 0
  /// Ends of words found already, last first.
  private var ends: [Int] = []

  private let specialTokens: [[Unicode.Scalar]]
  /// Whether words are split by GPT-2's pattern, too.
  private let splitsAgain: Bool

  private static let contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"].map {
    Array($0.unicodeScalars)
  }

  init(_ scalars: [Unicode.Scalar], _ cleaning: TextCleaning = .transformers) {
    self.scalars = scalars
    let (start, end) = cleaning.specialTokens
    specialTokens = [start, end]
    splitsAgain = cleaning == .transformers
  }

  /// The next word's place in ``scalars``; `nil` at the end. Linear in the text over all calls.
  mutating func next() -> Range<Int>? {
    if let end = ends.popLast() { return take(to: end) }
    while position < scalars.count, kind(scalars[position]) == .space { position += 1 }
    guard position < scalars.count else { return nil }
    let first = scalars[position]
    if first == "<", let length = match(specialTokens) {
      guard splitsAgain else { return take(to: position + length) }
      ends = [position + length, position + length - 2]
      return take(to: position + 2)
    }
    if first == "'", let length = match(Self.contractions) { return take(to: position + length) }
    let kind = kind(first)
    var end = position + 1
    if kind != .number {
      while end < scalars.count, self.kind(scalars[end]) == kind { end += 1 }
    }
    return take(to: end)
  }

  private func kind(_ scalar: Unicode.Scalar) -> Kind {
    scalar == "\u{345}" && !splitsAgain ? .space : Kind(scalar)
  }

  private mutating func take(to end: Int) -> Range<Int> {
    defer { position = end }
    return position..<end
  }

  private func match(_ candidates: [[Unicode.Scalar]]) -> Int? {
    let rest = scalars[position...]
    if splitsAgain { return candidates.first { rest.starts(with: $0) }?.count }
    return candidates.first {
      rest.starts(with: $0) { $0 == $1 || $0 == "\u{17F}" && $1 == "s" }
    }?.count
  }

  private enum Kind {
    case space
    case letter
    case number
    case other

    init(_ scalar: Unicode.Scalar) {
      switch scalar.value {
      case 0x61...0x7A, 0x41...0x5A: self = .letter
      case 0x30...0x39: self = .number
      case 0x09...0x0D, 0x20: self = .space
      case 0..<0x80: self = .other
      default: self = Kind(beyondASCII: scalar.properties)
      }
    }

    private init(beyondASCII properties: Unicode.Scalar.Properties) {
      switch properties.generalCategory {
      case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
        self = .letter
      case .decimalNumber, .letterNumber, .otherNumber: self = .number
      default: self = properties.isWhitespace ? .space : .other
      }
    }
  }
}
