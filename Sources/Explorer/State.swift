import Models
import Metrics
import Frame
import ImageCollections
import Retrieval

/// A view of the explorer, in the order of the tabs.
public enum View: String, Sendable, CaseIterable, Codable {
  case search, compare, categories

  /// As it stands in the header.
  public var title: String {
    switch self {
    case .search: "Search"
    case .compare: "Compare"
    case .categories: "Categories"
    }
  }
}

/// Something that has to be fetched first.
public enum Loading<Value: Sendable>: Sendable {
  case waiting
  case ready(Value)
  /// Why not, and what to do, for a person.
  case failed(String)

  public var value: Value? {
    if case .ready(let value) = self { value } else { nil }
  }
}

/// Columns and rows of the screen.
public struct Size: Sendable, Hashable {
  public var columns: Int
  public var rows: Int
  public init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
  }
}

/// How scores are shown.
public enum Scale: String, Sendable, Codable { case cosine, softmax }

/// What the interface shows and knows; everything that drawing needs, and nothing of a terminal.
public struct State: Sendable {
  public var size: Size
  /// Whether the locale can show more than ASCII.
  public var unicode: Bool
  public var view: View
  public var query: QueryLine
  public var collection: Loading<CollectionSummary> = .waiting
  /// The collection's models; those that failed to load with the reason.
  public var modelFailures: [Int64: String] = [:]
  public var loadedModels: Set<Int64> = []
  /// Index of the ranking model in the collection's models.
  public var modelIndex = 0
  /// The model to start with, by name.
  public var preferredModel: String?
  public var scale: Scale
  public var search = SearchState()
  /// Where `u` and Esc lead back to from similar images, newest last.
  public var past: [SearchSnapshot] = []
  public var compare = CompareState()
  public var categories = CategoriesState()
  /// The selected image is shown large.
  public var isOpened = false
  /// The help overlay and how far it is scrolled.
  public var help: Int?
  public var message: Message?
  /// Digits typed before a motion.
  public var pendingCount: Int?
  public var previews = PreviewCache()
  /// The path to select as soon as it is listed, from the last session.
  public var wantedPath: String?
  /// The program is to end.
  public var isEnding = false
  /// Counts requests, so that an answer can be told from a newer one.
  public var generation = 0

  public init(size: Size, unicode: Bool = true, saved: SavedState = SavedState()) {
    self.size = size
    self.unicode = unicode
    view = saved.view
    scale = saved.scale
    query = QueryLine(text: saved.query, history: saved.history)
    query.isFocused = saved.query.isEmpty
    preferredModel = saved.model
    wantedPath = saved.selection
  }

  /// What is remembered for the next session.
  public var saved: SavedState {
    SavedState(
      view: view, query: query.text, model: model?.name ?? preferredModel, scale: scale,
      selection: selectedImage?.path, history: query.history)
  }

  public var models: [IndexedModel] { collection.value?.models ?? [] }

  /// The model that ranks.
  public var model: IndexedModel? {
    models.indices.contains(modelIndex) ? models[modelIndex] : nil
  }

  /// The two models of the comparison, the ranking one and its neighbour, in the order in which they
  /// were named: whichever ranks, the arrows go from the earlier one to the later.
  public var comparedModels: (left: IndexedModel, right: IndexedModel)? {
    guard models.count > 1, model != nil else { return nil }
    let other = (modelIndex + models.count - 1) % models.count
    return (models[min(other, modelIndex)], models[max(other, modelIndex)])
  }

  /// Where the ranking model stands in the comparison.
  var sideOfModel: CompareState.Side { comparedModels?.left == model ? .left : .right }

  /// The category opened in Categories.
  public var openedCategory: OpenedCategory? {
    view == .categories ? categories.opened : nil
  }

  /// The image that the keys act on.
  public var selectedImage: IndexedImage? {
    switch view {
    case .search: search.selectedHit?.image
    case .compare: compare.selectedHit?.image
    case .categories: categories.opened?.selectedRow?.image
    }
  }

  /// The reason why nothing can be shown, if there is one.
  var failure: String? {
    if case .failed(let reason) = collection { return reason }
    if let model, let reason = modelFailures[model.id] { return reason }
    return nil
  }
}

/// A line in the footer until the next key.
public struct Message: Sendable, Equatable {
  public var text: String
  public var isError: Bool
  public init(_ text: String, isError: Bool = false) {
    self.text = text
    self.isError = isError
  }
}

/// The selected row of a list and the first one that is visible.
public struct ListPosition: Sendable, Equatable {
  public var selected = 0
  public var top = 0

  public init() {}

  /// Moves the selection by rows, stopping at the ends.
  mutating func move(by distance: Int, count: Int) {
    let (sum, overflow) = selected.addingReportingOverflow(distance)
    selected = max(0, min(count - 1, overflow ? (distance > 0 ? count - 1 : 0) : sum))
  }

  /// Keeps the selection inside the list and the window around it.
  mutating func settle(count: Int, height: Int) {
    selected = max(0, min(selected, count - 1))
    let height = max(1, height)
    top = min(max(top, selected - height + 1), selected)
    top = max(0, min(top, count - height))
  }
}

/// The ranked images of one query.
public struct SearchState: Sendable {
  /// Images like this one instead of the query.
  public var like: IndexedImage?
  public var hits: [Hit] = []
  /// Images that took part.
  public var total = 0
  public var milliseconds: Double?
  public var logitScale: Float?
  /// The category that the query names.
  public var namedCategory: String?
  /// What a person should know of the answer.
  public var notes: [String] = []
  public var position = ListPosition()
  /// Rows asked for.
  public var limit = SearchState.firstLimit
  /// What was asked last, and with which number.
  var requested: SearchRequest?
  var generation = 0
  /// What ``hits`` answer.
  var answered: SearchRequest?
  var failure: String?

  /// Rows of a first answer; more are fetched when somebody scrolls there.
  static let firstLimit = 200

  /// An answer is under way.
  public var isRunning: Bool { requested != nil && requested != answered && failure == nil }
  public var selectedHit: Hit? {
    hits.indices.contains(position.selected) ? hits[position.selected] : nil
  }
}

/// A search to come back to.
public struct SearchSnapshot: Sendable {
  var search: SearchState
  var text: String
}

/// Two rankings of one query.
public struct CompareState: Sendable {
  public enum Side: Sendable { case left, right }
  public var left: [Hit] = []
  public var right: [Hit] = []
  public var comparison = RankComparison<Int64>(left: [], right: [])
  public var namedCategory: String?
  /// What a person should know of the answers.
  public var notes: [String] = []
  public var milliseconds: Double?
  public var side = Side.right
  public var position = ListPosition()
  var requested: CompareRequest?
  var answered: CompareRequest?
  var generation = 0
  var failure: String?

  /// Rows of each list: as deep as rank differences are known.
  static let depth = 1000
  /// The k of overlap@k and precision@k.
  static let k = 10

  public var isRunning: Bool { requested != nil && requested != answered && failure == nil }
  public var hits: [Hit] { side == .left ? left : right }
  public var selectedHit: Hit? {
    hits.indices.contains(position.selected) ? hits[position.selected] : nil
  }
}

/// The table of categories, and the one that is opened.
public struct CategoriesState: Sendable {
  public enum Order: Sendable { case name, gap, count }
  public var order = Order.name
  public var position = ListPosition()
  /// Zero-shot accuracy by model.
  public var accuracy: [Int64: Loading<CategoryAccuracy>] = [:]
  public var opened: OpenedCategory?
  /// The confusion matrix of the ranking model, where it is shown.
  public var matrix: MatrixCursor?
}

/// A cell of the confusion matrix, and what of it is visible.
public struct MatrixCursor: Sendable, Equatable {
  public var row = ListPosition()
  public var column = ListPosition()
}

/// One category's images by the score of its prompt.
public struct OpenedCategory: Sendable {
  public var name: String
  /// Only the images that the ranking model takes for this category.
  public var takenFor: String?
  public var rows: [CategoryRow] = []
  public var position = ListPosition()
  var requested: CategoryRequest?
  var answered: CategoryRequest?
  var generation = 0
  var failure: String?

  public var isRunning: Bool { requested != nil && requested != answered && failure == nil }
  /// The images stand by name, since no model could rank them.
  public var isListed: Bool { !rows.isEmpty && rows.allSatisfy { $0.score == nil } }
  public var selectedRow: CategoryRow? {
    rows.indices.contains(position.selected) ? rows[position.selected] : nil
  }
}
