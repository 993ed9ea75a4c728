/// Vectors that can be searched: exact now, approximate and remote ones behind the same protocol.
///
/// Immutable: rows that were added or taken away make a new index.
public protocol VectorIndex: Sendable {
  /// What a person is told of how it searches, `exact`.
  var name: String { get }
  /// Rows.
  var count: Int { get }
  /// Numbers of a row, and of a query.
  var width: Int { get }

  /// The rows with the largest dot products with each query, best first; equal ones by id.
  /// - Parameters:
  ///   - queries: unit vectors of ``width`` numbers; rows are read once for all of them.
  ///   - limit: most hits of a query, 0 or more.
  ///   - filter: rows that it does not admit take no part, and take no other row's place.
  /// - Returns: one list per query, in their order; shorter than `limit` where fewer rows are admitted.
  /// - Throws: `CancellationError`, soon after the task is cancelled.
  func nearest(to queries: [[Float]], limit: Int, where filter: RowFilter) async throws
    -> [[IndexHit]]

  /// Rows that a filter admits.
  func count(where filter: RowFilter) async throws -> Int
}

extension VectorIndex {
  /// As ``nearest(to:limit:where:)-([[Float]],_,_)``, of one query.
  public func nearest(to query: [Float], limit: Int, where filter: RowFilter = RowFilter())
    async throws -> [IndexHit]
  {
    try await nearest(to: [query], limit: limit, where: filter).first ?? []
  }
}

/// A row that was found.
public struct IndexHit: Sendable, Equatable {
  /// As the rows were named when the index was made.
  public let id: Int64
  /// Dot product with the query; of unit vectors the cosine, −1…1.
  public let score: Float

  public init(id: Int64, score: Float) {
    self.id = id
    self.score = score
  }
}

/// What an index is made of: rows with what a filter may ask of them.
public struct IndexRows: Sendable {
  /// Ascending, one a row.
  public let ids: [Int64]
  /// `[ids.count, width]`, row by row; unit vectors.
  public let vectors: [Float]
  public let width: Int
  public let categories: LabelColumn
  public let splits: LabelColumn
  /// Where on earth each row's picture lies; empty where none is known to lie anywhere.
  public let areas: [GeographicArea?]

  public init(
    ids: [Int64], vectors: [Float], width: Int, categories: LabelColumn = LabelColumn(),
    splits: LabelColumn = LabelColumn(), areas: [GeographicArea?] = []
  ) {
    precondition(width > 0 && vectors.count == ids.count * width, "\(vectors.count) numbers")
    precondition(categories.isEmpty || categories.count == ids.count)
    precondition(splits.isEmpty || splits.count == ids.count)
    precondition(areas.isEmpty || areas.count == ids.count)
    self.ids = ids
    self.vectors = vectors
    self.width = width
    self.categories = categories
    self.splits = splits
    self.areas = areas
  }
}

/// The kinds of index that there are: a new one has its folder here, and a case.
public enum IndexKind: String, Sendable, CaseIterable {
  /// Every row is compared.
  case exact

  public var name: String { rawValue }

  /// - Parameter threads: of one search; the machine's cores by default.
  public func index(of rows: IndexRows, threads: Int? = nil) -> any VectorIndex {
    switch self {
    case .exact: ExactIndex(rows, threads: threads)
    }
  }
}
