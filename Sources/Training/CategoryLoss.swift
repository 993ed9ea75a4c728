import Models
import Compute
import Foundation

/// The cross-entropy of each picture over the prompts of all categories, as zero-shot classification
/// asks them: what a training picture's name tells beyond its captions.
enum CategoryLoss {
  struct Result {
    let loss: Float
    /// The gradient by logit_scale, the logarithm.
    let byLogScale: Float
  }

  /// Mean over the pictures; one without a category adds nothing. Adds `weight` times the gradient.
  /// - Parameters:
  ///   - images: unit vectors `[n, width]`; `prompts`: `[categories, width]`.
  ///   - labels: each picture's place in `prompts`; below 0 for none.
  ///   - smoothing: share of the target that is spread over all categories, 0 ..< 1.
  ///   - byImages, byPrompts: are added to.
  static func add(
    images: Matrix, prompts: Matrix, labels: [Int], logScale: Float, smoothing: Float,
    weight: Float, byImages: Matrix, byPrompts: Matrix
  ) throws -> Result {
    let (count, categories) = (images.rows, prompts.rows)
    let block = FloatBlock(count: count * categories)
    let logits = Matrix(block.floats, rows: count, columns: categories)
    try MatrixProduct.multiply(images, prompts.transposed, into: logits)
    let scale = exp(Double(logScale))
    let factor = Double(weight) / Double(count)
    let spread = Double(smoothing) / Double(categories)
    var (loss, byLogScale) = (0.0, 0.0)
    for (row, label) in labels.enumerated() {
      let cosines = block.floats.at(row * categories, count: categories)
      guard label >= 0 else {
        cosines.fill(0)
        continue
      }
      let values = cosines.array.map { scale * Double($0) }
      let top = values.max() ?? 0
      let normalizer = top + log(values.reduce(0) { $0 + exp($1 - top) })
      for (category, logit) in values.enumerated() {
        let target = spread + (category == label ? 1 - Double(smoothing) : 0)
        loss += target * (normalizer - logit)
        let difference = factor * (exp(logit - normalizer) - target)
        byLogScale += difference * logit
        cosines[category] = Float(difference * scale)
      }
    }
    try MatrixProduct.multiply(logits, prompts, into: byImages, accumulating: true)
    try MatrixProduct.multiply(logits.transposed, images, into: byPrompts, accumulating: true)
    return withExtendedLifetime(block) {
      Result(loss: Float(loss / Double(count)), byLogScale: Float(byLogScale))
    }
  }
}
