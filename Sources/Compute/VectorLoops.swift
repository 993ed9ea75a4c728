import CVectorLoops

/// The loops of training that are not matrix products. Each runs on the calling thread unless its
/// documentation says otherwise. Sums are taken in a fixed order.
///
/// A shape that does not fit is a programmer's error and ends the process; none of these functions throws.
package enum VectorLoops {
  /// y = (x − mean) · rstd · scale + shift, where rstd is 1 / √(variance + epsilon) of a row.
  /// - Parameters:
  ///   - x: `[rows, columns]`, without a gap between rows.
  ///   - scale: `[columns]`, as is `shift`.
  ///   - y: `[rows, columns]`.
  ///   - mean: `[rows]`, as is `rstd`: both are written, for the backward pass.
  package static func layerNorm(
    _ x: Matrix, scale: Floats, shift: Floats, epsilon: Float, into y: Floats,
    keeping mean: Floats, _ rstd: Floats
  ) {
    checkNorm(x, scale, shift, mean, rstd)
    precondition(y.count >= x.rows * x.columns)
    vl_layer_norm(
      x.floats.start, x.rows, x.columns, scale.start, shift.start, epsilon, y.start, mean.start,
      rstd.start)
  }

  /// The output of ``layerNorm(_:scale:shift:epsilon:into:keeping:_:)`` again, from the kept mean and rstd.
  package static func layerNormAgain(
    _ x: Matrix, scale: Floats, shift: Floats, mean: Floats, rstd: Floats, into y: Floats
  ) {
    checkNorm(x, scale, shift, mean, rstd)
    precondition(y.count >= x.rows * x.columns)
    vl_layer_norm_again(
      x.floats.start, x.rows, x.columns, scale.start, shift.start, mean.start, rstd.start, y.start)
  }

  /// dx = residual + the gradient with respect to x; adds to the gradients of scale and shift.
  /// - Parameters:
  ///   - dy: `[rows, columns]`, the gradient with respect to the output.
  ///   - residual: `[rows, columns]`, what reaches x by another path.
  ///   - dx: `[rows, columns]`, written.
  ///   - dScale: `[columns]`, added to, as is `dShift`.
  package static func layerNormBackward(
    _ dy: Floats, _ x: Matrix, scale: Floats, mean: Floats, rstd: Floats, residual: Floats?,
    into dx: Floats, dScale: Floats, dShift: Floats
  ) {
    checkNorm(x, scale, scale, mean, rstd)
    let count = x.rows * x.columns
    precondition(dy.count >= count && dx.count >= count && (residual?.count ?? count) >= count)
    precondition(dScale.count >= x.columns && dShift.count >= x.columns)
    vl_layer_norm_backward(
      dy.start, x.floats.start, x.rows, x.columns, scale.start, mean.start, rstd.start,
      residual?.start, dx.start, dScale.start, dShift.start)
  }

  private static func checkNorm(
    _ x: Matrix, _ scale: Floats, _ shift: Floats, _ mean: Floats, _ rstd: Floats
  ) {
    precondition(x.stride == x.columns && scale.count >= x.columns && shift.count >= x.columns)
    precondition(mean.count >= x.rows && rstd.count >= x.rows)
  }

  /// pre += bias; y = activation(pre).
  /// - Parameters:
  ///   - pre: `[rows, columns]`, without a gap between rows; changed.
  ///   - bias: `[columns]`.
  ///   - y: `[rows, columns]`, written.
  package static func activation(
    _ kind: Activation, _ pre: Matrix, bias: Floats, into y: Floats
  ) {
    precondition(pre.stride == pre.columns && bias.count >= pre.columns)
    precondition(y.count >= pre.rows * pre.columns)
    vl_activation(code(kind), pre.floats.start, bias.start, pre.rows, pre.columns, y.start)
  }

  /// y = activation(pre) again; d, the gradient with respect to y, becomes that with respect to pre.
  /// - Parameter count: numbers of `pre`, `d` and `y` that take part.
  package static func activationBackward(
    _ kind: Activation, _ pre: Floats, count: Int, gradient d: Floats, into y: Floats
  ) {
    precondition(pre.count >= count && d.count >= count && y.count >= count)
    vl_activation_backward(code(kind), pre.start, count, d.start, y.start)
  }

  private static func code(_ kind: Activation) -> Int32 {
    let code =
      switch kind {
      case .none: VL_IDENTITY
      case .quickGELU: VL_QUICK_GELU
      case .gelu: VL_GELU
      case .silu: VL_SILU
      case .relu: VL_RELU
      }
    return Int32(code.rawValue)
  }

  /// Each row of y = bias + the same row of residual.
  /// - Parameters:
  ///   - y: `[rows, columns]`, without a gap between rows.
  ///   - bias: `[columns]`.
  ///   - residual: `[rows, columns]`; zero where `nil`.
  package static func fillRows(_ y: Matrix, bias: Floats, residual: Floats? = nil) {
    let count = y.rows * y.columns
    precondition(y.stride == y.columns && bias.count >= y.columns)
    precondition((residual?.count ?? count) >= count)
    vl_fill_rows(bias.start, residual?.start, y.rows, y.columns, y.floats.start)
  }

  /// sums += the sum of all rows.
  /// - Parameter sums: `[columns]`.
  package static func addColumnSums(of x: Matrix, to sums: Floats) {
    precondition(sums.count >= x.columns)
    vl_column_sums(x.floats.start, x.rows, x.stride, x.columns, sums.start)
  }

  /// softmax(scale · scores) of each row, in place.
  /// - Parameters:
  ///   - scores: `[rows, columns]`; its stride is a multiple of 16, and what lies behind the columns becomes 0.
  ///   - causal: row i sees the columns up to i; the others become 0.
  package static func softmax(_ scores: Matrix, scale: Float, causal: Bool) {
    precondition(scores.stride % 16 == 0 && scores.rows * scores.stride <= scores.floats.count)
    vl_softmax(
      scores.floats.start, scores.rows, scores.columns, scores.stride, scale, causal ? 1 : 0)
  }

  /// d, the gradient with respect to a softmax's result, becomes that with respect to its scores.
  /// - Parameter result: what ``softmax(_:scale:causal:)`` made, with the same shape and stride as `d`.
  package static func softmaxBackward(_ result: Matrix, gradient d: Floats, scale: Float) {
    let count = result.rows * result.stride
    precondition(result.stride % 16 == 0 && count <= result.floats.count && count <= d.count)
    vl_softmax_backward(
      result.floats.start, d.start, result.rows, result.columns, result.stride, scale)
  }

  /// Σ x·y of two vectors of one length, added up in double precision.
  package static func dot(_ x: Floats, _ y: Floats) -> Double {
    precondition(x.count == y.count)
    return vl_dot(x.start, y.start, x.count)
  }

  /// y += factor · x, for the numbers of x, which is at most as long as y.
  package static func add(_ x: Floats, times factor: Float = 1, to y: Floats) {
    precondition(x.count <= y.count)
    vl_add_scaled(y.start, x.start, x.count, factor)
  }

  /// x = factor · x
  package static func scale(_ x: Floats, by factor: Float) {
    vl_scale(x.start, x.count, factor)
  }

  /// y = keep · y + (1 − keep) · x, of two vectors of one length.
  package static func blend(_ y: inout [Float], with x: [Float], keeping keep: Float) {
    precondition(x.count == y.count)
    y.withUnsafeMutableBufferPointer { y in
      x.withUnsafeBufferPointer { x in
        guard let y = y.baseAddress, let from = x.baseAddress else { return }
        vl_blend(y, from, x.count, keep)
      }
    }
  }

  // MARK: Over whole vectors of parameters, on a team

  /// Numbers in a piece. Sums are taken piece by piece, so they do not depend on the number of threads.
  private static let piece = 1 << 16

  /// Σ x² over the given ranges, which must not overlap.
  package static func sumOfSquares(_ x: [Float], in ranges: [Range<Int>], _ team: Team)
    -> Double
  {
    let pieces = cut(ranges)
    return Floats.lend(x) { x in
      let sums = Sums(pieces.count)
      team.share(pieces.count) { index in
        let part = x.at(pieces[index].lowerBound, count: pieces[index].count)
        sums.values[index] = vl_sum_of_squares(part.start, part.count)
      }
      return sums.values.reduce(0, +)
    }
  }

  /// x = factor · x
  package static func scale(_ x: inout [Float], by factor: Float, _ team: Team) {
    let pieces = cut([0..<x.count])
    Floats.lend(changing: &x) { x in
      team.share(pieces.count) {
        scale(x.at(pieces[$0].lowerBound, count: pieces[$0].count), by: factor)
      }
    }
  }

  /// Settings of one step of AdamW.
  package struct AdamWStep: Sendable {
    let settings: vl_adamw

    /// - Parameter step: counted from 1, for the correction of the two averages' bias.
    package init(rate: Float, beta1: Float, beta2: Float, epsilon: Float, step: Int) {
      settings = vl_adamw(
        rate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon, decay: 0,
        correction1: Float(1 - power(Double(beta1), step)),
        root_correction2: Float((1 - power(Double(beta2), step)).squareRoot()))
    }
  }

  /// One step of AdamW (Loshchilov and Hutter 2019) as `torch.optim.AdamW` takes it.
  /// - Parameters:
  ///   - values: the parameters; `gradient`, `means` and `squares` have the same length.
  ///   - parts: the ranges that change, which must not overlap, each with its weight decay.
  package static func adamW(
    _ values: inout [Float], gradient: [Float], means: inout [Float], squares: inout [Float],
    parts: [(range: Range<Int>, decay: Float)], _ step: AdamWStep, _ team: Team
  ) {
    precondition(gradient.count == values.count && means.count == values.count)
    precondition(squares.count == values.count)
    let pieces = parts.flatMap { part in cut([part.range]).map { ($0, part.decay) } }
    Floats.lend(changing: &values) { values in
      Floats.lend(changing: &means) { means in
        Floats.lend(changing: &squares) { squares in
          Floats.lend(gradient) { gradient in
            team.share(pieces.count) { index in
              let (range, decay) = pieces[index]
              var settings = step.settings
              settings.decay = settings.rate * decay
              func part(_ floats: Floats) -> UnsafeMutablePointer<Float> {
                floats.at(range.lowerBound, count: range.count).start
              }
              vl_adamw(
                part(values), part(gradient), part(means), part(squares), range.count, &settings)
            }
          }
        }
      }
    }
  }

  private static func cut(_ ranges: [Range<Int>]) -> [Range<Int>] {
    ranges.flatMap { range in
      stride(from: range.lowerBound, to: range.upperBound, by: piece).map {
        $0..<min($0 + piece, range.upperBound)
      }
    }
  }

  /// A number for each piece, written by the thread that has the piece.
  private final class Sums: @unchecked Sendable {
    let values: UnsafeMutableBufferPointer<Double>
    init(_ count: Int) {
      values = .allocate(capacity: count)
      values.initialize(repeating: 0)
    }
    deinit { values.deallocate() }
  }
}

/// Integer powers by squaring.
private func power(_ base: Double, _ exponent: Int) -> Double {
  var (result, factor, rest) = (1.0, base, exponent)
  while rest > 0 {
    if rest & 1 == 1 { result *= factor }
    factor *= factor
    rest >>= 1
  }
  return result
}
