import Compute
import Testing

@Suite struct DotProductsTests {
  /// Small whole numbers, so that every order of adding gives the same.
  private func numbers(_ count: Int, _ seed: Int) -> [Float] {
    (0..<count).map { Float(($0 * 31 + seed * 17) % 23 - 11) }
  }

  @Test(arguments: [1, 2, 15, 16, 31, 32, 33, 63, 64, 100, 512])
  func `scores are the sums of products, to the last number of every row`(_ width: Int) {
    let rows = numbers(5 * width, 1)
    let query = numbers(width, 2)
    var scores = [Float](repeating: .nan, count: 4)
    DotProducts.scores(
      of: query.span, against: rows.span, width: width, range: 1..<4, into: &scores)
    for row in 1..<4 {
      let naive = (0..<width).reduce(Float(0)) { $0 + rows[row * width + $1] * query[$1] }
      #expect(scores[row - 1] == naive)
    }
    // What lies behind the range is left alone.
    #expect(scores[3].isNaN)
    let squares = query.reduce(0) { $0 + $1 * $1 }
    #expect(DotProducts.squaredLength(of: query.span) == squares)
  }

  @Test(arguments: [31, 63, 95])
  func `what lies behind a vector takes no part`(_ width: Int) {
    let query = numbers(width, 2) + [1e9]
    let rows = numbers(width, 1) + [1e9]
    var scores: [Float] = [0]
    DotProducts.scores(
      of: query.span.extracting(0..<width), against: rows.span.extracting(0..<width), width: width,
      range: 0..<1, into: &scores)
    #expect(scores[0] == (0..<width).reduce(Float(0)) { $0 + rows[$1] * query[$1] })
  }

  @Test func `no number and infinity show in the length`() {
    #expect(DotProducts.squaredLength(of: [Float]().span) == 0)
    #expect(DotProducts.squaredLength(of: [Float.nan, 1].span).isNaN)
    #expect(DotProducts.squaredLength(of: ([9e27] as [Float]).span) == .infinity)
  }
}
