import Frame
import ImageCollections

/// The views of the explorer in the order of the tabs: the only list of them. Everything else about a view is
/// in its folder. A new view gets a case here, its type, and its part of the state.
public enum View: String, Sendable, CaseIterable, Codable {
  case search, compare, categories

  var type: any ExplorerView.Type {
    switch self {
    case .search: SearchView.self
    case .compare: CompareView.self
    case .categories: CategoriesView.self
    }
  }

  /// As it stands in the header.
  public var title: String { type.title }
}

/// What each view knows. Its folder has the accessor of ``State``.
struct ViewStates: Sendable {
  var search = SearchState()
  var compare = CompareState()
  var categories = CategoriesState()
}

/// What a view consists of: its keys, its updates and its drawing, all of them functions of ``State``, of
/// which its own state is a part.
protocol ExplorerView {
  /// As it stands in the header.
  static var title: String { get }
  /// Where keys have a meaning of their own in it.
  static var contexts: [Context] { get }
  /// Whether the query line is shown above it; otherwise the view has that row for itself.
  static var hasQueryLine: Bool { get }
  /// Rows above its lists, below the query line.
  static var headRows: Int { get }

  /// What of it is on the screen.
  static func context(_ state: State) -> Context
  /// Headline of its keys in the help.
  static func helpTitle(_ state: State) -> String
  /// What the signs on the screen mean, for the help.
  static func signs(_ state: State) -> [String]

  /// The images that the keys act on, and which of them is selected; `nil` where no image can be.
  static func images(_ state: State) -> ImageList?
  /// First visible row of its list.
  static func top(_ state: State) -> Int
  /// Puts its lists and its pane into the body.
  static func place(_ state: State, in layout: inout Layout)
  static func draw(_ state: State, _ layout: Layout, _ canvas: inout Canvas)
  /// What the right end of the query line tells.
  static func status(_ state: State) -> AnswerStatus

  /// Keeps each selection inside its list and on the screen.
  static func settlePositions(_ state: inout State, _ layout: Layout)
  /// Asks for what it shows and does not have.
  static func settle(
    _ state: inout State, _ summary: CollectionSummary, _ model: IndexedModel
  ) -> [Effect]

  static func moveSelection(by distance: Int, _ state: inout State)
  /// What a place of the lists means, `nil` for none.
  static func selection(column: Int, row: Int, _ layout: Layout, _ state: State) -> Selection?
  static func select(_ selection: Selection, _ state: inout State)
  /// Opens what is selected.
  static func open(_ state: inout State)
  static func goBack(_ state: inout State)
  /// Its tab was chosen while it is shown.
  static func chooseAgain(_ state: inout State)
  /// Another model ranks, in whichever view that was chosen.
  static func modelChanged(_ state: inout State)
  /// Forgets what has failed, so that it is asked again.
  static func retry(_ state: inout State)
}

extension ExplorerView {
  static func helpTitle(_ state: State) -> String { "In \(title)" }

  static func selection(column: Int, row: Int, _ layout: Layout, _ state: State) -> Selection? {
    for (rect, number) in layout.lists where rect.contains(column: column, row: row) {
      return Selection(row: layout.top + row - rect.row, list: number)
    }
    return nil
  }

  static func open(_ state: inout State) {
    guard needImage(&state) != nil else { return }
    state.isOpened.toggle()
  }

  static func chooseAgain(_ state: inout State) {}
  static func modelChanged(_ state: inout State) {}
}

/// Images in a list.
struct ImageList {
  let selected: Int
  let image: (Int) -> IndexedImage?
}

/// A place of a view's lists, from 0.
public struct Selection: Sendable, Equatable {
  public var row: Int
  /// Of a table of cells.
  public var column: Int?
  /// Of several lists, from the left.
  public var list = 0
  /// It was clicked twice.
  public var isOpening = false
}

/// How far the answer to the query is.
struct AnswerStatus {
  var isRunning = false
  var milliseconds: Double?
  /// Rows that are here, and all that there are.
  var count = 0
  var total = 0
}
