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
        [.character("?"), .key(.escape), .character("q")], hidden: [.key(.f1), .key(.enter)],
        .help, "close the help", short: "close")
    ] + Self.everywhere)

  private static let switching: [Binding] = [
    Binding([.key(.tab)], .nextView, "next view", short: "next view"),
    Binding([.key(.backTab)], .previousView, "previous view"),
  ]

  private static let motions: [Binding] = [
    Binding([.character("j"), .key(.down)], .down, "down"),
    Binding([.character("k"), .key(.up)], .up, "up"),
    Binding([.control("d")], .halfDown, "half a page down"),
    Binding([.control("u")], .halfUp, "half a page up"),
    Binding(
      [.key(.pageDown), .character(" ")], hidden: [.control("f")], .pageDown, "a page down"),
    Binding([.key(.pageUp)], hidden: [.control("b")], .pageUp, "a page up"),
    Binding(
      [.character("g"), .key(.home)], .first, "first row, or the one counted"),
    Binding([.character("G"), .key(.end)], .last, "last row, or the one counted"),
  ]

  private static let line: [Binding] = [
    Binding(
      [.key(.enter)], .leaveLine, "keep the query and go to the results",
      short: "to the results"),
    Binding([.key(.escape)], .leaveLine, "leave the line", short: "leave"),
    Binding([.key(.up), .control("p")], .olderQuery, "older query", short: "older"),
    Binding([.key(.down), .control("n")], .newerQuery, "newer query"),
    Binding([.key(.left), .control("b")], .caretLeft, "left"),
    Binding([.key(.right), .control("f")], .caretRight, "right"),
    Binding([.control("a"), .key(.home)], .caretStart, "start of line"),
    Binding([.control("e"), .key(.end)], .caretEnd, "end of line"),
    Binding(
      [.key(.backspace)], hidden: [.control("h")], .deleteBackward, "delete before the caret"),
    Binding(
      [.key(.delete), .control("d")], .deleteForward, "delete at the caret"),
    Binding([.control("w")], .deleteWord, "delete a word"),
    Binding([.control("u")], .deleteToStart, "delete to the start"),
    Binding([.control("k")], .deleteToEnd, "delete to the end"),
  ]

  private static let everywhere: [Binding] = [
    Binding([.control("l")], .redraw, "repaint"),
    Binding([.control("z")], .suspend, "to the shell; fg comes back"),
    Binding([.control("c")], .quit, "quit"),
  ]

  private static let always: [Binding] =
    [
      Binding([.character("?")], hidden: [.key(.f1)], .help, "the keys of this view", short: "help")
    ] + everywhere.dropLast() + [
      Binding([.character("q")], .quit, "quit", short: "quit")
    ] + everywhere.suffix(1)

  private static let alwaysInLine: [Binding] =
    [Binding([.key(.f1)], .help, "the keys of this line", short: "help")] + everywhere
}

/// Keys that several views have.
extension Binding {
  static let focusQuery = Binding(
    [.character("/")], .focusQuery, "type a query; results follow as you type",
    short: "search")
  static let openImage = Binding(
    [.key(.enter)], .open, "large picture of the selected image, and back", short: "open")
  static let openExternally = Binding(
    [.character("o")], .openExternally, "open the file in the system's viewer")
  static let copyPath = Binding(
    [.character("y")], .copyPath, "copy the file's path to the clipboard", short: "copy path")
  static let nextModel = Binding(
    [.character("m")], .nextModel, "rank with the next model", short: "model")
  static let nextModelByArrow = Binding(
    [.key(.right)], .nextModel, "rank with the next model")
  static let previousModelByArrow = Binding(
    [.key(.left)], .previousModel, "rank with the previous model")
  static let back = Binding(
    [.character("u"), .key(.escape)], hidden: [.key(.backspace)], .back,
    "back: from a large picture, similar images, a category")
  static let retry = Binding([.character("r")], .retry, "try again what failed")
}

extension View {
  /// 1, 2, 3 …
  fileprivate static var numbered: [Binding] {
    allCases.enumerated().map { index, view in
      Binding([.character(Character("\(index + 1)"))], .show(view), view.title)
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

  /// The ``context`` of the view on the screen, as if the help were closed and no query were being typed.
  var shownContext: Context { view.type.context(self) }
}
