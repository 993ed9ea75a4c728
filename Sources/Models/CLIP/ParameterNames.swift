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

  /// A tensor that every layout has; its name shows the prefix of all names.
  private static let anchors: [(ending: String, names: ParameterNames)] = [
    ("visual.conv1.weight", .openAI),
    ("vision_model.embeddings.patch_embedding.weight", .transformers),
    ("vision_model.embeddings.patch_embedding.kernel", .flax),
  ]
  /// What OpenAI's own files hold besides, as numbers of no dimension.
  private static let openAIMarks = ["input_resolution", "context_length", "vocab_size"]
  /// Buffers that follow from the model's sizes, whatever type they were saved in.
  private static let buffers: Set<String> = [
    "attn_mask", "text_model.embeddings.position_ids", "vision_model.embeddings.position_ids",
  ]

  /// A table with transformers' names and shapes.
  struct Translation {
    let table: TensorTable
    let names: ParameterNames
    /// Whether it bears the marks of OpenAI's own files.
    let isOpenAIs: Bool
  }

  /// The table with transformers' names and shapes. What trainers put in front of the names
  /// (`module.`, `model.`, `clip_model.`) and torch.compile in between (`_orig_mod.`) is taken away; what
  /// stands outside of the model, such as a loss of its own, is left out and told.
  /// - Throws: `CheckpointError` where a tensor has not the dimensions that its name means, or the table
  ///   holds several models.
  static func translated(_ table: TensorTable) throws -> Translation {
    let clean = table.names.map { (clean: $0.replacing("_orig_mod.", with: ""), source: $0) }
    guard let (prefix, names) = try prefix(clean.map(\.clean), in: table) else {
      return Translation(table: table, names: .transformers, isOpenAIs: false)
    }
    let (inside, outside) = (
      clean.filter { $0.clean.hasPrefix(prefix) }, clean.filter { !$0.clean.hasPrefix(prefix) }
    )
    let bare = inside.map { (String($0.clean.dropFirst(prefix.count)), $0.source) }
    let views = bare.filter { !buffers.contains($0.0) }.flatMap { name, source in
      switch names {
      case .openAI: openAI(name, of: source)
      case .flax: [flax(name, of: source, in: table)]
      case .transformers: [TensorTable.View(name, of: source)]
      }
    }
    let floats = outside.map(\.source).filter { table.type(of: $0)?.isFloat == true }
    let notes = floats.first.map {
      [
        floats.count == 1
          ? "a tensor outside of \(prefix) is not the model's and not read: \($0)"
          : "\(floats.count) tensors outside of \(prefix) are not the model's and not read, such as \($0)"
      ]
    }
    return Translation(
      table: try table.viewed(as: views).noting(notes ?? []), names: names,
      isOpenAIs: openAIMarks.allSatisfy { mark in bare.contains { $0.0 == mark } })
  }

  /// What stands in front of the names of the model's tensors, and whose names they are.
  private static func prefix(_ names: [String], in table: TensorTable) throws -> (
    String, ParameterNames
  )? {
    for (ending, kind) in anchors {
      let found = names.filter { $0 == ending || $0.hasSuffix(".\(ending)") }
        .map { String($0.dropLast(ending.count)) }
      // Averages and teachers are copies; what was trained is the model.
      let copies = ["ema", "teacher", "momentum", "average"]
      let own = found.filter { prefix in !copies.contains { prefix.lowercased().contains($0) } }
      let meant = own.isEmpty ? found : own
      guard let first = meant.first else { continue }
      guard meant.count == 1 else {
        throw CheckpointError(
          file: table.path,
          reason: .severalModels(meant.prefix(5).map { $0.isEmpty ? "without a prefix" : $0 }))
      }
      return (first, kind)
    }
    return nil
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
    "text_projection.bias": "text_projection.bias",
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
    // An unknown tensor keeps its name, so that it is reported rather than dropped.
    let unknown = [TensorTable.View(name, of: source)]
    guard parts.count == 4, parts[0] == "transformer", parts[1] == "resblocks" else {
      return openAIMarks.contains(name) || buffers.contains(name) ? [] : unknown
    }
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
    return unknown
  }
}
