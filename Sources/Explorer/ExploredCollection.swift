import Frame
import ImageCollections
import Retrieval

/// Where the explorer's content comes from: a collection and its models, or their stand-in in a test. Calls
/// may take long, and each can be cancelled.
public protocol ExploredCollection: Sendable {
  /// Counts, models and categories, without loading a model.
  func open() async throws -> CollectionSummary
  /// Loads a model; ``rank(_:)`` does so by itself if needed.
  func load(_ model: IndexedModel) async throws
  func rank(_ request: SearchRequest) async throws -> Ranking
  /// Zero-shot accuracy of a model on each category.
  func accuracy(of model: IndexedModel) async throws -> CategoryAccuracy
  /// The images of a category by the score of its prompt, best first.
  func rows(_ request: CategoryRequest) async throws -> [CategoryRow]
}

/// Everything from outside that the explorer works with.
public struct ExplorerSources: Sendable {
  public var collection: any ExploredCollection
  /// An image's picture, of a window with its surroundings, in at most this many columns and rows of cells, with its proportions kept.
  public var preview:
    @Sendable (_ image: IndexedImage, _ columns: Int, _ rows: Int) async throws -> PreviewImage
  /// A rough version of the same picture, for a file whose sharp one takes long; `nil` for any other.
  public var roughPreview:
    @Sendable (_ image: IndexedImage, _ columns: Int, _ rows: Int) async throws -> PreviewImage?
  /// Opens a file in the system's viewer. Throws where that cannot be started.
  public var openExternally: @Sendable (_ path: String) throws -> Void
  /// Keeps what the next session starts with.
  public var save: @Sendable (SavedState) throws -> Void
  /// The sentence that an error becomes on the screen.
  public var sentence: @Sendable (any Error) -> String

  public init(
    collection: any ExploredCollection,
    preview: @escaping @Sendable (IndexedImage, Int, Int) async throws -> PreviewImage,
    roughPreview: @escaping @Sendable (IndexedImage, Int, Int) async throws -> PreviewImage? = {
      _, _, _ in
      nil
    },
    openExternally: @escaping @Sendable (String) throws -> Void = { _ in },
    save: @escaping @Sendable (SavedState) throws -> Void = { _ in },
    sentence: @escaping @Sendable (any Error) -> String = { "\($0)" }
  ) {
    self.collection = collection
    self.preview = preview
    self.roughPreview = roughPreview
    self.openExternally = openExternally
    self.save = save
    self.sentence = sentence
  }
}

/// A collection at a glance.
public struct CollectionSummary: Sendable, Equatable {
  /// The file's name without its ending.
  public var name: String
  /// Whether it is the gallery of drawn scenes rather than somebody's pictures.
  public var isDrawn: Bool
  public var imageCount: Int
  public var models: [IndexedModel]
  public var categories: [CategoryCount]
  /// How it is searched, `exact`.
  public var indexName: String

  public init(
    name: String, isDrawn: Bool = false, imageCount: Int, models: [IndexedModel],
    categories: [CategoryCount], indexName: String
  ) {
    self.indexName = indexName
    self.name = name
    self.isDrawn = isDrawn
    self.imageCount = imageCount
    self.models = models
    self.categories = categories
  }
}

/// A category and its number of images.
public struct CategoryCount: Sendable, Equatable {
  public var name: String
  public var count: Int
  public init(name: String, count: Int) {
    self.name = name
    self.count = count
  }
}
