import Compute
import Foundation

extension Adafactor {
  /// One parameter's step. Works on copies of its own slices, which it writes back.
  struct Work {
    private let settings: Settings
    private let part: Part
    private let target: Floats
    private let gradient: [Float]
    private let rowsTarget, columnsTarget, squaresTarget, meansTarget: Floats
    private var values, rows, columns, squares, means: [Float]

    /// - Parameters: the whole model's vectors.
    init(
      settings: Settings, part: Part, values: Floats, gradient: Floats, rows: Floats,
      columns: Floats, squares: Floats, means: Floats
    ) {
      self.settings = settings
      self.part = part
      let (start, count) = (part.range.lowerBound, part.range.count)
      let sizes = part.factors?.stateCounts(of: count)
      target = values.at(start, count: count)
      self.gradient = gradient.at(start, count: count).array
      rowsTarget = rows.at(sizes == nil ? 0 : part.rowStart, count: sizes?.rows ?? 0)
      columnsTarget = columns.at(sizes == nil ? 0 : part.columnStart, count: sizes?.columns ?? 0)
      squaresTarget = squares.at(
        sizes == nil ? part.squareStart : 0, count: sizes == nil ? count : 0)
      meansTarget = means.at(
        settings.momentum > 0 ? start : 0, count: settings.momentum > 0 ? count : 0)
      self.values = target.array
      (self.rows, self.columns) = (rowsTarget.array, columnsTarget.array)
      (self.squares, self.means) = (squaresTarget.array, meansTarget.array)
    }

    mutating func update(decay: Float, learningRate: Float) {
      var update = part.factors.map { factored($0, decay: decay) } ?? plain(decay: decay)
      if settings.clippingThreshold > 0 {
        let factor = 1 / max(1, Self.rootMeanSquare(update) / settings.clippingThreshold)
        for index in update.indices { update[index] *= factor }
      }
      apply(update, learningRate)
      for (floats, changed) in [
        (target, values), (rowsTarget, rows), (columnsTarget, columns), (squaresTarget, squares),
        (meansTarget, means),
      ] where !changed.isEmpty {
        Floats.lend(changed) { floats.copy(from: $0) }
      }
    }

    private mutating func apply(_ update: [Float], _ learningRate: Float) {
      var factor = learningRate
      if settings.multipliesByParameterScale {
        factor *= max(Self.rootMeanSquare(values), settings.leastScale)
      }
      let momentum = settings.momentum
      for index in update.indices {
        var change = update[index] * factor
        if momentum > 0 {
          change = momentum * means[index] + (1 - momentum) * change
          means[index] = change
        }
        if part.decays { change += settings.weightDecayRate * values[index] }
        values[index] -= change
      }
    }

    private mutating func plain(decay: Float) -> [Float] {
      var update = gradient
      for index in update.indices {
        let value = update[index]
        let square = decay * squares[index] + (1 - decay) * (value * value + settings.epsilon)
        squares[index] = square
        update[index] = value / square.squareRoot()
      }
      return update
    }

    private mutating func factored(_ factors: Factors, decay: Float) -> [Float] {
      let epsilon = settings.epsilon
      let shape = factors.shape
      let (large, small) = (shape[factors.largest], shape[factors.second])
      // Means over one axis keep the others in order: row means over the largest, column means over
      // the second largest.
      let rowStrides = Self.strides(shape, without: factors.largest)
      let columnStrides = Self.strides(shape, without: factors.second)
      var rowSums = [Double](repeating: 0, count: gradient.count / large)
      var columnSums = [Double](repeating: 0, count: gradient.count / small)
      Self.walk(shape, rowStrides, columnStrides) { offset, row, column in
        let value = gradient[offset]
        let square = Double(value * value + epsilon)
        rowSums[row] += square
        columnSums[column] += square
      }
      for index in rowSums.indices {
        rows[index] =
          decay * rows[index] + (1 - decay) * Float(rowSums[index] / Double(large))
      }
      for index in columnSums.indices {
        columns[index] =
          decay * columns[index]
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
        let mean = places.reduce(0) { $0 + Double(rows[$1]) } / Double(small)
        for place in places { means[place] = mean }
      }
      var update = [Float](repeating: 0, count: gradient.count)
      Self.walk(shape, rowStrides, columnStrides) { offset, row, column in
        let share = rows[row] / Float(means[row])
        update[offset] =
          gradient[offset] / share.squareRoot()
          / columns[column].squareRoot()
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

    private static func rootMeanSquare(_ values: [Float]) -> Float {
      let sum = values.reduce(0.0) { $0 + Double($1) * Double($1) }
      return Float((sum / Double(max(1, values.count))).squareRoot())
    }

  }
}
