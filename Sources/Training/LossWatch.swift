import Foundation

/// Notices a training loss that stays at, or comes to, what guessing gives: log of the pairs that are
/// compared, 4.16 for 64. That has two opposite reasons, which where the loss began tells apart.
package struct LossWatch {
  /// What guessing gives.
  let guess: Double
  /// The loss of the first step, which is that of the model before it was changed.
  let first: Double?
  private var hasTold = false

  /// Within the first share, the loss is that of a guess; below the second, the model knew more at the start.
  private static let (near, lower) = (0.95, 0.9)
  /// Steps before anything is said, unless the run is over.
  private static let patience = 50
  /// A run of fewer is a trial, of which nothing is expected.
  private static let fewest = 10

  package init(_ recipe: Recipe, categories: Int, first: Double?) {
    guess =
      log(Double(recipe.lossBatch)) + recipe.categoryLoss * log(Double(max(1, categories)))
    self.first = first
  }

  /// - Parameter loss: the mean since the last point of the curve.
  /// - Returns: the message, once in the middle of a run and once at its end.
  package mutating func words(_ loss: Double, step: Int, steps: Int, recipe: Recipe) -> String? {
    guard let first, loss >= Self.near * guess, !hasTold || step == steps, steps >= Self.fewest
    else {
      return nil
    }
    let isDue = step == steps || step >= max(Self.patience, recipe.warmupSteps + steps / 4)
    guard isDue else { return nil }
    hasTold = true
    let now =
      "the loss is \(Self.text(loss)) at step \(step), and guessing among \(recipe.lossBatch) pairs gives "
      + Self.text(guess)
    guard first < Self.lower * guess else {
      return now
        + "; it began at \(Self.text(first)): nothing is learned yet. Either learning_rate (now "
        + "\(recipe.learningRate)) is too low or the run too short, or it is so high that every step undoes "
        + "the last: try a third and three times of it; and check that captions belong to their pictures"
    }
    return now
      + "; it began lower, at \(Self.text(first)): learning_rate (now \(recipe.learningRate)) is "
      + "too high and destroys what the model knew; try a tenth of it, and a longer warmup_steps"
  }

  private static func text(_ value: Double) -> String { String(format: "%.2f", value) }
}
