import Compute

/// Exponential moving average of the parameters, which often ranks better than the last step.
package struct MovingAverage: Sendable {
  package let decay: Float
  /// Floats of the average, in the model's layout.
  package private(set) var values: [Float]
  /// Updates so far.
  package private(set) var updates: Int

  /// - Parameter values: the parameters at the start, or the saved average.
  package init(decay: Float, values: [Float], updates: Int = 0) {
    self.decay = decay
    self.values = values
    self.updates = updates
  }

  /// `average ← d · average + (1 − d) · values` with `d = min(decay, (1 + n) / (10 + n))`: early on it
  /// follows quickly, as in TensorFlow's `ExponentialMovingAverage`.
  package mutating func update(_ values: [Float]) {
    precondition(values.count == self.values.count)
    let n = Float(updates)
    VectorLoops.blend(&self.values, with: values, keeping: min(decay, (1 + n) / (10 + n)))
    updates += 1
  }
}
