import Compute
import Datasets
import Dispatch
import Foundation
import Synchronization

/// Every vector is looked at: the answer is exact and the time is that of reading them once.
///
/// The vectors lie in one block; the rows are shared out to the cores, each with its own bounded heap.
public struct ExactSearch: VectorSearch {
  public let width: Int
  public var count: Int { ids.count }
  private let ids: [Int64]
  private let rows: [Float]
  private let categories: [String?]
  private let splits: [String?]
  private let threads: Int

  /// Rows scored before the heap is asked: their scores stay in the nearest cache.
  private static let block = 1024
  /// Fewer rows than this per thread are not worth a thread.
  private static let rowsPerThread = 4096

  /// - Parameters:
  ///   - ids: of the images, ascending, one a row.
  ///   - rows: `[ids.count, width]`
  ///   - categories: of each row; empty where none are known. `splits` likewise.
  ///   - threads: the machine's cores by default.
  public init(
    ids: [Int64], rows: [Float], width: Int, categories: [String?] = [], splits: [String?] = [],
    threads: Int? = nil
  ) {
    precondition(rows.count == ids.count * width, "\(rows.count) numbers for \(ids.count) rows")
    self.ids = ids
    self.rows = rows
    self.width = width
    self.categories = Self.compared(categories, ids.count, CategoryName.key)
    self.splits = Self.compared(splits, ids.count, Splits.name)
    self.threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
  }

  /// Names as they are compared, each spelling brought to that form once.
  private static func compared(_ names: [String?], _ count: Int, _ form: (String) -> String)
    -> [String?]
  {
    guard !names.isEmpty else { return Array(repeating: nil, count: count) }
    let forms = Dictionary(
      uniqueKeysWithValues: Set(names.lazy.compactMap { $0 }).map { ($0, form($0)) })
    return names.map { $0.flatMap { forms[$0] } }
  }

  public func nearest(to query: [Float], count k: Int, where filter: SearchFilter = SearchFilter())
    async throws -> [(imageID: Int64, score: Float)]
  {
    precondition(query.count == width, "a query of \(query.count) numbers for rows of \(width)")
    try Task.checkCancellation()
    let cancelled = Flag()
    var filter = filter
    filter.category = filter.category.map { CategoryName.key($0) }
    filter.split = filter.split.map(Splits.name)
    let compared = filter
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global(qos: .userInitiated).async {
          let found = scan(query, k: min(k, count), compared, cancelled)
          continuation.resume(
            with: cancelled.isSet ? .failure(CancellationError()) : .success(found))
        }
      }
    } onCancel: {
      cancelled.set()
    }
  }

  private func scan(_ query: [Float], k: Int, _ filter: SearchFilter, _ cancelled: Flag)
    -> [(imageID: Int64, score: Float)]
  {
    let parts = max(1, min(threads, count / Self.rowsPerThread))
    let heaps = Mutex<[TopK]>([])
    DispatchQueue.concurrentPerform(iterations: parts) { part in
      let range = count * part / parts..<count * (part + 1) / parts
      let heap = best(of: range, query, k: k, filter, cancelled)
      heaps.withLock { $0.append(heap) }
    }
    var all = TopK(limit: k)
    for entry in heaps.withLock({ $0 }).flatMap(\.sorted) { all.insert(entry) }
    return all.sorted.map { (ids[$0.row], $0.score) }
  }

  private func best(
    of range: Range<Int>, _ query: [Float], k: Int, _ filter: SearchFilter, _ cancelled: Flag
  ) -> TopK {
    var heap = TopK(limit: k)
    var scores = [Float](repeating: 0, count: Self.block)
    let filtered = filter != SearchFilter()
    for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.block) {
      if cancelled.isSet { return heap }
      let block = start..<min(start + Self.block, range.upperBound)
      DotProducts.scores(
        of: query.span, against: rows.span, width: width, range: block, into: &scores)
      for row in block {
        let score = scores[row - start]
        guard score >= heap.threshold, !filtered || admits(row, filter) else { continue }
        heap.insert(.init(score: score, row: row))
      }
    }
    return heap
  }

  private func admits(_ row: Int, _ filter: SearchFilter) -> Bool {
    (filter.category == nil || filter.category == categories[row])
      && (filter.split == nil || filter.split == splits[row])
      && !filter.excluding.contains(ids[row])
      && (filter.including?.contains(ids[row]) ?? true)
  }
}

/// A sign that is set once and seen by all threads.
final class Flag: Sendable {
  private let value = Atomic(false)
  var isSet: Bool { value.load(ordering: .relaxed) }
  func set() { value.store(true, ordering: .relaxed) }
}
