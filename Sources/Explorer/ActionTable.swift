import Models
import Frame

/// What a key can do, by name.
public enum Command: String, Sendable, CaseIterable {
  case down, up, pageDown, pageUp, halfDown, halfUp, first, last
  case nextMarked, previousMarked
  case open, back
  case focusQuery, similar, compareQuery
  case nextModel, previousModel, left, right
  case toggleScale, sort, matrix, copyPath, openExternally, retry
  case nextView, previousView, showSearch, showCompare, showCategories
  case help, redraw, suspend, quit
  // In the query line.
  case accept, leave, caretLeft, caretRight, caretStart, caretEnd
  case deleteBackward, deleteForward, deleteWord, deleteToStart, deleteToEnd
  case olderQuery, newerQuery
}

/// Where a key is pressed: what decides its meaning.
public enum Context: Sendable, CaseIterable {
  case queryLine, search, compare, categories
  /// An opened category.
  case category
  /// The confusion matrix.
  case matrix
  case help

  static let lists: Set<Context> = [.search, .compare, .categories, .category, .matrix]
  static let images: Set<Context> = [.search, .compare, .category]
}

/// A line of the table: keys, what they do, where.
public struct Binding: Sendable {
  public let inputs: [Input]
  /// The keys as they are shown, e.g. `j ↓`.
  public let keys: String
  public let command: Command
  public let help: String
  public let contexts: Set<Context>
  /// The few words beside the key in the footer; `nil` keeps it out.
  public let short: String?

  init(
    _ inputs: [Input], _ keys: String, _ command: Command, _ help: String,
    in contexts: Set<Context>, short: String? = nil
  ) {
    self.inputs = inputs
    self.keys = keys
    self.command = command
    self.help = help
    self.contexts = contexts
    self.short = short
  }
}

/// The one table of keys: what is pressed, the footer and the help all come from it.
public enum ActionTable {
  /// In the order of footer and help.
  public static let bindings: [Binding] = actions + line + views + motions + always

  private static let actions: [Binding] = [
    Binding(
      [.character("/")], "/", .focusQuery, "type a query; results follow as you type",
      in: Context.lists, short: "search"),
    Binding(
      [.key(.enter)], "⏎", .open, "large picture of the selected image, and back",
      in: Context.images, short: "open"),
    Binding(
      [.key(.enter)], "⏎", .open, "the images of this category", in: [.categories],
      short: "open"),
    Binding(
      [.character("s")], "s", .similar, "images like the selected one", in: Context.images,
      short: "similar"),
    Binding(
      [.character("c")], "c", .compareQuery, "compare two models on this query", in: [.search],
      short: "compare"),
    Binding(
      [.character("n")], "n", .nextMarked, "next misclassified image", in: [.category],
      short: "next wrong"),
    Binding(
      [.character("N")], "N", .previousMarked, "previous misclassified image", in: [.category]),
    Binding(
      [.character("o")], "o", .sort, "sort by name, by widest gap between models, by count",
      in: [.categories], short: "sort"),
    Binding(
      [.character("x")], "x", .matrix, "the confusion matrix of this model", in: [.categories],
      short: "confusion"),
    Binding(
      [.key(.enter)], "⏎", .open, "the images of this cell", in: [.matrix], short: "open"),
    Binding(
      [.key(.left), .character("h")], "← h", .left, "left", in: [.matrix], short: "left"),
    Binding(
      [.key(.right), .character("l")], "→ l", .right, "right", in: [.matrix], short: "right"),
    Binding([.character("x")], "x", .matrix, "back to the table", in: [.matrix], short: "table"),
    Binding(
      [.character("o")], "o", .openExternally, "open the file in the system's viewer",
      in: Context.images),
    Binding(
      [.character("y")], "y", .copyPath, "copy the file's path to the clipboard",
      in: Context.images, short: "copy path"),
    Binding(
      [.character("m")], "m", .nextModel, "rank with the next model", in: Context.lists,
      short: "model"),
    Binding(
      [.key(.right)], "→", .nextModel, "rank with the next model",
      in: [.search, .categories, .category]),
    Binding(
      [.key(.left)], "←", .previousModel, "rank with the previous model",
      in: [.search, .categories, .category]),
    Binding(
      [.key(.left), .character("h")], "← h", .left, "select in the left ranking",
      in: [.compare], short: "left"),
    Binding(
      [.key(.right), .character("l")], "→ l", .right, "select in the right ranking",
      in: [.compare], short: "right"),
    Binding(
      [.character("p")], "p", .toggleScale,
      "cosine or softmax (over the listed images; in a category over the categories)",
      in: [.search, .category], short: "softmax"),
    Binding(
      [.character("u"), .key(.escape), .key(.backspace)], "u Esc", .back,
      "back: from a large picture, similar images, a category", in: Context.lists),
    Binding(
      [.character("r")], "r", .retry, "try again what failed", in: Context.lists),
  ]

  private static let views: [Binding] = [
    Binding(
      [.key(.tab)], "Tab", .nextView, "next view", in: Context.lists.union([.queryLine]),
      short: "next view"),
    Binding(
      [.key(.backTab)], "Shift-Tab", .previousView, "previous view",
      in: Context.lists.union([.queryLine])),
    Binding([.character("1")], "1", .showSearch, "Search", in: Context.lists),
    Binding([.character("2")], "2", .showCompare, "Compare", in: Context.lists),
    Binding([.character("3")], "3", .showCategories, "Categories", in: Context.lists),
  ]

  private static let moving = Context.lists.union([.help])

  private static let motions: [Binding] = [
    Binding([.character("j"), .key(.down)], "j ↓", .down, "down", in: moving),
    Binding([.character("k"), .key(.up)], "k ↑", .up, "up", in: moving),
    Binding(
      [.control("d")], "Ctrl-D", .halfDown, "half a page down", in: moving),
    Binding([.control("u")], "Ctrl-U", .halfUp, "half a page up", in: moving),
    Binding(
      [.key(.pageDown), .control("f"), .character(" ")], "PgDn Space", .pageDown, "a page down",
      in: moving),
    Binding([.key(.pageUp), .control("b")], "PgUp", .pageUp, "a page up", in: moving),
    Binding(
      [.character("g"), .key(.home)], "g Home", .first, "first row, or the one counted",
      in: moving),
    Binding(
      [.character("G"), .key(.end)], "G End", .last, "last row, or the one counted", in: moving),
  ]

  private static let line: [Binding] = [
    Binding(
      [.key(.enter)], "⏎", .accept, "keep the query and go to the results", in: [.queryLine],
      short: "to the results"),
    Binding(
      [.key(.escape)], "Esc", .leave, "leave the line", in: [.queryLine], short: "leave"),
    Binding(
      [.key(.up), .control("p")], "↑ Ctrl-P", .olderQuery, "older query", in: [.queryLine],
      short: "older"),
    Binding(
      [.key(.down), .control("n")], "↓ Ctrl-N", .newerQuery, "newer query", in: [.queryLine]),
    Binding([.key(.left), .control("b")], "← Ctrl-B", .caretLeft, "left", in: [.queryLine]),
    Binding([.key(.right), .control("f")], "→ Ctrl-F", .caretRight, "right", in: [.queryLine]),
    Binding(
      [.control("a"), .key(.home)], "Ctrl-A Home", .caretStart, "start of line",
      in: [.queryLine]),
    Binding([.control("e"), .key(.end)], "Ctrl-E End", .caretEnd, "end of line", in: [.queryLine]),
    Binding(
      [.key(.backspace), .control("h")], "Backspace", .deleteBackward, "delete before the caret",
      in: [.queryLine]),
    Binding(
      [.key(.delete), .control("d")], "Del Ctrl-D", .deleteForward, "delete at the caret",
      in: [.queryLine]),
    Binding([.control("w")], "Ctrl-W", .deleteWord, "delete a word", in: [.queryLine]),
    Binding([.control("u")], "Ctrl-U", .deleteToStart, "delete to the start", in: [.queryLine]),
    Binding([.control("k")], "Ctrl-K", .deleteToEnd, "delete to the end", in: [.queryLine]),
  ]

  private static let always: [Binding] = [
    Binding(
      [.character("?"), .key(.f1)], "?", .help, "the keys of this view", in: Context.lists,
      short: "help"),
    Binding([.key(.f1)], "F1", .help, "the keys of this line", in: [.queryLine], short: "help"),
    Binding(
      [.character("?"), .key(.f1), .key(.escape), .character("q"), .key(.enter)], "? Esc q",
      .help, "close the help", in: [.help], short: "close"),
    Binding([.control("l")], "Ctrl-L", .redraw, "repaint", in: Set(Context.allCases)),
    Binding(
      [.control("z")], "Ctrl-Z", .suspend, "to the shell; fg comes back",
      in: Set(Context.allCases)),
    Binding([.character("q")], "q", .quit, "quit", in: Context.lists, short: "quit"),
    Binding([.control("c")], "Ctrl-C", .quit, "quit", in: Set(Context.allCases)),
  ]

  /// The lines that hold in a context.
  public static func bindings(in context: Context) -> [Binding] {
    bindings.filter { $0.contexts.contains(context) }
  }

  private struct Key: Hashable {
    let input: Input
    let context: Context
  }

  private static let commands: [Key: Command] = {
    var table: [Key: Command] = [:]
    for binding in bindings {
      for context in binding.contexts {
        for input in binding.inputs {
          let key = Key(input: input, context: context)
          if table[key] == nil { table[key] = binding.command }
        }
      }
    }
    return table
  }()

  /// What an input means in a context.
  public static func command(for input: Input, in context: Context) -> Command? {
    commands[Key(input: input, context: context)]
  }
}

extension State {
  /// What decides the meaning of keys now.
  public var context: Context {
    if help != nil { return .help }
    if query.isFocused, view != .categories { return .queryLine }
    return context(ignoringHelp: true)
  }
}
