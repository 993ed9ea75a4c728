import CLIP
import Checkpoints
import Compute
import Foundation
import Imaging

/// A run of training: a recipe, where it stands, and the loop.
///
///     let run = try TrainingRun(Recipe(contentsOf: "recipes/rsicd-mini.toml"), resuming: true) { print($0) }
///     try run.train(isCancelled: { false })
///
/// Blocks the calling thread, and is used by one thread.
public final class TrainingRun {
  private let recipe: Recipe
  private let report: @Sendable (RunEvent) -> Void
  private let lock: FolderLock
  private let model: TrainableModel
  /// Directory of configuration and tokenizer.
  private let origin: String
  private var optimiser: any Optimiser
  private let learningRate: LearningRate
  private var average: MovingAverage?
  private var state: TrainerState
  private let steps: Int
  private let source: Batches.Source
  private let workers: Workers
  private let valid: ValidationSet?
  private let log: RunLog
  private let threads: Int
  private let resumedFrom: Int?

  /// Reads model and data, and goes on from the last checkpoint in the recipe's folder where there is one.
  /// - Parameters:
  ///   - resuming: without it, a folder that holds checkpoints is refused.
  ///   - report: called on the threads that have something to tell.
  /// - Throws: ``RunError``, ``RecipeError`` and the errors of checkpoints, tokenizers and caption files.
  public init(
    _ recipe: Recipe, resuming: Bool, report: @escaping @Sendable (RunEvent) -> Void
  ) throws {
    self.recipe = recipe
    self.report = report
    let output = Paths.expanded(recipe.output)
    threads = recipe.threads > 0 ? recipe.threads : ProcessInfo.processInfo.activeProcessorCount
    workers = Workers(count: threads)
    origin = recipe.start.directory
    let (parts, last) = try Self.open(output, resuming: resuming)
    lock = parts
    model = try Self.model(recipe, threads: threads)
    let data: TrainingData
    (source, data) = try Self.source(recipe, model.configuration, workers: workers, report: report)
    let perEpoch = source.perEpoch / recipe.accumulation
    switch recipe.length {
    case .epochs(let epochs): steps = epochs * perEpoch
    case .steps(let count): steps = count
    }
    guard recipe.warmupSteps < steps else {
      throw RunError(
        "warmup_steps is \(recipe.warmupSteps), expected fewer than the run's \(steps) steps")
    }
    learningRate = recipe.rates(steps: steps)
    model.frozen = try recipe.patterns("freeze", recipe.freeze, in: model.layout)
    optimiser = try recipe.makeOptimiser(model.layout, threads: threads)
    valid = try recipe.valid.map { try ValidationSet($0, batch: recipe.lossBatch) }
    average = recipe.ema > 0 ? MovingAverage(decay: Float(recipe.ema), values: model.values) : nil
    state = TrainerState()
    state.stepsPerEpoch = perEpoch
    state.recipe = recipe.decisive
    resumedFrom = last?.step
    if let last { try Self.restore(last.folder, model, &optimiser, &average, &state, report) }
    log = try RunLog(folder: output, step: state.step)
    report(
      .started(
        .init(
          pictures: data.pictures.count, pairs: EpochOrder.count(data), missing: data.missing,
          stepsPerEpoch: perEpoch, steps: steps, parameters: model.layout.count,
          resumedFrom: resumedFrom, loss: recipe.lossDescription)))
  }

  private var output: String { Paths.expanded(recipe.output) }

  // MARK: The loop

  /// Trains to the end.
  /// - Parameter isCancelled: asked after every step; where it says so, the run is saved and ended.
  /// - Throws: `CancellationError` after such a save, ``RunError`` with what went wrong.
  public func train(isCancelled: @escaping @Sendable () -> Bool) throws {
    let batches = Batches(source, from: state.step * recipe.accumulation, workers: workers)
    defer { batches.end() }
    var gradient = [Float](repeating: 0, count: model.layout.count)
    var pace = Pace(pairsPerStep: recipe.batch * recipe.accumulation)
    do {
      try evaluateIfDue(isCancelled)
      while state.step < steps {
        if isCancelled() { throw CancellationError() }
        let start = ContinuousClock.now
        let norm = try step(&gradient, batches)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        state.seconds += seconds
        pace.add(seconds, waiting: batches.seconds.waiting)
        try tell(norm: norm, pace)
        try evaluateIfDue(isCancelled)
        try saveIfDue()
      }
    } catch is CancellationError {
      try save(as: CheckpointFolder.interruptedName)
      throw CancellationError()
    } catch let error as RunError where error.isAboutData {
      // What was learned so far is not lost with the pictures.
      try save(as: CheckpointFolder.interruptedName)
      throw RunError(
        "\(error); saved at step \(state.step): go on with --resume once they are back")
    }
    try finish()
  }

  /// One step of the optimiser.
  /// - Returns: the global norm of the gradient before it was clipped.
  private func step(_ gradient: inout [Float], _ batches: Batches) throws -> Double {
    gradient.setAll(to: 0)
    var loss = 0.0
    for pass in 0..<recipe.accumulation {
      let number = state.step * recipe.accumulation + pass
      loss += Double(
        try model.addGradient(
          of: try batches.next(), settings: recipe.lossSettings,
          seed: recipe.seed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(number), to: &gradient))
    }
    loss /= Double(recipe.accumulation)
    let team = model.team
    let squares = VectorLoops.sumOfSquares(gradient, in: [0..<gradient.count], team)
    let norm = squares.squareRoot() / Double(recipe.accumulation)
    guard loss.isFinite, norm.isFinite else { throw stopped(loss) }
    // As torch.nn.utils.clip_grad_norm_.
    let clipped = recipe.clip > 0 ? min(1, recipe.clip / (norm + 1e-6)) : 1
    let factor = clipped / Double(recipe.accumulation)
    if factor != 1 { VectorLoops.scale(&gradient, by: Float(factor), team) }
    optimiser.update(
      &model.values, gradient: gradient, learningRate: learningRate.rate(at: state.step))
    model.clampLogitScale()
    average?.update(model.values)
    state.step += 1
    state.lossSum += loss
    state.lossCount += 1
    return norm
  }

  private func stopped(_ loss: Double) -> RunError {
    let what = loss.isFinite ? "the gradient is" : "the loss is"
    let last = CheckpointFolder.all(in: output).last
    let kept =
      last.map { "\($0.folder.name) (step \($0.step)) is intact" } ?? "nothing was saved yet"
    return RunError(
      "\(what) no finite number at step \(state.step + 1); \(kept). Lower learning_rate (now "
        + "\(recipe.learningRate)), raise warmup_steps or set clip = 1, and go on with --resume")
  }

  // MARK: Watching

  private func tell(norm: Double, _ pace: Pace) throws {
    let isLogged = state.step % recipe.logEvery == 0 || state.step == steps
    let point = RunEvent.Point(
      step: state.step, steps: steps, epoch: epoch, loss: state.lossSum / Double(state.lossCount),
      learningRate: Double(learningRate.rate(at: state.step - 1)), gradientNorm: norm,
      pairsPerSecond: pace.pairsPerSecond, trainTime: state.seconds,
      secondsLeft: pace.secondsPerStep * Double(steps - state.step), waiting: pace.waitingShare,
      isLogged: isLogged)
    if isLogged {
      try log.write(point)
      state.lossSum = 0
      state.lossCount = 0
    }
    report(.step(point))
  }

  private var epoch: Double { Double(state.step) / Double(state.stepsPerEpoch) }

  // MARK: Evaluation

  private var isSaveDue: Bool {
    if state.step == 0 { return false }
    if state.step == steps { return true }
    let every =
      recipe.saveEvery > 0 ? recipe.saveEvery : recipe.saveEveryEpochs * state.stepsPerEpoch
    return state.step % every == 0
  }

  private func evaluateIfDue(_ isCancelled: () -> Bool) throws {
    guard let valid, state.step > 0, state.evaluatedStep != state.step else { return }
    let isDue =
      recipe.evalEvery > 0
      ? state.step % recipe.evalEvery == 0 || state.step == steps : isSaveDue
    guard isDue else { return }
    // Measured is what would be used: averaged and in the type that is saved.
    let candidate = CheckpointFolder(path: "\(output)/\(CheckpointFolder.candidateName)")
    try candidate.write(contents(), withState: false)
    let found: ValidationSet.Result
    do {
      found = try valid.evaluate(
        CLIPModel(contentsOf: candidate.path, threads: threads), isCancelled: isCancelled)
    } catch {
      candidate.remove()
      throw error
    }
    let new = TrainerState.Best(
      step: state.step, loss: found.loss, accuracy: found.accuracy?.first)
    let isBest = new.isBetter(than: state.best, by: recipe.bestBy)
    if isBest {
      state.best = new
      try candidate.replace(CheckpointFolder(path: "\(output)/best"))
    } else {
      candidate.remove()
    }
    state.evaluatedStep = state.step
    let evaluation = RunEvent.Evaluation(
      step: state.step, epoch: epoch, loss: found.loss, accuracy: found.accuracy,
      count: found.count, isBest: isBest)
    try log.write(evaluation)
    report(.evaluated(evaluation))
  }

  // MARK: Checkpoints

  private func saveIfDue() throws {
    guard isSaveDue else { return }
    let number = recipe.saveEvery > 0 ? state.step : state.step / state.stepsPerEpoch
    try save(as: "ckpt-\(number)")
  }

  private func save(as name: String) throws {
    let folder = CheckpointFolder(path: "\(output)/\(name)")
    do {
      try folder.write(contents(), withState: true)
    } catch {
      let last = CheckpointFolder.all(in: output).last
      let kept =
        last.map { "\($0.folder.name) (step \($0.step)) is intact" } ?? "nothing was saved before"
      throw RunError("\(error); \(kept). Make room and go on with --resume")
    }
    CheckpointFolder.prune(in: output, limit: recipe.saveTotalLimit)
    report(.saved(folder: folder.path, step: state.step))
  }

  private func contents() -> CheckpointFolder.Contents {
    var state = state
    state.averageUpdates = average?.updates ?? 0
    return .init(
      layout: model.layout, values: model.values, average: average?.values,
      type: recipe.tensorType, model: Paths.expanded(origin), optimiser: optimiser.state,
      state: state)
  }

  private func finish() throws {
    let folder = CheckpointFolder(path: "\(output)/final")
    try folder.write(contents(), withState: false)
    report(.saved(folder: folder.path, step: state.step))
  }
}

// MARK: - Starting

extension TrainingRun {
  /// Makes the folder, takes its lock, clears what a killed run left, and finds where to go on.
  private static func open(_ output: String, resuming: Bool) throws
    -> (FolderLock, (folder: CheckpointFolder, step: Int)?)
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
        "\(output) holds checkpoints, up to step \(last?.step ?? 0); go on from there with --resume, "
          + "or choose another output")
    }
    return (lock, resuming ? last : nil)
  }

  private static func model(_ recipe: Recipe, threads: Int) throws -> TrainableModel {
    switch recipe.start {
    case .checkpoint(let path):
      try TrainableModel(checkpoint: URL(fileURLWithPath: Paths.expanded(path)), threads: threads)
    case .scratch(let path):
      try TrainableModel(
        configuration: CLIPConfiguration(contentsOf: "\(Paths.expanded(path))/config.json"),
        seed: recipe.seed, weights: recipe.initialWeights, threads: threads)
    }
  }

  private static func source(
    _ recipe: Recipe, _ configuration: CLIPConfiguration, workers: Workers,
    report: @escaping @Sendable (RunEvent) -> Void
  ) throws -> (Batches.Source, TrainingData) {
    let directory = Paths.expanded(recipe.start.directory)
    let folder = try ModelFolder(directory)
    let tokenizer = try folder.tokenizer(
      contextLength: min(recipe.maxLength, configuration.contextLength))
    let store = PictureStore(
      side: recipe.imageSide > 0 ? recipe.imageSide : configuration.imageSize,
      limit: recipe.cacheMiB << 20)
    let data = try TrainingData(recipe.data, tokenizer: tokenizer) {
      store.captions(ofScenes: $0, workers: workers)
    }
    guard recipe.categoryLoss == 0 || data.prompts.count > 1 else {
      throw RunError(
        "category_loss is \(recipe.categoryLoss), but the pictures' names tell "
          + "\(data.prompts.count) categories, expected at least 2: name them such as airport_1.jpg, "
          + "or leave category_loss out")
    }
    let pairs = EpochOrder.count(data)
    let perStep = recipe.batch * recipe.accumulation
    guard pairs >= perStep else {
      throw RunError(
        recipe.accumulation == 1
          ? "batch is \(recipe.batch), larger than the data: an epoch has \(pairs) pairs"
          : "batch · accumulation is \(perStep), larger than the data: an epoch has \(pairs) pairs")
    }
    let source = Batches.Source(
      data: data, store: store, augmentation: recipe.augmentation,
      preprocessing: folder.preprocessing,
      seed: recipe.seed, size: recipe.batch, perEpoch: pairs / perStep * recipe.accumulation,
      note: { report(.note($0)) })
    return (source, data)
  }

  private static func restore(
    _ folder: CheckpointFolder, _ model: TrainableModel, _ optimiser: inout any Optimiser,
    _ average: inout MovingAverage?, _ state: inout TrainerState,
    _ report: (RunEvent) -> Void
  ) throws {
    let found = try folder.state()
    let (perEpoch, recipe) = (state.stepsPerEpoch, state.recipe)
    model.values = try folder.values(model.layout)
    do {
      try optimiser.restore(folder.optimiser())
    } catch {
      throw RunError("\(folder.path): its optimiser state does not fit this recipe: \(error)")
    }
    if let decay = average?.decay {
      let saved = try folder.average(model.layout)
      average = MovingAverage(
        decay: decay, values: saved ?? model.values,
        updates: saved == nil ? 0 : found.averageUpdates)
    }
    state = found
    state.stepsPerEpoch = perEpoch
    state.recipe = recipe
    let keys = Swift.Set(recipe.keys).union(found.recipe.keys).sorted()
    let changed = keys.filter { recipe[$0] != found.recipe[$0] }
    if found.stepsPerEpoch != perEpoch {
      report(
        .note(
          "an epoch has \(perEpoch) steps now and had \(found.stepsPerEpoch): the data changed; "
            + "places in it are counted anew"))
    }
    if !changed.isEmpty {
      state.changes.append("\(changed.joined(separator: ", ")) from step \(found.step)")
      report(
        .note(
          "changed since the checkpoint at step \(found.step): \(changed.joined(separator: ", "))"))
    }
  }
}
