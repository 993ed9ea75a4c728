import CNcurses
import Foundation
import Frame

/// What curses reads, as ``Input``.
struct CursesKeys {
  // Codes of our own for the bracket around pasted text, above all that curses gives out.
  private static let pasteBegin: Int32 = 0x7001
  private static let pasteEnd: Int32 = 0x7002
  private static let pasteLimit = 1 << 20

  static var mouseMask: mmask_t { clip_press() | clip_wheel_up() | clip_wheel_down() }

  private var pasted: String.UnicodeScalarView?
  private var lastClick: (time: Date, column: Int32, row: Int32)?

  /// Answers that come later than they were waited for; none where all have come.
  private var late: TerminalAnswers?
  /// When the last character of a late answer came.
  private var lastOfAnswer: Date
  /// Seconds after which a sequence that has begun and not ended is not an answer but keys typed by hand.
  private static let longestPause = 1.0
  /// Keys typed before the screen was taken.
  private var early: [Unicode.Scalar]

  /// - Parameters:
  ///   - typed: bytes that came before curses read.
  ///   - late: the answers so far, where the terminal may still answer what it was asked.
  init(typed: [UInt8] = [], late: TerminalAnswers? = nil) {
    early = Array(String(decoding: typed, as: UTF8.self).unicodeScalars)
    self.late = late
    lastOfAnswer = Date()
  }

  var isPasting: Bool { pasted != nil }

  static func defineKeys() {
    define_key("\u{1B}[200~", pasteBegin)
    define_key("\u{1B}[201~", pasteEnd)
    // Both forms of the cursor keys, whichever mode the terminal is in.
    for (letter, key) in zip("ABCDHF", [KEY_UP, KEY_DOWN, KEY_RIGHT, KEY_LEFT, KEY_HOME, KEY_END]) {
      define_key("\u{1B}[\(letter)", key)
      define_key("\u{1B}O\(letter)", key)
    }
  }

  /// All that has come, without waiting.
  mutating func read() -> [Input] {
    var inputs = typedEarly()
    while let (code, isKey) = Self.next() {
      if late != nil, isLateAnswer(code, isKey: isKey) { continue }
      if let input = take(code, isKey: isKey) { inputs.append(input) }
      if inputs.count >= 4096 { break }
    }
    return inputs
  }

  /// What was typed before, but for sequences of keys that only curses can tell.
  private mutating func typedEarly() -> [Input] {
    guard !early.isEmpty else { return [] }
    defer { early = [] }
    var inputs: [Input] = []
    var rest = early[...]
    while let scalar = rest.popFirst() {
      guard scalar.value == 27 else {
        if let input = typed(scalar.value) { inputs.append(input) }
        continue
      }
      guard let next = rest.first, next == "[" || next == "O" else {
        inputs.append(.key(.escape))
        continue
      }
      rest = rest.dropFirst()
      while let part = rest.popFirst(), !(0x40...0x7E).contains(part.value) {}
    }
    return inputs
  }

  /// Takes characters that belong to an answer that was asked for and comes late. The last of them, the
  /// primary attributes, ends the waiting; anything that is no answer is a key as ever.
  private mutating func isLateAnswer(_ code: wint_t, isKey: Bool) -> Bool {
    guard var answers = late, !isKey, code < 0x80 else { return false }
    if answers.isWithin, !(0..<Self.longestPause).contains(-lastOfAnswer.timeIntervalSinceNow) {
      answers.drop()
      late = answers
    }
    if !answers.isWithin {
      // An answer begins with escape and one of three; a key of its own is read by `take`.
      guard code == 27, let (next, nextIsKey) = Self.next() else { return false }
      guard !nextIsKey, [0x50, 0x5B, 0x5D].contains(next) else {
        if nextIsKey {
          ungetch(Int32(bitPattern: next))
        } else {
          unget_wch(wchar_t(bitPattern: next))
        }
        return false
      }
      answers.take([27, UInt8(next)])
    } else {
      answers.take([UInt8(code)])
    }
    lastOfAnswer = Date()
    // A sequence that nobody asked for is swallowed, as `escape` does.
    answers.typed = []
    late = answers.isComplete ? nil : answers
    return true
  }

  /// Pasted text whose end never came.
  mutating func endPaste() -> [Input] {
    guard let text = pasted else { return [] }
    pasted = nil
    return [.paste(String(text))]
  }

  private static func next() -> (code: wint_t, isKey: Bool)? {
    var code: wint_t = 0
    switch get_wch(&code) {
    case KEY_CODE_YES: return (code, true)
    case ERR: return nil
    default: return (code, false)
    }
  }

  private mutating func take(_ code: wint_t, isKey: Bool) -> Input? {
    let key = Int32(bitPattern: code)
    if isKey, key == Self.pasteBegin {
      pasted = pasted ?? .init()
      return nil
    }
    if pasted != nil {
      if isKey, key == Self.pasteEnd { return endPaste().first }
      if !isKey, let scalar = Unicode.Scalar(code), (pasted?.count ?? 0) < Self.pasteLimit {
        // A terminal sends a pasted end of line as the Enter key does.
        pasted?.append(scalar == "\r" ? "\n" : scalar)
      }
      return nil
    }
    return isKey ? named(key) : typed(code)
  }

  private mutating func named(_ key: Int32) -> Input? {
    switch key {
    case KEY_UP: .key(.up)
    case KEY_DOWN: .key(.down)
    case KEY_LEFT: .key(.left)
    case KEY_RIGHT: .key(.right)
    case KEY_HOME: .key(.home)
    case KEY_END: .key(.end)
    case KEY_PPAGE: .key(.pageUp)
    case KEY_NPAGE: .key(.pageDown)
    case KEY_ENTER: .key(.enter)
    case KEY_BTAB: .key(.backTab)
    case KEY_BACKSPACE: .key(.backspace)
    case KEY_DC: .key(.delete)
    case clip_key_f1(): .key(.f1)
    case KEY_MOUSE: mouse()
    default: nil
    }
  }

  private func typed(_ code: wint_t) -> Input? {
    switch code {
    case 9: return .key(.tab)
    case 13: return .key(.enter)
    case 8, 127: return .key(.backspace)
    case 27: return escape()
    case 1...26:
      return Unicode.Scalar(code + 0x60).map { .control(Character($0)) }
    case 0..<32, 128..<160: return nil
    default: return Unicode.Scalar(code).map { .character(Character($0)) }
    }
  }

  /// Escape by itself, or the start of a sequence that nobody knows, which is swallowed: its letters
  /// must not end up in a query.
  private func escape() -> Input? {
    guard let (code, isKey) = Self.next() else { return .key(.escape) }
    guard !isKey, code == 0x5B || code == 0x4F else {
      if isKey { ungetch(Int32(bitPattern: code)) } else { unget_wch(wchar_t(bitPattern: code)) }
      return .key(.escape)
    }
    for _ in 0..<32 {
      guard let (rest, isKey) = Self.next(), !isKey, !(0x40...0x7E).contains(rest) else { break }
    }
    return nil
  }

  private mutating func mouse() -> Input? {
    var event = MEVENT()
    guard getmouse(&event) != ERR, event.x >= 0, event.y >= 0 else { return nil }
    let kind: Input.MouseEvent.Kind
    if event.bstate & clip_wheel_up() != 0 {
      kind = .wheelUp
    } else if event.bstate & clip_wheel_down() != 0 {
      kind = .wheelDown
    } else if event.bstate & clip_press() != 0 {
      kind = click(event)
    } else {
      return nil
    }
    return .mouse(.init(kind: kind, column: Int(event.x), row: Int(event.y)))
  }

  /// A press counts as a click at once; the second in the same cell within 0.4 s as a double click.
  private mutating func click(_ event: MEVENT) -> Input.MouseEvent.Kind {
    let now = Date()
    if let last = lastClick, last.column == event.x, last.row == event.y,
      (0..<0.4).contains(now.timeIntervalSince(last.time))
    {
      lastClick = nil
      return .doubleClick
    }
    lastClick = (now, event.x, event.y)
    return .click
  }
}
