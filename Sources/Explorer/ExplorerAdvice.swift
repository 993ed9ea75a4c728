/// What a person can do outside of the explorer, in the words of the program that shows it: sentences
/// without a full stop.
public struct ExplorerAdvice: Sendable, Equatable {
  /// How a collection without images gets some.
  public var emptyCollection: String
  /// How images that no model has embedded get vectors.
  public var noVectors: String
  /// How a second model comes beside the only one.
  public var oneModel: String
  /// How images get categories.
  public var noCategories: String

  public init(
    emptyCollection: String = "Indexing a folder fills it",
    noVectors: String = "Indexing with a model does it",
    oneModel: String = "Indexing with another model adds it",
    noCategories: String = "Names such as airport_12.jpg, or caption files, tell them"
  ) {
    self.emptyCollection = emptyCollection
    self.noVectors = noVectors
    self.oneModel = oneModel
    self.noCategories = noCategories
  }
}
