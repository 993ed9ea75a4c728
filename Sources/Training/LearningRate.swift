import Foundation

/// The learning rate of each step: a linear warm-up, then a decay to `final`.
package struct LearningRate: Sendable, Equatable {
  package enum Decay: String, Sendable, CaseIterable {
    case constant, linear, cosine
  }

  package let peak: Float
  package let warmupSteps: Int
  package let totalSteps: Int
  package let decay: Decay
  /// The rate at the last step of a decay.
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

  /// The rate of step `step` (0 is the first): `peak · (step + 1) / warmupSteps` while warming up, as
  /// in transformers' schedules looked at after their first step.
  package func rate(at step: Int) -> Float {
    if step < warmupSteps { return peak * Float(step + 1) / Float(warmupSteps) }
    let span = max(1, totalSteps - warmupSteps)
    let done = min(1, Double(step + 1 - warmupSteps) / Double(span))
    switch decay {
    case .constant: return peak
    case .linear: return Float(Double(peak) + (Double(final) - Double(peak)) * done)
    case .cosine:
      let share = 0.5 * (1 + cos(Double.pi * done))
      return Float(Double(final) + (Double(peak) - Double(final)) * share)
    }
  }
}
