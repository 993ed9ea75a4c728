import CLIP

/// Where each parameter of a model lies in one contiguous vector.
///
/// Names and shapes are those of transformers' `CLIPModel`. Key, value and query weights of a block
/// follow each other, then their biases, so that one matrix product makes all three.
package struct ParameterLayout: Sendable, Equatable {
  package struct Entry: Sendable, Equatable {
    /// The name in a Hugging Face checkpoint.
    package let name: String
    /// Empty for a scalar.
    package let shape: [Int]
    /// Its place in the vector.
    package let range: Range<Int>
  }

  package let entries: [Entry]
  /// Floats of the whole vector.
  package let count: Int
  private let places: [String: Int]

  package init(_ shapes: [(name: String, shape: [Int])]) {
    var entries: [Entry] = []
    var end = 0
    for (name, shape) in shapes {
      let size = shape.reduce(1, *)
      entries.append(Entry(name: name, shape: shape, range: end..<end + size))
      end += size
    }
    self.entries = entries
    count = end
    places = Dictionary(
      entries.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The parameters of a CLIP model of this configuration.
  package init(_ configuration: CLIPConfiguration) {
    let (text, vision) = (configuration.text, configuration.vision)
    let patch = configuration.patchSize
    var shapes: [(name: String, shape: [Int])] = [("logit_scale", [])]
    shapes += [
      (
        "text_model.embeddings.token_embedding.weight",
        [configuration.vocabularySize, text.width]
      ),
      (
        "text_model.embeddings.position_embedding.weight",
        [configuration.contextLength, text.width]
      ),
    ]
    shapes += Self.blocks("text_model", text)
    shapes += Self.norm("text_model.final_layer_norm", text.width)
    shapes += [
      ("vision_model.embeddings.class_embedding", [vision.width]),
      ("vision_model.embeddings.patch_embedding.weight", [vision.width, 3, patch, patch]),
      (
        "vision_model.embeddings.position_embedding.weight",
        [configuration.patchCount + 1, vision.width]
      ),
    ]
    shapes += Self.norm("vision_model.pre_layrnorm", vision.width)
    shapes += Self.blocks("vision_model", vision)
    shapes += Self.norm("vision_model.post_layernorm", vision.width)
    shapes += [
      ("visual_projection.weight", [configuration.projectionWidth, vision.width]),
      ("text_projection.weight", [configuration.projectionWidth, text.width]),
    ]
    self.init(shapes)
  }

  /// The entry of a name; `nil` where there is none.
  package subscript(name: String) -> Entry? { places[name].map { entries[$0] } }

  /// Where a parameter lies that the configuration says exists.
  func start(_ name: String) -> Int {
    guard let entry = self[name] else { preconditionFailure("no parameter \(name)") }
    return entry.range.lowerBound
  }

  private static func norm(_ name: String, _ width: Int) -> [(name: String, shape: [Int])] {
    [("\(name).weight", [width]), ("\(name).bias", [width])]
  }

  private static func blocks(_ tower: String, _ sizes: TransformerConfiguration)
    -> [(name: String, shape: [Int])]
  {
    let (width, wide) = (sizes.width, sizes.intermediateWidth)
    return (0..<sizes.layers).flatMap { layer -> [(name: String, shape: [Int])] in
      let block = "\(tower).encoder.layers.\(layer)"
      let projections = ["k_proj", "v_proj", "q_proj"]
      return norm("\(block).layer_norm1", width)
        + projections.map { ("\(block).self_attn.\($0).weight", [width, width]) }
        + projections.map { ("\(block).self_attn.\($0).bias", [width]) }
        + [
          ("\(block).self_attn.out_proj.weight", [width, width]),
          ("\(block).self_attn.out_proj.bias", [width]),
        ] + norm("\(block).layer_norm2", width) + [
          ("\(block).mlp.fc1.weight", [wide, width]), ("\(block).mlp.fc1.bias", [wide]),
          ("\(block).mlp.fc2.weight", [width, wide]), ("\(block).mlp.fc2.bias", [width]),
        ]
    }
  }
}
