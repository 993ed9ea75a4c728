import CLIP
import Datasets
import Evaluation
import Foundation
import Imaging

/// The valid split of a recipe, and what a checkpoint reaches on it.
struct ValidationSet: Sendable {
  private struct Entry: Sendable {
    let path: String
    let caption: String
    /// Place in ``labels``; `nil` where the name tells no category.
    let label: Int?
  }

  struct Result: Sendable, Equatable {
    /// Mean symmetric cross-entropy over batches of pairs, each picture with its first caption.
    let loss: Double
    /// Share of images whose category is within the first 1, 3, 5 and 10; `nil` without categories.
    let accuracy: [Double]?
    let count: Int
  }

  /// What of the caption files was left out, in sentences.
  let notes: [String]
  private let entries: [Entry]
  private let labels: [String]
  private let template: String
  private let batch: Int
  private let reader: ImageReader
  private static let piece = 64

  /// - Parameter batch: pairs that one loss is taken over.
  init(_ settings: Recipe.Validation, batch: Int, reader: ImageReader) throws {
    var found: [(path: String, caption: String, category: String?)] = []
    let files = try CaptionedFiles(
      settings.captions, split: settings.split, settings.layout, images: settings.images)
    for picture in files.matches.pictures {
      guard let path = picture.path.text, let caption = picture.captions.first else { continue }
      found.append((path, caption, files.categories.category(of: picture.path)))
    }
    notes = files.notes
    guard found.count > 1 else {
      throw RunError(
        "valid: of the pictures that \(settings.captions[0]) names, \(found.count) with a caption are in "
          + "\(settings.images); at least 2 are needed")
    }
    let categories = Set(found.compactMap(\.category))
    let scenes = Set(SceneCategories.all)
    let labels =
      categories.isSubset(of: scenes) && !categories.isEmpty
      ? SceneCategories.all : categories.sorted()
    entries = found.map { path, caption, category in
      Entry(path: path, caption: caption, label: category.flatMap(labels.firstIndex(of:)))
    }
    self.labels = labels
    template = settings.template
    self.batch = min(max(2, batch), found.count)
    self.reader = reader
  }

  var count: Int { entries.count }

  /// - Parameter isCancelled: asked now and then; a validation can be stopped and made again.
  func evaluate(_ model: CLIPModel, isCancelled: () -> Bool) throws -> Result {
    let prompts =
      labels.isEmpty
      ? nil : try model.embed(texts: CLIPModel.prompts(for: labels, template: template))
    var (scores, truth): ([Float], [Int]) = ([], [])
    var loss = 0.0
    var counted = 0
    for start in stride(from: 0, to: entries.count, by: batch) {
      let some = entries[start..<min(start + batch, entries.count)]
      var images: [Float] = []
      for first in stride(from: some.startIndex, to: some.endIndex, by: Self.piece) {
        if isCancelled() { throw CancellationError() }
        let part = some[first..<min(first + Self.piece, some.endIndex)]
        let pictures = try part.map { try picture($0.path) }
        images += try model.embed(images: pictures).values
      }
      let vectors = EmbeddingMatrix(count: some.count, width: model.embeddingWidth, values: images)
      let texts = try model.embed(texts: some.map(\.caption))
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
    let found = ZeroShotAccuracy(scores: scores, labels: labels.count, truth: truth)
    return Result(
      loss: loss / Double(max(1, counted)), accuracy: truth.isEmpty ? nil : found.accuracy,
      count: entries.count)
  }

  private func picture(_ path: String) throws -> Pixels {
    do throws(ImageError) {
      return try reader.read(path).pixels
    } catch {
      throw RunError("valid: \(error)", isAboutData: true)
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
