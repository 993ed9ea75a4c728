import Models
import Metrics
import Frame
import ImageCollections
import Retrieval

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
  public var advice: ExplorerAdvice
  var views = ViewStates()
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
  /// Counts requests, so that an outdated answer can be recognised.
  public var generation = 0

  public init(
    size: Size, unicode: Bool = true, saved: SavedState = SavedState(),
    advice: ExplorerAdvice = ExplorerAdvice()
  ) {
    self.size = size
    self.advice = advice
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

  /// The image that the keys act on.
  public var selectedImage: IndexedImage? {
    guard let list = view.type.images(self) else { return nil }
    return list.image(list.selected)
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
