import Checkpoints
import Compute
import Transformers

/// The parameters of transformers' `CLIPModel`, with names, shapes and distributions as its
/// `_init_weights` leaves them for initializer_factor 1, initializer_range 0.02 and
/// logit_scale_init_value 2.6592.
package struct CLIPParameters: Sendable, Equatable {
  /// One tower's, from what its rows begin as to its projection.
  package struct Tower: Sendable, Equatable {
    package let sizes: TransformerConfiguration
    /// Below the blocks.
    package let stem: [Parameter]
    package let blocks: [BlockParameters]
    /// Of the pooled row.
    package let norm: LayerNormParameters
    /// `[projectionWidth, width]`
    package let projection: Parameter
    /// `[projectionWidth]`; `CLIPModel` has none, some published models do.
    package let projectionBias: Parameter

    fileprivate init(
      _ name: String, _ sizes: TransformerConfiguration, stem: [Parameter], norm: String,
      projection: String, width: Int
    ) {
      self.sizes = sizes
      self.stem = stem
      blocks = (0..<sizes.layers).map { BlockParameters("\(name).encoder.layers.\($0)", sizes) }
      self.norm = LayerNormParameters("\(name).\(norm)", width: sizes.width)
      self.projection = Parameter(
        "\(projection).weight", [width, sizes.width], CLIPParameters.narrow(sizes))
      projectionBias = Parameter("\(projection).bias", [width], .constant(0))
    }
  }

  package let logitScale: Parameter
  /// `[vocabularySize, width]`, `[contextLength, width]`
  package let tokens, positions: Parameter
  package let text: Tower
  /// `[width]`, `[width, 3, patchSize, patchSize]`, `[1 + patchCount, width]`
  package let classToken, patches, patchPositions: Parameter
  /// In front of the blocks, `pre_layrnorm`: the checkpoints' spelling.
  package let visionNorm: LayerNormParameters
  package let vision: Tower

  package init(_ configuration: CLIPConfiguration) {
    let (text, vision) = (configuration.text, configuration.vision)
    let patch = configuration.patchSize
    func embedding(_ name: String, _ shape: [Int]) -> Parameter {
      Parameter(name, shape, .normal(deviation: 0.02))
    }
    logitScale = Parameter("logit_scale", [], .constant(2.6592))
    tokens = embedding(
      "text_model.embeddings.token_embedding.weight", [configuration.vocabularySize, text.width])
    positions = embedding(
      "text_model.embeddings.position_embedding.weight", [configuration.contextLength, text.width])
    self.text = Tower(
      "text_model", text, stem: [tokens, positions], norm: "final_layer_norm",
      projection: "text_projection", width: configuration.projectionWidth)
    classToken = Parameter(
      "vision_model.embeddings.class_embedding", [vision.width], Self.narrow(vision))
    patches = embedding(
      "vision_model.embeddings.patch_embedding.weight", [vision.width, 3, patch, patch])
    patchPositions = embedding(
      "vision_model.embeddings.position_embedding.weight",
      [configuration.patchCount + 1, vision.width])
    visionNorm = LayerNormParameters("vision_model.pre_layrnorm", width: vision.width)
    self.vision = Tower(
      "vision_model", vision, stem: [classToken, patches, patchPositions] + visionNorm.all,
      norm: "post_layernorm", projection: "visual_projection",
      width: configuration.projectionWidth)
  }

  private static func narrow(_ sizes: TransformerConfiguration) -> InitialDistribution {
    .normal(deviation: 1 / Double(sizes.width).squareRoot())
  }

  /// In the order of a model in training.
  package var all: [Parameter] {
    func tower(_ tower: Tower) -> [Parameter] {
      tower.stem + tower.blocks.flatMap(\.all) + tower.norm.all
    }
    return [logitScale] + tower(text) + tower(vision) + [vision.projection, text.projection]
  }

  package var table: ParameterTable { ParameterTable(all) }

  /// What some models have and `CLIPModel` has not.
  package var optional: [Parameter] { [text.projectionBias, vision.projectionBias] }

  /// Everything that a checkpoint must have, and the optional parts that it has.
  package func parameters(in table: TensorTable) -> [Parameter] {
    all + optional.filter { table.shape(of: $0.name) != nil }
  }
}

extension TensorTable: ParameterSource {
  package func floats(_ parameter: Parameter) throws -> [Float] {
    try floats(parameter.name, shape: parameter.shape)
  }
}

extension LinearWeights {
  /// A tower's projection, with a bias where the checkpoint has one.
  convenience init(_ table: TensorTable, projectionOf tower: CLIPParameters.Tower, engine: Engine)
    throws
  {
    let bias = tower.projectionBias
    try self.init(
      engine: engine, weight: try table.floats(tower.projection),
      bias: table.shape(of: bias.name) == nil ? nil : try table.floats(bias),
      inputs: tower.sizes.width, outputs: tower.projection.shape[0])
  }
}
