import Transformers
import Compute

/// AdamW (Loshchilov and Hutter 2019), step for step as `torch.optim.AdamW`.
package struct AdamW: Optimiser {
  package struct Settings: Sendable, Equatable {
    package var beta1: Float = 0.9
    package var beta2: Float = 0.98
    package var epsilon: Float = 1e-6
    package var weightDecay: Float = 0.1
    package init() {}
  }

  private let settings: Settings
  private let parts: [(range: Range<Int>, decay: Float)]
  private let team: Team
  private var means: [Float]
  private var squares: [Float]
  private var steps = 0

  /// - Parameters:
  ///   - decayed: what weight decay pulls at.
  ///   - frozen: what is never changed.
  package init(
    _ parameters: ParameterTable, _ settings: Settings = Settings(),
    decayed: LayerPatterns = .decayed, frozen: LayerPatterns = .none, threads: Int
  ) {
    self.settings = settings
    parts = parameters.entries.compactMap { entry in
      frozen.matches(entry.name)
        ? nil : (entry.range, decayed.matches(entry.name) ? settings.weightDecay : 0)
    }
    team = Team(threads: threads)
    means = Array(repeating: 0, count: parameters.count)
    squares = Array(repeating: 0, count: parameters.count)
  }

  package mutating func update(_ values: inout [Float], gradient: [Float], learningRate: Float) {
    steps += 1
    let step = VectorLoops.AdamWStep(
      rate: learningRate, beta1: settings.beta1, beta2: settings.beta2, epsilon: settings.epsilon,
      step: steps)
    VectorLoops.adamW(
      &values, gradient: gradient, means: &means, squares: &squares, parts: parts, step, team)
  }

  package var state: [(name: String, values: [Float])] {
    [("adamw.step", [Float(steps)]), ("adamw.mean", means), ("adamw.square", squares)]
  }

  package mutating func restore(_ state: [String: [Float]]) throws {
    let step = try saved("adamw.step", count: 1, in: state)[0]
    guard step >= 0, step < 16_777_216 else {
      throw TrainingError("the optimiser's state says \(step) steps, expected 0…16777215")
    }
    means = try saved("adamw.mean", count: means.count, in: state)
    squares = try saved("adamw.square", count: squares.count, in: state)
    steps = Int(step)
  }
}

/// Clipping by global norm, as `torch.nn.utils.clip_grad_norm_`.
package enum GradientClipping {
  /// Makes of the sum of some passes' gradients their mean, no longer than a limit.
  /// - Parameters:
  ///   - limit: of the mean's norm; 0 for none.
  ///   - passes: how many gradients were added up.
  /// - Returns: the mean's norm before it was clipped. Where that is not finite, the gradient stays a sum.
  package static func clip(
    _ gradient: inout [Float], to limit: Double, passes: Int = 1, _ team: Team
  ) -> Double {
    let squares = VectorLoops.sumOfSquares(gradient, in: [0..<gradient.count], team)
    let norm = squares.squareRoot() / Double(passes)
    guard norm.isFinite else { return norm }
    let factor = (limit > 0 ? min(1, limit / (norm + 1e-6)) : 1) / Double(passes)
    if factor != 1 { VectorLoops.scale(&gradient, by: Float(factor), team) }
    return norm
  }
}
