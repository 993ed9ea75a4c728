/// Weight `[outputs, inputs]` and bias `[outputs]` of y = x·Wᵀ + b.
package struct LinearParameters: Sendable, Equatable {
  package let weight, bias: Parameter
  package let inputs, outputs: Int

  package init(_ name: String, inputs: Int, outputs: Int, deviation: Double) {
    (self.inputs, self.outputs) = (inputs, outputs)
    weight = Parameter("\(name).weight", [outputs, inputs], .normal(deviation: deviation))
    bias = Parameter("\(name).bias", [outputs], .constant(0))
  }

  package var all: [Parameter] { [weight, bias] }
}

/// Scale and shift `[width]` of a layer norm.
package struct LayerNormParameters: Sendable, Equatable {
  package let scale, shift: Parameter

  package init(_ name: String, width: Int) {
    scale = Parameter("\(name).weight", [width], .constant(1))
    shift = Parameter("\(name).bias", [width], .constant(0))
  }

  package var all: [Parameter] { [scale, shift] }
}

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

/// The parameters of one residual attention block, transformers' `CLIPEncoderLayer`, distributed at the
/// start as its `_init_weights` does for initializer_factor 1.
package struct BlockParameters: Sendable, Equatable {
  package let norm1, norm2: LayerNormParameters
  package let attention: AttentionParameters
  /// width → intermediateWidth → width
  package let expand, contract: LinearParameters

  package init(_ name: String, _ sizes: TransformerConfiguration) {
    let narrow = 1 / Double(sizes.width).squareRoot()
    let deep = narrow * (1 / Double(2 * sizes.layers).squareRoot())
    norm1 = LayerNormParameters("\(name).layer_norm1", width: sizes.width)
    attention = AttentionParameters(
      "\(name).self_attn", width: sizes.width, deviation: deep, outputDeviation: narrow)
    norm2 = LayerNormParameters("\(name).layer_norm2", width: sizes.width)
    expand = LinearParameters(
      "\(name).mlp.fc1", inputs: sizes.width, outputs: sizes.intermediateWidth,
      deviation: 1 / Double(2 * sizes.width).squareRoot())
    contract = LinearParameters(
      "\(name).mlp.fc2", inputs: sizes.intermediateWidth, outputs: sizes.width, deviation: deep)
  }

  package var all: [Parameter] {
    norm1.all + attention.all + norm2.all + expand.all + contract.all
  }
}
