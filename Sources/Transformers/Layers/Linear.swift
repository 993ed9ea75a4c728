import Compute

/// Weight `[outputs, inputs]` and bias `[outputs]` of y = x·Wᵀ + b, PyTorch's `nn.Linear`.
package struct LinearParameters: Sendable, Equatable {
  package let weight, bias: Parameter
  package let inputs, outputs: Int

  /// - Parameters:
  ///   - name: in front of `.weight` and `.bias`.
  ///   - deviation: of the weights at the start; biases start at 0.
  package init(_ name: String, inputs: Int, outputs: Int, deviation: Double) {
    (self.inputs, self.outputs) = (inputs, outputs)
    weight = Parameter("\(name).weight", [outputs, inputs], .normal(deviation: deviation))
    bias = Parameter("\(name).bias", [outputs], .constant(0))
  }

  package var all: [Parameter] { [weight, bias] }
}

/// A linear layer among the numbers of a model: where its weight and bias begin.
package struct LinearPlaces: Sendable {
  let weight: Int
  /// None for a projection without bias.
  let bias: Int?
  package let inputs, outputs: Int

  package init(_ table: ParameterTable, _ parameters: LinearParameters) {
    self.init(table, joined: [parameters])
  }

  /// Layers of one input as one layer, so that one product makes all their outputs: in the table their
  /// weights follow each other, and so do their biases.
  package init(_ table: ParameterTable, joined layers: [LinearParameters]) {
    weight = table.start(layers[0].weight)
    bias = table.start(layers[0].bias)
    inputs = layers[0].inputs
    outputs = layers.reduce(0) { $0 + $1.outputs }
    var before = 0
    for layer in layers {
      precondition(
        layer.inputs == inputs && table.start(layer.weight) == weight + before * inputs
          && table.start(layer.bias) == table.start(layers[0].bias) + before)
      before += layer.outputs
    }
  }

  /// - Parameter projection: `[outputs, …]`, without a bias; all that follows the outputs is one row.
  package init(_ table: ParameterTable, projection: Parameter) {
    weight = table.start(projection)
    bias = nil
    outputs = projection.shape[0]
    inputs = projection.count / outputs
  }

  /// y = x·Wᵀ + b, plus `residual`.
  /// - Parameters:
  ///   - x: `[rows, inputs]`
  ///   - weights: all of the model's.
  ///   - residual: `[rows, outputs]`, dense.
  ///   - y: `[rows, outputs]`, dense.
  package func forward(
    _ x: Matrix, _ weights: Floats, adding residual: Floats? = nil, into y: Matrix
  ) throws {
    if let bias {
      VectorLoops.fillRows(y, bias: weights.at(bias, count: outputs), residual: residual)
    } else if let residual {
      y.floats.copy(from: residual.at(0, count: y.rows * y.columns))
    }
    try product(x, weights, into: y, accumulating: bias != nil || residual != nil)
  }

  /// y = x·Wᵀ, or y += x·Wᵀ where `accumulating`.
  package func product(
    _ x: Matrix, _ weights: Floats, into y: Matrix, accumulating: Bool = false
  ) throws {
    try MatrixProduct.multiply(x, matrix(weights).transposed, into: y, accumulating: accumulating)
  }

  /// dx = dy·W
  package func backward(_ dy: Matrix, _ weights: Floats, into dx: Matrix) throws {
    try MatrixProduct.multiply(dy, matrix(weights), into: dx)
  }

  private func matrix(_ numbers: Floats) -> Matrix {
    Matrix(numbers.at(weight, count: outputs * inputs), rows: outputs, columns: inputs)
  }
}

/// The gradients of y = x·Wᵀ + b with respect to W, dyᵀ·x, and to b, the sum of dy's rows.
package struct LinearGradient: Sendable {
  /// The gradient by y, and x.
  let dy, x: Matrix
  let layer: LinearPlaces

  package init(_ layer: LinearPlaces, dy: Matrix, x: Matrix) {
    (self.layer, self.dy, self.x) = (layer, dy, x)
  }

  /// Adds it to `gradient`, which lies as the model's numbers do; of `slices` the one of that number,
  /// cut by rows of the weight.
  package func add(to gradient: Floats, slice: Int = 0, of slices: Int = 1) throws {
    let (outputs, inputs) = (layer.outputs, layer.inputs)
    // Whole vector registers, so that the slices' kernels are those of the whole.
    let step = ((outputs + slices - 1) / slices + 15) & ~15
    let first = min(slice * step, outputs)
    let last = min(first + step, outputs)
    guard first < last else { return }
    let columns = Matrix(
      dy.floats.at(first, count: dy.floats.count - first), rows: dy.rows, columns: last - first,
      stride: dy.stride)
    try MatrixProduct.multiply(
      columns.transposed, x,
      into: Matrix(
        gradient.at(layer.weight + first * inputs, count: (last - first) * inputs),
        rows: last - first, columns: inputs), accumulating: true)
    if let bias = layer.bias {
      VectorLoops.addColumnSums(
        of: columns, to: gradient.at(bias + first, count: last - first))
    }
  }
}

/// Packs linear layers for inference, cut into parts that threads compute by themselves.
struct LinearPacking {
  let source: any ParameterSource
  let engine: Engine
  let slab: WeightSlab
  let parts: Int

  /// A layer cut by what it gives.
  /// - Parameter scale: goes into weight and bias.
  func byOutputs(_ layer: LinearParameters, scale: Float = 1) throws -> [LinearWeights] {
    var (weight, bias) = (try source.floats(layer.weight), try source.floats(layer.bias))
    let (inputs, outputs) = (layer.inputs, layer.outputs)
    if scale != 1 {
      for index in weight.indices { weight[index] *= scale }
      for index in bias.indices { bias[index] *= scale }
    }
    let share = outputs / parts
    return try (0..<parts).map { part in
      try LinearWeights(
        engine: engine,
        weight: Array(weight[part * share * inputs..<(part + 1) * share * inputs]),
        bias: Array(bias[part * share..<(part + 1) * share]), inputs: inputs, outputs: share,
        slab: slab)
    }
  }

  /// A layer cut by what it takes: the parts' results add up to the layer's; the bias is with the
  /// first.
  func byInputs(_ layer: LinearParameters) throws -> [LinearWeights] {
    let (weight, bias) = (try source.floats(layer.weight), try source.floats(layer.bias))
    let (inputs, outputs) = (layer.inputs, layer.outputs)
    let share = inputs / parts
    return try (0..<parts).map { part in
      var cut: [Float] = []
      cut.reserveCapacity(outputs * share)
      for row in 0..<outputs {
        cut += weight[row * inputs + part * share..<row * inputs + (part + 1) * share]
      }
      return try LinearWeights(
        engine: engine, weight: cut, bias: part == 0 ? bias : nil, inputs: share,
        outputs: outputs, slab: slab)
    }
  }
}
