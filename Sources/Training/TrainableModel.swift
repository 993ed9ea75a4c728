import Transformers
import Models
import Checkpoints
import Compute
import Foundation

/// A CLIP model whose parameters change: both towers forward and backward.
///
/// Used by one thread at a time; it spreads its own work over `threads`. For a fixed number of threads
/// the same calls give the same bits.
package final class TrainableModel {
  package let configuration: CLIPConfiguration
  /// Names, shapes and places of all numbers.
  package let parameters: ParameterTable
  /// All numbers, as ``parameters`` has them.
  package var values: [Float]
  /// The threads; an optimiser and clipping may use them too.
  package let team: Team
  /// Parameters whose gradient stays 0; work that only they need is left out.
  package var frozen = LayerPatterns.none { didSet { prepare() } }

  private let named: CLIPParameters
  private var vision: TowerPlaces
  private var text: TowerPlaces
  private var visionMemory = TapeMemory()
  private var textMemory = TapeMemory()
  private let scratch = ScratchPool()
  private let waveMemory = ScratchPool()

  /// From scratch.
  package convenience init(
    configuration: CLIPConfiguration, seed: UInt64, weights: InitialWeights = .transformers,
    threads: Int
  ) throws {
    let named = CLIPParameters(configuration)
    var values = named.table.drawn(seed: seed)
    if weights == .mimetic { MimeticInitialisation.apply(to: &values, configuration, named) }
    self.init(configuration, named, values, threads)
  }

  /// From a model's folder, in any format.
  /// - Parameters:
  ///   - name: of the published model that weights without a configuration are.
  ///   - imageSize: of the pictures, where not the model's own.
  package convenience init(
    checkpoint: URL, as name: String? = nil, imageSize: Int? = nil, threads: Int
  ) throws {
    let folder = try ModelFolder(checkpoint.path, as: name).resized(to: imageSize)
    let named = CLIPParameters(folder.configuration)
    let table = try folder.weights().table
    for bias in named.optional where table.shape(of: bias.name) != nil {
      throw RunError(
        "\(checkpoint.path): has \(bias.name), which training would leave as it is; such models are read, "
          + "not trained")
    }
    self.init(folder.configuration, named, try named.table.values(of: table), threads)
  }

  private init(
    _ configuration: CLIPConfiguration, _ named: CLIPParameters, _ values: [Float],
    _ threads: Int
  ) {
    self.configuration = configuration
    self.named = named
    parameters = named.table
    self.values = values
    team = Team(threads: threads)
    vision = Self.places(parameters, named.vision, isCausal: false, frozen: .none)
    text = Self.places(parameters, named.text, isCausal: true, frozen: .none)
  }

  private func prepare() {
    vision = Self.places(parameters, named.vision, isCausal: false, frozen: frozen)
    text = Self.places(parameters, named.text, isCausal: true, frozen: frozen)
  }

  private static func places(
    _ table: ParameterTable, _ tower: CLIPParameters.Tower, isCausal: Bool, frozen: LayerPatterns
  ) -> TowerPlaces {
    TowerPlaces(
      table, tower.sizes, stem: tower.stem, blocks: tower.blocks, norm: tower.norm,
      projection: tower.projection, isCausal: isCausal, frozen: frozen)
  }

  /// Adds the gradient of the mean loss over `batch` to `gradient` (so that accumulation is repeated
  /// calls) and returns the loss.
  ///
  /// Where ranks share a batch, each adds and returns its part: the sum over the ranks is what one
  /// process has for the whole batch.
  ///
  /// Holds logit_scale to ln 100 before, as the original does after each step.
  /// - Parameters:
  ///   - batch: this rank's pairs.
  ///   - seed: of what is random in it (patch dropout).
  ///   - share: which pairs of the whole batch these are; `nil` for all.
  /// - Throws: ``TrainingError`` where the batch does not fit the model, and what `ranks` throw.
  package func addGradient(
    of batch: TrainingBatch, settings: LossSettings, seed: UInt64, share: BatchShare? = nil,
    ranks: any Ranks = SingleRank(), to gradient: inout [Float]
  ) throws -> Float {
    let share = share ?? BatchShare(all: batch.count)
    try check(batch, settings)
    guard batch.count == share.pairs.count else {
      throw TrainingError("a batch of \(batch.count) pairs, expected the share's \(share.pairs)")
    }
    guard gradient.count == parameters.count else {
      throw TrainingError("a gradient of \(gradient.count) numbers, expected \(parameters.count)")
    }
    clampLogitScale()
    let groups = Self.groups(batch.count, settings.negatives)
    let patches = VisionStem.seen(
      patches: configuration.patchCount, dropout: settings.patchDropout, pairs: share.pairs,
      seed: seed)
    var loss: Float = 0
    try Floats.lend(values) { weights in
      try Floats.lend(changing: &gradient) { gradient in
        try Floats.lend(batch.pixels) { pixels in
          let step = Step(
            batch: batch, settings: settings, seen: patches, pixels: pixels, weights: weights,
            share: 1 / Float(Self.groups(share.whole, settings.negatives).count), part: share,
            ranks: ranks)
          for group in groups {
            loss += try add(group.pairs, group.piece, step, to: gradient) * step.share
          }
        }
        for range in frozen.ranges(in: parameters) {
          gradient.at(range.lowerBound, count: range.count).fill(0)
        }
      }
    }
    return loss
  }

  /// The loss over `batch`, without a gradient.
  package func loss(of batch: TrainingBatch, settings: LossSettings) throws -> Float {
    var whole = settings
    whole.patchDropout = 0
    try check(batch, whole)
    let vectors = try embeddings(of: batch)
    let width = configuration.projectionWidth
    let groups = Self.groups(batch.count, settings.negatives)
    var loss: Float = 0
    let waste = FloatBlock(count: 2 * batch.count * width)
    for (pairs, _) in groups {
      func matrix(_ floats: Floats, _ first: Int) -> Matrix {
        Matrix(
          floats.at(first * width, count: pairs.count * width), rows: pairs.count, columns: width)
      }
      try Floats.lend(vectors.images) { images in
        try Floats.lend(vectors.texts) { texts in
          loss +=
            try ContrastiveLoss.evaluate(
              images: matrix(images, pairs.lowerBound), texts: matrix(texts, pairs.lowerBound),
              positives: ContrastiveLoss.positives(
                batch, pairs, equalCaptions: settings.equalCaptionsArePositives),
              logScale: logScale, weight: 0, byImages: matrix(waste.floats, 0),
              byTexts: matrix(waste.floats, batch.count), team: team
            ).loss / Float(groups.count)
        }
      }
    }
    return loss
  }

  /// Unit vectors of a batch's pictures and texts, `[pairs, projectionWidth]` each.
  package func embeddings(of batch: TrainingBatch) throws -> (images: [Float], texts: [Float]) {
    try check(batch, LossSettings())
    let patches = VisionStem.seen(
      patches: configuration.patchCount, dropout: 0, pairs: 0..<batch.count, seed: 0)
    var (images, texts): ([Float], [Float]) = ([], [])
    try Floats.lend(values) { weights in
      try Floats.lend(batch.pixels) { pixels in
        let step = Step(
          batch: batch, settings: LossSettings(), seen: patches, pixels: pixels,
          weights: weights, share: 1, part: BatchShare(all: batch.count), ranks: SingleRank())
        for start in stride(from: 0, to: batch.count, by: Self.pairsPerEmbedding) {
          let pairs = start..<min(start + Self.pairsPerEmbedding, batch.count)
          let passes = try forward(pairs, step)
          images += passes.vision.tape.unit.array
          texts += passes.text.tape.unit.array
        }
      }
    }
    return (images, texts)
  }

  /// Holds `exp(logit_scale)` to 100. To be called after each step, as the original does.
  package func clampLogitScale() {
    let place = parameters.start(named.logitScale)
    values[place] = min(values[place], ContrastiveLoss.highestLogScale)
  }

  // MARK: One step

  private static let pairsPerEmbedding = 64
  private var logScale: Float {
    min(values[parameters.start(named.logitScale)], ContrastiveLoss.highestLogScale)
  }

  private struct Step {
    let batch: TrainingBatch
    let settings: LossSettings
    let seen: [[Int]]
    let pixels: Floats
    let weights: Floats
    /// The weight of a group in the mean.
    let share: Float
    /// The pairs of the whole batch that are here, and who has the others.
    let part: BatchShare
    let ranks: any Ranks

    /// Whether the one loss is over more pairs than are here.
    var isSpread: Bool {
      if case .global = settings.negatives { return part.pairs.count < part.whole }
      return false
    }
    /// The texts of the categories go with the first piece, and the pictures' loss over them.
    var prompts: [[Int32]] { settings.categoryWeight > 0 ? batch.prompts : [] }
  }

  /// Pairs with a loss of their own, and how many of them are held at a time.
  private static func groups(_ count: Int, _ negatives: LossSettings.Negatives)
    -> [(pairs: Range<Int>, piece: Int)]
  {
    switch negatives {
    case .global(let piece): return [(0..<count, max(1, piece))]
    case .local(let group):
      let size = min(count, max(1, group))
      return stride(from: 0, to: count, by: size).map { ($0..<min($0 + size, count), size) }
    }
  }

  /// Adds the gradient of one group's loss and returns that loss.
  private func add(_ pairs: Range<Int>, _ piece: Int, _ step: Step, to gradient: Floats) throws
    -> Float
  {
    let width = configuration.projectionWidth
    let size = min(piece, pairs.count)
    let pieces = stride(from: pairs.lowerBound, to: pairs.upperBound, by: size).map {
      $0..<min($0 + size, pairs.upperBound)
    }
    let blocks = (0..<4).map { _ in FloatBlock(count: pairs.count * width) }
    let vectors = blocks.map { Matrix($0.floats, rows: pairs.count, columns: width) }
    let prompts = step.prompts
    let promptBlocks = (0..<2).map { _ in FloatBlock(count: prompts.count * width) }
    let ofPrompts = Matrix(promptBlocks[0].floats, rows: prompts.count, columns: width)
    let byPrompts = Matrix(promptBlocks[1].floats, rows: prompts.count, columns: width)
    byPrompts.floats.fill(0)
    var kept: (vision: TowerPass, text: TowerPass)?
    for piece in pieces {
      let isFirst = piece == pieces[0]
      let passes = try forward(piece, step, prompts: isFirst ? prompts : [])
      let offset = (piece.lowerBound - pairs.lowerBound) * width
      let count = piece.count * width
      vectors[0].floats.at(offset, count: count).copy(from: passes.vision.tape.unit)
      vectors[1].floats.at(offset, count: count).copy(
        from: passes.text.tape.unit.at(0, count: count))
      if isFirst {
        ofPrompts.floats.copy(
          from: passes.text.tape.unit.at(count, count: prompts.count * width))
      }
      kept = passes
    }
    let result =
      step.isSpread
      ? try lossOverRanks(
        (vectors[0].floats, vectors[1].floats), of: step.batch, share: step.part,
        ranks: step.ranks, equalCaptions: step.settings.equalCaptionsArePositives,
        logScale: logScale, byImages: vectors[2].floats, byTexts: vectors[3].floats)
      : try ContrastiveLoss.evaluate(
        images: vectors[0], texts: vectors[1],
        positives: ContrastiveLoss.positives(
          step.batch, pairs, equalCaptions: step.settings.equalCaptionsArePositives),
        logScale: logScale, weight: step.share, byImages: vectors[2], byTexts: vectors[3],
        team: team)
    gradient[parameters.start(named.logitScale)] += result.byLogScale
    var loss = result.loss
    if !prompts.isEmpty {
      let settings = step.settings
      // Its mean is over the pairs of this rank, which are a part of all.
      let part = step.isSpread ? Float(pairs.count) / Float(step.part.whole) : 1
      let weight = settings.categoryWeight * part
      let added = try CategoryLoss.add(
        images: vectors[0], prompts: ofPrompts, labels: Array(step.batch.categories[pairs]),
        logScale: logScale, smoothing: settings.categorySmoothing,
        weight: step.share * weight, byImages: vectors[2], byPrompts: byPrompts)
      gradient[parameters.start(named.logitScale)] += added.byLogScale
      loss += weight * added.loss
    }
    for piece in pieces {
      let passes: (vision: TowerPass, text: TowerPass)
      let asked = piece == pieces[0] ? prompts : []
      if pieces.count == 1, let kept {
        passes = kept
      } else {
        passes = try forward(piece, step, prompts: asked)
      }
      let offset = (piece.lowerBound - pairs.lowerBound) * width
      let count = piece.count * width
      try backward(passes.vision, gradient)
        .run(unitGradient: vectors[2].floats.at(offset, count: count))
      let byTexts = FloatBlock(count: count + asked.count * width)
      byTexts.floats.at(0, count: count).copy(from: vectors[3].floats.at(offset, count: count))
      byTexts.floats.at(count, count: asked.count * width).copy(
        from: byPrompts.floats.at(0, count: asked.count * width))
      try withExtendedLifetime(byTexts) {
        try backward(passes.text, gradient).run(unitGradient: byTexts.floats)
      }
    }
    return withExtendedLifetime((blocks, promptBlocks)) { loss }
  }

  private func backward(_ pass: TowerPass, _ gradient: Floats) -> TowerBackward {
    TowerBackward(pass: pass, gradient: gradient, team: team, waveMemory: waveMemory)
  }

  /// Both towers over some pairs; what they keep is valid until the next call.
  /// - Parameter prompts: texts behind those of the pairs.
  private func forward(_ pairs: Range<Int>, _ step: Step, prompts: [[Int32]] = []) throws -> (
    vision: TowerPass, text: TowerPass
  ) {
    let vision = visionPass(pairs, step)
    let text = textPass(step.batch.tokens[pairs] + prompts, step)
    let visionRuns = vision.sequences.runs(
      rows: TowerBackward.rowsPerRun, multiple: team.threads)
    let textRuns = text.sequences.runs(rows: TowerBackward.rowsPerRun, multiple: team.threads)
    try team.forEach(visionRuns.count + textRuns.count) { run in
      if run < visionRuns.count {
        try vision.forward(visionRuns[run])
      } else {
        try text.forward(textRuns[run - visionRuns.count])
      }
    }
    return (vision, text)
  }

  private func visionPass(_ pairs: Range<Int>, _ step: Step) -> TowerPass {
    let side = configuration.imageSize
    let floats = 3 * side * side
    let seen = Array(step.seen[pairs])
    let sequences = Sequences(lengths: seen.map { $0.count + 1 }, pooledAtEnd: false)
    let stem = VisionStem(
      classToken: parameters.start(named.classToken),
      projection: LinearPlaces(parameters, projection: named.patches),
      positions: parameters.start(named.patchPositions),
      norm: LayerNormPlaces(
        parameters, named.visionNorm, epsilon: configuration.vision.layerNormEpsilon),
      side: side, patch: configuration.patchSize,
      pixels: step.pixels.at(pairs.lowerBound * floats, count: pairs.count * floats), seen: seen)
    return TowerPass(
      places: vision, sequences: sequences, stem: .vision(stem),
      tape: Tape(vision, sequences, hasStem: true, memory: &visionMemory), weights: step.weights,
      scratch: scratch)
  }

  private func textPass(_ tokens: ArraySlice<[Int32]>, _ step: Step) -> TowerPass {
    let texts = tokens.map(configuration.pooledPrefix)
    let sequences = Sequences(lengths: texts.map(\.count), pooledAtEnd: true)
    let stem = TextStem(
      tokens: parameters.start(named.tokens), positions: parameters.start(named.positions),
      texts: texts)
    return TowerPass(
      places: text, sequences: sequences, stem: .text(stem),
      tape: Tape(text, sequences, hasStem: false, memory: &textMemory), weights: step.weights,
      scratch: scratch)
  }

  private func check(_ batch: TrainingBatch, _ settings: LossSettings) throws {
    let count = batch.count
    let floats = 3 * configuration.imageSize * configuration.imageSize
    guard count > 0, batch.pixels.count == count * floats, batch.imageKeys.count == count,
      batch.captionKeys.count == count
    else {
      throw TrainingError(
        "a batch of \(count) texts with \(batch.pixels.count) floats of pictures, expected "
          + "\(floats) for each, \(batch.imageKeys.count) image keys and "
          + "\(batch.captionKeys.count) caption keys")
    }
    let areCategories =
      batch.categories.count == count
      && batch.categories.allSatisfy { $0 < batch.prompts.count }
    guard settings.categoryWeight <= 0 || areCategories else {
      throw TrainingError(
        "\(batch.categories.count) categories for \(count) pairs and \(batch.prompts.count) prompts; "
          + "each pair needs one below the number of prompts")
    }
    for ids in batch.tokens + batch.prompts {
      guard !ids.isEmpty, ids.count <= configuration.contextLength,
        ids.allSatisfy({ $0 >= 0 && Int($0) < configuration.vocabularySize })
      else {
        throw TrainingError(
          "\(ids.count) token ids, expected 1…\(configuration.contextLength) ids below "
            + "\(configuration.vocabularySize)")
      }
    }
    guard settings.patchDropout >= 0, settings.patchDropout < 1 else {
      throw TrainingError("a patch dropout of \(settings.patchDropout), expected 0 ..< 1")
    }
  }
}
