import Compute

/// The parameters of width → intermediateWidth → width, transformers' `CLIPMLP`.
package struct MLPParameters: Sendable, Equatable {
  package let expand, contract: LinearParameters

  package init(
    _ name: String, width: Int, intermediateWidth: Int, expandDeviation: Double,
    contractDeviation: Double
  ) {
    expand = LinearParameters(
      "\(name).fc1", inputs: width, outputs: intermediateWidth, deviation: expandDeviation)
    contract = LinearParameters(
      "\(name).fc2", inputs: intermediateWidth, outputs: width, deviation: contractDeviation)
  }

  package var all: [Parameter] { expand.all + contract.all }
}

/// An MLP among the numbers of a model.
package struct MLPPlaces: Sendable {
  package let expand, contract: LinearPlaces
  let activation: Activation

  package init(_ table: ParameterTable, _ parameters: MLPParameters, _ activation: Activation) {
    expand = LinearPlaces(table, parameters.expand)
    contract = LinearPlaces(table, parameters.contract)
    self.activation = activation
  }

  /// y = activation(x·W₁ᵀ + b₁)·W₂ᵀ + b₂, plus `residual`; every matrix dense.
  /// - Parameters:
  ///   - x: `[rows, width]`, as y.
  ///   - expanded: `[rows, intermediateWidth]`, kept: what goes into the activation.
  ///   - activated: as large, for the time of the call.
  package func forward(
    _ x: Matrix, _ weights: Floats, adding residual: Floats?, expanded: Matrix, activated: Floats,
    into y: Matrix
  ) throws {
    // The bias goes in with the activation, in one pass over memory.
    try expand.product(x, weights, into: expanded)
    VectorLoops.activation(
      activation, expanded, bias: weights.at(expand.bias ?? 0, count: expand.outputs),
      into: activated)
    try contract.forward(
      Matrix(activated, rows: expanded.rows, columns: expanded.columns), weights,
      adding: residual, into: y)
  }

  /// From the gradient with respect to y to that with respect to the activation's input; computes the
  /// activation's output again.
  package func backwardToExpanded(
    _ dy: Matrix, _ weights: Floats, expanded: Matrix, into byExpanded: Matrix, activated: Floats
  ) throws {
    try contract.backward(dy, weights, into: byExpanded)
    VectorLoops.activationBackward(
      activation, expanded.floats, count: expanded.rows * expanded.columns,
      gradient: byExpanded.floats, into: activated)
  }
}

/// Packed weights of a share of an MLP.
struct MLPWeights: Sendable {
  /// width → the share of intermediateWidth → width
  let expand, contract: LinearWeights

  static func parts(_ parameters: MLPParameters, _ packing: LinearPacking) throws -> [MLPWeights] {
    let expand = try packing.byOutputs(parameters.expand)
    let contract = try packing.byInputs(parameters.contract)
    return expand.indices.map { MLPWeights(expand: expand[$0], contract: contract[$0]) }
  }

  /// Adds its steps to a program.
  /// - Parameters:
  ///   - x: `[rows, width]`, as target.
  ///   - accumulating: adds to `target`.
  func append(
    to program: Program, _ x: Program.Buffer, rows: Int, _ activation: Activation,
    _ scratch: BlockScratch, accumulating: Bool, into target: Program.Buffer
  ) throws {
    try program.linear(x, rows: rows, expand, activation: activation, into: scratch.expanded)
    try program.linear(
      scratch.expanded, rows: rows, contract, accumulating: accumulating, into: target)
  }
}
