import Models
import Datasets
import Evaluation
import Files
import Foundation
import Imaging
import Threads

/// The images of an evaluation, with their category and captions.
struct EvaluationSet: Sendable {
  struct Image: Sendable {
    let path: String
    /// Of the file; with its folders where files of several folders are called the same.
    var name: String
    /// Place among the labels; `nil` where the name tells none of them.
    let label: Int?
    /// Places in ``EvaluationSet/texts``.
    let captions: [Int]
  }

  private(set) var images: [Image] = []
  /// Distinct captions.
  private(set) var texts: [String] = []
  /// Named in the caption file, and not there.
  private(set) var absent = 0
  /// Images whose category is none of the labels, or that tell none.
  private(set) var unlabelled = 0

  /// Named in the caption file, and any of several files could be meant.
  private(set) var ambiguous = 0
  /// Images that are there and cannot be read.
  private(set) var unreadable = 0
  /// Broken lines of the caption files.
  private(set) var badLines = 0
  /// What of the caption files was left out, in sentences.
  private(set) var notes: [String] = []

  /// What accuracy is over; without names where it is not measured.
  let categories: MeasuredCategories
  var labels: [String] { categories.names }

  /// - Parameter labels: categories that the user gives; `nil` are those of the pictures.
  /// - Throws: `CommandError` where there is nothing to measure, `CaptionFileError`.
  init(
    captions: CaptionSources, images folder: String, labels: [String]?, captionsPerImage: Int,
    form: CaptionForm
  ) throws {
    var places: [[UInt8]: Int] = [:]
    let listing = try PictureListing(folder: folder)
    let matches =
      captions.files.isEmpty
      ? CaptionMatches(withoutCaptions: listing) : try CaptionMatches(captions, in: listing)
    categories = MeasuredCategories(labels, in: listing, of: matches.pictures)
    (absent, ambiguous) = (matches.absent.count, matches.ambiguous.count)
    (badLines, notes) = (matches.badLines.count, matches.notes)
    for picture in matches.pictures {
      guard let path = picture.path.text else { continue }
      let label = categories.place(of: picture)
      if label == nil { unlabelled += 1 }
      let found = picture.captions.prefix(captionsPerImage).map { caption in
        let text = form.text(caption)
        if let place = places[Array(text.utf8)] { return place }
        places[Array(text.utf8)] = texts.count
        texts.append(text)
        return texts.count - 1
      }
      guard label != nil || !found.isEmpty else { continue }
      images.append(
        Image(path: path, name: picture.path.name.description, label: label, captions: found))
    }
    nameApart(listing.roots)
    guard !images.isEmpty else {
      guard !captions.files.isEmpty else {
        throw CommandError(
          "\(folder): "
            + (listing.files.isEmpty
              ? "there is no picture below it"
              : "\(categories.whyNone); give --captions for recall"))
      }
      guard !matches.pictures.isEmpty else {
        let files = captions.files.joined(separator: ", ")
        throw CommandError(
          "\(files): nothing to measure: \(matches.whyNone(captions, in: listing))")
      }
      throw CommandError(
        "\(folder): none of the images that \(captions.files.joined(separator: ", ")) names has "
          + (captionsPerImage == 0 ? "a category" : "a category or a caption")
          + "; a folder (airport/12.jpg) or a name (airport_12.jpg) tells a category")
    }
  }
}

extension EvaluationSet {
  private mutating func nameApart(_ roots: [PathBytes]) {
    guard Set(images.map { Array($0.name.utf8) }).count < images.count else { return }
    for place in images.indices {
      let path = PathBytes(images[place].path)
      guard let root = roots.first(where: { path.isBelow($0) }) else { continue }
      images[place].name =
        PathBytes(path.bytes.dropFirst(root.bytes.count).drop { $0 == 0x2F }).description
    }
  }

  /// The set without images that cannot be read, and without captions that nothing else has.
  /// - Parameter places: of those images.
  func without(_ places: [Int]) -> EvaluationSet {
    guard !places.isEmpty else { return self }
    let left = Set(places)
    var set = self
    set.unreadable += places.count
    set.unlabelled -= left.count { images[$0].label == nil }
    (set.images, set.texts) = ([], [])
    var kept: [Int: Int] = [:]
    for (place, image) in images.enumerated() where !left.contains(place) {
      let captions = image.captions.map { old in
        if let new = kept[old] { return new }
        kept[old] = set.texts.count
        set.texts.append(texts[old])
        return set.texts.count - 1
      }
      set.images.append(
        Image(path: image.path, name: image.name, label: image.label, captions: captions))
    }
    return set
  }
}

/// What was measured of one model.
struct EvaluationResult: Sendable {
  let model: String
  /// What it was measured on: the images that can be read.
  let set: EvaluationSet
  /// `nil` where no image has one of the labels.
  let zeroShot: (row: AccuracyRow, report: ClassificationReport)?
  let logits: [Float]
  /// `nil` where no image has a caption.
  let asTheyStand, distinct: RetrievalRecall?
}

/// Images and texts of a set through one model.
struct EvaluationRun {
  struct Settings: Sendable {
    let labels: [String]
    /// Whether they were not given and are RSICD's thirty, which the published rows are of.
    let isOriginalList: Bool
    let templates: [PromptTemplate]
    /// 0 leaves retrieval out.
    let captionsPerImage: Int
    let bases: [RetrievalBasis]
    let ties: RetrievalRecall.Ties
    let captionForm: CaptionForm
    let threads: Int
    let reader: ImageReader
  }

  let settings: Settings
  /// Less what turns out not to be readable.
  private(set) var set: EvaluationSet
  /// Whether no model has seen the images yet: later ones must see the same.
  let isFirst: Bool

  init(settings: Settings, set: EvaluationSet, isFirst: Bool) {
    self.settings = settings
    self.set = set
    self.isFirst = isFirst
  }

  /// Images decoded and embedded at a time, and texts.
  private static let (piece, textPiece) = (128, 512)

  /// - Parameter name: of the model in tables and files.
  mutating func run(_ model: some EmbeddingModel, _ name: String) async throws -> EvaluationResult {
    let prompts = settings.labels.isEmpty ? nil : try self.prompts(model)
    if let prompts { try Self.check(prompts.values, name) }
    let width = model.embeddingWidth
    var (vectors, logits): ([Float], [Float]) = ([], [])
    var unread: [Int] = []
    var progress = ProgressLine()
    defer { progress.end() }
    let start = ContinuousClock.now
    for first in stride(from: 0, to: set.images.count, by: Self.piece) {
      try Task.checkCancellation()
      let some = set.images[first..<min(first + Self.piece, set.images.count)]
      let read = try Pictures.embed(some.map(\.path), model, settings.reader)
      try Self.check(read.vectors.values, name)
      if !read.failures.isEmpty {
        progress.end()
        Pictures.tell(read.failures)
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
      progress.show(
        "\(Safe.text(name)): \(Output.grouped(done)) of \(Output.count(set.images.count, "image")), "
          + "\(Output.fixed(rate, 0)) images/s, "
          + "\(Output.seconds(Double(set.images.count - done) / rate)) left",
        isLast: done == set.images.count)
    }
    guard isFirst || unread.isEmpty else {
      throw CommandError(
        "\(name): \(Output.count(unread.count, "image")) cannot be read any more that could be for the "
          + "models before; measure all again")
    }
    guard unread.count < set.images.count else {
      throw CommandError("not one of \(Output.count(unread.count, "image")) can be read")
    }
    set = set.without(unread)
    let recall = try await retrieval(model, name, vectors, &progress)
    return EvaluationResult(
      model: name, set: set, zeroShot: zeroShot(name, logits), logits: logits,
      asTheyStand: recall?.asTheyStand, distinct: recall?.distinct)
  }

  private func prompts(_ model: some EmbeddingModel) throws -> EmbeddingMatrix {
    for template in settings.templates {
      Output.tell(template.prompts(for: settings.labels).compactMap(model.cut))
    }
    return try model.labelVectors(settings.labels, settings.templates)
  }

  /// A number that is none makes every comparison false, and so every answer right.
  private static func check(_ vectors: [Float], _ name: String) throws {
    guard vectors.allSatisfy(\.isFinite) else {
      throw CommandError(
        "\(name): its vectors are no finite numbers; the weights are damaged, take another checkpoint"
      )
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
    _ model: some EmbeddingModel, _ name: String, _ images: [Float], _ progress: inout ProgressLine
  ) async throws -> (asTheyStand: RetrievalRecall?, distinct: RetrievalRecall?)? {
    guard !set.texts.isEmpty else { return nil }
    let width = model.embeddingWidth
    var texts: [Float] = []
    for first in stride(from: 0, to: set.texts.count, by: Self.textPiece) {
      try Task.checkCancellation()
      let some = set.texts[first..<min(first + Self.textPiece, set.texts.count)]
      texts += try model.embed(texts: Array(some)).values
      progress.show(
        "\(Safe.text(name)): \(Output.grouped(first + some.count)) of "
          + Output.count(set.texts.count, "distinct caption"),
        isLast: first + some.count == set.texts.count)
    }
    try Self.check(texts, name)
    let cut = set.texts.count { model.cut($0) != nil }
    if cut > 0 {
      progress.end()
      Output.note(
        Safe.text(
          "\(name) reads \(model.textLimit) tokens of a caption: "
            + "\(Output.grouped(cut)) of \(Output.count(set.texts.count, "distinct caption")) "
            + "\(cut == 1 ? "is" : "are") longer"))
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
