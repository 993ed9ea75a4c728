import Datasets
import Dispatch
import Files
import Foundation
import GRDB
import Imaging
import Threads

/// Folders → collection: finds, compares, embeds what is new or changed, and commits as it goes.
///
/// A run may be killed at any moment: what was committed stays, and the next run goes on with the rest.
public struct Indexer: Sendable {
  private let request: IndexingRequest

  /// A commit comes at least after this many images or seconds: that is what a kill may cost.
  private static let batch = 64
  private static let secondsPerBatch = 2.0

  public init(_ request: IndexingRequest) { self.request = request }

  /// - Parameter progress: called on the writing thread, a few times a second.
  /// - Throws: ``CollectionError``, `CaptionFileError`; `CancellationError` after what was done is
  ///   committed.
  public func run(progress: @escaping @Sendable (IndexingProgress) -> Void) async throws
    -> IndexingReport
  {
    let cancelled = StopFlag()
    return try await withTaskCancellationHandler {
      try await OwnThread.run("index writer") { try index(cancelled, progress) }
    } onCancel: {
      cancelled.set()
    }
  }

  private func index(
    _ cancelled: StopFlag, _ progress: @escaping @Sendable (IndexingProgress) -> Void
  ) throws -> IndexingReport {
    progress(.init(phase: .finding, done: 0, total: 0, imagesPerSecond: 0, secondsLeft: nil))
    let finder = try find(cancelled)
    let selection = select(finder)
    let listing = PictureListing(finder)
    let sources = CaptionSources(
      request.captionFiles, split: request.split, layout: request.captionLayout)
    let captions = try CaptionMatches(sources, in: listing)
    guard request.split == nil || captions.entries > 0 else {
      throw CollectionError(
        path: request.collection,
        reason: request.captionFiles.isEmpty
          ? .splitWithoutCaptions
          : .nothingToIndex(captions.noneOfSplit(request.split ?? "")))
    }
    let categories = PictureCategories(listing, known: storedCategories())
    var entries: [PathBytes: CaptionedImage] = [:]
    for picture in captions.pictures {
      entries[picture.path] = CaptionedImage(
        filename: picture.name, captions: picture.captions, split: picture.split)
    }
    let images =
      request.split == nil
      ? selection.pictures : selection.pictures.filter { entries[$0.key] != nil }
    let scenes = request.split == nil ? selection.scenes : []
    var found = IndexingReport()
    found.describe(finder, count: images.count)
    found.describe(captions)
    found.describe(categories.summary(of: images.lazy.map(\.key)))
    // Nothing to keep: no file is made for it.
    if images.isEmpty, scenes.isEmpty, !FileManager.default.fileExists(atPath: request.collection) {
      return found
    }

    let lock = try WriterLock(collection: request.collection)
    defer { withExtendedLifetime(lock) {} }
    let database = try Store.writer(request.collection)
    return try CollectionError.describing(request.collection) {
      var writer = IndexWriter(
        database: database, request: request, entries: entries, categories: categories,
        replacesCaptions: !captions.isEmpty)
      try writer.prepareModels()
      let plan = try IndexPlan(
        writer: writer, images: images, finder: finder, cancelled: cancelled, progress: progress
      ).carryOut()
      var report = plan.report
      report.describe(finder, count: images.count)
      report.describe(captions)
      report.describe(categories.summary(of: images.lazy.map(\.key)))
      try embed(plan.tasks, &writer, &report, cancelled, progress)
      if request.split == nil {
        try SceneIndexing(
          database: database, request: request, modelIDs: writer.modelIDs, finder: finder,
          scenes: scenes, cancelled: cancelled, progress: progress
        ).run(&report)
      }
      try Prune(request, present: Set(finder.images.map(\.key)), roots: finder.roots).run(
        database, &report)
      // Merges the log into the file, unless a reader has it open.
      try? database.writeWithoutTransaction {
        try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE")
      }
      return report
    }
  }

  /// The categories already in the collection: a class folder counts as one even if the others are not
  /// indexed with it, or are gone. A file that cannot be read is reported when it is opened for writing.
  private func storedCategories() -> [String] {
    guard FileManager.default.fileExists(atPath: request.collection),
      let collection = try? ImageCollection(openingForReading: request.collection)
    else { return [] }
    return (try? collection.categories().map(\.name)) ?? []
  }

  /// Scenes and pictures among the files found.
  private func select(_ finder: PictureFinder) -> SceneSelection {
    var known: [String] = []
    if FileManager.default.fileExists(atPath: request.collection),
      let collection = try? ImageCollection(openingForReading: request.collection)
    {
      known = (try? collection.scenes().map(\.path)) ?? []
    }
    return SceneSelection(
      finder.images, known: Set(known.map { PathBytes($0) }), named: finder.named, request.scenes,
      reader: request.reader)
  }

  private func find(_ cancelled: StopFlag) throws -> PictureFinder {
    do {
      return try PictureFinder(
        request.folders, followsLinks: request.followsLinks, excluding: request.exclusions
      ) { cancelled.isSet }
    } catch PictureFinder.Failure.noFolder(let folder) {
      throw CollectionError(
        path: folder, reason: .nothingToIndex("there is no such folder; give one with images"))
    } catch PictureFinder.Failure.tooMany(let limit) {
      throw CollectionError(
        path: request.folders.joined(separator: ", "),
        reason: .nothingToIndex("more than \(limit) pictures and folders; give less at a time"))
    }
  }

  private func embed(
    _ tasks: [IndexingTask], _ writer: inout IndexWriter, _ report: inout IndexingReport,
    _ cancelled: StopFlag, _ progress: @Sendable (IndexingProgress) -> Void
  ) throws {
    guard !tasks.isEmpty else { return }
    let pipeline = EmbeddingPipeline(
      tasks, models: request.models, reader: request.reader,
      threads: request.threads ?? ProcessInfo.processInfo.activeProcessorCount,
      cancelled: cancelled)
    let start = ContinuousClock.now
    var lastCommit = start
    var waiting: [IndexingOutcome] = []
    var done = 0
    func seconds(since instant: ContinuousClock.Instant) -> Double {
      (ContinuousClock.now - instant) / .seconds(1)
    }
    defer { report.imagesPerSecond = Double(done) / max(1e-9, seconds(since: start)) }
    do {
      try pipeline.run { outcomes in
        waiting += outcomes
        done += outcomes.count
        if waiting.count >= Self.batch || seconds(since: lastCommit) >= Self.secondsPerBatch {
          try writer.store(waiting, &report)
          waiting = []
          lastCommit = .now
        }
        let rate = Double(done) / max(1e-9, seconds(since: start))
        progress(
          .init(
            phase: .embedding, done: done, total: tasks.count, imagesPerSecond: rate,
            secondsLeft: Double(tasks.count - done) / max(1e-9, rate)))
      }
    } catch is CancellationError {
      try writer.store(waiting, &report)
      throw CancellationError()
    }
    try writer.store(waiting, &report)
  }
}

extension IndexingReport {
  /// What was found and what was left out.
  fileprivate mutating func describe(_ finder: PictureFinder, count: Int) {
    found = count
    unreadable = finder.unreachable.map { ($0.path, $0.reason, nil) }
    unreadableFolders = finder.unreadable
    skipped = finder.skipped
    leftOut = finder.leftOut
    unusedExclusions = finder.unusedExclusions
  }

  /// What the caption files said, and what of it was of no use.
  fileprivate mutating func describe(_ captions: CaptionMatches) {
    captioned = captions.pictures.count
    absentFromDisk = captions.absent
    ambiguousCaptions = captions.ambiguous.map(\.name)
    badCaptionLines = captions.badLines.count
    captionNotes = captions.notes
  }

  fileprivate mutating func describe(_ summary: PictureCategories.Summary) {
    categories = summary.count
    categoriesFromFolders = summary.fromFolders
    categoriesFromNames = summary.fromNames
  }
}
