import ImageCollections

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

extension State {
  public var categories: CategoriesState {
    get { views.categories }
    _modify { yield &views.categories }
  }

  /// The categories in the order of the table.
  public var orderedCategories: [CategoryCount] {
    let all = collection.value?.categories ?? []
    switch categories.order {
    case .name: return all
    case .count: return all.sorted { ($1.count, $0.name) < ($0.count, $1.name) }
    case .gap:
      return all.map { ($0, gap($0.name)) }
        .sorted { ($1.1, $0.0.name) < ($0.1, $1.0.name) }.map(\.0)
    }
  }

  /// Difference between the best and the worst model in a category, 0…1.
  func gap(_ category: String) -> Double {
    let values = models.compactMap { categories.accuracy[$0.id]?.value?.byCategory[category] }
    guard let low = values.min(), let high = values.max() else { return 0 }
    return high - low
  }

  /// Place of the ranking model among the judges of an opened category.
  var judgeIndex: Int? {
    guard let model else { return nil }
    return categories.opened?.answered?.judges.firstIndex { $0.id == model.id }
  }

  /// Categories of the images, and others that the model takes some for.
  var matrixColumnCount: Int {
    let confusion = model.flatMap { categories.accuracy[$0.id]?.value?.confusion }
    return max(collection.value?.categories.count ?? 0, confusion?.categories.count ?? 0)
  }
}
