import Transformers
import Checkpoints
import Imaging

extension CLIPConfiguration {
  /// open_clip_config.json, with OpenCLIP's defaults for what it leaves out.
  /// - Throws: ``CLIPError`` that names the field, also where it asks for an architecture that is not
  ///   CLIP's.
  init(openCLIP path: String) throws {
    let model = try JSONFile(path).object("model_cfg")
    let vision = model.object("vision_cfg")
    let text = model.object("text_cfg")
    try Self.checkArchitecture(model: model, vision: vision, text: text)
    let isQuick = try model.flag("quick_gelu", default: false)
    let visionWidth = try vision.integer("width", default: 768, in: 1...16_384)
    let headWidth = try vision.integer("head_width", default: 64, in: 1...16_384)
    guard visionWidth % headWidth == 0 else {
      throw vision.wrong("head_width", "a divisor of width (\(visionWidth))")
    }
    let textWidth = try text.integer("width", default: 512, in: 1...16_384)
    let textHeads = try text.integer("heads", default: 8, in: 1...1024)
    guard textWidth % textHeads == 0 else {
      throw text.wrong("heads", "a divisor of width (\(textWidth))")
    }
    let imageSize = try vision.side("image_size", default: 224, in: 1...4096)
    let patchSize = try vision.side("patch_size", default: 16, in: 1...1024)
    guard patchSize <= imageSize else {
      throw vision.wrong("patch_size", "at most image_size (\(imageSize))")
    }
    self.init(
      text: try Self.tower(text, width: textWidth, heads: textHeads, isQuick),
      vocabularySize: try text.integer("vocab_size", default: 49_408, in: 3...4_000_000),
      contextLength: try text.integer("context_length", default: 77, in: 2...8192),
      pooling: .highestToken,
      vision: try Self.tower(vision, width: visionWidth, heads: visionWidth / headWidth, isQuick),
      imageSize: imageSize, patchSize: patchSize,
      projectionWidth: try model.integer("embed_dim", default: 512, in: 1...16_384))
  }

  private static func tower(_ file: JSONFile, width: Int, heads: Int, _ isQuick: Bool) throws
    -> TransformerConfiguration
  {
    let ratio = try file.number("mlp_ratio", default: 4, in: 0.01...64)
    return TransformerConfiguration(
      width: width, intermediateWidth: max(1, Int(Double(width) * ratio)),
      layers: try file.integer("layers", default: 12, in: 1...256), heads: heads,
      layerNormEpsilon: Float(
        try file.object("norm_kwargs").number("eps", default: 1e-5, in: 1e-12...1)),
      activation: isQuick ? .quickGELU : .gelu)
  }

  /// OpenCLIP knows many models; these fields say that one is not the original's two transformers.
  private static func checkArchitecture(model: JSONFile, vision: JSONFile, text: JSONFile) throws {
    let foreign = [
      (model, ["multimodal_cfg"]),
      (
        vision,
        [
          "timm_model_name", "attentional_pool", "attn_pooler_queries", "ls_init_value",
          "no_ln_pre",
        ]
      ),
      (text, ["hf_model_name", "ls_init_value", "embed_cls", "no_causal_mask"]),
    ]
    for (file, names) in foreign {
      for name in names where file.isSet(name) {
        throw file.wrong(name, "absent: only OpenAI's vision transformer and text tower are read")
      }
    }
    for file in [vision, text] {
      if file.object("act_kwargs").count > 0 { throw file.wrong("act_kwargs", "absent") }
    }
    let words = [
      (vision, "pool_type", "tok"), (vision, "pos_embed_type", "learnable"),
      (text, "pool_type", "argmax"), (text, "proj_type", "linear"),
    ]
    for (file, name, wanted) in words where try file.text(name, default: wanted) != wanted {
      throw file.wrong(name, "\(wanted), as in OpenAI's models")
    }
  }

  /// Sizes from the shapes of weights that come without a configuration, and what these do not tell from
  /// the published models of those sizes: see ``ArchitectureChoice``.
  /// - Parameters:
  ///   - table: with transformers' names.
  ///   - name: of the published model that it is said to be; `nil` where nobody says.
  ///   - isOpenAIs: whether the file bears OpenAI's own marks.
  ///   - file: the path of the weights, whose name may tell.
  static func inferred(
    from table: TensorTable, named name: String?, isOpenAIs: Bool, file: String
  ) throws -> (CLIPConfiguration, ArchitectureChoice) {
    let shapes = WeightShapes(table: table)
    let sizes = try shapes.sizes()
    let choice = try ArchitectureChoice(
      named: name, sizes: sizes, isOpenAIs: isOpenAIs, file: file)
    let tokens = try shapes.shape("text_model.embeddings.token_embedding.weight", 2)
    let context = try shapes.shape("text_model.embeddings.position_embedding.weight", 2)[0]
    guard context >= 2, (1...4_000_000).contains(tokens[0]) else {
      throw shapes.wrong("\(tokens[0]) tokens and texts of \(context)")
    }
    func tower(_ width: Int, _ wide: Int, _ layers: Int, headWidth: Int, _ prefix: String) throws
      -> TransformerConfiguration
    {
      guard width % headWidth == 0, layers > 0 else {
        throw CLIPError(
          file: table.path,
          problem:
            "\(prefix): \(layers) blocks of width \(width); without a configuration 1 to 256 of "
            + "a multiple of \(headWidth) are expected")
      }
      return TransformerConfiguration(
        width: width, intermediateWidth: wide, layers: layers, heads: width / headWidth,
        layerNormEpsilon: 1e-5, activation: choice.activation)
    }
    let configuration = CLIPConfiguration(
      text: try tower(
        sizes.textWidth, sizes.textWide, sizes.textLayers, headWidth: choice.textHeadWidth,
        "text_model"),
      vocabularySize: tokens[0], contextLength: context, pooling: .highestToken,
      vision: try tower(
        sizes.visionWidth, sizes.visionWide, sizes.visionLayers,
        headWidth: choice.visionHeadWidth, "vision_model"),
      imageSize: sizes.imageSize, patchSize: sizes.patchSize,
      projectionWidth: sizes.projectionWidth)
    return (configuration, choice)
  }
}

/// The sizes that the shapes of weights show, under transformers' names.
private struct WeightShapes {
  let table: TensorTable

  func shape(_ name: String, _ count: Int) throws -> [Int] {
    guard let shape = table.shape(of: name), shape.count == count else {
      throw CLIPError(
        file: table.path,
        problem:
          "no \(name) of \(count) dimensions, so that the model's sizes cannot be told; is it "
          + "a ResNet? Only vision transformers are read")
    }
    return shape
  }

  func wrong(_ found: String) -> CLIPError {
    CLIPError(file: table.path, problem: "\(found): these are no sizes of a CLIP model")
  }

  private func layers(_ prefix: String) -> Int {
    (0...256).first {
      table.shape(of: "\(prefix).encoder.layers.\($0).layer_norm1.weight") == nil
    } ?? 0
  }

  /// - Throws: ``CLIPError`` where they are no CLIP model's, e.g. a ResNet's.
  func sizes() throws -> PublishedArchitecture.Sizes {
    let patches = try shape("vision_model.embeddings.patch_embedding.weight", 4)
    let positions = try shape("vision_model.embeddings.position_embedding.weight", 2)[0]
    let side = Int(Double(max(positions - 1, 0)).squareRoot().rounded())
    let tokens = try shape("text_model.embeddings.token_embedding.weight", 2)
    let all = [patches[0], patches[3], side, tokens[1]]
    guard side * side == positions - 1, all.allSatisfy({ (1...16_384).contains($0) }),
      side * patches[3] <= 4096
    else { throw wrong("patches \(patches), \(positions) positions, tokens \(tokens)") }
    return .init(
      imageSize: side * patches[3], patchSize: patches[3], visionWidth: patches[0],
      visionWide: try shape("vision_model.encoder.layers.0.mlp.fc1.weight", 2)[0],
      visionLayers: layers("vision_model"), textWidth: tokens[1],
      textWide: try shape("text_model.encoder.layers.0.mlp.fc1.weight", 2)[0],
      textLayers: layers("text_model"),
      projectionWidth: try shape("visual_projection.weight", 2)[0])
  }
}
