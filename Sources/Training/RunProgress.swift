import Transformers
import Compute
import Foundation

/// How far a run has come, beside the weights.
struct RunProgress {
  var optimiser: any Optimiser
  /// On the first rank.
  var average: MovingAverage?
  var state = TrainerState()

  /// At the beginning.
  init(_ parts: RunParts, _ recipe: Recipe, _ ranks: any Ranks) {
    optimiser = parts.optimiser
    let isAveraging = recipe.ema > 0 && ranks.isFirst
    average =
      isAveraging ? MovingAverage(decay: Float(recipe.ema), values: parts.model.values) : nil
    state.stepsPerEpoch = parts.stepsPerEpoch
    state.recipe = recipe.decisive
  }

  /// Takes everything back that a checkpoint has.
  mutating func restore(
    _ folder: CheckpointFolder, _ model: TrainableModel, _ report: (RunEvent) -> Void
  ) throws {
    let found = try folder.state()
    let (perEpoch, recipe) = (state.stepsPerEpoch, state.recipe)
    model.values = try folder.values(model.parameters)
    do {
      try optimiser.restore(folder.optimiser())
    } catch {
      throw RunError("\(folder.path): its optimiser state does not fit this recipe: \(error)")
    }
    if let decay = average?.decay {
      let saved = try folder.average(model.parameters)
      average = MovingAverage(
        decay: decay, values: saved ?? model.values,
        updates: saved == nil ? 0 : found.averageUpdates)
    }
    state = found
    state.stepsPerEpoch = perEpoch
    state.recipe = recipe
    if found.stepsPerEpoch != perEpoch {
      report(
        .note(
          "an epoch has \(perEpoch) steps now and had \(found.stepsPerEpoch): the data changed; "
            + "places in it are counted anew"))
    }
    let keys = Set(recipe.keys).union(found.recipe.keys).sorted()
    let changed = keys.filter { recipe[$0] != found.recipe[$0] }
    if !changed.isEmpty {
      state.changes.append("\(changed.joined(separator: ", ")) from step \(found.step)")
      report(
        .note(
          "changed since the checkpoint at step \(found.step): \(changed.joined(separator: ", "))"))
    }
  }
}

extension Ranks {
  /// Takes the first rank's weights and progress: only there the checkpoint was read.
  func share(_ values: inout [Float], _ progress: inout RunProgress) throws {
    guard count > 1 else { return }
    try broadcast(&values)
    var saved: [String: [Float]] = [:]
    for (name, mine) in progress.optimiser.state {
      var numbers = mine
      try broadcast(&numbers)
      saved[name] = numbers
    }
    try progress.optimiser.restore(saved)
    var bytes = try progress.state.encoded
    try broadcast(&bytes)
    progress.state = try JSONDecoder().decode(TrainerState.self, from: Data(bytes))
  }

  /// Whether all ranks found the same recipe, model and data: else they would train on different things.
  /// - Throws: ``RunEnded`` with what differs where they did not.
  func agree(on data: TrainingData, _ recipe: Recipe, _ parameters: ParameterTable) throws {
    guard count > 1 else { return }
    let lines = recipe.decisive.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let mine = [
      fingerprint(lines.joined(separator: "\n").utf8), parameters.count, data.pictures.count,
      EpochOrder.count(data), fingerprint(data.texts.joined()),
    ]
    let all = try gather(mine)
    try agree {
      for other in 0..<count {
        let theirs = Array(all[other * mine.count..<(other + 1) * mine.count])
        guard theirs != Array(all[..<mine.count]) else { continue }
        let names = ["settings", "parameters", "pictures", "pairs", "captions"]
        let place =
          zip(theirs, all).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? 0
        let isCount = (1...3).contains(place)
        throw RunError(
          isCount
            ? "rank \(other) has \(theirs[place]) \(names[place]), rank 0 \(all[place]); every machine needs "
              + "the same recipe, model, captions and pictures"
            : "rank \(other) has other \(names[place]) than rank 0; every machine needs the same recipe, "
              + "model, captions and pictures")
      }
    }
  }
}

/// FNV-1a, a number at a time.
private func fingerprint(_ numbers: some Sequence<some FixedWidthInteger>) -> Int {
  let found = numbers.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
    ($0 ^ UInt64(truncatingIfNeeded: $1)) &* 0x100_0000_01B3
  }
  return Int(truncatingIfNeeded: found)
}
