import Metrics
import Testing

@Suite struct ZeroShotAccuracyTests {
  @Test("hits are counted within the first k, ties by the order of the labels")
  func hits() {
    // Twelve labels; the truth stands first, second, fourth, sixth, eleventh and tied with an earlier.
    func row(ahead: Int) -> [Float] { (0..<12).map { $0 < ahead ? 2 : $0 == 11 ? 1 : 0 } }
    let tied: [Float] = [1] + Array(repeating: 0, count: 10) + [1]
    let scores = [0, 1, 3, 5, 10].flatMap { row(ahead: $0) } + tied
    let found = ZeroShotAccuracy(scores: scores, labels: 12, truth: Array(repeating: 11, count: 6))
    #expect(found.hits == [1, 3, 4, 5])
    #expect(found.count == 6)
    #expect(ZeroShotAccuracy(scores: [], labels: 3, truth: []).accuracy == [0, 0, 0, 0])
  }
}
