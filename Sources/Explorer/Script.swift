import Dispatch
import Frame

/// Keys from a file in place of a person, for tests:
///
///     size 80 24
///     type planes beside a terminal
///     key Enter Down Down
///     frame
///
/// Before each key everything that is under way comes to its end. Lines beginning with `#` are skipped.
public struct Script: Sendable, Equatable {
  public enum Step: Sendable, Equatable {
    case input(Input)
    case size(Size)
    case frame
  }

  /// A line that is not a command of a script.
  public struct LineError: Error, Sendable, Equatable, CustomStringConvertible {
    public let line: Int
    public let text: String

    public init(line: Int, text: String) {
      self.line = line
      self.text = text
    }

    public var description: String {
      "script, line \(line): \"\(text)\": expected type TEXT, key NAME …, size COLUMNS ROWS, "
        + "click COLUMN ROW or frame"
    }
  }

  public let steps: [Step]

  public init(_ text: String) throws(LineError) {
    var steps: [Step] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      if line.allSatisfy(\.isWhitespace) || line.hasPrefix("#") { continue }
      let words = line.split(separator: " ", maxSplits: 1)
      let rest = words.count > 1 ? String(words[1]) : ""
      let numbers = rest.split(separator: " ").compactMap { Int($0) }
      switch (words.first, numbers.count) {
      case ("type", _): steps += rest.map { .input(.character($0)) }
      case ("key", _):
        for name in rest.split(separator: " ") {
          guard let input = Self.input(named: String(name)) else {
            throw LineError(line: index + 1, text: String(line))
          }
          steps.append(.input(input))
        }
      case ("size", 2) where (1...1_000).contains(numbers[0]) && (1...1_000).contains(numbers[1]):
        steps.append(.size(Size(columns: numbers[0], rows: numbers[1])))
      case ("click", 2):
        let event = Input.MouseEvent(kind: .click, column: numbers[0], row: numbers[1])
        steps.append(.input(.mouse(event)))
      case ("frame", _): steps.append(.frame)
      default: throw LineError(line: index + 1, text: String(line))
      }
    }
    self.steps = steps
  }

  private static let names: [String: Input.NamedKey] = [
    "Up": .up, "Down": .down, "Left": .left, "Right": .right, "Home": .home, "End": .end,
    "PgUp": .pageUp, "PgDn": .pageDown, "Enter": .enter, "Esc": .escape, "Tab": .tab,
    "Shift-Tab": .backTab, "Backspace": .backspace, "Del": .delete, "F1": .f1,
  ]

  /// `Enter`, `Ctrl-A`, `Space`, or a character.
  static func input(named name: String) -> Input? {
    if let key = names[name] { return .key(key) }
    if name == "Space" { return .character(" ") }
    if name.hasPrefix("Ctrl-"), name.count == 6, let last = name.lowercased().last {
      return .control(last)
    }
    guard name.count == 1, let character = name.first else { return nil }
    return .character(character)
  }

  /// Plays the script on a screen that nobody sees.
  /// - Returns: the frames asked for, one below the other, at least the last one.
  public func play(sources: ExplorerSources, state: State) -> String {
    let screen = UnseenScreen(size: state.size)
    let loop = EventLoop(screen: screen, sources: sources, state: state)
    loop.start()
    var frames: [String] = []
    func waitUntilIdle() {
      while true {
        let changed = loop.advance(screen.waitForInput(milliseconds: 0))
        if changed { loop.present() }
        if !changed, loop.isIdle { return }
        if !changed { _ = screen.waitForInput(milliseconds: 100) }
      }
    }
    for step in steps where !loop.state.isEnding {
      waitUntilIdle()
      switch step {
      case .input(let input): _ = loop.advance([input])
      case .size(let size): screen.size = (size.columns, size.rows)
      case .frame: frames.append(loop.frame.text)
      }
      if !loop.state.isEnding { loop.present() }
    }
    waitUntilIdle()
    if steps.last != .frame { frames.append(loop.frame.text) }
    loop.finish()
    return frames.joined(separator: "\n")
  }
}

extension Canvas {
  /// The glyphs, a line for each row, without blanks at the ends.
  public var text: String {
    var text = ""
    for row in 0..<rows {
      var line = ""
      for column in 0..<columns { line += self[column, row].glyph }
      while line.last == " " { line.removeLast() }
      text += line + "\n"
    }
    return text
  }
}

/// A screen for scripts: shows nothing, has no keys.
private final class UnseenScreen: Screen {
  var size: (columns: Int, rows: Int)
  let hasColor = true
  private let semaphore = DispatchSemaphore(value: 0)

  init(size: Size) { self.size = (size.columns, size.rows) }

  func present(_ canvas: Canvas) {}
  func waitForInput(milliseconds: Int) -> [Input] {
    _ = semaphore.wait(timeout: .now() + .milliseconds(max(0, milliseconds)))
    return []
  }
  var waker: @Sendable () -> Void {
    let semaphore = semaphore
    return { semaphore.signal() }
  }
  func suspend() {}
  func copyToClipboard(_ text: String) {}
  func redraw() {}
}
