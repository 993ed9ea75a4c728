import Foundation

/// The learning rate of each step: a linear warm-up, then a decay towards `final`.
///
///     peak 1, 3 steps, linear          1, ⅔, ⅓
///     the same with a warm-up of 2     ½, 1, 1
///
/// From the end of the warm-up on these are the rates of optax's `join_schedules`, of transformers'
/// `get_scheduler` and of open_clip's `cosine_lr`: the first step after it has the peak, and `final`
/// would be that of the step after the last, so that every step moves something. The warm-up is
/// open_clip's, `(step + 1) / warmupSteps`; optax and transformers spend the first step of theirs at 0.
package struct LearningRate: Sendable, Equatable {
  package enum Decay: String, Sendable, CaseIterable {
    case constant, linear, cosine
  }

  /// Stands in a checkpoint beside the schedule's name, for a run that goes on: earlier versions came to
  /// `final` one step earlier.
  package static let rule = "from the peak, above the end"

  package let peak: Float
  package let warmupSteps: Int
  package let totalSteps: Int
  package let decay: Decay
  /// What a decay comes to after the last step.
  package let final: Float

  package init(
    peak: Float, warmupSteps: Int, totalSteps: Int, decay: Decay = .linear, final: Float = 0
  ) {
    self.peak = peak
    self.warmupSteps = max(0, warmupSteps)
    self.totalSteps = max(1, totalSteps)
    self.decay = decay
    self.final = final
  }

  /// The rate of step `step`; 0 is the first.
  package func rate(at step: Int) -> Float {
    if step < warmupSteps { return peak * Float(step + 1) / Float(warmupSteps) }
    let span = max(1, totalSteps - warmupSteps)
    let done = min(1, Double(step - warmupSteps) / Double(span))
    switch decay {
    case .constant: return peak
    case .linear: return Float(Double(peak) + (Double(final) - Double(peak)) * done)
    case .cosine:
      let share = 0.5 * (1 + cos(Double.pi * done))
      return Float(Double(final) + (Double(peak) - Double(final)) * share)
    }
  }
}
