import Compute
import Dispatch
import Foundation
import Synchronization
import Threads

/// Compares a query with every vector: the answer is exact, and the time is that of reading the vectors once.
///
/// The vectors lie in one block of memory. Each core takes a part of the rows and keeps the best of them in a
/// bounded heap of its own.
public struct ExactIndex: VectorIndex {
  public var name: String { IndexKind.exact.name }
  public var width: Int { rows.width }
  public var count: Int { rows.ids.count }
  private let rows: IndexRows
  private let threads: Int

  /// Rows that are scored before the heap is asked, few enough that their scores stay in the first cache.
  private static let block = 1024
  /// A thread is not worth starting for fewer rows than this.
  private static let rowsPerThread = 4096

  /// - Parameter threads: how many threads a search may use; the number of cores by default.
  public init(_ rows: IndexRows, threads: Int? = nil) {
    self.rows = rows
    self.threads = max(1, threads ?? ProcessInfo.processInfo.activeProcessorCount)
  }

  public func nearest(to queries: [[Float]], limit: Int, where filter: RowFilter) async throws
    -> [[IndexHit]]
  {
    precondition(
      queries.allSatisfy { $0.count == width }, "a query of another width than \(width)")
    let limit = min(max(0, limit), count)
    return try await offPool { cancelled in scan(queries, limit, filter, cancelled) }
  }

  public func count(where filter: RowFilter) async throws -> Int {
    guard filter != RowFilter() else { return count }
    return try await offPool { cancelled in
      let admits = admission(filter)
      var found = 0
      for row in 0..<count where admits(row) {
        if cancelled.isSet { break }
        found += 1
      }
      return found
    }
  }

  /// Runs a blocking body on a thread outside Swift's pool.
  private func offPool<Result: Sendable>(_ body: @escaping @Sendable (StopFlag) -> Result)
    async throws
    -> Result
  {
    try Task.checkCancellation()
    let cancelled = StopFlag()
    return try await withTaskCancellationHandler {
      try await OwnThread.run("scan") {
        let found = body(cancelled)
        if cancelled.isSet { throw CancellationError() }
        return found
      }
    } onCancel: {
      cancelled.set()
    }
  }

  private func scan(_ queries: [[Float]], _ limit: Int, _ filter: RowFilter, _ cancelled: StopFlag)
    -> [[IndexHit]]
  {
    let parts = max(1, min(threads, count / Self.rowsPerThread))
    let admits = filter == RowFilter() ? nil : admission(filter)
    let found = inParallel(parts) { part in
      best(
        of: count * part / parts..<count * (part + 1) / parts, queries, limit, admits, cancelled)
    }
    return queries.indices.map { query in
      var all = TopK(limit: limit)
      for entry in found.flatMap({ $0[query].sorted }) { all.insert(entry) }
      return all.sorted.map { IndexHit(id: rows.ids[$0.row], score: $0.score) }
    }
  }

  private func best(
    of range: Range<Int>, _ queries: [[Float]], _ limit: Int, _ admits: ((Int) -> Bool)?,
    _ cancelled: StopFlag
  ) -> [TopK] {
    var heaps = queries.map { _ in TopK(limit: limit) }
    var scores = [Float](repeating: 0, count: Self.block)
    for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.block) {
      if cancelled.isSet { return heaps }
      let block = start..<min(start + Self.block, range.upperBound)
      for (query, vector) in queries.enumerated() {
        DotProducts.scores(
          of: vector.span, against: rows.vectors.span, width: width, range: block, into: &scores)
        for row in block {
          let score = scores[row - start]
          guard score >= heaps[query].threshold, admits?(row) ?? true else { continue }
          heaps[query].insert(.init(score: score, row: row))
        }
      }
    }
    return heaps
  }

  private func admission(_ filter: RowFilter) -> @Sendable (Int) -> Bool {
    let category = rows.categories.admission(of: filter.categories)
    let split = rows.splits.admission(of: filter.splits)
    let (ids, areas) = (rows.ids, rows.areas)
    return { row in
      (category?(row) ?? true) && (split?(row) ?? true)
        && !filter.excluding.contains(ids[row]) && (filter.including?.contains(ids[row]) ?? true)
        && filter.area.map { !areas.isEmpty && areas[row]?.intersects($0) ?? false } ?? true
    }
  }
}
