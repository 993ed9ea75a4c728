import Models
import Datasets
import Imaging

extension Recipe {
  /// Reads a recipe and puts settings of the form `key=value` over it.
  /// - Throws: ``RecipeError`` with the line of the first setting that is not as it should be.
  public init(contentsOf path: String, settings: [String] = []) throws {
    try self.init(RecipeTable(RecipeNode.read(path, settings: settings)), file: path)
  }

  init(_ table: RecipeTable, file: String) throws {
    self.file = file
    start = try Self.start(table)
    modelConfiguration = try table.text("model_config")
    initialWeights = try table.choice("initial_weights", default: .transformers)
    guard let output = try table.text("output") else {
      throw table.wrong("output", "give the folder for checkpoints")
    }
    self.output = output
    data = try table.tables("data").map(Self.dataSet)
    valid = try table.table("valid").map(Self.validation)
    seed = UInt64(try table.integer("seed", default: 1, in: 0...Int.max))
    threads = try table.integer("threads", default: 0, in: 0...1024)

    length = try Self.length(table)
    batch = try table.integer("batch", default: 64, in: 2...1 << 20)
    accumulation = try table.integer("accumulation", default: 1, in: 1...1 << 20)
    maxLength = try table.integer("max_length", default: 32, in: 3...8192)
    negatives = try table.choice("negatives", default: .global)
    group = try table.integer("group", default: batch, in: 2...1 << 20)
    piece = try table.integer("piece", default: min(64, batch), in: 1...1 << 20)
    equalCaptions = try table.choice("equal_captions", default: .negatives)
    patchDropout = try table.number("patch_dropout", default: 0, in: 0...0.95)
    categoryLoss = try table.number("category_loss", default: 0, in: 0...100)
    categorySmoothing = try table.number("category_smoothing", default: 0, in: 0...0.9)

    optimiser = try table.choice("optimiser", default: .adamw)
    learningRate = try table.number("learning_rate", default: 5e-5, "a number above 0 and below 10")
    {
      $0 > 0 && $0 < 10
    }
    weightDecay = try table.number("weight_decay", default: 0, in: 0...10)
    beta1 = try table.number("beta1", default: 0.9, in: 0...0.99999)
    beta2 = try table.number("beta2", default: 0.98, in: 0...0.99999)
    epsilon = try table.number("epsilon", default: 1e-6, in: 1e-30...1)
    clip = try table.number("clip", default: 0, in: 0...1e9)
    decay = try table.texts("decay")
    freeze = try table.texts("freeze") ?? []
    adafactor = try table.table("adafactor").map(Self.adafactor) ?? .init()
    schedule = try table.choice("schedule", default: .linear)
    warmupSteps = try table.integer("warmup_steps", default: 0, in: 0...1 << 40)
    finalShare = try table.number("final_share", default: 0, in: 0...1)
    ema = try table.number("ema", default: 0, in: 0...0.999999)

    augmentation = try table.table("augmentation").map(Self.augmentation) ?? .init()
    imageSide = try table.integer("image_side", default: 0, in: 0...4096)
    imageSize = try table.integer("image_size", default: 0, in: 0...4096)
    cacheMiB = try table.integer("cache_mib", default: 1024, in: 0...1 << 20)

    saveEvery = try table.integer("save_every", default: 0, in: 0...1 << 40)
    saveEveryEpochs = try table.integer("save_every_epochs", default: 1, in: 1...1 << 30)
    saveTotalLimit = try table.integer("save_total_limit", default: 3, in: 1...1 << 20)
    saveType = try table.choice("save_type", default: .f32)
    evalEvery = try table.integer("eval_every", default: 0, in: 0...1 << 40)
    bestBy = try table.choice("best_by", default: .accuracy)
    logEvery = try table.integer("log_every", default: 10, in: 1...1 << 30)
    try table.finish()
    try check(table)
  }

  /// What only several settings together tell.
  private func check(_ table: RecipeTable) throws {
    guard !data.isEmpty else {
      throw table.wrong("data", "give at least one [[data]] with captions and images")
    }
    guard data.contains(where: { $0.weight > 0 }) else {
      throw table.problem("data", "has no data set of a weight above 0")
    }
    if case .checkpoint = start, table.has("initial_weights") {
      throw table.problem(
        "initial_weights", "is for a run from scratch; this one starts from model")
    }
    if case .scratch = start, modelConfiguration != nil {
      throw table.problem(
        "model_config", "is for weights without a configuration, which model names")
    }
    guard negatives == .global || batch % group == 0 else {
      throw table.problem("group", "is \(group), which does not divide batch (\(batch))")
    }
    if case .steps(let steps) = length, warmupSteps >= steps {
      throw table.problem(
        "warmup_steps",
        "is \(warmupSteps), expected fewer than the run's \(steps) steps",
        settings: ["warmup_steps=\(steps / 10)"])
    }
  }

  private static func start(_ table: RecipeTable) throws -> Start {
    let (model, scratch) = (try table.text("model"), try table.text("scratch"))
    switch (model, scratch) {
    case (let model?, nil): return .checkpoint(model)
    case (nil, let scratch?): return .scratch(scratch)
    case (nil, nil):
      throw table.wrong(
        "model", "give the checkpoint to start from, or scratch = a directory with a configuration")
    default: throw table.problem("scratch", "and model are both given; a run has one start")
    }
  }

  private static func length(_ table: RecipeTable) throws -> Length {
    let epochs = try table.integer("epochs", default: 0, in: 1...1 << 30)
    let steps = try table.integer("steps", default: 0, in: 1...1 << 40)
    // One that is put over the recipe takes the other's place.
    if epochs > 0, steps > 0, table.isPutOver("steps") != table.isPutOver("epochs") {
      return table.isPutOver("steps") ? .steps(steps) : .epochs(epochs)
    }
    guard (epochs == 0) != (steps == 0) else {
      throw table.problem("epochs", "or steps: give one of them")
    }
    return epochs > 0 ? .epochs(epochs) : .steps(steps)
  }

  private static func dataSet(_ table: RecipeTable) throws -> DataSet {
    let captions = try table.texts("captions") ?? []
    let images = try table.text("images")
    let scenes = try table.integer("scenes", default: 0, in: 1...100_000)
    let seeds = try table.range("seeds", within: 0...1e9)
    var set: DataSet
    if scenes > 0 {
      guard captions.isEmpty, images == nil else {
        throw table.problem("scenes", "are drawn: captions and images have no place beside them")
      }
      let seeds = seeds ?? 1000...1000
      let range = Int(seeds.lowerBound)...Int(seeds.upperBound)
      guard range.count * scenes <= 1_000_000 else {
        throw table.problem("scenes", "for \(range.count) seeds are too many: at most 1,000,000")
      }
      set = DataSet(
        source: .scenes(seeds: range, count: scenes),
        name: "drawn scenes")
    } else {
      guard seeds == nil else {
        throw table.problem("seeds", "are those of drawn scenes; give scenes")
      }
      guard !captions.isEmpty else {
        throw table.wrong("captions", "give jsonl files, or scenes = a number to draw")
      }
      guard let images else { throw table.wrong("images", "give the folder of the images") }
      set = DataSet(source: .files(captions: captions, images: images), name: captions[0])
      set.split = try table.text("split")
      set.layout = try captionLayout(table)
    }
    set.weight = try table.number("weight", default: 1, in: 0...1000)
    set.captionsPerImage = try table.integer("captions_per_image", default: 5, in: 1...64)
    set.captionChoice = try table.choice("caption_choice", default: .first)
    set.categoryCaption = try table.number("category_caption", default: 0, in: 0...1)
    set.template = try template(table)
    try table.finish()
    return set
  }

  private static func captionLayout(_ table: RecipeTable) throws -> CaptionLayout {
    var layout = CaptionLayout()
    if let text = try table.text("caption_separator") {
      guard let separator = CaptionLayout.separator(text) else {
        throw table.wrong("caption_separator", "one ASCII character, or tab")
      }
      layout.separator = separator
    }
    layout.imageColumn = try table.text("caption_image_column")
    layout.textColumn = try table.text("caption_text_column")
    return layout
  }

  private static func template(_ table: RecipeTable) throws -> PromptTemplate {
    guard let text = try table.text("template") else { return .aerial }
    guard let template = PromptTemplate(text) else {
      throw table.wrong("template", "a text with {category} in it")
    }
    return template
  }

  private static func validation(_ table: RecipeTable) throws -> Validation {
    guard let captions = try table.texts("captions"), !captions.isEmpty else {
      throw table.wrong("captions", "give the jsonl files of the valid split")
    }
    guard let images = try table.text("images") else {
      throw table.wrong("images", "give the folder of the images")
    }
    var valid = Validation(captions: captions, images: images, template: try template(table))
    valid.split = try table.text("split")
    valid.layout = try captionLayout(table)
    try table.finish()
    return valid
  }

  private static func adafactor(_ table: RecipeTable) throws -> AdafactorSettings {
    var settings = AdafactorSettings()
    settings.minDimSizeToFactor = try table.integer(
      "min_dim_size_to_factor", default: settings.minDimSizeToFactor, in: 1...1 << 30)
    settings.decayRate = try table.number("decay_rate", default: settings.decayRate, in: 0...1)
    settings.decayOffset = try table.integer("decay_offset", default: 0, in: 0...1 << 40)
    settings.multiplyByParameterScale = try table.flag("multiply_by_parameter_scale", default: true)
    settings.clippingThreshold = try table.number("clipping_threshold", default: 1, in: 0...1e9)
    settings.momentum = try table.number("momentum", default: 0, in: 0...0.99999)
    settings.epsilon = try table.number("epsilon", default: settings.epsilon, in: 1e-38...1)
    try table.finish()
    return settings
  }

  private static func augmentation(_ table: RecipeTable) throws -> Augmentation {
    var settings = Augmentation()
    if table.has("crop") {
      let share = try table.number("crop", default: 0, in: 0.05...1)
      settings.crop = share < 1 ? share : nil
    }
    settings.jitter.brightness = try table.number("brightness", default: 0, in: 0...1)
    settings.jitter.contrast = try table.number("contrast", default: 0, in: 0...1)
    settings.jitter.saturation = try table.number("saturation", default: 0, in: 0...1)
    settings.jitter.hue = try table.number("hue", default: 0, in: 0...0.5)
    settings.jitter.channels = try table.number("channels", default: 0, in: 0...1)
    settings.horizontalFlip = try table.number("horizontal_flip", default: 0, in: 0...1)
    settings.verticalFlip = try table.number("vertical_flip", default: 0, in: 0...1)
    settings.quarterTurns = try table.flag("quarter_turns", default: false)
    let scale = try table.range("resized_crop", within: 0.01...4)
    let ratio = try table.range("resized_crop_ratio", within: 0.1...10)
    if let scale { settings.resizedCrop = .init(scale: scale, ratio: ratio ?? 1...1) }
    settings.blur = try table.number("blur", default: 0, in: 0...1)
    settings.erasing = try table.number("erasing", default: 0, in: 0...1)
    try table.finish()
    return settings
  }
}
