/// The parameters of one residual attention block, transformers' `CLIPEncoderLayer`, distributed at the
/// start as its `_init_weights` does for initializer_factor 1.
package struct BlockParameters: Sendable, Equatable {
  package let norm1, norm2: LayerNormParameters
  package let attention: AttentionParameters
  package let mlp: MLPParameters

  package init(_ name: String, _ sizes: TransformerConfiguration) {
    let narrow = 1 / Double(sizes.width).squareRoot()
    let deep = narrow * (1 / Double(2 * sizes.layers).squareRoot())
    norm1 = LayerNormParameters("\(name).layer_norm1", width: sizes.width)
    attention = AttentionParameters(
      "\(name).self_attn", width: sizes.width, deviation: deep, outputDeviation: narrow)
    norm2 = LayerNormParameters("\(name).layer_norm2", width: sizes.width)
    mlp = MLPParameters(
      "\(name).mlp", width: sizes.width, intermediateWidth: sizes.intermediateWidth,
      expandDeviation: 1 / Double(2 * sizes.width).squareRoot(), contractDeviation: deep)
  }

  package var all: [Parameter] { norm1.all + attention.all + norm2.all + mlp.all }
}

/// One residual attention block among the numbers of a model.
struct BlockPlaces: Sendable {
  let norm1, norm2: LayerNormPlaces
  let attention: AttentionPlaces
  let mlp: MLPPlaces

  init(_ table: ParameterTable, _ block: BlockParameters, _ sizes: TransformerConfiguration) {
    norm1 = LayerNormPlaces(table, block.norm1, epsilon: sizes.layerNormEpsilon)
    attention = AttentionPlaces(table, block.attention)
    norm2 = LayerNormPlaces(table, block.norm2, epsilon: sizes.layerNormEpsilon)
    mlp = MLPPlaces(table, block.mlp, sizes.activation)
  }
}
