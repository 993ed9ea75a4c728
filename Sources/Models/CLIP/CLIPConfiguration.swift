import Compute
import Imaging
import Transformers

/// Where the text tower pools: `CLIPTextTransformer.forward` of transformers.
public enum TextPooling: Sendable, Equatable {
  /// The first position that holds this id.
  case firstToken(Int32)
  /// The first position of the highest id: configurations with the historical eos_token_id 2.
  case highestToken
}

/// A CLIP model's sizes: config.json of a Hugging Face folder, with transformers' defaults for what it
/// leaves out, or what stands for it in a folder of OpenCLIP's or OpenAI's.
public struct CLIPConfiguration: Sendable, Equatable {
  public let text: TransformerConfiguration
  public let vocabularySize: Int
  /// Most tokens of a text, `max_position_embeddings`.
  public let contextLength: Int
  public let pooling: TextPooling
  public let vision: TransformerConfiguration
  public let imageSize: Int
  public let patchSize: Int
  public let channels: Int
  /// Width of the shared space, `projection_dim`.
  public let projectionWidth: Int

  /// Patches of one picture.
  public var patchCount: Int { (imageSize / patchSize) * (imageSize / patchSize) }

  init(
    text: TransformerConfiguration, vocabularySize: Int, contextLength: Int, pooling: TextPooling,
    vision: TransformerConfiguration, imageSize: Int, patchSize: Int, projectionWidth: Int
  ) {
    self.text = text
    self.vocabularySize = vocabularySize
    self.contextLength = contextLength
    self.pooling = pooling
    self.vision = vision
    self.imageSize = imageSize
    self.patchSize = patchSize
    channels = 3
    self.projectionWidth = projectionWidth
  }

  /// - Throws: ``CLIPError`` that names the field, what was expected and what was found.
  public init(contentsOf path: String) throws {
    let file = try JSONFile(path)
    let kind = try file.text("model_type", default: "clip")
    guard kind == "clip" else {
      throw CLIPError(file: path, problem: "model_type is \(kind.prefix(40)), expected clip")
    }
    let text = file.object("text_config", overrides: "text_config_dict")
    let vision = file.object("vision_config", overrides: "vision_config_dict")
    self.text = try Self.transformer(text, (512, 2048, 12, 8))
    self.vision = try Self.transformer(vision, (768, 3072, 12, 12))
    vocabularySize = try text.integer("vocab_size", default: 49_408, in: 3...4_000_000)
    contextLength = try text.integer("max_position_embeddings", default: 77, in: 2...8192)
    let end = try text.integer("eos_token_id", default: 49_407, in: 0...4_000_000)
    pooling = end == 2 ? .highestToken : .firstToken(Int32(end))
    imageSize = try vision.side("image_size", default: 224, in: 1...4096)
    patchSize = try vision.side("patch_size", default: 32, in: 1...1024)
    channels = try vision.integer("num_channels", default: 3, in: 3...3)
    projectionWidth = try file.integer("projection_dim", default: 512, in: 1...16_384)
    guard patchSize <= imageSize else {
      throw vision.wrong("patch_size", "at most image_size (\(imageSize))")
    }
  }

  private static func transformer(
    _ file: JSONFile, _ defaults: (width: Int, intermediate: Int, layers: Int, heads: Int)
  ) throws -> TransformerConfiguration {
    let width = try file.integer("hidden_size", default: defaults.width, in: 1...16_384)
    let heads = try file.integer("num_attention_heads", default: defaults.heads, in: 1...1024)
    guard width % heads == 0 else {
      throw file.wrong("num_attention_heads", "a divisor of hidden_size (\(width))")
    }
    let activation: Activation
    switch try file.text("hidden_act", default: "quick_gelu") {
    case "quick_gelu": activation = .quickGELU
    case "gelu": activation = .gelu
    default: throw file.wrong("hidden_act", "quick_gelu or gelu")
    }
    return TransformerConfiguration(
      width: width,
      intermediateWidth: try file.integer(
        "intermediate_size", default: defaults.intermediate, in: 1...65_536),
      layers: try file.integer("num_hidden_layers", default: defaults.layers, in: 1...256),
      heads: heads,
      layerNormEpsilon: Float(try file.number("layer_norm_eps", default: 1e-5, in: 1e-12...1)),
      activation: activation)
  }
}

extension CLIPConfiguration {
  /// The part of a text that reaches its vector: up to the pooled token, since attention is causal.
  package func pooledPrefix(_ ids: [Int32]) -> ArraySlice<Int32> {
    let place: Int?
    switch pooling {
    case .firstToken(let end): place = ids.firstIndex(of: end)
    case .highestToken:
      let highest = ids.max()
      place = ids.firstIndex { $0 == highest }
    }
    // transformers takes position 0 where the end token is missing: argmax of all zeros.
    return ids[...(place ?? 0)]
  }
}
