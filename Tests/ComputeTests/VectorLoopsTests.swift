import Compute
import Foundation
import Testing

/// Each loop against the same in double precision, at widths around those of the vector registers.
@Suite struct VectorLoopsTests {
  static let widths = [1, 3, 8, 15, 16, 17, 31, 33, 64, 100]

  private func numbers(_ count: Int, _ seed: Int) -> [Float] {
    (0..<count).map { Float(sin(Double($0 * 7 + seed * 13))) }
  }

  private func isClose(_ found: [Float], _ wanted: [Double], within tolerance: Double = 1e-5)
    -> Bool
  {
    found.count == wanted.count
      && zip(found, wanted).allSatisfy { abs(Double($0) - $1) <= tolerance * max(1, abs($1)) }
  }

  private func change(_ values: inout [Float], _ body: (Floats) -> Void) {
    Floats.lend(changing: &values, body)
  }

  @Test(arguments: widths)
  func `sums, products and blends reach the last number`(_ count: Int) {
    let (x, y) = (numbers(count, 1), numbers(count, 2))
    let product = Floats.lend(x) { x in Floats.lend(y) { VectorLoops.dot(x, $0) } }
    #expect(abs(product - zip(x, y).reduce(0) { $0 + Double($1.0) * Double($1.1) }) < 1e-5)
    var sum = y
    Floats.lend(x) { x in change(&sum) { VectorLoops.add(x, times: -2, to: $0) } }
    #expect(isClose(sum, zip(x, y).map { Double($1) - 2 * Double($0) }))
    var scaled = x
    change(&scaled) { VectorLoops.scale($0, by: 3) }
    #expect(isClose(scaled, x.map { 3 * Double($0) }))
    var blended = y
    VectorLoops.blend(&blended, with: x, keeping: 0.75)
    #expect(isClose(blended, zip(x, y).map { 0.25 * Double($0) + 0.75 * Double($1) }))
  }

  @Test(arguments: [1, 3], [1, 70_000, 200_001])
  func `sums over whole vectors are the same with any number of threads`(
    _ threads: Int, _ count: Int
  ) {
    let team = Team(threads: threads)
    let x = numbers(count, 3)
    let squares = VectorLoops.sumOfSquares(x, in: [0..<count], team)
    let wanted = x.reduce(0) { $0 + Double($1) * Double($1) }
    #expect(abs(squares - wanted) <= 1e-6 * wanted)
    #expect(squares == VectorLoops.sumOfSquares(x, in: [0..<count], Team(threads: 1)))
    let part = VectorLoops.sumOfSquares(x, in: [0..<1, count - 1..<count], team)
    #expect(abs(part - Double(x[0] * x[0] + x[count - 1] * x[count - 1])) < 1e-6)
    var scaled = x
    VectorLoops.scale(&scaled, by: 0.5, team)
    #expect(scaled == x.map { $0 / 2 })
  }

  @Test(arguments: widths, [false, true])
  func `softmax of scaled scores, and its way back`(_ columns: Int, _ causal: Bool) {
    let rows = causal ? columns : 3
    let stride = (columns + 15) / 16 * 16
    var scores = [Float](repeating: 9, count: rows * stride)
    let raw = numbers(rows * columns, 4)
    for row in 0..<rows {
      for column in 0..<columns { scores[row * stride + column] = raw[row * columns + column] }
    }
    change(&scores) {
      VectorLoops.softmax(
        Matrix($0, rows: rows, columns: columns, stride: stride), scale: 2, causal: causal)
    }
    var wanted = [Double](repeating: 0, count: rows * stride)
    for row in 0..<rows {
      let seen = causal ? row + 1 : columns
      let powers = (0..<seen).map { exp(2 * Double(raw[row * columns + $0])) }
      for column in 0..<seen {
        wanted[row * stride + column] = powers[column] / powers.reduce(0, +)
      }
    }
    #expect(isClose(scores, wanted))
    let gradient = numbers(rows * stride, 5)
    var back = gradient
    Floats.lend(scores) { result in
      change(&back) {
        VectorLoops.softmaxBackward(
          Matrix(result, rows: rows, columns: columns, stride: stride), gradient: $0, scale: 2)
      }
    }
    for row in 0..<rows {
      let places = row * stride..<row * stride + columns
      let mean = places.reduce(0) { $0 + wanted[$1] * Double(gradient[$1]) }
      let expected = places.map { 2 * wanted[$0] * (Double(gradient[$0]) - mean) }
      #expect(isClose(Array(back[places]), expected))
    }
  }

  @Test(arguments: widths)
  func `rows are filled with bias and residual, and columns summed`(_ columns: Int) {
    let (bias, residual) = (numbers(columns, 6), numbers(3 * columns, 7))
    var filled = [Float](repeating: 9, count: 3 * columns)
    Floats.lend(bias) { bias in
      Floats.lend(residual) { residual in
        change(&filled) {
          VectorLoops.fillRows(
            Matrix($0, rows: 3, columns: columns), bias: bias, residual: residual)
        }
      }
    }
    #expect(filled == residual.indices.map { bias[$0 % columns] + residual[$0] })
    var sums = [Float](repeating: 1, count: columns)
    Floats.lend(filled) { filled in
      change(&sums) {
        VectorLoops.addColumnSums(of: Matrix(filled, rows: 3, columns: columns), to: $0)
      }
    }
    let wanted = (0..<columns).map { column in
      1 + (0..<3).reduce(0.0) { $0 + Double(filled[$1 * columns + column]) }
    }
    #expect(isClose(sums, wanted))
  }

  @Test(arguments: widths)
  func `layer norm has mean 0 and deviation 1 before scale and shift`(_ columns: Int) {
    let x = numbers(2 * columns, 8)
    let (scale, shift) = (numbers(columns, 9), numbers(columns, 10))
    var (y, kept, again) = (
      [Float](repeating: 9, count: 2 * columns), [Float](repeating: 0, count: 4),
      [Float](repeating: 9, count: 2 * columns)
    )
    Floats.lend(x) { x in
      let x = Matrix(x, rows: 2, columns: columns)
      Floats.lend(scale) { scale in
        Floats.lend(shift) { shift in
          change(&kept) { kept in
            let (mean, rstd) = (kept.at(0, count: 2), kept.at(2, count: 2))
            change(&y) {
              VectorLoops.layerNorm(
                x, scale: scale, shift: shift, epsilon: 1e-5, into: $0, keeping: mean, rstd)
            }
            change(&again) {
              VectorLoops.layerNormAgain(
                x, scale: scale, shift: shift, mean: mean, rstd: rstd, into: $0)
            }
          }
        }
      }
    }
    let wanted = (0..<2).flatMap { row -> [Double] in
      let own = x[row * columns..<(row + 1) * columns].map(Double.init)
      let mean = own.reduce(0, +) / Double(columns)
      let variance = own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
      return own.indices.map {
        (own[$0] - mean) / (variance + 1e-5).squareRoot() * Double(scale[$0]) + Double(shift[$0])
      }
    }
    #expect(isClose(y, wanted, within: 2e-4))
    #expect(isClose(again, y.map(Double.init)))
  }
}
