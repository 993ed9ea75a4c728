import Testing
import VectorIndexes

@Suite struct TopKTests {
  @Test("the k best of any sequence are those of sorting it, equal scores by row", arguments: 1...9)
  func equalsSorting(limit: Int) {
    var state = UInt64(limit)
    for count in [0, 1, 2, 5, 8, 9, 10, 31, 200] {
      for _ in 0..<20 {
        var top = TopK(limit: limit)
        var all: [TopK.Entry] = []
        for row in 0..<count {
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          // Few values, so that many are equal.
          all.append(TopK.Entry(score: Float(state >> 33 % 17), row: row))
        }
        for entry in all { top.insert(entry) }
        let sorted = all.sorted { ($1.score, $0.row) < ($0.score, $1.row) }
        #expect(top.sorted == Array(sorted.prefix(limit)))
      }
    }
  }
}
