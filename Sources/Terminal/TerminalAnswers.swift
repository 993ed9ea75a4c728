/// What a terminal says of itself, read byte by byte out of what comes from it.
///
/// Everything else that comes, such as keys typed meanwhile, is kept in ``typed``, in order.
package struct TerminalAnswers: Sendable, Equatable {
  /// Name and version as XTVERSION gives them: `kitty(0.26.5)`, `WezTerm 20230712`, `tmux 3.3a`.
  package var name: String?
  /// Whether a colour of 8 bits a channel that was set was still set when asked for (DECRQSS of SGR).
  package var keepsDirectColor: Bool?
  /// Whether the terminal's own description has direct colour (XTGETTCAP of `RGB` or `Tc`).
  package var describesDirectColor: Bool?
  /// The numbers of its secondary attributes (DA2): kind, version, and one more.
  package var secondary: [Int] = []
  /// Red, green and blue of the background, 0…255 (OSC 11).
  package var background: SIMD3<Float>?
  /// The column, from 1, at which the cursor stood after an octant at the start of a line; none where
  /// that was not asked or not answered.
  package var cursorColumn: Int?
  /// The primary attributes (DA1) came, which every terminal sends: they are asked for last, so no other
  /// answer is still to come.
  package var isComplete = false
  /// Bytes that are no answer.
  package var typed: [UInt8] = []

  private let asksForCursor: Bool
  /// An escape sequence whose end has not come.
  private var pending: [UInt8] = []
  /// Longer than any answer; what grows beyond is no sequence.
  private static let longest = 4096

  /// The questions, that for the primary attributes last.
  ///
  /// The colour that is asked for is set and taken back around the question.
  package static let questions =
    "\u{1B}[>0q" + "\u{1B}[48;2;1;2;3m\u{1B}P$qm\u{1B}\\\u{1B}[0m" + "\u{1B}P+q524742\u{1B}\\"
    + "\u{1B}P+q5463\u{1B}\\" + "\u{1B}]11;?\u{1B}\\" + "\u{1B}[>c" + "\u{1B}[c"

  /// An octant at the start of the line and where the cursor stands after it, and the line as it was, where
  /// it was empty. Some terminals and multiplexers, such as tmux 3.3, drop characters that are newer than
  /// they are.
  package static let octantQuestion = "\u{1B}7\r\u{1CD00}\u{1B}[6n\r\u{1B}[K\u{1B}8"

  /// Whether an answer has begun whose end has not come.
  var isWithin: Bool { !pending.isEmpty }

  /// - Parameter asksForCursor: whether ``octantQuestion`` was asked too.
  package init(asksForCursor: Bool = false) { self.asksForCursor = asksForCursor }

  package mutating func take(_ bytes: some Sequence<UInt8>) {
    for byte in bytes {
      if pending.isEmpty {
        if byte == 0x1B { pending = [byte] } else { typed.append(byte) }
        continue
      }
      pending.append(byte)
      if let end = isEnded {
        if !end || !understand() { typed += pending }
        pending = []
      } else if pending.count > Self.longest {
        giveUp()
      }
    }
  }

  /// What is still to come: an answer that has begun goes on, but escape alone is a key.
  mutating func endWaiting() {
    if pending == [0x1B] { giveUp() }
  }

  /// Forgets a sequence that has begun.
  mutating func drop() { pending = [] }

  /// Counts a sequence whose end never came as typed.
  mutating func giveUp() {
    typed += pending
    pending = []
  }

  /// True where the pending bytes are a whole sequence, false where they are none, nothing where more
  /// must come.
  private var isEnded: Bool? {
    guard pending.count > 1, let last = pending.last else { return nil }
    switch pending[1] {
    case UInt8(ascii: "["):
      if pending.count == 2 { return nil }
      return (0x40...0x7E).contains(last) ? true : (0x20...0x3F).contains(last) ? nil : false
    case UInt8(ascii: "P"), UInt8(ascii: "]"):
      if last == 0x07 { return true }
      return last == UInt8(ascii: "\\") && pending[pending.count - 2] == 0x1B ? true : nil
    default: return false
    }
  }

  /// False where the sequence is no answer to any question.
  private mutating func understand() -> Bool {
    var text = String(decoding: pending.dropFirst(2), as: UTF8.self)
    switch pending[1] {
    case UInt8(ascii: "["):
      // The cursor is asked for before anything else. Later, the same bytes are F3 with a modifier.
      if text.last == "R", asksForCursor, cursorColumn == nil {
        let numbers = text.dropLast().split(separator: ";").map { Int($0) }
        guard numbers.count == 2, let column = numbers[1] else { return false }
        cursorColumn = column
        return true
      }
      guard text.last == "c", let kind = text.first, kind == "?" || kind == ">" else {
        return false
      }
      if kind == "?" { isComplete = true } else { secondary = Self.numbers(text.dropFirst()) }
      return true
    case UInt8(ascii: "]"):
      guard text.hasPrefix("11;") else { return false }
      background = Self.color(text.dropFirst(3)) ?? background
      return true
    default:
      text = String(text.prefix { $0 != "\u{1B}" && $0 != "\u{7}" })
      return understandString(text)
    }
  }

  private mutating func understandString(_ text: String) -> Bool {
    if text.hasPrefix(">|") {
      name = String(text.dropFirst(2).prefix(128))
      return true
    }
    if let range = text.firstRange(of: "$r") {
      // `1$r0;48:2::1:2:3m`, with semicolons or without the empty field in some.
      let parts = text[range.upperBound...].split(whereSeparator: { ":;m".contains($0) })
      keepsDirectColor = text.hasPrefix("1") && parts.suffix(3).elementsEqual(["1", "2", "3"])
      return true
    }
    if let range = text.firstRange(of: "+r") {
      let isKnown = text.hasPrefix("1") && !text[range.upperBound...].isEmpty
      describesDirectColor = isKnown || describesDirectColor == true
      return true
    }
    return false
  }

  private static func numbers(_ text: Substring) -> [Int] {
    text.dropLast().split(separator: ";", omittingEmptySubsequences: false).prefix(8)
      .map { Int($0) ?? 0 }
  }

  /// `rgb:ffff/ffff/dddd`, with one to four digits a channel, perhaps with alpha.
  private static func color(_ text: Substring) -> SIMD3<Float>? {
    guard let colon = text.firstIndex(of: ":") else { return nil }
    let channels = text[text.index(after: colon)...].prefix { $0.isHexDigit || $0 == "/" }
      .split(separator: "/").prefix(3)
    guard channels.count == 3 else { return nil }
    var color = SIMD3<Float>.zero
    for (index, digits) in channels.enumerated() {
      guard digits.count <= 4, let value = Int(digits, radix: 16) else { return nil }
      color[index] = 255 * Float(value) / Float(1 << (4 * digits.count) - 1)
    }
    return color
  }
}
