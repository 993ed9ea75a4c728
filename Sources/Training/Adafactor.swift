import Foundation

/// Adafactor (Shazeer and Stern 2018), step for step as `optax.adafactor` with its defaults.
package struct Adafactor: Optimiser {
  package struct Settings: Sendable, Equatable {
    /// Matrices with both of their two largest sides at least this long keep only row and column means.
    package var factoredFrom = 128
    package var decayRate: Float = 0.8
    package var decayOffset = 0
    /// Most that the root mean square of a parameter's step may be, before its scale; none with 0.
    package var clippingThreshold: Float = 1
    package var multipliesByParameterScale = true
    package var epsilon: Float = 1e-30
    /// Least scale of a parameter, as in optax.
    package var leastScale: Float = 1e-3
    /// Momentum; none with 0.
    package var momentum: Float = 0
    /// Share of a decayed parameter taken off at each step, as optax's `weight_decay_rate`: not
    /// multiplied with the learning rate.
    package var weightDecayRate: Float = 0
    package init() {}
  }

  /// How one parameter's squares are kept.
  private struct Part: Sendable {
    let range: Range<Int>
    let decays: Bool
    /// The parameter as `[outer, large, inner, …]` seen along its two largest axes; `nil` where every
    /// square is kept.
    let factors: Factors?
    /// Where its state begins in `rows` and `columns`, or in `squares`.
    let rowStart, columnStart, squareStart: Int
  }

  /// The two largest axes, the larger last, and all axes' sizes.
  private struct Factors: Sendable {
    let shape: [Int]
    /// The second largest axis and the largest.
    let second, largest: Int
  }

  private let settings: Settings
  private let parts: [Part]
  private var steps = 0
  private var rows: [Float]
  private var columns: [Float]
  private var squares: [Float]
  private var means: [Float]

  package init(
    _ layout: ParameterLayout, _ settings: Settings = Settings(),
    decayed: LayerPatterns = .decayed, frozen: LayerPatterns = .none
  ) {
    self.settings = settings
    var parts: [Part] = []
    var (row, column, square) = (0, 0, 0)
    for entry in layout.entries where !frozen.matches(entry.name) {
      let factors = Self.factors(entry.shape, from: settings.factoredFrom)
      parts.append(
        Part(
          range: entry.range, decays: decayed.matches(entry.name), factors: factors,
          rowStart: row, columnStart: column, squareStart: square))
      if let factors {
        row += entry.range.count / entry.shape[factors.largest]
        column += entry.range.count / entry.shape[factors.second]
      } else {
        square += entry.range.count
      }
    }
    self.parts = parts
    rows = Array(repeating: 0, count: row)
    columns = Array(repeating: 0, count: column)
    squares = Array(repeating: 0, count: square)
    means = Array(repeating: 0, count: settings.momentum > 0 ? layout.count : 0)
  }

  /// `optax._src.factorized._factored_dims`: stable order by size, the last two.
  private static func factors(_ shape: [Int], from least: Int) -> Factors? {
    guard shape.count >= 2 else { return nil }
    let order = shape.indices.sorted { (shape[$0], $0) < (shape[$1], $1) }
    let (second, largest) = (order[order.count - 2], order[order.count - 1])
    guard shape[second] >= least else { return nil }
    return Factors(shape: shape, second: second, largest: largest)
  }

  package mutating func update(_ values: inout [Float], gradient: [Float], learningRate: Float) {
    let step = Float(steps + 1 - settings.decayOffset)
    let decay = steps >= settings.decayOffset ? 1 - pow(step, -settings.decayRate) : 0
    for part in parts {
      var update: [Float]
      if let factors = part.factors {
        update = factored(part, factors, gradient, decay: decay)
      } else {
        update = plain(part, gradient, decay: decay)
      }
      if settings.clippingThreshold > 0 {
        let factor = 1 / max(1, Self.rootMeanSquare(update[...]) / settings.clippingThreshold)
        for index in update.indices { update[index] *= factor }
      }
      apply(update, part, &values, learningRate)
    }
    steps += 1
  }

  private mutating func apply(
    _ update: [Float], _ part: Part, _ values: inout [Float], _ learningRate: Float
  ) {
    var factor = learningRate
    if settings.multipliesByParameterScale {
      factor *= max(Self.rootMeanSquare(values[part.range]), settings.leastScale)
    }
    let (start, momentum) = (part.range.lowerBound, settings.momentum)
    for index in update.indices {
      var change = update[index] * factor
      if momentum > 0 {
        change = momentum * means[start + index] + (1 - momentum) * change
        means[start + index] = change
      }
      if part.decays { change += settings.weightDecayRate * values[start + index] }
      values[start + index] -= change
    }
  }

  private mutating func plain(_ part: Part, _ gradient: [Float], decay: Float) -> [Float] {
    part.range.enumerated().map { offset, place in
      let value = gradient[place]
      let square =
        decay * squares[part.squareStart + offset]
        + (1 - decay) * (value * value + settings.epsilon)
      squares[part.squareStart + offset] = square
      return value / square.squareRoot()
    }
  }

  private mutating func factored(
    _ part: Part, _ factors: Factors, _ gradient: [Float], decay: Float
  ) -> [Float] {
    let shape = factors.shape
    let (large, small) = (shape[factors.largest], shape[factors.second])
    // Means over one axis keep the others in order: row means over the largest, column means over
    // the second largest.
    let rowStrides = Self.strides(shape, without: factors.largest)
    let columnStrides = Self.strides(shape, without: factors.second)
    var rowSums = [Double](repeating: 0, count: part.range.count / large)
    var columnSums = [Double](repeating: 0, count: part.range.count / small)
    Self.walk(shape, rowStrides, columnStrides) { offset, row, column in
      let value = gradient[part.range.lowerBound + offset]
      let square = Double(value * value + settings.epsilon)
      rowSums[row] += square
      columnSums[column] += square
    }
    for index in rowSums.indices {
      rows[part.rowStart + index] =
        decay * rows[part.rowStart + index] + (1 - decay) * Float(rowSums[index] / Double(large))
    }
    for index in columnSums.indices {
      columns[part.columnStart + index] =
        decay * columns[part.columnStart + index]
        + (1 - decay) * Float(columnSums[index] / Double(small))
    }
    // The mean of the row means over the second largest axis, for each place on the other axes.
    let axis = factors.second > factors.largest ? factors.second - 1 : factors.second
    let inner = shape.enumerated().filter { $0.offset != factors.largest }.map(\.element)[
      (axis + 1)...
    ].reduce(1, *)
    var means = [Double](repeating: 0, count: rowSums.count)
    for index in rowSums.indices where index / inner % small == 0 {
      let places = (0..<small).map { index + $0 * inner }
      let mean = places.reduce(0) { $0 + Double(rows[part.rowStart + $1]) } / Double(small)
      for place in places { means[place] = mean }
    }
    var update = [Float](repeating: 0, count: part.range.count)
    Self.walk(shape, rowStrides, columnStrides) { offset, row, column in
      let share = rows[part.rowStart + row] / Float(means[row])
      update[offset] =
        gradient[part.range.lowerBound + offset] / share.squareRoot()
        / columns[part.columnStart + column].squareRoot()
    }
    return update
  }

  /// Strides of the array without axis `axis`, which itself has stride 0.
  private static func strides(_ shape: [Int], without axis: Int) -> [Int] {
    var strides = Array(repeating: 0, count: shape.count)
    var size = 1
    for index in shape.indices.reversed() where index != axis {
      strides[index] = size
      size *= shape[index]
    }
    return strides
  }

  /// Every place of an array with its places in the arrays of row and column means.
  private static func walk(
    _ shape: [Int], _ first: [Int], _ second: [Int], _ body: (Int, Int, Int) -> Void
  ) {
    let last = shape.count - 1
    var index = Array(repeating: 0, count: shape.count)
    var offset = 0
    for _ in 0..<shape[..<last].reduce(1, *) {
      var (a, b) = (0, 0)
      for axis in 0..<last {
        a += index[axis] * first[axis]
        b += index[axis] * second[axis]
      }
      for place in 0..<shape[last] {
        body(offset, a + place * first[last], b + place * second[last])
        offset += 1
      }
      var axis = last - 1
      while axis >= 0 {
        index[axis] += 1
        if index[axis] < shape[axis] { break }
        index[axis] = 0
        axis -= 1
      }
    }
  }

  private static func rootMeanSquare(_ values: ArraySlice<Float>) -> Float {
    let sum = values.reduce(0.0) { $0 + Double($1) * Double($1) }
    return Float((sum / Double(max(1, values.count))).squareRoot())
  }

  package var state: [(name: String, values: [Float])] {
    [
      ("adafactor.step", [Float(steps)]), ("adafactor.rows", rows),
      ("adafactor.columns", columns), ("adafactor.squares", squares),
      ("adafactor.means", means),
    ]
  }

  package mutating func restore(_ state: [String: [Float]]) throws {
    let step = try saved("adafactor.step", count: 1, in: state)[0]
    guard step >= 0, step < 16_777_216 else {
      throw TrainingError("the optimiser's state says \(step) steps, expected 0…16777215")
    }
    rows = try saved("adafactor.rows", count: rows.count, in: state)
    columns = try saved("adafactor.columns", count: columns.count, in: state)
    squares = try saved("adafactor.squares", count: squares.count, in: state)
    means = try saved("adafactor.means", count: means.count, in: state)
    steps = Int(step)
  }
}
