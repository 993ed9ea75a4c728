import ImageCollections

/// A category as a model, and the others beside it, see its images.
public struct CategoryRequest: Sendable, Equatable {
  public var category: String
  public var model: IndexedModel
  /// Models whose verdict is wanted, the ranking one among them.
  public var judges: [IndexedModel]
}

/// Share of the images of each category that a model gives their own category, 0…1.
public struct CategoryAccuracy: Sendable, Equatable {
  public var byCategory: [String: Double]
  /// Over all images with a category.
  public var overall: Double
  public var confusion: Confusion
  public init(
    byCategory: [String: Double], overall: Double, confusion: Confusion = Confusion()
  ) {
    self.byCategory = byCategory
    self.overall = overall
    self.confusion = confusion
  }
}

/// How often images of each category were taken for each.
public struct Confusion: Sendable, Equatable {
  /// By name.
  public var categories: [String]
  /// `[own category][what it was taken for]`
  public var counts: [[Int]]
  public var isEmpty: Bool { categories.isEmpty }

  public init(categories: [String] = [], counts: [[Int]] = []) {
    self.categories = categories
    self.counts = counts
  }
}

/// An image of an opened category.
public struct CategoryRow: Sendable, Equatable {
  public var image: IndexedImage
  /// The cosine with the category's prompt; `nil` where no model can be loaded and the images are only
  /// listed.
  public var score: Float?
  /// Softmax over the collection's categories, 0…1.
  public var probability: Float
  /// What each model took it for, in the order of the request's judges; empty where one cannot tell.
  public var verdicts: [String]
  public init(image: IndexedImage, score: Float?, probability: Float, verdicts: [String]) {
    self.image = image
    self.score = score
    self.probability = probability
    self.verdicts = verdicts
  }
}
