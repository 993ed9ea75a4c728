import Datasets
import Imaging
import Metrics
import Models
import Threads
import Tokenizers

/// What was measured of one model.
public struct EvaluationResult: Sendable {
  public let model: String
  /// What it was measured on: the images that can be read.
  public let set: EvaluationSet
  /// `nil` where no image has one of the labels.
  public let zeroShot: (row: AccuracyRow, report: ClassificationReport)?
  public let logits: [Float]
  /// `nil` where no image has a caption.
  public let asTheyStand, distinct: RetrievalRecall?
}

/// What recall is over.
public enum RetrievalBasis: String, Sendable, CaseIterable {
  /// Each caption of each image by itself.
  case byImage = "by-image"
  /// A text that several images have is one, and any of them is its answer.
  case distinctText = "distinct-text"
}

/// When captions are the same text.
public enum CaptionForm: String, Sendable, CaseIterable {
  case asTheyStand = "as-they-stand"
  case lowercased

  func text(_ caption: String) -> String {
    switch self {
    case .asTheyStand: caption
    case .lowercased:
      caption.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
  }
}

/// What is told while a model is measured.
public enum EvaluationEvent: Sendable {
  /// Images, or distinct captions, that are done.
  case images(done: Int, of: Int, perSecond: Double)
  case captions(done: Int, of: Int)
  /// Of pictures that were read and of those that were not.
  case read(EmbeddedPictures)
  /// Prompts of which the model reads only the start.
  case cut([TextCut])
  /// Captions of which the model reads only the start.
  case longCaptions(Int, of: Int, textLimit: Int)
}

/// Images and texts of a set through one model.
public struct EvaluationRun {
  public struct Settings: Sendable {
    public var labels: [String]
    /// Whether they were not given and are RSICD's thirty, which the published rows are of.
    public var isOriginalList: Bool
    public var templates: [PromptTemplate]
    public var bases: [RetrievalBasis]
    public var ties: RetrievalRecall.Ties
    /// As the set's captions were taken.
    public var captionForm: CaptionForm
    public var threads: Int
    public var reader: ImageReader

    public init(
      labels: [String], isOriginalList: Bool, templates: [PromptTemplate],
      bases: [RetrievalBasis], ties: RetrievalRecall.Ties, captionForm: CaptionForm,
      threads: Int, reader: ImageReader
    ) {
      (self.labels, self.isOriginalList, self.templates) = (labels, isOriginalList, templates)
      (self.bases, self.ties, self.captionForm) = (bases, ties, captionForm)
      (self.threads, self.reader) = (threads, reader)
    }
  }

  let settings: Settings
  /// Less what turns out not to be readable.
  private(set) var set: EvaluationSet
  /// Whether this is the first model: later ones must see the same images.
  let isFirst: Bool
  let report: (EvaluationEvent) -> Void

  public init(
    settings: Settings, set: EvaluationSet, isFirst: Bool,
    report: @escaping (EvaluationEvent) -> Void
  ) {
    (self.settings, self.set, self.isFirst, self.report) = (settings, set, isFirst, report)
  }

  /// Images decoded and embedded at a time, and texts.
  private static let (piece, textPiece) = (128, 512)

  /// - Parameter name: of the model in tables and files.
  /// - Throws: ``EvaluationError``, what the model throws, `CancellationError`.
  public mutating func run(_ model: some EmbeddingModel, _ name: String) async throws
    -> EvaluationResult
  {
    let prompts = settings.labels.isEmpty ? nil : try self.prompts(model)
    if let prompts { try Self.check(prompts.values, name) }
    let width = model.embeddingWidth
    var (vectors, logits): ([Float], [Float]) = ([], [])
    var unread: [Int] = []
    let start = ContinuousClock.now
    for first in stride(from: 0, to: set.images.count, by: Self.piece) {
      try Task.checkCancellation()
      let some = set.images[first..<min(first + Self.piece, set.images.count)]
      let read = try model.embed(files: some.map(\.path), settings.reader)
      try Self.check(read.vectors.values, name)
      if !read.failures.isEmpty || !read.notes.isEmpty { report(.read(read)) }
      if !read.failures.isEmpty {
        unread += Set(0..<some.count).subtracting(read.places).map { first + $0 }
      }
      for (number, place) in read.places.enumerated() {
        let image = set.images[first + place]
        let row = read.vectors.values[number * width..<(number + 1) * width]
        if !image.captions.isEmpty { vectors += row }
        guard image.label != nil, let prompts else { continue }
        logits += model.logits(
          images: EmbeddingMatrix(count: 1, width: width, values: Array(row)), texts: prompts)
      }
      let done = first + some.count
      let rate = Double(done) / max(1e-9, (ContinuousClock.now - start) / .seconds(1))
      report(.images(done: done, of: set.images.count, perSecond: rate))
    }
    guard isFirst || unread.isEmpty else {
      throw EvaluationError.readByOthersAlone(model: name, images: unread.count)
    }
    guard unread.count < set.images.count else {
      throw EvaluationError.nothingReadable(images: unread.count)
    }
    set = set.without(unread)
    let recall = try await retrieval(model, name, vectors)
    return EvaluationResult(
      model: name, set: set, zeroShot: zeroShot(name, logits), logits: logits,
      asTheyStand: recall?.asTheyStand, distinct: recall?.distinct)
  }

  private func prompts(_ model: some EmbeddingModel) throws -> EmbeddingMatrix {
    for template in settings.templates {
      let cut = template.prompts(for: settings.labels).compactMap(model.cut)
      if !cut.isEmpty { report(.cut(cut)) }
    }
    return try model.labelVectors(settings.labels, settings.templates)
  }

  /// NaN makes every comparison false, and thereby every answer right.
  private static func check(_ vectors: [Float], _ name: String) throws {
    guard vectors.allSatisfy(\.isFinite) else {
      throw EvaluationError.notFinite(model: name)
    }
  }

  private func zeroShot(_ name: String, _ logits: [Float]) -> (
    AccuracyRow, ClassificationReport
  )? {
    let truth = set.images.compactMap(\.label)
    guard !truth.isEmpty else { return nil }
    let found = ZeroShotAccuracy(scores: logits, labels: settings.labels.count, truth: truth)
    return (
      AccuracyRow(model: name, accuracy: found.accuracy, count: found.count),
      ClassificationReport(scores: logits, labels: settings.labels, truth: truth)
    )
  }

  private func retrieval(
    _ model: some EmbeddingModel, _ name: String, _ images: [Float]
  ) async throws -> (asTheyStand: RetrievalRecall?, distinct: RetrievalRecall?)? {
    guard !set.texts.isEmpty else { return nil }
    let width = model.embeddingWidth
    var texts: [Float] = []
    for first in stride(from: 0, to: set.texts.count, by: Self.textPiece) {
      try Task.checkCancellation()
      let some = set.texts[first..<min(first + Self.textPiece, set.texts.count)]
      texts += try model.embed(texts: Array(some)).values
      report(.captions(done: first + some.count, of: set.texts.count))
    }
    try Self.check(texts, name)
    let cut = set.texts.count { model.cut($0) != nil }
    if cut > 0 {
      report(.longCaptions(cut, of: set.texts.count, textLimit: model.textLimit))
    }
    var owners = [[Int]](repeating: [], count: set.texts.count)
    var (all, allOwners): ([Float], [[Int]]) = ([], [])
    for (image, its) in set.images.map(\.captions).filter({ !$0.isEmpty }).enumerated() {
      for text in its {
        if owners[text].last != image { owners[text].append(image) }
        guard settings.bases.contains(.byImage) else { continue }
        all += texts[text * width..<(text + 1) * width]
        allOwners.append([image])
      }
    }
    try Task.checkCancellation()
    return (
      settings.bases.contains(.byImage)
        ? try await recall(images, all, width, allOwners) : nil,
      settings.bases.contains(.distinctText)
        ? try await recall(images, texts, width, owners) : nil
    )
  }

  private func recall(_ images: [Float], _ texts: [Float], _ width: Int, _ owners: [[Int]])
    async throws -> RetrievalRecall
  {
    // Ranks are counted on threads that know nothing of this task.
    let isStopped = StopFlag()
    return try await withTaskCancellationHandler {
      try RetrievalRecall(
        images: images, texts: texts, width: width, owners: owners, threads: settings.threads,
        ties: settings.ties, isCancelled: { isStopped.isSet })
    } onCancel: {
      isStopped.set()
    }
  }
}
