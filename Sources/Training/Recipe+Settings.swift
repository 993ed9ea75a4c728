import Transformers
import Checkpoints

// What a recipe says, in the terms of those who do it.
extension Recipe {
  var tensorType: TensorType {
    switch saveType {
    case .f32: .f32
    case .f16: .f16
    case .bf16: .bf16
    }
  }

  var lossSettings: LossSettings {
    var settings = LossSettings(
      negatives: negatives == .local ? .local(group: group) : .global(piece: min(piece, batch)),
      equalCaptionsArePositives: equalCaptions == .positives, patchDropout: Float(patchDropout))
    settings.categoryWeight = Float(categoryLoss)
    settings.categorySmoothing = Float(categorySmoothing)
    return settings
  }

  func rates(steps: Int) -> LearningRate {
    let decay: LearningRate.Decay =
      switch schedule {
      case .linear: .linear
      case .cosine: .cosine
      case .constant: .constant
      }
    return LearningRate(
      peak: Float(learningRate), warmupSteps: warmupSteps, totalSteps: steps, decay: decay,
      final: Float(learningRate * finalShare))
  }

  func makeOptimiser(_ parameters: ParameterTable, threads: Int) throws -> any Optimiser {
    let frozen = try patterns("freeze", freeze, in: parameters)
    let decayed = try decay.map { try patterns("decay", $0, in: parameters) } ?? .decayed
    switch optimiser {
    case .adamw:
      var settings = AdamW.Settings()
      (settings.beta1, settings.beta2) = (Float(beta1), Float(beta2))
      settings.epsilon = Float(epsilon)
      settings.weightDecay = Float(weightDecay)
      return AdamW(parameters, settings, decayed: decayed, frozen: frozen, threads: threads)
    case .adafactor:
      var settings = Adafactor.Settings()
      settings.factoredFrom = adafactor.minDimSizeToFactor
      settings.decayRate = Float(adafactor.decayRate)
      settings.decayOffset = adafactor.decayOffset
      settings.clippingThreshold = Float(adafactor.clippingThreshold)
      settings.multipliesByParameterScale = adafactor.multiplyByParameterScale
      settings.epsilon = Float(adafactor.epsilon)
      settings.momentum = Float(adafactor.momentum)
      // optax's rate stands alone: 0.2 would take a fifth off every weight at each step.
      settings.weightDecayRate = Float(weightDecay * learningRate)
      return Adafactor(parameters, settings, decayed: decayed, frozen: frozen, threads: threads)
    }
  }

  /// - Throws: ``RunError`` for a pattern that matches no parameter, which is most likely mistyped.
  func patterns(_ key: String, _ list: [String], in parameters: ParameterTable) throws
    -> LayerPatterns
  {
    let patterns = LayerPatterns(list)
    if let first = patterns.unmatched(in: parameters).first {
      throw RunError(
        "\(key): \(first) matches no parameter; names are such as \(parameters.entries[0].name), "
          + "\(parameters.entries[parameters.entries.count / 2].name)")
    }
    return patterns
  }

  /// Pairs that one loss is taken over.
  var lossBatch: Int { negatives == .local ? group : batch }

  /// For the summary: which of the losses a run used.
  var lossDescription: String {
    let kind = equalCaptions == .positives ? "equal captions are positives" : "plain"
    let reach =
      negatives == .local
      ? "\(batch / group) groups of \(group) with negatives of their own"
      : "negatives from all \(batch) pairs"
    let categories =
      categoryLoss > 0 ? ", and \(categoryLoss) times the loss over the categories' names" : ""
    return "\(kind), \(reach)\(categories)"
  }
}

extension Recipe.Start {
  /// Where configuration and tokenizer are.
  var directory: String {
    switch self {
    case .checkpoint(let path), .scratch(let path): path
    }
  }
}

/// How fast a run goes, over the last steps.
struct Pace {
  private let pairsPerStep: Int
  private var recent: [Double] = []
  private var all = 0.0
  private var waited = 0.0
  private static let window = 20

  init(pairsPerStep: Int) { self.pairsPerStep = pairsPerStep }

  /// - Parameter waiting: seconds that steps have waited for data, since the start.
  mutating func add(_ seconds: Double, waiting: Double) {
    recent.append(seconds)
    if recent.count > Self.window { recent.removeFirst() }
    all += seconds
    waited = waiting
  }

  var secondsPerStep: Double { recent.reduce(0, +) / Double(max(1, recent.count)) }
  var pairsPerSecond: Double { Double(pairsPerStep) / max(1e-9, secondsPerStep) }
  var waitingShare: Double { waited / max(1e-9, all) }
}

extension [Float] {
  mutating func setAll(to value: Float) {
    for index in indices { self[index] = value }
  }
}
