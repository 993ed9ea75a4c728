import Models
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
  private let ranks: any Ranks
  private let report: @Sendable (RunEvent) -> Void
  private let parts: RunParts
  private var optimiser: any Optimiser
  private var average: MovingAverage?
  private var state: TrainerState
  /// The curve, on the first rank.
  private let log: RunLog?
  private var watch: LossWatch

  /// Reads model and data, and goes on from the last checkpoint in the recipe's folder where there is one.
  /// - Parameters:
  ///   - resuming: without it, a folder that holds checkpoints is refused.
  ///   - ranks: the processes that share the work; only the first needs the recipe's folder.
  ///   - reader: with its limit of pixels; the recipe's pictures, and those of its valid split.
  ///   - report: called on the threads that have something to tell. From ranks beyond the first come
  ///     only notes.
  /// - Throws: ``RunError``, ``RecipeError`` and the errors of checkpoints, tokenizers and caption files;
  ///   with several ranks ``RunEnded``, and what these throw where one is lost.
  public init(
    _ recipe: Recipe, resuming: Bool, ranks: any Ranks = SingleRank(),
    reader: ImageReader = ImageReader(), report: @escaping @Sendable (RunEvent) -> Void
  ) throws {
    self.recipe = recipe
    self.ranks = ranks
    let silent: @Sendable (RunEvent) -> Void = { _ in }
    self.report = ranks.isFirst ? report : silent
    let parts = try ranks.agree {
      try RunParts(recipe, resuming: resuming, ranks: ranks, reader: reader, report: report)
    }
    try ranks.agree(on: parts.data, recipe, parts.model.parameters)
    var progress = RunProgress(parts, recipe, ranks)
    try ranks.agree {
      if let last = parts.last { try progress.restore(last.folder, parts.model, report) }
    }
    try ranks.share(&parts.model.values, &progress)
    log = try ranks.agree {
      ranks.isFirst
        ? try RunLog(folder: Paths.expanded(recipe.output), step: progress.state.step) : nil
    }
    self.parts = parts
    (optimiser, average, state) = (progress.optimiser, progress.average, progress.state)
    watch = LossWatch(recipe, categories: parts.data.prompts.count, first: state.firstLoss)
    self.report(
      .started(
        .init(
          pictures: parts.data.pictures.count, pairs: EpochOrder.count(parts.data),
          missing: parts.data.missing, captions: parts.data.captionCount,
          cutCaptions: parts.data.cutCaptions, stepsPerEpoch: parts.stepsPerEpoch,
          steps: parts.steps,
          parameters: parts.model.parameters.count, resumedFrom: parts.last?.step,
          loss: recipe.lossDescription, ranks: ranks.count)))
  }

  private var output: String { Paths.expanded(recipe.output) }
  private var model: TrainableModel { parts.model }
  private var steps: Int { parts.steps }

  /// Pictures that could not be read so far, on this rank, each told in a note: those that are trained on
  /// and those of the valid split.
  public var unreadablePictures: Int {
    parts.source.store.failureCount + (parts.valid?.unreadable ?? 0)
  }

  // MARK: The loop

  /// Trains to the end.
  /// - Parameter isCancelled: asked after every step; where it says so on any rank, the run is saved and
  ///   ended on all, after the same step.
  /// - Throws: `CancellationError` after such a save, ``RunError`` with what went wrong; with several
  ///   ranks ``RunEnded``, and what these throw where one is lost.
  public func train(isCancelled: @escaping @Sendable () -> Bool) throws {
    let batches = Batches(
      parts.source, from: state.step * recipe.accumulation, workers: parts.workers)
    defer { batches.end() }
    var gradient = [Float](repeating: 0, count: model.parameters.count)
    var pace = Pace(pairsPerStep: recipe.batch * recipe.accumulation)
    do {
      try evaluateIfDue(isCancelled)
      while state.step < steps {
        let start = ContinuousClock.now
        let norm = try step(&gradient, batches, isCancelled)
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
    } catch  where error.isAboutData {
      // What was learned so far is not lost with the pictures.
      try save(as: CheckpointFolder.interruptedName)
      throw error.adding("; saved at step \(state.step)", wayOut: .resumingWithPictures)
    }
    try finish()
  }

  /// One step of the optimiser.
  /// - Returns: the global norm of the gradient before it was clipped.
  private func step(
    _ gradient: inout [Float], _ batches: Batches, _ isCancelled: () -> Bool
  ) throws -> Double {
    gradient.setAll(to: 0)
    var loss = 0.0
    for pass in 0..<recipe.accumulation {
      let number = state.step * recipe.accumulation + pass
      let batch = try ranks.agree {
        if pass == 0, isCancelled() { throw CancellationError() }
        return try batches.next()
      }
      loss += Double(
        try model.addGradient(
          of: batch, settings: recipe.lossSettings,
          seed: recipe.seed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(number), share: parts.share,
          ranks: ranks, to: &gradient))
    }
    try ranks.sum(&gradient)
    loss = try ranks.sum(loss) / Double(recipe.accumulation)
    let norm = GradientClipping.clip(
      &gradient, to: recipe.clip, passes: recipe.accumulation, model.team)
    guard loss.isFinite, norm.isFinite else {
      // Sums are the same on all ranks.
      return try ranks.agree { throw stopped(loss) }
    }
    optimiser.update(
      &model.values, gradient: gradient, learningRate: parts.learningRate.rate(at: state.step))
    model.clampLogitScale()
    average?.update(model.values)
    if state.step == 0 {
      state.firstLoss = loss
      watch = LossWatch(recipe, categories: parts.data.prompts.count, first: loss)
    }
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
      "\(what) no finite number at step \(state.step + 1); \(kept)",
      wayOut: .gentlerAndResuming(learningRate: recipe.learningRate))
  }

  // MARK: Watching

  private func tell(norm: Double, _ pace: Pace) throws {
    let isLogged = state.step % recipe.logEvery == 0 || state.step == steps
    let point = RunEvent.Point(
      step: state.step, steps: steps, epoch: epoch, loss: state.lossSum / Double(state.lossCount),
      learningRate: Double(parts.learningRate.rate(at: state.step - 1)), gradientNorm: norm,
      pairsPerSecond: pace.pairsPerSecond, trainTime: state.seconds,
      secondsLeft: pace.secondsPerStep * Double(steps - state.step), waiting: pace.waitingShare,
      isLogged: isLogged)
    if isLogged {
      try ranks.agree { try log?.write(point) }
      state.lossSum = 0
      state.lossCount = 0
    }
    report(.step(point))
    guard isLogged else { return }
    if let words = watch.words(point.loss, step: point.step, steps: steps, recipe: recipe) {
      report(.note(words))
    }
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
    guard recipe.valid != nil, state.step > 0 || state.start == nil else { return }
    if state.step > 0 {
      guard state.evaluatedStep != state.step else { return }
      let isDue =
        recipe.evalEvery > 0
        ? state.step % recipe.evalEvery == 0 || state.step == steps : isSaveDue
      guard isDue else { return }
    }
    // Before the first step it is the model that the run starts from: else nobody knows what was gained.
    try ranks.agree { if let valid = parts.valid { try evaluate(valid, isCancelled) } }
    state.evaluatedStep = state.step
  }

  private func evaluate(_ valid: ValidationSet, _ isCancelled: () -> Bool) throws {
    // Measured is what would be used: averaged and in the type that is saved.
    let candidate = CheckpointFolder(path: "\(output)/\(CheckpointFolder.candidateName)")
    try candidate.write(contents(), withState: false)
    let found: ValidationSet.Result
    do {
      found = try valid.evaluate(
        CLIPModel(contentsOf: candidate.path, threads: parts.threadsAlone),
        isCancelled: isCancelled)
    } catch {
      candidate.remove()
      throw error
    }
    let new = TrainerState.Best(
      step: state.step, loss: found.loss, accuracy: found.accuracy?.first, shares: found.accuracy,
      recall: found.recall, count: found.count)
    if state.step == 0 { state.start = new }
    let isBest = new.isBetter(than: state.best, by: recipe.bestBy)
    if isBest {
      state.best = new
      try candidate.replace(CheckpointFolder(path: "\(output)/best"))
    } else {
      candidate.remove()
    }
    let evaluation = RunEvent.Evaluation(
      step: state.step, epoch: epoch, loss: found.loss, accuracy: found.accuracy,
      recall: found.recall, count: found.count, isBest: isBest)
    try log?.write(evaluation)
    report(.evaluated(evaluation))
  }

  // MARK: Checkpoints

  private func saveIfDue() throws {
    guard isSaveDue else { return }
    let number = recipe.saveEvery > 0 ? state.step : state.step / state.stepsPerEpoch
    try save(as: "ckpt-\(number)")
  }

  private func save(as name: String) throws {
    // Machines of different kinds round differently: what is saved is what all go on with.
    try ranks.broadcast(&model.values)
    try ranks.agree { if ranks.isFirst { try write(as: name) } }
  }

  private func write(as name: String) throws {
    let folder = CheckpointFolder(path: "\(output)/\(name)")
    do {
      try folder.write(contents(), withState: true)
    } catch {
      let last = CheckpointFolder.all(in: output).last
      let kept =
        last.map { "\($0.folder.name) (step \($0.step)) is intact" } ?? "nothing was saved before"
      throw RunError("\(error); \(kept)", wayOut: .roomAndResuming)
    }
    CheckpointFolder.prune(in: output, limit: recipe.saveTotalLimit)
    report(.saved(folder: folder.path, step: state.step))
  }

  private func contents() -> CheckpointFolder.Contents {
    var state = state
    state.averageUpdates = average?.updates ?? 0
    return .init(
      parameters: model.parameters, values: model.values, average: average?.values,
      type: recipe.tensorType, model: Paths.expanded(recipe.start.directory),
      modelConfiguration: recipe.modelConfiguration,
      imageSize: recipe.imageSize > 0 ? recipe.imageSize : nil,
      optimiser: optimiser.state,
      state: state)
  }

  private func finish() throws {
    try ranks.agree {
      guard ranks.isFirst else { return }
      let folder = CheckpointFolder(path: "\(output)/final")
      try folder.write(contents(), withState: false)
      report(.saved(folder: folder.path, step: state.step))
      if let summary { report(.finished(summary)) }
    }
  }

  private var summary: RunEvent.Summary? {
    guard let valid = recipe.valid, let best = state.best else { return nil }
    let startModel: String? =
      if case .checkpoint(let path) = recipe.start { Paths.expanded(path) } else { nil }
    var files = valid
    files.captions = valid.captions.map(Paths.expanded)
    files.images = Paths.expanded(valid.images)
    func evaluation(_ found: TrainerState.Best) -> RunEvent.Evaluation {
      .init(
        step: found.step, epoch: Double(found.step) / Double(state.stepsPerEpoch),
        loss: found.loss, accuracy: found.shares ?? found.accuracy.map { [$0] },
        recall: found.recall ?? .nan, count: found.count ?? 0, isBest: found == best)
    }
    return .init(
      steps: steps, start: state.start.map(evaluation), best: evaluation(best),
      folder: "\(output)/best", startModel: startModel,
      modelConfiguration: recipe.modelConfiguration, valid: files)
  }
}
