import Models
import Datasets
import Files
import Foundation
import Imaging
import Synchronization
import Threads

/// An image that is new, changed or lacks a model's vector.
struct IndexingTask: Sendable {
  let file: FoundImage
  /// Places in the request's models.
  let models: [Int]
  /// Whether the file is new or another than at the last run, so that older vectors are void.
  let isChanged: Bool
}

/// A picture that was read, and its vectors by the place of their model.
struct EmbeddedImage: Sendable {
  /// As shown on a screen.
  let width: Int
  let height: Int
  /// What was lost or chosen when it was decoded.
  let notes: [String]
  /// The digest of the file, if it did not change while it was read.
  var digest: FileDigest?
  var vectors: [Int: [Float]] = [:]
}

/// What became of a task.
struct IndexingOutcome: Sendable {
  let task: IndexingTask
  let result: Result<EmbeddedImage, ImageError>
}

/// Decodes and embeds on every core at once: each worker takes a handful of files through decoding,
/// preprocessing and the tower on its own thread, so that no core waits for another and the writer
/// only writes.
final class EmbeddingPipeline: Sendable {
  private let models: [any ImageEmbedder]
  private let reader: ImageReader
  private let tasks: [IndexingTask]
  private let cancelled: StopFlag
  private let workers: Int

  /// Files that a worker takes at a time; the towers' own measure.
  private static let handful = 8

  init(
    _ tasks: [IndexingTask], models: [any ImageEmbedder], reader: ImageReader, threads: Int,
    cancelled: StopFlag
  ) {
    self.tasks = tasks
    self.models = models
    self.reader = reader
    self.cancelled = cancelled
    workers = max(1, min(threads, (tasks.count + Self.handful - 1) / Self.handful))
  }

  /// Runs to the end and hands outcomes to `receive` on the calling thread, in the order they come.
  func run(_ receive: ([IndexingOutcome]) throws -> Void) throws {
    let next = Mutex(0)
    let relay = Relay(workers: workers) { [tasks, cancelled] () throws -> Range<Int>? in
      if cancelled.isSet { throw CancellationError() }
      return next.withLock { next in
        let start = next
        next = min(next + Self.handful, tasks.count)
        return start < next ? start..<next : nil
      }
    } work: { [self] in
      try embed(tasks[$0])
    }
    do {
      try relay.run("embedding", receive)
    } catch {
      cancelled.set()
      throw error
    }
  }

  private static func isAsFound(_ file: FoundImage) -> Bool {
    guard let facts = try? FileFacts(file.path) else { return false }
    return facts.byteCount == file.byteCount
      && facts.modifiedNanoseconds == file.modifiedNanoseconds
  }

  /// `nil` where it cannot be read, which the decoder reports, or is no longer the file that was found.
  private static func digest(of file: FoundImage, _ isCancelled: () -> Bool) -> FileDigest? {
    guard isAsFound(file) else { return nil }
    return (try? FileDigest(ofFile: file.path, isCancelled: isCancelled)) ?? nil
  }

  private func embed(_ tasks: ArraySlice<IndexingTask>) throws -> [IndexingOutcome] {
    var outcomes: [IndexingOutcome] = []
    var read: [(task: IndexingTask, image: EmbeddedImage)] = []
    // A large picture is gone before the next one is read: only what the towers take of it is kept.
    var inputs = Array(repeating: [Float](), count: models.count)
    for task in tasks {
      let cancelled = cancelled
      do throws(ImageError) {
        // The digest comes first: if the file is replaced in between, its facts differ afterwards.
        let digest = Self.digest(of: task.file) { cancelled.isSet }
        let picture = try reader.read(task.file.path) { cancelled.isSet }
        for place in task.models { inputs[place] += models[place].preprocess(picture.pixels) }
        var image = EmbeddedImage(picture, orientedBy: reader)
        image.digest = Self.isAsFound(task.file) ? digest : nil
        read.append((task, image))
      } catch {
        if error.reason == .cancelled { throw CancellationError() }
        outcomes.append(IndexingOutcome(task: task, result: .failure(error)))
      }
    }
    for (place, model) in models.enumerated() {
      let wanted = read.indices.filter { read[$0].task.models.contains(place) }
      guard !wanted.isEmpty else { continue }
      let matrix = try model.embed(preprocessed: inputs[place], count: wanted.count)
      for (row, index) in wanted.enumerated() {
        read[index].image.vectors[place] = matrix[row: row]
      }
    }
    return outcomes
      + read.map { IndexingOutcome(task: $0.task, result: .success($0.image)) }
  }
}

extension EmbeddedImage {
  init(_ picture: DecodedPicture, orientedBy reader: ImageReader) {
    var notes = picture.notes
    let (orientation, format) = (picture.facts.orientation, picture.facts.format)
    if orientation != 1, reader.conversion.appliesEXIFOrientation, format != .tiff {
      notes.append("turned by EXIF's orientation \(orientation)")
    }
    self.init(
      width: picture.facts.shownWidth, height: picture.facts.shownHeight, notes: notes)
  }
}
