import Transformers
import Tokenizers
import Checkpoints
import Foundation
import Imaging

/// What a model's folder says besides its weights, in transformers' layout.
extension ModelFolder {
  private static let copied = [
    "vocab.json", "merges.txt", "tokenizer.json", "tokenizer_config.json",
    "special_tokens_map.json",
  ]

  /// Names and contents of the files that go with weights of this type: the folder's own, and for those
  /// that it lacks, as OpenAI's and OpenCLIP's do, what they would say.
  package func descriptions(of type: TensorType) throws -> [(name: String, bytes: [UInt8])] {
    func contents(_ name: String) -> [UInt8]? {
      FileManager.default.contents(atPath: "\(directory)/\(name)").map(Array.init)
    }
    let own = configurationFile == "config.json" ? contents("config.json") : nil
    let configuration =
      try own.map { storedImageSize == nil ? $0 : Self.sized($0, self.configuration.imageSize) }
      ?? Array(json(startToken: tokenizer().startToken).utf8)
    var files = [
      ("config.json", Self.typed(configuration, type)),
      (
        Self.preprocessorFile,
        preprocessorFile == Self.preprocessorFile && storedImageSize == nil
          ? contents(Self.preprocessorFile) ?? Array(preprocessing.json.utf8)
          : Array(preprocessing.json.utf8)
      ),
      // transformers 5 reads this one, versions before it the other.
      (
        Self.processorFile,
        preprocessorFile == Self.processorFile && storedImageSize == nil
          ? contents(Self.processorFile) ?? Array(preprocessing.processorJSON.utf8)
          : Array(preprocessing.processorJSON.utf8)
      ),
    ]
    files += Self.copied.compactMap { name in contents(name).map { (name, $0) } }
    if tokenizerFiles == .standard {
      files += try StandardMerges.files()
    }
    return files
  }

  /// The configuration's text with another `torch_dtype`. Only that is touched: written anew, 1.0 would
  /// become 1, which transformers refuses.
  private static func typed(_ bytes: [UInt8], _ type: TensorType) -> [UInt8] {
    let name =
      switch type {
      case .f16: "float16"
      case .bf16: "bfloat16"
      default: "float32"
      }
    var text = String(decoding: bytes, as: UTF8.self)
    // Newer files call it dtype; towers may have one too.
    let field = /("(?:torch_)?dtype"\s*:\s*)"[a-z0-9]*"/
    if text.firstMatch(of: field) != nil {
      text.replace(field) { "\($0.output.1)\"\(name)\"" }
    } else if let brace = text.firstIndex(of: "{") {
      text.insert(contentsOf: "\n  \"torch_dtype\": \"\(name)\",", at: text.index(after: brace))
    }
    return Array(text.utf8)
  }

  /// The configuration's text with another `image_size`, which only its vision part has.
  private static func sized(_ bytes: [UInt8], _ side: Int) -> [UInt8] {
    var text = String(decoding: bytes, as: UTF8.self)
    let field = /("image_size"\s*:\s*)(?:\d+|\[[\d,\s]*\])/
    if text.firstMatch(of: field) != nil {
      text.replace(field) { "\($0.output.1)\(side)" }
    } else {
      text.replace(/("vision_config"\s*:\s*\{)/) { "\($0.output.1)\n    \"image_size\": \(side)," }
    }
    return Array(text.utf8)
  }

  /// config.json of this configuration.
  private func json(startToken: Int32) -> String {
    let sizes = configuration
    // 2 is how transformers says "the highest id".
    let end =
      switch sizes.pooling {
      case .firstToken(let id): id
      case .highestToken: Int32(2)
      }
    return """
      {
        "architectures": ["CLIPModel"],
        "model_type": "clip",
        "projection_dim": \(sizes.projectionWidth),
        "logit_scale_init_value": 2.6592,
        "text_config": {
          "model_type": "clip_text_model",
          "vocab_size": \(sizes.vocabularySize),
          "max_position_embeddings": \(sizes.contextLength),
          "bos_token_id": \(startToken),
          "eos_token_id": \(end),
      \(Self.json(sizes.text, projectionWidth: sizes.projectionWidth))
        },
        "vision_config": {
          "model_type": "clip_vision_model",
          "image_size": \(sizes.imageSize),
          "patch_size": \(sizes.patchSize),
      \(Self.json(sizes.vision, projectionWidth: sizes.projectionWidth))
        }
      }

      """
  }

  private static func json(_ tower: TransformerConfiguration, projectionWidth: Int) -> String {
    """
        "hidden_size": \(tower.width),
        "intermediate_size": \(tower.intermediateWidth),
        "num_hidden_layers": \(tower.layers),
        "num_attention_heads": \(tower.heads),
        "hidden_act": "\(tower.activation == .quickGELU ? "quick_gelu" : "gelu")",
        "layer_norm_eps": \(tower.layerNormEpsilon),
        "projection_dim": \(projectionWidth)
    """
  }
}

extension ImagePreprocessing {
  /// preprocessor_config.json of these settings.
  fileprivate var json: String { "\(object(indented: ""))\n" }

  /// processor_config.json, as transformers 5 writes it.
  fileprivate var processorJSON: String {
    """
    {
      "image_processor": \(object(indented: "  ")),
      "processor_class": "CLIPProcessor"
    }

    """
  }

  private func object(indented indent: String) -> String {
    func list(_ numbers: [Float]?) -> String {
      "[" + (numbers ?? []).map { "\($0)" }.joined(separator: ", ") + "]"
    }
    func square(_ size: Size?) -> String {
      let size = size ?? output
      return "{\"height\": \(size.height), \"width\": \(size.width)}"
    }
    let size =
      switch resize {
      case .shortestEdge(let side): "{\"shortest_edge\": \(side)}"
      case .exact(let size): square(size)
      case nil: square(output)
      }
    let fields = [
      ("image_processor_type", "\"CLIPImageProcessor\""),
      ("do_resize", "\(resize != nil)"), ("size", size), ("resample", "3"),
      ("do_center_crop", "\(crop != nil)"), ("crop_size", square(crop)),
      ("do_rescale", "\(rescaleFactor != nil)"),
      // The double next to 1/255, which the reference writes.
      (
        "rescale_factor",
        rescaleFactor.map { $0 == Float(1.0 / 255) ? "0.00392156862745098" : "\($0)" }
          ?? "0.00392156862745098"
      ),
      ("do_normalize", "\(normalization != nil)"),
      ("image_mean", list(normalization?.mean ?? Self.openAIMean)),
      ("image_std", list(normalization?.standardDeviation ?? Self.openAIDeviation)),
      ("do_convert_rgb", "true"),
    ]
    let lines = fields.map { "\(indent)  \"\($0.0)\": \($0.1)" }
    return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
  }
}
