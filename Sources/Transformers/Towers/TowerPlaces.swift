/// Sizes of one tower and where its parameters begin.
package struct TowerPlaces: Sendable {
  let sizes: TransformerConfiguration
  let blocks: [BlockPlaces]
  /// Behind the pooled row.
  let norm: LayerNormPlaces
  /// width → projectionWidth, without bias.
  let projection: LinearPlaces
  let isCausal: Bool
  /// The lowest block whose gradient is wanted; `blocks.count` for none.
  let lowestBlock: Int
  var projectionWidth: Int { projection.outputs }
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
    self.blocks = blocks.map { BlockPlaces(table, $0, sizes) }
    self.norm = LayerNormPlaces(table, norm, epsilon: sizes.layerNormEpsilon)
    self.projection = LinearPlaces(table, projection: projection)
    self.isCausal = isCausal
    func isTrained(_ parameters: [Parameter]) -> Bool {
      parameters.contains { !frozen.matches($0.name) }
    }
    stemIsTrained = isTrained(stem)
    lowestBlock =
      stemIsTrained ? 0 : blocks.firstIndex { isTrained($0.all) } ?? blocks.count
  }
}
