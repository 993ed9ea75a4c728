import Checkpoints
import Compute

/// Packed weights of one residual attention block, `CLIPEncoderLayer`.
struct BlockWeights: Sendable {
  let norm1: LayerNormWeights
  /// `[width, width]` each; the query's carry the scale 1/√headWidth.
  let query, key, value, output: LinearWeights
  let norm2: LayerNormWeights
  /// width → intermediateWidth → width
  let expand, contract: LinearWeights
}

/// The blocks that both towers share.
///
/// Differs from `CLIPEncoder` in one thing that changes no result: both towers pool one row per item
/// after the last block, so that block computes its queries, its output and its MLP for that row only.
struct Transformer: Sendable {
  let configuration: TransformerConfiguration
  let blocks: [BlockWeights]

  /// Names and shapes of a tower's block parameters, which a checkpoint must have.
  static func parameters(_ prefix: String, _ sizes: TransformerConfiguration) -> [(String, [Int])] {
    (0..<sizes.layers).flatMap { layer -> [(String, [Int])] in
      let block = "\(prefix).encoder.layers.\(layer)."
      let norms = ["layer_norm1", "layer_norm2"].flatMap {
        [(block + $0 + ".weight", [sizes.width]), (block + $0 + ".bias", [sizes.width])]
      }
      let attention = ["q_proj", "k_proj", "v_proj", "out_proj"].flatMap {
        [
          (block + "self_attn.\($0).weight", [sizes.width, sizes.width]),
          (block + "self_attn.\($0).bias", [sizes.width]),
        ]
      }
      return norms + attention + [
        (block + "mlp.fc1.weight", [sizes.intermediateWidth, sizes.width]),
        (block + "mlp.fc1.bias", [sizes.intermediateWidth]),
        (block + "mlp.fc2.weight", [sizes.width, sizes.intermediateWidth]),
        (block + "mlp.fc2.bias", [sizes.width]),
      ]
    }
  }

  init(_ table: TensorTable, prefix: String, _ sizes: TransformerConfiguration, engine: Engine)
    throws
  {
    configuration = sizes
    let scale = 1 / Float(sizes.headWidth).squareRoot()
    blocks = try (0..<sizes.layers).map { layer in
      let block = "\(prefix).encoder.layers.\(layer)."
      func linear(_ name: String, _ inputs: Int, _ outputs: Int, scale: Float = 1) throws
        -> LinearWeights
      {
        var weight = try table.floats("\(block)\(name).weight", shape: [outputs, inputs])
        var bias = try table.floats("\(block)\(name).bias", shape: [outputs])
        if scale != 1 {
          for index in weight.indices { weight[index] *= scale }
          for index in bias.indices { bias[index] *= scale }
        }
        return try LinearWeights(
          engine: engine, weight: weight, bias: bias, inputs: inputs, outputs: outputs)
      }
      let width = sizes.width
      return BlockWeights(
        norm1: try LayerNormWeights(table, "\(block)layer_norm1", sizes),
        query: try linear("self_attn.q_proj", width, width, scale: scale),
        key: try linear("self_attn.k_proj", width, width),
        value: try linear("self_attn.v_proj", width, width),
        output: try linear("self_attn.out_proj", width, width),
        norm2: try LayerNormWeights(table, "\(block)layer_norm2", sizes),
        expand: try linear("mlp.fc1", width, sizes.intermediateWidth),
        contract: try linear("mlp.fc2", sizes.intermediateWidth, width))
    }
  }

  /// Adds all blocks to a program.
  /// - Parameters:
  ///   - x: `[batch · tokens, width]`, changed in place (its last block only at the pooled rows).
  ///   - pooledRow: the row of each item that is pooled.
  ///   - recorder: keeps what goes into each block, for comparison with the reference.
  /// - Returns: the pooled rows after the last block, `[batch, width]`.
  func append(
    to program: Program, x: Program.Buffer, batch: Int, tokens: Int, pooledRow: Int, causal: Bool,
    recorder: HiddenStates? = nil
  ) throws -> Program.Buffer {
    let sizes = configuration
    let rows = batch * tokens
    let normed = program.buffer(rows * sizes.width)
    let query = program.buffer(rows * sizes.width)
    let key = program.buffer(rows * sizes.width)
    let value = program.buffer(rows * sizes.width)
    let attended = program.buffer(rows * sizes.width)
    let expanded = program.buffer(rows * sizes.intermediateWidth)
    for (index, block) in blocks.enumerated() {
      recorder?.record(x, in: program)
      try program.layerNorm(x, rows: rows, block.norm1, into: normed)
      try program.linear(normed, rows: rows, block.key, into: key)
      try program.linear(normed, rows: rows, block.value, into: value)
      if index == blocks.count - 1 {
        let pooled = try appendPooled(
          block, program, (x, normed, key, value, expanded), batch: batch, tokens: tokens,
          pooledRow: pooledRow)
        recorder?.record(pooled, in: program)
        return pooled
      }
      try program.linear(normed, rows: rows, block.query, into: query)
      try program.attention(
        shape(batch, queries: tokens, keys: tokens), q: query, k: key, v: value, causal: causal,
        into: attended)
      try program.linear(attended, rows: rows, block.output, accumulating: true, into: x)
      try program.layerNorm(x, rows: rows, block.norm2, into: normed)
      try program.linear(
        normed, rows: rows, block.expand, activation: sizes.activation, into: expanded)
      try program.linear(expanded, rows: rows, block.contract, accumulating: true, into: x)
    }
    return x
  }

  private func appendPooled(
    _ block: BlockWeights, _ program: Program,
    _ buffers: (
      x: Program.Buffer, normed: Program.Buffer, key: Program.Buffer, value: Program.Buffer,
      expanded: Program.Buffer
    ), batch: Int, tokens: Int, pooledRow: Int
  ) throws -> Program.Buffer {
    let width = configuration.width
    let pooled = program.buffer(batch * width)
    let normed = program.buffer(batch * width)
    let query = program.buffer(batch * width)
    let attended = program.buffer(batch * width)
    for (from, to) in [(buffers.x, pooled), (buffers.normed, normed)] {
      program.takeRows(
        from, start: pooledRow, stride: tokens, count: batch, width: width, into: to)
    }
    try program.linear(normed, rows: batch, block.query, into: query)
    // The pooled row of a text is its last one, so its causal mask hides nothing.
    try program.attention(
      shape(batch, queries: 1, keys: tokens), q: query, k: buffers.key, v: buffers.value,
      causal: false, into: attended)
    try program.linear(attended, rows: batch, block.output, accumulating: true, into: pooled)
    try program.layerNorm(pooled, rows: batch, block.norm2, into: normed)
    try program.linear(
      normed, rows: batch, block.expand, activation: configuration.activation,
      into: buffers.expanded)
    try program.linear(
      buffers.expanded, rows: batch, block.contract, accumulating: true, into: pooled)
    return pooled
  }

  private func shape(_ batch: Int, queries: Int, keys: Int) -> AttentionShape {
    AttentionShape(
      batch: batch, heads: configuration.heads, queries: queries, keys: keys,
      headWidth: configuration.headWidth)
  }
}

extension LayerNormWeights {
  /// The layer norm `name` of a checkpoint.
  convenience init(_ table: TensorTable, _ name: String, _ sizes: TransformerConfiguration) throws {
    try self.init(
      scale: try table.floats("\(name).weight", shape: [sizes.width]),
      shift: try table.floats("\(name).bias", shape: [sizes.width]),
      epsilon: sizes.layerNormEpsilon)
  }
}

/// What a run of a tower had before each block and, pooled, after the last.
///
/// `@unchecked Sendable`: written by the run of one program, read after it.
final class HiddenStates: @unchecked Sendable {
  private(set) var values: [[Float]] = []

  func record(_ buffer: Program.Buffer, in program: Program) {
    program.host { [self] in values.append($0.values(of: buffer)) }
  }
}
