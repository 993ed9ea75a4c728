import Models
import Datasets
import Metrics
import Foundation
import Imaging
import Synchronization

/// The validation split of a recipe, and the figures of a checkpoint on it.
///
/// A picture that cannot be read is reported and left out. Figures are comparable as long as no picture
/// vanishes during the run, which is reported too.
final class ValidationSet: Sendable {
  private struct Entry: Sendable {
    let path: String
    let caption: String
    /// Place in ``labels``; `nil` where the name tells no category.
    let label: Int?
  }

  struct Result: Sendable, Equatable {
    /// Mean symmetric cross-entropy over batches of pairs, each picture with its first caption.
    let loss: Double
    /// Share of images whose category is within the first 1, 3, 5 and 10; `nil` with fewer than two
    /// categories.
    let accuracy: [Double]?
    /// Mean recall of pictures and their first captions within the first 1, 5 and 10, both ways; equal
    /// captions are one text.
    let recall: Double
    /// Pictures that it was measured on.
    let count: Int
  }

  /// What of the caption files was left out, in sentences.
  let notes: [String]
  /// Why no accuracy is measured; `nil` where it is.
  let withoutAccuracy: String?
  private let entries: [Entry]
  private let labels: [String]
  private let template: PromptTemplate
  private let batch: Int
  private let reader: ImageReader
  private let note: @Sendable (String) -> Void
  private let failures = Mutex(Failures())
  private static let piece = 64

  private struct Failures {
    /// Of pictures that cannot be read.
    var places: Set<Int> = []
    /// How many of these could be read earlier in the run.
    var vanished = 0
    /// Whether all pictures were tried once.
    var areKnown = false
  }

  /// - Parameters:
  ///   - batch: pairs that one loss is taken over.
  ///   - note: told of each picture that cannot be read, once.
  init(
    _ settings: Recipe.Validation, batch: Int, reader: ImageReader,
    note: @escaping @Sendable (String) -> Void
  ) throws {
    var found: [Entry] = []
    let files = try CaptionedFiles(
      settings.captions, split: settings.split, settings.layout, images: settings.images)
    let categories = files.measured
    for picture in files.matches.pictures {
      guard let path = picture.path.text, let caption = picture.captions.first else { continue }
      found.append(Entry(path: path, caption: caption, label: categories.place(of: picture)))
    }
    notes = files.notes
    guard !found.isEmpty else {
      throw RunError(
        "valid: \(settings.captions[0]): not one picture with a caption: \(files.whyNone)")
    }
    guard found.count > 1 else {
      throw RunError(
        "valid: \(settings.captions[0]) and \(settings.images) give 1 picture with a caption; at least 2 "
          + "are needed")
    }
    entries = found
    labels = categories.names
    withoutAccuracy = found.contains { $0.label != nil } ? nil : categories.whyNone
    template = settings.template
    self.batch = min(max(2, batch), found.count)
    self.reader = reader
    self.note = note
  }

  /// Pictures that cannot be read.
  var unreadable: Int { failures.withLock { $0.places.count } }

  /// - Parameter isCancelled: asked now and then; a validation can be stopped and made again.
  func evaluate(_ model: some EmbeddingModel, isCancelled: () -> Bool) throws -> Result {
    let prompts =
      labels.isEmpty ? nil : try model.labelVectors(labels, [template])
    var (scores, truth): ([Float], [Int]) = ([], [])
    var retrieval = Retrieval()
    var loss = 0.0
    var (count, counted) = (0, 0)
    var places = entries.indices.filter(isReadable)[...]
    while !places.isEmpty {
      var some: [Entry] = []
      var images: [Float] = []
      while some.count < batch, !places.isEmpty {
        if isCancelled() { throw CancellationError() }
        // Filled up, so that what cannot be read does not even change the rounding of the others.
        let wanted = min(Self.piece, batch - some.count)
        var pictures: [Pixels] = []
        while pictures.count < wanted, let place = places.popFirst() {
          guard let picture = try picture(place) else { continue }
          pictures.append(picture)
          some.append(entries[place])
        }
        if !pictures.isEmpty { images += try model.embed(images: pictures).values }
      }
      if some.isEmpty { break }
      count += some.count
      let vectors = EmbeddingMatrix(count: some.count, width: model.embeddingWidth, values: images)
      let texts = try model.embed(texts: some.map(\.caption))
      retrieval.add(vectors, texts, of: some.map(\.caption))
      if some.count > 1 {
        loss +=
          Double(some.count) * Self.loss(model.logits(images: vectors, texts: texts), some.count)
        counted += some.count
      }
      guard let prompts else { continue }
      let rows = model.logits(images: vectors, texts: prompts)
      for (place, entry) in some.enumerated() {
        guard let label = entry.label else { continue }
        scores += rows[place * labels.count..<(place + 1) * labels.count]
        truth.append(label)
      }
    }
    guard count > 1 else {
      throw RunError(
        "valid: \(count) of \(entries.count) pictures can be read; at least 2 are needed",
        isAboutData: true)
    }
    failures.withLock { $0.areKnown = true }
    let found = ZeroShotAccuracy(scores: scores, labels: labels.count, truth: truth)
    if isCancelled() { throw CancellationError() }
    return Result(
      loss: loss / Double(max(1, counted)), accuracy: truth.isEmpty ? nil : found.accuracy,
      recall: try retrieval.recall(threads: model.threads), count: count)
  }

  private func isReadable(_ place: Int) -> Bool {
    failures.withLock { !$0.places.contains(place) }
  }

  /// Pictures that may vanish while a run goes on before it stops.
  private var mostVanished: Int { max(8, entries.count / 20) }

  /// - Returns: `nil` for one that cannot be read, after reporting it.
  /// - Throws: ``RunError`` where too many have vanished that could be read before.
  private func picture(_ place: Int) throws -> Pixels? {
    do throws(ImageError) {
      return try reader.read(entries[place].path).pixels
    } catch {
      let (vanished, wereKnown) = failures.withLock { failures in
        failures.places.insert(place)
        failures.vanished += failures.areKnown ? 1 : 0
        return (failures.vanished, failures.areKnown)
      }
      guard vanished <= mostVanished else {
        throw RunError(
          "valid: \(error); \(vanished) of \(entries.count) pictures have vanished since the run began",
          isAboutData: true)
      }
      note(
        wereKnown
          ? "valid: \(error); it was there before: figures from here on are without it"
          : "valid: \(error); it is left out")
      return nil
    }
  }

  /// Mean of both cross-entropies of `[count, count]` logits, the diagonal being right.
  static func loss(_ logits: [Float], _ count: Int) -> Double {
    var sum = 0.0
    for place in 0..<count {
      let right = Double(logits[place * count + place])
      for step in [1, count] {
        let first = step == 1 ? place * count : place
        let line = (0..<count).map { Double(logits[first + $0 * step]) }
        let top = line.max() ?? 0
        sum += top + log(line.reduce(0) { $0 + exp($1 - top) }) - right
      }
    }
    return sum / Double(2 * count)
  }
}

/// Pictures and captions of a validation, for their recall.
private struct Retrieval {
  private var (images, texts): ([Float], [Float]) = ([], [])
  private var width = 0
  private var owners: [[Int]] = []
  private var places: [[UInt8]: Int] = [:]

  /// - Parameter captions: of these pictures, one each; equal ones are one text of all their pictures.
  mutating func add(_ pictures: EmbeddingMatrix, _ vectors: EmbeddingMatrix, of captions: [String])
  {
    width = pictures.width
    let first = images.count / max(1, width)
    images += pictures.values
    for (place, caption) in captions.enumerated() {
      let key = Array(caption.utf8)
      if let known = places[key] {
        owners[known].append(first + place)
        continue
      }
      places[key] = owners.count
      owners.append([first + place])
      texts += vectors.values[place * width..<(place + 1) * width]
    }
  }

  func recall(threads: Int) throws -> Double {
    try RetrievalRecall(
      images: images, texts: texts, width: width, owners: owners, threads: threads
    ).mean
  }
}
