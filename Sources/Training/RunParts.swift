import Models
import Checkpoints
import Compute
import Foundation
import Imaging

/// What a run works with, read and checked before ranks wait for one another.
struct RunParts {
  /// The folder's; on the first rank.
  let lock: FolderLock?
  /// The checkpoint to go on from; on the first rank.
  let last: (folder: CheckpointFolder, step: Int)?
  let model: TrainableModel
  let workers: Workers
  let source: Batches.Source
  let data: TrainingData
  let share: BatchShare
  let stepsPerEpoch: Int
  let steps: Int
  let learningRate: LearningRate
  /// At its beginning.
  let optimiser: any Optimiser
  /// On the first rank.
  let valid: ValidationSet?
  /// For what this rank does while the others wait.
  let threadsAlone: Int

  init(
    _ recipe: Recipe, resuming: Bool, ranks: any Ranks, reader: ImageReader,
    report: @escaping @Sendable (RunEvent) -> Void
  ) throws {
    share = try recipe.share(ranks)
    let threads = recipe.threads > 0 ? recipe.threads : ranks.processors
    threadsAlone =
      ranks.count == 1
      ? threads
      : min(Processors.allowed, threads * ranks.neighbours.count)
    if recipe.threads == 0, let words = ranks.bindingNote { report(.note(words)) }
    workers = Workers(count: threads)
    if ranks.isFirst {
      (lock, last) = try Self.open(Paths.expanded(recipe.output), resuming: resuming)
    } else {
      (lock, last) = (nil, nil)
    }
    model = try Self.model(recipe, threads: threads)
    let note: @Sendable (String) -> Void = { [rank = ranks.rank, isOne = ranks.count == 1] in
      report(.note(isOne ? $0 : "rank \(rank): \($0)"))
    }
    (source, data) = try Self.source(
      recipe, model.configuration, workers: workers, places: share.pairs,
      cacheMiB: recipe.cacheMiB / ranks.neighbours.count, reader: reader, note: note)
    stepsPerEpoch = source.perEpoch / recipe.accumulation
    switch recipe.length {
    case .epochs(let epochs): steps = epochs * stepsPerEpoch
    case .steps(let count): steps = count
    }
    learningRate = recipe.rates(steps: steps)
    model.frozen = try recipe.patterns("freeze", recipe.freeze, in: model.parameters)
    optimiser = try recipe.makeOptimiser(model.parameters, threads: threads)
    valid =
      ranks.isFirst
      ? try recipe.valid.map {
        try ValidationSet($0, batch: recipe.lossBatch, reader: reader, note: note)
      }
      : nil
    // Every rank reads the same files; one tells of them.
    if ranks.isFirst {
      for words in data.notes { report(.note(words)) }
      for words in recipe.advice(on: data, context: model.configuration.contextLength) {
        report(.note(words))
      }
      for words in valid?.notes ?? [] { report(.note("valid: \(words)")) }
      if let words = valid?.withoutAccuracy {
        report(
          .note(
            "valid: \(words)"
              + (recipe.bestBy == .accuracy ? "; the best is the one of the lowest valid loss" : "")
          ))
      }
    }
  }
}

extension RunParts {
  /// Makes the folder, takes its lock, clears what a killed run left, and finds where to go on.
  private static func open(_ output: String, resuming: Bool) throws
    -> (FolderLock?, (folder: CheckpointFolder, step: Int)?)
  {
    do {
      try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
    } catch {
      throw RunError("\(output): cannot be made; check the folder above it")
    }
    guard let lock = try FolderLock(output) else {
      throw RunError("\(output): another run is writing to this folder; choose another output")
    }
    AtomicFolder.removeLeftovers(in: output)
    let last = CheckpointFolder.all(in: output).last
    guard resuming || last == nil else {
      throw RunError(
        "\(output) holds checkpoints, up to step \(last?.step ?? 0)",
        wayOut: .resumingOrOtherOutput)
    }
    return (lock, resuming ? last : nil)
  }

  private static func model(_ recipe: Recipe, threads: Int) throws -> TrainableModel {
    let size = recipe.imageSize > 0 ? recipe.imageSize : nil
    switch recipe.start {
    case .checkpoint(let path):
      return try TrainableModel(
        checkpoint: URL(fileURLWithPath: Paths.expanded(path)), as: recipe.modelConfiguration,
        imageSize: size, threads: threads)
    case .scratch(let path):
      return try TrainableModel(
        configuration: ModelFolder(Paths.expanded(path)).resized(to: size).configuration,
        seed: recipe.seed, weights: recipe.initialWeights, threads: threads)
    }
  }

  private static func source(
    _ recipe: Recipe, _ configuration: CLIPConfiguration, workers: Workers, places: Range<Int>,
    cacheMiB: Int, reader: ImageReader, note: @escaping @Sendable (String) -> Void
  ) throws -> (Batches.Source, TrainingData) {
    let directory = Paths.expanded(recipe.start.directory)
    let folder = try ModelFolder(directory, as: recipe.modelConfiguration).resized(
      to: recipe.imageSize > 0 ? recipe.imageSize : nil)
    if let warning = folder.choice?.warning { note("\(directory): \(warning)") }
    let tokenizer = try folder.tokenizer(
      contextLength: min(recipe.maxLength, configuration.contextLength))
    let store = PictureStore(
      side: recipe.imageSide > 0 ? recipe.imageSide : configuration.imageSize,
      limit: cacheMiB << 20, reader: reader)
    let data = try TrainingData(recipe.data, tokenizer: tokenizer) {
      store.captions(ofScenes: $0, workers: workers)
    }
    guard recipe.categoryLoss == 0 || data.prompts.count > 1 else {
      throw RunError(
        "category_loss is \(recipe.categoryLoss), but folders and names of the pictures tell "
          + "\(data.prompts.count) \(data.prompts.count == 1 ? "category" : "categories"), expected at least "
          + "2: put them into class folders, name them such as airport_1.jpg, or leave category_loss out"
      )
    }
    let pairs = EpochOrder.count(data)
    try recipe.check(pairs: pairs)
    let perStep = recipe.batch * recipe.accumulation
    let source = Batches.Source(
      data: data, store: store, augmentation: recipe.augmentation,
      preprocessing: folder.preprocessing, seed: recipe.seed, size: recipe.batch, places: places,
      perEpoch: pairs / perStep * recipe.accumulation, note: note)
    return (source, data)
  }
}
