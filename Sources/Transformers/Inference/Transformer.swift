import Compute

/// Packed weights of one residual attention block, `CLIPEncoderLayer`.
struct BlockWeights: Sendable {
  let norm1: LayerNormWeights
  let norm2: LayerNormWeights
  /// The block cut lengthwise: the parts' sums are the block's.
  let parts: [BlockPart]
}

/// Some of a block's heads and as large a share of its MLP, so that a thread can compute it by itself
/// (Shoeybi et al. 2019, Megatron-LM). The last biases are with the first part.
struct BlockPart: Sendable {
  let attention: AttentionWeights
  let mlp: MLPWeights
}

/// The blocks that both towers share.
///
/// Differs from `CLIPEncoder` in one thing that changes no result: both towers pool one row per item
/// after the last block, so that block computes its queries, its output and its MLP for that row only.
package struct Transformer: Sendable {
  let configuration: TransformerConfiguration
  let blocks: [BlockWeights]
  /// Parts of each block.
  package let parts: Int

  /// - Parameter sharing: for one short sequence; the blocks are cut into as many parts as there are
  ///   threads, or into fewer where the heads do not divide so.
  package init(
    _ source: some ParameterSource, _ parameters: [BlockParameters],
    _ sizes: TransformerConfiguration, engine: Engine, sharing: Sharing
  ) throws {
    configuration = sizes
    let parts = (1...max(1, min(sharing.threads, sizes.heads))).last {
      sizes.heads % $0 == 0 && sizes.intermediateWidth % $0 == 0
        && sizes.width / $0 >= sharing.narrowestPart
    }
    self.parts = parts ?? 1
    let packing = LinearPacking(
      source: source, engine: engine, slab: WeightSlab(), parts: self.parts)
    blocks = try parameters.map { block in
      let attention = try AttentionWeights.parts(block.attention, sizes, packing)
      let mlp = try MLPWeights.parts(block.mlp, packing)
      return BlockWeights(
        norm1: try LayerNormWeights(source, block.norm1, sizes),
        norm2: try LayerNormWeights(source, block.norm2, sizes),
        parts: zip(attention, mlp).map { BlockPart(attention: $0, mlp: $1) })
    }
  }

  /// Adds all blocks to a program.
  /// - Parameters:
  ///   - x: `[batch · tokens, width]`, changed in place (its last block only at the pooled rows).
  ///   - pooledRow: the row of each item that is pooled.
  ///   - member: the part that this program computes, as one of a team; none to compute all.
  ///   - recorder: keeps what goes into each block, for comparison with the reference.
  /// - Returns: the pooled rows after the last block, `[batch, width]`.
  package func append(
    to program: Program, x: Program.Buffer, batch: Int, tokens: Int, pooledRow: Int, causal: Bool,
    member: TeamMember? = nil, recorder: HiddenStates? = nil
  ) throws -> Program.Buffer {
    let rows = batch * tokens
    let normed = program.buffer(rows * configuration.width)
    let scratch = BlockScratch(program, configuration, rows: rows, parts: parts, member: member)
    for (index, block) in blocks.enumerated() {
      recorder?.record(x, in: program)
      try program.layerNorm(x, rows: rows, block.norm1, into: normed)
      if index == blocks.count - 1 {
        let pooled = try appendPooled(
          block, program, x: x, normed: normed, scratch, batch: batch, tokens: tokens,
          pooledRow: pooledRow)
        recorder?.record(pooled, in: program)
        return pooled
      }
      try scratch.addParts(of: block, rows: rows, turn: 0, into: x) { part, target, adds in
        try part.attention.append(
          to: program, shape(batch, queries: tokens, keys: tokens), queries: normed, keys: normed,
          causal: causal, scratch, accumulating: adds, into: target)
      }
      try program.layerNorm(x, rows: rows, block.norm2, into: normed)
      try appendMLP(block, program, normed, scratch, rows: rows, into: x)
    }
    return x
  }

  private func appendMLP(
    _ block: BlockWeights, _ program: Program, _ normed: Program.Buffer, _ scratch: BlockScratch,
    rows: Int, into x: Program.Buffer
  ) throws {
    try scratch.addParts(of: block, rows: rows, turn: 1, into: x) { part, target, adds in
      try part.mlp.append(
        to: program, normed, rows: rows, configuration.activation, scratch, accumulating: adds,
        into: target)
    }
  }

  private func appendPooled(
    _ block: BlockWeights, _ program: Program, x: Program.Buffer, normed: Program.Buffer,
    _ scratch: BlockScratch, batch: Int, tokens: Int, pooledRow: Int
  ) throws -> Program.Buffer {
    let width = configuration.width
    let pooled = program.buffer(batch * width)
    let normedPooled = program.buffer(batch * width)
    for (from, to) in [(x, pooled), (normed, normedPooled)] {
      program.takeRows(
        from, start: pooledRow, stride: tokens, count: batch, width: width, into: to)
    }
    try scratch.addParts(of: block, rows: batch, turn: 0, into: pooled) { part, target, adds in
      // The pooled row of a text is its last one, from which the causal mask hides nothing.
      try part.attention.append(
        to: program, shape(batch, queries: 1, keys: tokens), queries: normedPooled, keys: normed,
        causal: false, scratch, accumulating: adds, into: target)
    }
    try program.layerNorm(pooled, rows: batch, block.norm2, into: normedPooled)
    try appendMLP(block, program, normedPooled, scratch, rows: batch, into: pooled)
    return pooled
  }

  private func shape(_ batch: Int, queries: Int, keys: Int) -> AttentionShape {
    AttentionShape(
      batch: batch, heads: configuration.heads / parts, queries: queries, keys: keys,
      headWidth: configuration.headWidth)
  }
}

/// The rows of a tower's run before each block and, pooled, after the last one.
///
/// `@unchecked Sendable`: written by the run of one program, read after it.
package final class HiddenStates: @unchecked Sendable {
  package private(set) var values: [[Float]] = []

  package init() {}

  func record(_ buffer: Program.Buffer, in program: Program) {
    program.host { [self] in values.append($0.values(of: buffer)) }
  }
}
