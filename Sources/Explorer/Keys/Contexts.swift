import Frame

/// Where keys have a meaning: in the query line, in the help, and in what each view shows.
extension Context {
  public static var all: [Context] {
    [.queryLine, .help] + View.allCases.flatMap { $0.type.contexts }
  }

  /// The keys of a view, and those that hold in every one.
  init(view name: String, _ own: [Binding]) {
    self.init(name, own + Self.switching + View.numbered + Self.motions + Self.always)
  }

  static let queryLine = Context("query line", Self.line + Self.switching + Self.alwaysInLine)

  static let help = Context(
    "help",
    Self.motions + [
      Binding(
        [.character("?"), .key(.f1), .key(.escape), .character("q"), .key(.enter)], "? Esc q",
        .help, "close the help", short: "close")
    ] + Self.everywhere)

  private static let switching: [Binding] = [
    Binding([.key(.tab)], "Tab", .nextView, "next view", short: "next view"),
    Binding([.key(.backTab)], "Shift-Tab", .previousView, "previous view"),
  ]

  private static let motions: [Binding] = [
    Binding([.character("j"), .key(.down)], "j ↓", .down, "down"),
    Binding([.character("k"), .key(.up)], "k ↑", .up, "up"),
    Binding([.control("d")], "Ctrl-D", .halfDown, "half a page down"),
    Binding([.control("u")], "Ctrl-U", .halfUp, "half a page up"),
    Binding(
      [.key(.pageDown), .control("f"), .character(" ")], "PgDn Space", .pageDown, "a page down"),
    Binding([.key(.pageUp), .control("b")], "PgUp", .pageUp, "a page up"),
    Binding(
      [.character("g"), .key(.home)], "g Home", .first, "first row, or the one counted"),
    Binding([.character("G"), .key(.end)], "G End", .last, "last row, or the one counted"),
  ]

  private static let line: [Binding] = [
    Binding(
      [.key(.enter)], "⏎", .leaveLine, "keep the query and go to the results",
      short: "to the results"),
    Binding([.key(.escape)], "Esc", .leaveLine, "leave the line", short: "leave"),
    Binding([.key(.up), .control("p")], "↑ Ctrl-P", .olderQuery, "older query", short: "older"),
    Binding([.key(.down), .control("n")], "↓ Ctrl-N", .newerQuery, "newer query"),
    Binding([.key(.left), .control("b")], "← Ctrl-B", .caretLeft, "left"),
    Binding([.key(.right), .control("f")], "→ Ctrl-F", .caretRight, "right"),
    Binding([.control("a"), .key(.home)], "Ctrl-A Home", .caretStart, "start of line"),
    Binding([.control("e"), .key(.end)], "Ctrl-E End", .caretEnd, "end of line"),
    Binding(
      [.key(.backspace), .control("h")], "Backspace", .deleteBackward, "delete before the caret"),
    Binding(
      [.key(.delete), .control("d")], "Del Ctrl-D", .deleteForward, "delete at the caret"),
    Binding([.control("w")], "Ctrl-W", .deleteWord, "delete a word"),
    Binding([.control("u")], "Ctrl-U", .deleteToStart, "delete to the start"),
    Binding([.control("k")], "Ctrl-K", .deleteToEnd, "delete to the end"),
  ]

  private static let everywhere: [Binding] = [
    Binding([.control("l")], "Ctrl-L", .redraw, "repaint"),
    Binding([.control("z")], "Ctrl-Z", .suspend, "to the shell; fg comes back"),
    Binding([.control("c")], "Ctrl-C", .quit, "quit"),
  ]

  private static let always: [Binding] =
    [
      Binding([.character("?"), .key(.f1)], "?", .help, "the keys of this view", short: "help")
    ] + everywhere.dropLast() + [
      Binding([.character("q")], "q", .quit, "quit", short: "quit")
    ] + everywhere.suffix(1)

  private static let alwaysInLine: [Binding] =
    [Binding([.key(.f1)], "F1", .help, "the keys of this line", short: "help")] + everywhere
}

/// Keys that several views have.
extension Binding {
  static let focusQuery = Binding(
    [.character("/")], "/", .focusQuery, "type a query; results follow as you type",
    short: "search")
  static let openImage = Binding(
    [.key(.enter)], "⏎", .open, "large picture of the selected image, and back", short: "open")
  static let openExternally = Binding(
    [.character("o")], "o", .openExternally, "open the file in the system's viewer")
  static let copyPath = Binding(
    [.character("y")], "y", .copyPath, "copy the file's path to the clipboard", short: "copy path")
  static let nextModel = Binding(
    [.character("m")], "m", .nextModel, "rank with the next model", short: "model")
  static let nextModelByArrow = Binding(
    [.key(.right)], "→", .nextModel, "rank with the next model")
  static let previousModelByArrow = Binding(
    [.key(.left)], "←", .previousModel, "rank with the previous model")
  static let back = Binding(
    [.character("u"), .key(.escape), .key(.backspace)], "u Esc", .back,
    "back: from a large picture, similar images, a category")
  static let retry = Binding([.character("r")], "r", .retry, "try again what failed")
}

extension View {
  /// 1, 2, 3 …
  fileprivate static var numbered: [Binding] {
    allCases.enumerated().map { index, view in
      Binding([.character(Character("\(index + 1)"))], "\(index + 1)", .show(view), view.title)
    }
  }
}

extension State {
  /// What decides the meaning of keys now.
  public var context: Context {
    if help != nil { return .help }
    if query.isFocused, view.type.hasQueryLine { return .queryLine }
    return shownContext
  }

  /// As ``context``, as if the help were closed and nobody typed: what is on the screen.
  var shownContext: Context { view.type.context(self) }
}
