import Foundation
import ImageCollections
import Testing

@Suite struct ExactSearchTests {
  private func numbers(_ count: Int, seed: UInt64) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(state >> 40) / Float(1 << 23) - 1
    }
  }

  @Test(
    "equals sorting everything, whatever the width and the number of threads",
    arguments: [(1, 5), (100, 33), (20_000, 64), (9_001, 7)], [1, 2, 5])
  func equalsNaive(sizes: (Int, Int), threads: Int) async throws {
    let (count, width) = sizes
    let rows = numbers(count * width, seed: 3)
    let query = numbers(width, seed: 4)
    let ids = (0..<count).map { Int64(10 * $0) }
    let search = ExactSearch(ids: ids, rows: rows, width: width, threads: threads)
    let found = try await search.nearest(to: query, count: 10)
    let naive = (0..<count).map { row in
      (row, (0..<width).reduce(Float(0)) { $0 + rows[row * width + $1] * query[$1] })
    }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.prefix(10)
    #expect(found.count == min(10, count))
    for (a, b) in zip(found, naive) { #expect(abs(a.score - b.1) < 1e-4) }
    if width == 64 { #expect(found.map(\.imageID) == naive.map { Int64(10 * $0.0) }) }
  }

  @Test("equal scores come by id, however many threads looked")
  func ties() async throws {
    let count = 30_000
    let search = ExactSearch(
      ids: (0..<count).map(Int64.init), rows: Array(repeating: 1, count: count), width: 1,
      threads: 4)
    let found = try await search.nearest(to: [1], count: 5)
    #expect(found.map(\.imageID) == [0, 1, 2, 3, 4])
  }

  @Test("a filter admits by category, split and exclusion")
  func filters() async throws {
    let search = ExactSearch(
      ids: [1, 2, 3, 4], rows: [4, 3, 2, 1], width: 1, categories: ["a", "b", "a", nil],
      splits: ["train", nil, "test", "test"])
    func ids(_ filter: SearchFilter) async throws -> [Int64] {
      try await search.nearest(to: [1], count: 9, where: filter).map(\.imageID)
    }
    #expect(try await ids(SearchFilter()) == [1, 2, 3, 4])
    #expect(try await ids(SearchFilter(category: "a")) == [1, 3])
    #expect(try await ids(SearchFilter(split: "test")) == [3, 4])
    #expect(try await ids(SearchFilter(category: "a", split: "test")) == [3])
    #expect(try await ids(SearchFilter(excluding: [1])) == [2, 3, 4])
    #expect(try await search.nearest(to: [1], count: 0).isEmpty)
  }

  @Test("a cancelled task gets no answer")
  func cancelled() async throws {
    let search = ExactSearch(ids: [1], rows: [1], width: 1)
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await search.nearest(to: [1], count: 1).count
    }
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}
