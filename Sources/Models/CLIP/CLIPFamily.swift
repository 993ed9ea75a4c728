import Tokenizers
import Transformers

/// CLIP with vision transformers (Radford et al. 2021), in the layouts of transformers, OpenCLIP, OpenAI
/// and flax: see ``ModelFolder``.
enum CLIPFamily: ModelFamily {
  /// What does not say which family it is of is recognised by its weights when it is opened.
  static func takes(_ path: String) -> Bool {
    guard let file = try? JSONFile("\(path)/config.json") else { return true }
    return (try? file.text("model_type", default: "clip")) == "clip"
  }

  static func open(_ path: String, as name: String?, threads: Int?, imageSize: Int?) throws
    -> any EmbeddingModel
  {
    try CLIPModel(contentsOf: path, as: name, threads: threads, imageSize: imageSize)
  }

  static func embeddingWidth(_ path: String) -> Int? {
    (try? ModelFolder(path))?.configuration.projectionWidth
  }
}

extension CLIPModel: EmbeddingModel {
  public var textLimit: Int { tokenizer.contextLength - 2 }
  public func cut(_ text: String) -> TextCut? { tokenizer.cut(text) }

  public var facts: ModelFacts {
    func tower(_ sizes: TransformerConfiguration) -> ModelFacts.Tower {
      ModelFacts.Tower(
        width: sizes.width, layers: sizes.layers, heads: sizes.heads, headWidth: sizes.headWidth,
        intermediateWidth: sizes.intermediateWidth,
        activation: sizes.activation == .quickGELU ? "quick_gelu" : "gelu")
    }
    let pooling =
      switch configuration.pooling {
      case .firstToken(let id): "the first token \(id)"
      case .highestToken: "the highest id"
      }
    return ModelFacts(
      weights: weights, parameterCount: parameterCount, provenance: provenance,
      vision: tower(configuration.vision), text: tower(configuration.text),
      patchSize: configuration.patchSize, imageSize: configuration.imageSize,
      contextLength: configuration.contextLength, vocabularySize: configuration.vocabularySize,
      pooling: pooling, textCleaning: tokenizer.cleaning.rawValue)
  }

  public func reread(asIn fingerprint: String) throws -> (any EmbeddingModel)? {
    try read(asIn: fingerprint)
  }
}
