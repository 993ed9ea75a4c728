import Models
import Compute
import Foundation

/// The symmetric cross-entropy of a batch's similarity matrix (Radford et al. 2021):
/// the mean over rows and columns of −Σ target · log softmax(scale · image · text).
enum ContrastiveLoss {
  /// `exp(logit_scale)` is held to 100, as in the original.
  static let highestLogScale = Float(log(100.0))

  struct Result {
    let loss: Float
    /// The gradient by logit_scale, the logarithm.
    let byLogScale: Float
  }

  /// The places that count as right in each row: its own, and where asked for those of equal captions
  /// and of captions of the same picture. Symmetric, so that columns have the same.
  static func positives(_ batch: TrainingBatch, _ pairs: Range<Int>, equalCaptions: Bool)
    -> [[Int]]
  {
    guard equalCaptions else { return (0..<pairs.count).map { [$0] } }
    return pairs.map { row in
      pairs.indices.filter {
        batch.imageKeys[$0] == batch.imageKeys[row]
          || batch.captionKeys[$0] == batch.captionKeys[row]
      }.map { $0 - pairs.lowerBound }
    }
  }

  /// Loss and gradients over unit vectors `[n, width]` each.
  /// - Parameters:
  ///   - weight: what the gradients (not the loss) are multiplied with.
  ///   - byImages: gets the gradient by the images; `byTexts` that by the texts.
  static func evaluate(
    images: Matrix, texts: Matrix, positives: [[Int]], logScale: Float, weight: Float,
    byImages: Matrix, byTexts: Matrix, team: Team
  ) throws -> Result {
    byImages.floats.fill(0)
    byTexts.floats.fill(0)
    let pass = Direction(positives: positives, scale: exp(Double(logScale)), weight: weight)
    let rows = try pass.add(from: images, to: texts, byImages, byTexts, team)
    let columns = try pass.add(from: texts, to: images, byTexts, byImages, team)
    return Result(
      loss: Float((rows.loss + columns.loss) / Double(2 * positives.count)),
      byLogScale: Float(rows.byLogScale + columns.byLogScale))
  }

  /// One of the two directions: which row of `b` belongs to each row of `a`?
  private struct Direction: Sendable {
    let positives: [[Int]]
    let scale: Double
    let weight: Float

    func add(from a: Matrix, to b: Matrix, _ byA: Matrix, _ byB: Matrix, _ team: Team) throws
      -> (loss: Double, byLogScale: Double)
    {
      let count = positives.count
      let sums = FloatBlock(count: 2 * count)
      let results = sums.floats
      let block = FloatBlock(count: count * count)
      let square = Matrix(block.floats, rows: count, columns: count)
      try MatrixProduct.multiply(a, b.transposed, into: square)
      team.share(count) { row in
        let result = differentiate(square.floats.at(row * count, count: count), row)
        results[row] = Float(result.loss)
        results[count + row] = Float(result.byLogScale)
      }
      try MatrixProduct.multiply(square, b, into: byA, accumulating: true)
      try MatrixProduct.multiply(square.transposed, a, into: byB, accumulating: true)
      return withExtendedLifetime((sums, block)) {
        let values = results.array
        return (
          values[..<count].reduce(0) { $0 + Double($1) },
          values[count..<2 * count].reduce(0) { $0 + Double($1) }
        )
      }
    }

    /// Replaces a row's cosines by the gradient with respect to them, and returns the row's loss.
    private func differentiate(_ row: Floats, _ index: Int) -> (loss: Double, byLogScale: Double) {
      let cosines = row.array
      let top = Double(cosines.max() ?? 0)
      let sum = cosines.reduce(0) { $0 + exp(scale * (Double($1) - top)) }
      let share = 1 / Double(positives[index].count)
      var targets = [Double](repeating: 0, count: cosines.count)
      for place in positives[index] { targets[place] = share }
      let normalizer = log(sum) + scale * top
      let factor = Double(weight) / Double(2 * cosines.count)
      var (loss, byLogScale) = (0.0, 0.0)
      for (place, cosine) in cosines.enumerated() {
        let logit = scale * Double(cosine)
        loss += targets[place] * (normalizer - logit)
        let difference = factor * (exp(logit - normalizer) - targets[place])
        byLogScale += difference * logit
        row[place] = Float(difference * scale)
      }
      return (loss, byLogScale)
    }
  }
}
