import Compute

/// Scale and shift `[width]` of a layer norm, PyTorch's `nn.LayerNorm`.
package struct LayerNormParameters: Sendable, Equatable {
  package let scale, shift: Parameter

  package init(_ name: String, width: Int) {
    scale = Parameter("\(name).weight", [width], .constant(1))
    shift = Parameter("\(name).bias", [width], .constant(0))
  }

  package var all: [Parameter] { [scale, shift] }
}

/// Mean and reciprocal deviation `[rows]` of what goes into a layer norm, which its way back needs.
package struct RowStatistics: Sendable {
  let mean, rstd: Floats

  package init(mean: Floats, rstd: Floats) { (self.mean, self.rstd) = (mean, rstd) }

  package func rows(_ rows: Range<Int>) -> RowStatistics {
    RowStatistics(
      mean: mean.at(rows.lowerBound, count: rows.count),
      rstd: rstd.at(rows.lowerBound, count: rows.count))
  }
}

/// A layer norm among the numbers of a model.
package struct LayerNormPlaces: Sendable {
  let scale, shift: Int
  let width: Int
  let epsilon: Float

  package init(_ table: ParameterTable, _ parameters: LayerNormParameters, epsilon: Float) {
    scale = table.start(parameters.scale)
    shift = table.start(parameters.shift)
    width = parameters.scale.count
    self.epsilon = epsilon
  }

  /// - Parameters:
  ///   - x: `[rows, width]`, dense, as y.
  ///   - weights: all of the model's.
  package func forward(
    _ x: Matrix, _ weights: Floats, into y: Floats, keeping statistics: RowStatistics
  ) {
    VectorLoops.layerNorm(
      x, scale: weights.at(scale, count: width), shift: weights.at(shift, count: width),
      epsilon: epsilon, into: y, keeping: statistics.mean, statistics.rstd)
  }

  /// Makes y once more from what the forward pass kept.
  package func again(_ x: Matrix, _ weights: Floats, _ statistics: RowStatistics, into y: Floats) {
    VectorLoops.layerNormAgain(
      x, scale: weights.at(scale, count: width), shift: weights.at(shift, count: width),
      mean: statistics.mean, rstd: statistics.rstd, into: y)
  }

  /// dx, plus `residual`; adds to the gradients with respect to scale and shift.
  package func backward(
    _ dy: Floats, _ x: Matrix, _ weights: Floats, _ statistics: RowStatistics,
    adding residual: Floats? = nil, into dx: Floats, scaleGradient: Floats, shiftGradient: Floats
  ) {
    VectorLoops.layerNormBackward(
      dy, x, scale: weights.at(scale, count: width), mean: statistics.mean, rstd: statistics.rstd,
      residual: residual, into: dx, dScale: scaleGradient, dShift: shiftGradient)
  }

  /// Where the gradients by scale and by shift belong.
  package func gradients(in gradient: Floats) -> (scale: Floats, shift: Floats) {
    (gradient.at(scale, count: width), gradient.at(shift, count: width))
  }
}

extension LayerNormWeights {
  package convenience init(
    _ source: some ParameterSource, _ parameters: LayerNormParameters,
    _ sizes: TransformerConfiguration
  ) throws {
    try self.init(
      scale: try source.floats(parameters.scale), shift: try source.floats(parameters.shift),
      epsilon: sizes.layerNormEpsilon)
  }
}
