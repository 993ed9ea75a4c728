import Metrics
import Testing

@Suite struct RankComparisonTests {
  @Test func movesSayWhereARowStoodBefore() {
    let comparison = RankComparison(left: ["a", "b", "c", "d"], right: ["d", "b", "a", "e"])
    #expect(comparison.move(of: "d") == .up(3))
    #expect(comparison.move(of: "b") == .same)
    #expect(comparison.move(of: "a") == .down(2))
    #expect(comparison.move(of: "e") == .new)
    #expect(comparison.move(of: "c") == nil)
    #expect(comparison.leftRank(of: "c") == 3)
    #expect(comparison.rightRank(of: "c") == nil)
  }

  @Test func overlapCountsWithinTheDepth() {
    let comparison = RankComparison(left: [1, 2, 3, 4], right: [4, 3, 9, 1])
    #expect(comparison.overlap(at: 0) == 0)
    #expect(comparison.overlap(at: 2) == 0)
    #expect(comparison.overlap(at: 3) == 1)
    #expect(comparison.overlap(at: 10) == 3)
  }

  @Test func equalListsAreOneAndStrangersZero() {
    let same = RankComparison(left: Array(0..<50), right: Array(0..<50))
    #expect(abs(same.rankBiasedOverlap() - 1) < 1e-12)
    #expect(RankComparison(left: [1, 2], right: [3, 4]).rankBiasedOverlap() == 0)
    #expect(RankComparison(left: [Int](), right: [3]).rankBiasedOverlap() == 0)
  }

  /// By hand, p = 0.5, agreements 0, 1, 2/3:
  /// (2/3)·0.125 + (0·0.5 + 1·0.25 + (2/3)·0.125) = 0.41666…
  @Test func biasedOverlapAsComputedByHand() {
    let comparison = RankComparison(left: ["a", "b", "c"], right: ["b", "a", "d"])
    #expect(abs(comparison.rankBiasedOverlap(persistence: 0.5) - 0.416_666_666_7) < 1e-9)
  }

  @Test func theTopWeighsMoreThanTheTail() {
    let base = Array(0..<20)
    var top = base
    top.swapAt(0, 5)
    var tail = base
    tail.swapAt(14, 19)
    #expect(
      RankComparison(left: base, right: top).rankBiasedOverlap()
        < RankComparison(left: base, right: tail).rankBiasedOverlap())
  }

  @Test func precisionCountsWhatIsThere() {
    #expect(precision(at: 2, relevant: [true, false, true]) == 0.5)
    #expect(precision(at: 10, relevant: [true, false, true, true]) == 0.75)
    #expect(precision(at: 10, relevant: []) == nil)
  }
}
