/// Vectors that can be searched. Approximate and remote indexes stand behind the same protocol as the exact
/// one.
///
/// An index does not change: when rows are added or removed, a new one is made.
public protocol VectorIndex: Sendable {
  /// How it searches, in a word for the screen, such as `exact`.
  var name: String { get }
  /// The number of rows.
  var count: Int { get }
  /// The length of each row's vector, and of a query.
  var width: Int { get }

  /// The rows with the largest dot products with each query, best first; equal ones by id.
  /// - Parameters:
  ///   - queries: `[queries, width]`, unit vectors. The rows are read once for all of them.
  ///   - limit: the most hits for a query, 0 or more.
  ///   - filter: a row that it does not admit counts neither as a hit nor towards the limit.
  /// - Returns: one list per query, in their order; shorter than `limit` where fewer rows are admitted.
  /// - Throws: `CancellationError` soon after the task is cancelled, `ThreadError` where no thread can be had.
  func nearest(to queries: [[Float]], limit: Int, where filter: RowFilter) async throws
    -> [[IndexHit]]

  /// The number of rows that a filter admits.
  /// - Throws: as ``nearest(to:limit:where:)-([[Float]],_,_)``.
  func count(where filter: RowFilter) async throws -> Int
}

extension VectorIndex {
  /// As ``nearest(to:limit:where:)-([[Float]],_,_)``, for one query.
  public func nearest(to query: [Float], limit: Int, where filter: RowFilter = RowFilter())
    async throws -> [IndexHit]
  {
    try await nearest(to: [query], limit: limit, where: filter).first ?? []
  }
}

/// A row that was found.
public struct IndexHit: Sendable, Equatable {
  /// The row's id in ``IndexRows/ids``.
  public let id: Int64
  /// The dot product with the query: for unit vectors the cosine, −1…1.
  public let score: Float

  public init(id: Int64, score: Float) {
    self.id = id
    self.score = score
  }
}

/// The rows that an index is made of, with everything a filter may ask about them.
public struct IndexRows: Sendable {
  /// `[rows]`, ascending.
  public let ids: [Int64]
  /// `[rows, width]`, row by row; unit vectors.
  public let vectors: [Float]
  public let width: Int
  public let categories: LabelColumn
  public let splits: LabelColumn
  /// Where on earth each row's image lies, `nil` where that is not known; empty where it is known of none.
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

/// The kinds of index. A new kind has a folder beside `Exact` and a case here.
public enum IndexKind: String, Sendable, CaseIterable {
  /// Compares the query with every row.
  case exact

  public var name: String { rawValue }

  /// - Parameter threads: how many threads a search may use; the number of cores by default.
  public func index(of rows: IndexRows, threads: Int? = nil) -> any VectorIndex {
    switch self {
    case .exact: ExactIndex(rows, threads: threads)
    }
  }
}
