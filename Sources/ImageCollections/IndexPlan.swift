import Datasets
import Dispatch
import Files
import Foundation
import GRDB
import Imaging
import Synchronization
import Threads

/// Decides what to do with the files found: compares them with what is stored, by path, size and time, then
/// by contents. A file known under another path keeps its vectors.
struct IndexPlan {
  let writer: IndexWriter
  let images: [FoundImage]
  let finder: PictureFinder
  let cancelled: StopFlag
  let progress: @Sendable (IndexingProgress) -> Void

  private var request: IndexingRequest { writer.request }

  /// - Returns: what is to be embedded; the rest of the plan is carried out in one transaction, so that
  ///   a run that is killed has done all of it or nothing.
  func carryOut() throws -> (tasks: [IndexingTask], report: IndexingReport) {
    let stored = try writer.database.read { try StoredImages($0) }
    let digests = try self.digests(stored)
    let changes = try self.changes(stored)
    var run = Run(plan: self, stored: stored, digests: digests, changes: changes)
    try writer.database.write { try run.carryOut($0) }
    return (run.tasks, run.report)
  }

  /// The digests of the files whose contents decide. A file that cannot be read has none, and is reported
  /// when it is to be embedded.
  private func digests(_ stored: StoredImages) throws -> [PathBytes: FileDigest] {
    let wanted = images.filter { image in
      guard let known = stored[image.key] else { return stored.mayKnow(image) }
      guard known.failure == nil, known.digest != nil else { return false }
      return image.isUnchanged(since: known.file)
        ? request.rereading : image.byteCount == known.file.byteCount
    }
    return try answers(wanted) { try? FileDigest(ofFile: $0.path) { cancelled.isSet } }
  }

  /// What of the files is read otherwise than by the program that made their vectors; without those that
  /// cannot be read.
  private func changes(_ stored: StoredImages) throws -> [PathBytes: ReadingChange?] {
    guard stored.isOutdated else { return [:] }
    let wanted = images.filter { image in
      stored[image.key].map { $0.reading < ImageReader.revision && $0.failure == nil }
        ?? stored.mayBeKnown(image)
    }
    return try answers(wanted) { image in
      do throws(ImageError) {
        // A file that moved is known by its contents, from rows of any revision.
        let earlier = stored[image.key]?.reading ?? 1
        return .some(try request.reader.change(of: image.path, since: earlier))
      } catch {
        return nil
      }
    }
  }

  /// Asks about each file, on every core; files without an answer are missing from the result.
  private func answers<Answer: Sendable>(
    _ wanted: [FoundImage], _ ask: @Sendable (FoundImage) -> Answer?
  ) throws -> [PathBytes: Answer] {
    let done = Mutex(0)
    let answers = inParallel(wanted.count) { index -> Answer? in
      guard !cancelled.isSet else { return nil }
      let answer = ask(wanted[index])
      let count = done.withLock { done in
        done += 1
        return done
      }
      if count % 64 == 0 {
        progress(
          .init(
            phase: .comparing, done: count, total: wanted.count, imagesPerSecond: 0,
            secondsLeft: nil))
      }
      return answer
    }
    if cancelled.isSet { throw CancellationError() }
    return Dictionary(
      zip(wanted, answers).compactMap { image, answer in answer.map { (image.key, $0) } },
      uniquingKeysWith: { $1 })
  }

  /// The plan inside of its transaction.
  private struct Run {
    let plan: IndexPlan
    let stored: StoredImages
    let digests: [PathBytes: FileDigest]
    let changes: [PathBytes: ReadingChange?]
    var tasks: [IndexingTask] = []
    var report = IndexingReport()
    private let present: Set<PathBytes>
    private let hidden: Set<PathBytes>
    private var vanished: Set<Int64> = []
    private var claimed: Set<Int64> = []
    private var isGone: [Int64: Bool] = [:]

    init(
      plan: IndexPlan, stored: StoredImages, digests: [PathBytes: FileDigest],
      changes: [PathBytes: ReadingChange?]
    ) {
      (self.plan, self.stored, self.digests, self.changes) = (plan, stored, digests, changes)
      present = Set(plan.images.map(\.key))
      hidden = Set(plan.finder.hidden)
    }

    private var writer: IndexWriter { plan.writer }

    mutating func carryOut(_ database: Database) throws {
      findVanished()
      for image in plan.images {
        if let known = stored[image.key] {
          try compare(image, known, database)
        } else {
          try place(image, database)
        }
      }
      for id in vanished.subtracting(claimed) {
        try database.execute(sql: "DELETE FROM images WHERE id = ?", arguments: [id])
        report.removed += 1
      }
      report.keptCaptions = try writer.keptCaptions(of: plan.images, database)
    }

    // MARK: What has vanished

    /// Rows below the folders whose files are not there any more, unless something hides them.
    private mutating func findVanished() {
      // Only a part of the files was asked for; the others have not vanished.
      guard plan.request.split == nil else { return }
      var kept: [PathBytes: (count: Int, reason: String)] = [:]
      for (path, image) in stored.byPath where !present.contains(path) {
        guard let root = plan.finder.roots.first(where: { path.isBelow($0) }) else { continue }
        if plan.finder.bareRoots.contains(root) {
          kept[root, default: (0, KeptImages.bare)].count += 1
        } else if let place = hider(of: path) {
          kept[place, default: (0, KeptImages.hidden)].count += 1
        } else {
          vanished.insert(image.id)
        }
      }
      report.kept += kept.sorted { $0.key < $1.key }.map {
        KeptImages(place: $0.key.description, count: $0.value.count, reason: $0.value.reason)
      }
    }

    private func hider(of path: PathBytes) -> PathBytes? {
      guard !hidden.isEmpty else { return nil }
      var place = path
      while place.bytes.count > 1 {
        if hidden.contains(place) { return place }
        place = place.parent
      }
      return nil
    }

    // MARK: A path that is known

    private mutating func compare(
      _ image: FoundImage, _ known: StoredImage, _ database: Database
    ) throws {
      let isSame = image.isUnchanged(since: known.file)
      let hasSameContents = known.digest.map { $0 == digests[image.key] } ?? false
      // What could not be read is tried again: permissions and limits change, files need not.
      let isKnown =
        known.failure == nil && known.isSound
        && (isSame && !plan.request.rereading ? true : hasSameContents)
      guard isKnown, !isReadOtherwise(image, known) else {
        if isKnown { tellChange(image) }
        embedAnew(image)
        return
      }
      if try writer.describe(database, known) { report.redescribed += 1 }
      if known.reading < ImageReader.revision, changes[image.key] != nil {
        try database.execute(
          sql: "UPDATE images SET reading = ? WHERE id = ?",
          arguments: [ImageReader.revision, known.id])
        try Store.sumImage(known.id, database)
      }
      if !isSame {
        try database.execute(
          sql: "UPDATE images SET modified_ns = ? WHERE id = ?",
          arguments: [image.modifiedNanoseconds, known.id])
        try Store.sumImage(known.id, database)
      }
      if isComplete(image, known.models) {
        if isSame { report.unchanged += 1 } else { report.touched += 1 }
      }
    }

    private mutating func embedAnew(_ image: FoundImage) {
      tasks.append(
        IndexingTask(file: image, models: Array(writer.modelIDs.indices), isChanged: true))
    }

    /// Whether the vectors of a row are of other pixels than this program reads in its file.
    private func isReadOtherwise(_ image: FoundImage, _ known: StoredImage) -> Bool {
      guard known.reading < ImageReader.revision, let change = changes[image.key] else {
        return false
      }
      return change != nil
    }

    private mutating func tellChange(_ image: FoundImage) {
      if let change = changes[image.key] ?? nil {
        report.readOtherwise[change, default: 0] += 1
      }
    }

    /// Notes a task where a model's vector is missing.
    private mutating func isComplete(_ image: FoundImage, _ models: Set<Int64>) -> Bool {
      let missing = writer.modelIDs.indices.filter { !models.contains(writer.modelIDs[$0]) }
      guard !missing.isEmpty else { return true }
      tasks.append(IndexingTask(file: image, models: missing, isChanged: false))
      return false
    }

    // MARK: A path that is new

    private mutating func place(_ image: FoundImage, _ database: Database) throws {
      let digest = digests[image.key]
      let lenders = stored.lenders(of: image, digest)
      let free = lenders.filter { !claimed.contains($0.id) && isGone($0) }
      if let moved = Self.nearest(free, to: image.key) {
        claimed.insert(moved.id)
        try writer.move(moved, to: image, digest, database)
        if isReadOtherwise(image, moved) {
          tellChange(image)
          embedAnew(image)
        } else if isComplete(image, moved.models) {
          report.moved += 1
        }
        return
      }
      // Vectors are reused for contents that were compared; a copy's name is not enough.
      let equal = lenders.first { $0.digest == digest && !isReadOtherwise(image, $0) }
      if let digest, let lender = equal {
        let models = try writer.add(image, digest, like: lender, database)
        if !models.isEmpty {
          if isComplete(image, models) { report.copied += 1 }
          return
        }
      }
      embedAnew(image)
    }

    private mutating func isGone(_ image: StoredImage) -> Bool {
      if let known = isGone[image.id] { return known }
      var gone = vanished.contains(image.id)
      if !gone, !present.contains(image.file.key) {
        do throws(FileFacts.Failure) {
          _ = try FileFacts(image.file.path)
        } catch {
          gone = error.isAbsence
        }
      }
      isGone[image.id] = gone
      return gone
    }

    /// The one whose path ends most like this one.
    private static func nearest(_ images: [StoredImage], to path: PathBytes) -> StoredImage? {
      func shared(_ image: StoredImage) -> Int {
        zip(image.file.key.components.reversed(), path.components.reversed())
          .prefix { $0 == $1 }.count
      }
      return images.min {
        (-shared($0), $0.file.key) < (-shared($1), $1.file.key)
      }
    }
  }
}

extension KeptImages {
  static let bare = "the folder is empty, as the place of a disk is that is not mounted"
  static let hidden = "it cannot be looked at"
}
