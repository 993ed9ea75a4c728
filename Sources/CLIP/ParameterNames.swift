import Checkpoints

/// Whose names a checkpoint's tensors have. Inside, all have those of transformers' `CLIPModel`.
///
///     transformers                             OpenAI, OpenCLIP                  flax
///     …embeddings.token_embedding.weight       token_embedding.weight            ….embedding
///     …embeddings.position_embedding.weight    positional_embedding              ….embedding
///     …embeddings.patch_embedding.weight       visual.conv1.weight               ….kernel [h, w, in, out]
///     …layers.3.self_attn.{q,k,v}_proj.weight  …resblocks.3.attn.in_proj_weight  ….kernel [in, out]
///     …layers.3.layer_norm1.weight             …resblocks.3.ln_1.weight          ….scale
///     …layers.3.mlp.fc1.weight                 …resblocks.3.mlp.c_fc.weight      ….kernel [in, out]
///     vision_model.pre_layrnorm.weight         visual.ln_pre.weight              ….scale
///     visual_projection.weight [out, in]       visual.proj [in, out]             ….kernel [in, out]
enum ParameterNames: Sendable, Equatable {
  case transformers
  case openAI
  case flax

  /// What trainers put in front of every name.
  private static let wrappers = ["module.", "params.", "model."]

  /// The table with transformers' names and shapes.
  /// - Throws: `CheckpointError` where a tensor has not the dimensions that its name means.
  static func translated(_ table: TensorTable) throws -> (TensorTable, ParameterNames) {
    let names = table.names
    let wrapper = wrappers.first { wrapper in names.allSatisfy { $0.hasPrefix(wrapper) } } ?? ""
    let bare = names.map { ($0, String($0.dropFirst(wrapper.count))) }
    if bare.contains(where: { $0.1 == "visual.conv1.weight" }) {
      return (try table.viewed(as: bare.flatMap { openAI($0.1, of: $0.0) }), .openAI)
    }
    if bare.contains(where: { $0.1.hasSuffix(".kernel") }) {
      return (try table.viewed(as: bare.map { flax($0.1, of: $0.0, in: table) }), .flax)
    }
    guard !wrapper.isEmpty else { return (table, .transformers) }
    return (try table.viewed(as: bare.map { .init($0.1, of: $0.0) }), .transformers)
  }

  // MARK: flax

  /// Matrices are stored as they are multiplied from the left, convolutions with the channels last.
  private static func flax(_ name: String, of source: String, in table: TensorTable)
    -> TensorTable.View
  {
    func replaced(_ ending: String) -> String { "\(name.dropLast(ending.count))weight" }
    if name.hasSuffix(".kernel") {
      let isConvolution = table.shape(of: source)?.count == 4
      return .init(replaced("kernel"), of: source, axes: isConvolution ? [3, 2, 0, 1] : [1, 0])
    }
    for ending in ["scale", "embedding"] where name.hasSuffix(".\(ending)") {
      return .init(replaced(ending), of: source)
    }
    return .init(name, of: source)
  }

  // MARK: OpenAI and OpenCLIP

  private static let named = [
    "visual.class_embedding": "vision_model.embeddings.class_embedding",
    "visual.positional_embedding": "vision_model.embeddings.position_embedding.weight",
    "visual.conv1.weight": "vision_model.embeddings.patch_embedding.weight",
    "visual.ln_pre.weight": "vision_model.pre_layrnorm.weight",
    "visual.ln_pre.bias": "vision_model.pre_layrnorm.bias",
    "visual.ln_post.weight": "vision_model.post_layernorm.weight",
    "visual.ln_post.bias": "vision_model.post_layernorm.bias",
    "token_embedding.weight": "text_model.embeddings.token_embedding.weight",
    "positional_embedding": "text_model.embeddings.position_embedding.weight",
    "positional_embedding_res": ModelFolder.wordsBeyond,
    "ln_final.weight": "text_model.final_layer_norm.weight",
    "ln_final.bias": "text_model.final_layer_norm.bias",
    "text_projection.weight": "text_projection.weight",
    "logit_scale": "logit_scale",
  ]
  /// Matrices that are stored as they are multiplied from the left.
  private static let projections = [
    "visual.proj": "visual_projection.weight", "text_projection": "text_projection.weight",
  ]
  private static let inBlock = [
    "ln_1": "layer_norm1", "ln_2": "layer_norm2", "attn.out_proj": "self_attn.out_proj",
    "mlp.c_fc": "mlp.fc1", "mlp.c_proj": "mlp.fc2",
  ]

  private static func openAI(_ name: String, of source: String) -> [TensorTable.View] {
    // OpenCLIP's newer classes keep the text tower apart, too.
    let name = name.hasPrefix("text.") ? String(name.dropFirst(5)) : name
    if let own = named[name] { return [.init(own, of: source)] }
    if let own = projections[name] { return [.init(own, of: source, axes: [1, 0])] }
    let isVision = name.hasPrefix("visual.")
    let inner = isVision ? name.dropFirst("visual.".count) : name[...]
    let parts = inner.split(separator: ".", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0] == "transformer", parts[1] == "resblocks" else { return [] }
    let block = "\(isVision ? "vision" : "text")_model.encoder.layers.\(parts[2])."
    let rest = parts[3]
    for kind in ["weight", "bias"] {
      if rest == "attn.in_proj_\(kind)" {
        return ["q", "k", "v"].enumerated().map { part, letter in
          .init("\(block)self_attn.\(letter)_proj.\(kind)", of: source, part: part, parts: 3)
        }
      }
      if rest.hasSuffix(".\(kind)"), let own = inBlock[String(rest.dropLast(kind.count + 1))] {
        return ["\(block)\(own).\(kind)"].map { .init($0, of: source) }
      }
    }
    return []
  }
}
