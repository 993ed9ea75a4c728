import Compute

/// The parameters of multi-head attention, transformers' `CLIPAttention`.
package struct AttentionParameters: Sendable, Equatable {
  package let key, value, query, output: LinearParameters

  /// - Parameters:
  ///   - name: in front of `.q_proj.weight`.
  ///   - deviation: of keys', values' and queries' weights.
  package init(_ name: String, width: Int, deviation: Double, outputDeviation: Double) {
    func linear(_ part: String, _ deviation: Double) -> LinearParameters {
      LinearParameters("\(name).\(part)", inputs: width, outputs: width, deviation: deviation)
    }
    key = linear("k_proj", deviation)
    value = linear("v_proj", deviation)
    query = linear("q_proj", deviation)
    output = linear("out_proj", outputDeviation)
  }

  /// Key, value and query weights follow each other, then their biases, so that one matrix product
  /// makes all three.
  package var all: [Parameter] {
    [key.weight, value.weight, query.weight, key.bias, value.bias, query.bias] + output.all
  }
}

/// Multi-head attention among the numbers of a model (Vaswani et al. 2017).
///
/// Its projections are linear layers that a block applies where it needs them: all three to the same
/// rows, keys and values to the rows of another sequence (cross-attention), or to one row more than
/// before (a growing cache). What lies between them is an ``AttentionHead``.
package struct AttentionPlaces: Sendable {
  /// Columns of its output: keys, values, queries.
  package let keyValueQuery: LinearPlaces
  /// Columns of its output: keys, values.
  package let keyValue: LinearPlaces
  package let query, output: LinearPlaces

  package init(_ table: ParameterTable, _ parameters: AttentionParameters) {
    keyValueQuery = LinearPlaces(
      table, joined: [parameters.key, parameters.value, parameters.query])
    keyValue = LinearPlaces(table, joined: [parameters.key, parameters.value])
    query = LinearPlaces(table, parameters.query)
    output = LinearPlaces(table, parameters.output)
  }
}

/// One head's attention of one item: softmax(q·kᵀ / √headWidth)·v.
package struct AttentionHead: Sendable {
  /// `[queries, headWidth]`
  let query: Matrix
  /// `[keys, headWidth]`
  let key, value: Matrix
  /// `[queries, keys]`, its stride whole vector registers.
  let probabilities: Matrix
  /// `[queries, headWidth]`, the result.
  let attended: Matrix

  package init(query: Matrix, key: Matrix, value: Matrix, probabilities: Matrix, attended: Matrix) {
    (self.query, self.key, self.value) = (query, key, value)
    (self.probabilities, self.attended) = (probabilities, attended)
  }

  private var scale: Float { 1 / Float(query.columns).squareRoot() }

  /// Fills `probabilities` and `attended`.
  /// - Parameter causal: query i sees the keys up to i.
  package func forward(causal: Bool) throws {
    try MatrixProduct.multiply(query, key.transposed, into: probabilities)
    VectorLoops.softmax(probabilities, scale: scale, causal: causal)
    try MatrixProduct.multiply(probabilities, value, into: attended)
  }

  /// From the gradient by `attended` to those by query, key and value, whose places are overwritten.
  /// - Parameter scratch: as many floats as `probabilities` has with its stride.
  package func backward(
    _ byAttended: Matrix, scratch: Floats,
    into gradient: (query: Matrix, key: Matrix, value: Matrix)
  ) throws {
    let byScores = Matrix(
      scratch, rows: probabilities.rows, columns: probabilities.columns,
      stride: probabilities.stride)
    try MatrixProduct.multiply(probabilities.transposed, byAttended, into: gradient.value)
    try MatrixProduct.multiply(byAttended, value.transposed, into: byScores)
    VectorLoops.softmaxBackward(probabilities, gradient: scratch, scale: scale)
    try MatrixProduct.multiply(byScores, key, into: gradient.query)
    try MatrixProduct.multiply(byScores.transposed, query, into: gradient.key)
  }
}

extension Matrix {
  /// One head's columns of `count` rows from `row` on of a dense `[…, stride]`.
  package static func head(
    _ floats: Floats, row: Int, count: Int, stride: Int, column: Int, width: Int
  ) -> Matrix {
    Matrix(
      floats.at(row * stride + column, count: (count - 1) * stride + width), rows: count,
      columns: width, stride: stride)
  }
}

/// Packed weights of some of an attention's heads.
struct AttentionWeights: Sendable {
  /// width → the heads; the query's carry the scale 1/√headWidth.
  let query, key, value: LinearWeights
  /// The heads → width.
  let output: LinearWeights

  /// All heads, in as many parts as the packing makes.
  static func parts(
    _ parameters: AttentionParameters, _ sizes: TransformerConfiguration, _ packing: LinearPacking
  ) throws -> [AttentionWeights] {
    let query = try packing.byOutputs(
      parameters.query, scale: 1 / Float(sizes.headWidth).squareRoot())
    let key = try packing.byOutputs(parameters.key)
    let value = try packing.byOutputs(parameters.value)
    let output = try packing.byInputs(parameters.output)
    return query.indices.map {
      AttentionWeights(query: query[$0], key: key[$0], value: value[$0], output: output[$0])
    }
  }

  /// Adds its steps to a program.
  /// - Parameters:
  ///   - queries: `[batch · shape.queries, width]`
  ///   - keys: `[batch · shape.keys, width]`, what keys and values are made from.
  ///   - accumulating: adds to `target`.
  ///   - target: `[batch · shape.queries, width]`
  func append(
    to program: Program, _ shape: AttentionShape, queries: Program.Buffer, keys: Program.Buffer,
    causal: Bool, _ scratch: BlockScratch, accumulating: Bool, into target: Program.Buffer
  ) throws {
    let (queryRows, keyRows) = (shape.batch * shape.queries, shape.batch * shape.keys)
    try program.linear(keys, rows: keyRows, key, into: scratch.key)
    try program.linear(keys, rows: keyRows, value, into: scratch.value)
    try program.linear(queries, rows: queryRows, query, into: scratch.query)
    try program.attention(
      shape, q: scratch.query, k: scratch.key, v: scratch.value, causal: causal,
      into: scratch.attended)
    try program.linear(
      scratch.attended, rows: queryRows, output, accumulating: accumulating, into: target)
  }
}
