import Foundation
import Testing
import VectorIndexes

@Suite struct ExactIndexTests {
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
    let search = ExactIndex(
      IndexRows(ids: ids, vectors: rows, width: width), threads: threads)
    let found = try await search.nearest(to: query, limit: 10)
    let naive = (0..<count).map { row in
      (row, (0..<width).reduce(Float(0)) { $0 + rows[row * width + $1] * query[$1] })
    }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.prefix(10)
    #expect(found.count == min(10, count))
    for (a, b) in zip(found, naive) { #expect(abs(a.score - b.1) < 1e-4) }
    #expect(found.map(\.id) == naive.map { Int64(10 * $0.0) })
  }

  @Test("equal scores come by id, however many threads looked")
  func ties() async throws {
    let count = 30_000
    let search = ExactIndex(
      IndexRows(
        ids: (0..<count).map(Int64.init), vectors: Array(repeating: 1, count: count), width: 1),
      threads: 4)
    let found = try await search.nearest(to: [1], limit: 5)
    #expect(found.map(\.id) == [0, 1, 2, 3, 4])
  }

  @Test("a filter admits by category, split, place and ids, whatever the spelling")
  func filters() async throws {
    let here = GeographicArea(west: 10, south: 50, east: 11, north: 51)
    let there = GeographicArea(west: 170, south: -10, east: -170, north: 10)
    let index = ExactIndex(
      IndexRows(
        ids: [1, 2, 3, 4], vectors: [4, 3, 2, 1], width: 1,
        categories: LabelColumn(["A", "b", "a", nil]) { $0.lowercased() },
        splits: LabelColumn(["train", nil, "test", "test"]), areas: [here, nil, there, here]))
    func ids(_ filter: RowFilter) async throws -> [Int64] {
      let found = try await index.nearest(to: [1], limit: 9, where: filter).map(\.id)
      #expect(try await index.count(where: filter) == found.count)
      return found
    }
    #expect(try await ids(RowFilter()) == [1, 2, 3, 4])
    #expect(try await ids(RowFilter(categories: ["a"])) == [1, 3])
    #expect(try await ids(RowFilter(categories: ["a", "B"])) == [1, 2, 3])
    #expect(try await ids(RowFilter(categories: ["c"])) == [])
    #expect(try await ids(RowFilter(categories: [])) == [])
    #expect(try await ids(RowFilter(splits: ["test"])) == [3, 4])
    #expect(try await ids(RowFilter(categories: ["a"], splits: ["test"])) == [3])
    #expect(try await ids(RowFilter(excluding: [1])) == [2, 3, 4])
    #expect(try await ids(RowFilter(excluding: [2], including: [2, 4])) == [4])
    #expect(try await ids(RowFilter(area: here)) == [1, 4])
    let east = GeographicArea(west: -175, south: 0, east: -171, north: 1)
    #expect(try await ids(RowFilter(area: east)) == [3])
    #expect(try await index.nearest(to: [1], limit: 0).isEmpty)
  }

  @Test("several queries are answered as each alone")
  func batches() async throws {
    let rows = numbers(9_000 * 24, seed: 5)
    let index = ExactIndex(
      IndexRows(ids: (0..<9_000).map(Int64.init), vectors: rows, width: 24), threads: 2)
    let queries = (1...3).map { numbers(24, seed: UInt64($0)) }
    let together = try await index.nearest(to: queries, limit: 7, where: RowFilter())
    for (query, found) in zip(queries, together) {
      #expect(try await index.nearest(to: query, limit: 7) == found)
    }
    #expect(Set(together.map { $0[0].id }).count > 1)
  }

  @Test("a box on earth has its limits, and may cross the date line")
  func areas() throws {
    #expect(GeographicArea(west: 0, south: 1, east: 0, north: 0) == nil)
    #expect(GeographicArea(west: -181, south: 0, east: 0, north: 0) == nil)
    #expect(GeographicArea(west: .nan, south: 0, east: 0, north: 0) == nil)
    let a = try #require(GeographicArea(west: 0, south: 0, east: 1, north: 1))
    let edge = try #require(GeographicArea(west: 1, south: 1, east: 2, north: 2))
    let north = try #require(GeographicArea(west: 0, south: 1.5, east: 1, north: 2))
    #expect(a.intersects(edge) && edge.intersects(a))
    #expect(!a.intersects(north) && !north.intersects(a))
  }

  @Test("a cancelled task gets no answer")
  func cancelled() async throws {
    let search = ExactIndex(IndexRows(ids: [1], vectors: [1], width: 1))
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await search.nearest(to: [1], limit: 1).count
    }
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}
