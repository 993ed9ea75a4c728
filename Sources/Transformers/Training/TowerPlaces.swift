/// Where the parameters of one residual attention block begin in the vector.
struct BlockPlaces: Sendable {
  let norm1Scale, norm1Shift: Int
  /// Key, value and query weights, `[3 · width, width]` together, and their biases.
  let attentionWeight, attentionBias: Int
  let outWeight, outBias: Int
  let norm2Scale, norm2Shift: Int
  let expandWeight, expandBias: Int
  let contractWeight, contractBias: Int

  init(_ table: ParameterTable, _ block: BlockParameters) {
    norm1Scale = table.start(block.norm1.scale)
    norm1Shift = table.start(block.norm1.shift)
    attentionWeight = table.start(block.attention.key.weight)
    attentionBias = table.start(block.attention.key.bias)
    outWeight = table.start(block.attention.output.weight)
    outBias = table.start(block.attention.output.bias)
    norm2Scale = table.start(block.norm2.scale)
    norm2Shift = table.start(block.norm2.shift)
    expandWeight = table.start(block.expand.weight)
    expandBias = table.start(block.expand.bias)
    contractWeight = table.start(block.contract.weight)
    contractBias = table.start(block.contract.bias)
  }
}

/// Sizes of one tower and where its parameters begin.
package struct TowerPlaces: Sendable {
  let sizes: TransformerConfiguration
  let blocks: [BlockPlaces]
  /// The layer norm behind the pooled row.
  let normScale, normShift: Int
  /// `[projectionWidth, width]`
  let projection: Int
  let projectionWidth: Int
  let isCausal: Bool
  /// The lowest block whose gradient is wanted; `blocks.count` for none.
  let lowestBlock: Int
  /// Whether the gradient of what is below the blocks is wanted.
  let stemIsTrained: Bool

  /// - Parameters:
  ///   - stem: the parameters below the blocks.
  ///   - norm: of the pooled row.
  ///   - projection: `[projectionWidth, width]`
  ///   - frozen: parameters whose gradient is not wanted.
  package init(
    _ table: ParameterTable, _ sizes: TransformerConfiguration, stem: [Parameter],
    blocks: [BlockParameters], norm: LayerNormParameters, projection: Parameter, isCausal: Bool,
    frozen: LayerPatterns
  ) {
    self.sizes = sizes
    self.blocks = blocks.map { BlockPlaces(table, $0) }
    normScale = table.start(norm.scale)
    normShift = table.start(norm.shift)
    self.projection = table.start(projection)
    projectionWidth = projection.shape[0]
    self.isCausal = isCausal
    func isTrained(_ parameters: [Parameter]) -> Bool {
      parameters.contains { !frozen.matches($0.name) }
    }
    stemIsTrained = isTrained(stem)
    lowestBlock =
      stemIsTrained ? 0 : blocks.firstIndex { isTrained($0.all) } ?? blocks.count
  }
}
