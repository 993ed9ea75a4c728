import Models

// Checks and advice about a recipe and its data before the first step: settings that contradict each other,
// with values that work, and settings that are probably not what was meant.
extension Recipe {
  /// Pairs of one step.
  private var perStep: Int { batch * accumulation }

  private func steps(perEpoch: Int) -> Int {
    switch length {
    case .epochs(let epochs): epochs * perEpoch
    case .steps(let count): count
    }
  }

  /// - Throws: ``RunError`` where an epoch is smaller than a step, or the run shorter than its warm-up;
  ///   with settings that work together, to be copied.
  func check(pairs: Int) throws {
    let perEpoch = pairs / perStep
    guard perEpoch > 0 else {
      let what = accumulation == 1 ? "batch is \(batch)" : "batch · accumulation is \(perStep)"
      let words =
        "\(what), larger than the data: an epoch has \(pairs) \(pairs == 1 ? "pair" : "pairs")"
      // Four steps an epoch where that leaves something to compare.
      let smaller = min(pairs, max(8, pairs / 4))
      guard smaller >= 2 else {
        throw RunError("\(words), and a pair alone is compared with nothing; give more captions")
      }
      throw RunError(words, wayOut: .settings(fitting(batch: smaller, pairs: pairs)))
    }
    guard warmupSteps < steps(perEpoch: perEpoch) else {
      throw RunError(
        "warmup_steps is \(warmupSteps), expected fewer than the run's \(steps(perEpoch: perEpoch)) steps",
        wayOut: .settings(fitting(batch: nil, pairs: pairs)))
    }
  }

  /// - Parameter batch: to take instead; `nil` where it is right.
  private func fitting(batch other: Int?, pairs: Int) -> [String] {
    var settings: [String] = []
    var perStep = perStep
    if let other {
      settings.append("batch=\(other)")
      if accumulation > 1 { settings.append("accumulation=1") }
      if negatives == .local { settings.append("group=\(other)") }
      perStep = other
    }
    let steps = steps(perEpoch: pairs / perStep)
    if warmupSteps > 0, warmupSteps * 4 > steps { settings.append("warmup_steps=\(steps / 10)") }
    return settings
  }

  private static let fewPairs = 100

  /// Settings that work together but are probably not what was meant, in sentences.
  func advice(on data: TrainingData, context: Int) -> [String] {
    var words: [String] = []
    if maxLength > context {
      words.append(
        "max_length is \(maxLength), and the model reads \(context) tokens: longer captions are cut at "
          + "\(context)")
    }
    if data.cutCaptions > 0 {
      words.append(
        "\(data.cutCaptions) of \(data.captionCount) captions "
          + (data.cutCaptions == 1 ? "is" : "are")
          + " longer than \(min(maxLength, context)) tokens, "
          + "start and end included, and cut there"
          + (maxLength < context ? "; max_length can be up to \(context)" : ""))
    }
    let texts = data.captionTextCount
    if texts == 1, data.pictures.count > 1 {
      words.append(
        "all captions are equal: they tell no picture from another, and nothing can be learned from "
          + "them" + (categoryLoss > 0 ? " but the categories" : ""))
    } else if equalCaptions == .negatives, texts * 2 < data.captionCount {
      words.append(
        "\(data.captionCount) captions are only \(texts) different ones, and equal ones count against "
          + "each other: set equal_captions = \"positives\"")
    }
    let pairs = EpochOrder.count(data)
    if pairs < Self.fewPairs {
      words.append(
        "an epoch has only \(pairs) pairs, which are soon known by heart: some hundred move a model, some "
          + "thousand make it good")
    }
    return words
  }
}
