import Foundation

/// Where a run stands, beside the weights: everything that cannot be computed anew from the recipe.
struct TrainerState: Codable, Sendable, Equatable {
  static let version = 1

  var version = Self.version
  /// Steps of the optimiser so far.
  var step = 0
  /// Steps of an epoch when this was written; places in the data only mean the same with the same.
  var stepsPerEpoch = 0
  /// The sum of the losses since the last point of the curve.
  var lossSum = 0.0
  var lossCount = 0
  /// Seconds of training, without evaluation.
  var seconds = 0.0
  /// Updates of the moving average.
  var averageUpdates = 0
  /// The step that was validated last, so that an interrupted validation is made up for.
  var evaluatedStep = 0
  /// The best validation so far.
  var best: Best?
  /// Figures of the model that the run started from; `nil` in checkpoints of versions that did not measure
  /// it.
  var start: Best?
  /// The loss of the first step; likewise.
  var firstLoss: Double?
  /// The recipe's settings that decide the numbers, one line each.
  var recipe: [String: String] = [:]
  /// Settings that a user changed at a later start, e.g. `learning_rate from step 200`.
  var changes: [String] = []

  struct Best: Codable, Sendable, Equatable {
    var step: Int
    var loss: Double
    /// Share of images whose category ranks first; `nil` where there are fewer than two categories.
    var accuracy: Double?
    /// Shares for k = 1, 3, 5, 10, mean recall and number of pictures; `nil` in checkpoints of earlier
    /// versions.
    var shares: [Double]?
    var recall: Double?
    var count: Int?

    func isBetter(than other: Best?, by choice: Recipe.Choice) -> Bool {
      guard let other else { return true }
      if choice == .accuracy, let mine = accuracy, let theirs = other.accuracy, mine != theirs {
        return mine > theirs
      }
      return loss < other.loss
    }
  }

  static func read(_ path: String) throws -> TrainerState {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw RunError("\(path): cannot be read; the checkpoint is incomplete, remove its folder")
    }
    guard data.count < 1 << 20, let state = try? JSONDecoder().decode(Self.self, from: data),
      state.version == version, state.step >= 0, state.stepsPerEpoch > 0
    else {
      throw RunError(
        "\(path): is no state of a training run of version \(version); remove the checkpoint's folder"
      )
    }
    return state
  }

  var encoded: [UInt8] {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return Array(try encoder.encode(self))
    }
  }
}

extension Recipe {
  /// The settings that decide the numbers of a run, for comparison at a later start. What only decides
  /// when something is saved or shown may change.
  var decisive: [String: String] {
    var lines: [String: String] = [
      "length": "\(length)", "batch": "\(batch)", "accumulation": "\(accumulation)",
      "max_length": "\(maxLength)", "negatives": negatives.rawValue,
      "equal_captions": equalCaptions.rawValue, "patch_dropout": "\(patchDropout)",
      "seed": "\(seed)",
      "optimiser": optimiser.rawValue, "learning_rate": "\(learningRate)",
      "weight_decay": "\(weightDecay)", "beta1": "\(beta1)", "beta2": "\(beta2)",
      "epsilon": "\(epsilon)", "clip": "\(clip)", "decay": "\(decay ?? ["default"])",
      "freeze": "\(freeze)", "schedule": "\(schedule.rawValue), \(LearningRate.rule)",
      "warmup_steps": "\(warmupSteps)",
      "final_share": "\(finalShare)", "ema": "\(ema)", "image_side": "\(imageSide)",
      "augmentation": "\(augmentation)",
    ]
    if imageSize > 0 { lines["image_size"] = "\(imageSize)" }
    if negatives == .local { lines["group"] = "\(group)" }
    if optimiser == .adafactor { lines["adafactor"] = "\(adafactor)" }
    for (place, set) in data.enumerated() { lines["data.\(place)"] = "\(set)" }
    return lines
  }
}
