import Texts
import ArgumentParser
import Models
import Foundation
import ImageCollections
import Synchronization

struct IndexCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "index", abstract: "Make or update a collection from folders of images.",
    discussion: """
      Finds JPEG, PNG, TIFF, WebP and JPEG 2000 files recursively, reads their captions and categories, and stores a vector for each \
      image and model in one SQLite file. Run again, it embeds only what is new or changed; stopped \
      at any moment, it goes on from there. With --scenes, large pictures such as GeoTIFFs are cut into overlapping \
      windows, each with its place on earth. The category is the folder's name, where pictures lie in \
      class folders (airport/12.jpg), else the file's name up to its number (airport_12.jpg).

      EXAMPLES
        clip-rsicd index photos --into photos.sqlite
        clip-rsicd index --scenes tile.tif --metres 320,640 --into tiles.sqlite
        clip-rsicd index RSICD_images --captions dataset_rsicd.json --split test \\
          --model assets/models/clip-mini --model assets/models/rsicd-mini \\
          --into rsicd.sqlite
      """)

  @Argument(help: "Folders with images, or files.", completion: .file())
  var folders: [String] = []

  @OptionGroup var captions: CaptionOptions

  @Option(
    help: """
      Model's folder or file of weights, or ORG/NAME[:FILE] once pulled; may be repeated (default: \
      the shipped rsicd-mini).
      """, completion: .model)
  var model: [String] = []

  @OptionGroup var configuration: ModelConfigurationOption

  @Option(help: "Collection to make or update, an SQLite file.", completion: .file())
  var into: String

  @Option(help: "Threads (default: all cores).")
  var threads: Int?

  @Flag(help: "Throw away vectors of another model with the same name.")
  var replaceModel = false

  @Flag(name: .customLong("no-follow"), help: "Do not walk through links to folders.")
  var noFollow = false

  @Option(
    help: """
      Files and folders to leave out, as a line of .gitignore says it (thumbs/, *_small.jpg, /old); may \
      be repeated. A .clipignore in a folder says the same for what is in it.
      """)
  var exclude: [String] = []

  @Flag(help: "Compare the contents too of files whose size and time are unchanged.")
  var reread = false

  @Flag(help: "Drop every image of the collection whose file is gone, in other folders too.")
  var prune = false

  @Option(
    help: "Drop the images below a folder from the collection; may be repeated.",
    completion: .directory)
  var drop: [String] = []

  @Flag(name: .shortAndLong, help: "List images that are unreadable or not there.")
  var verbose = false

  @OptionGroup var scenes: SceneOptions

  @OptionGroup var side: ImageSideOption
  @OptionGroup var pictures: ImageOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if folders.isEmpty, !prune, drop.isEmpty {
      throw ValidationError("give at least one folder with images")
    }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads is \(threads), expected 1 to 1024")
    }
  }

  func run() async throws {
    if folders.isEmpty, !FileManager.default.fileExists(atPath: into) {
      throw CollectionError(path: into, reason: .missing)
    }
    let stored = try stored()
    let directories = try folders.isEmpty ? [] : places(stored)
    let models = try ModelOpening.open(
      directories, as: configuration.modelConfig, threads: threads, imageSize: side.side,
      like: stored)
    var wanted = IndexingRequest(
      folders: folders, captionFiles: captions.captions, split: captions.split, models: models,
      collection: into, threads: threads, replacingModels: replaceModel)
    wanted.captionLayout = captions.sources.layout
    wanted.reader = try pictures.reader()
    wanted.followsLinks = !noFollow
    wanted.exclusions = exclude
    wanted.rereading = reread
    wanted.pruning = prune
    wanted.droppedFolders = drop
    wanted.scenes = try scenes.request
    let request = wanted
    let progress = SharedProgress()
    let report: IndexingReport
    do {
      report = try await Interruptible.run {
        try await Indexer(request).run { progress.show(Self.line($0), isLast: $0.isLast) }
      }
      progress.end()
    } catch is CancellationError {
      progress.end()
      Output.note("Interrupted; what was indexed is kept. The same command goes on from there.")
      throw ExitCode(ErrorText.interrupted)
    } catch {
      progress.end()
      throw error
    }
    show(report)
    if report.badCaptionLines > 0 || !report.unreadable.isEmpty || !report.unreadableFolders.isEmpty
    {
      throw ExitCode(ErrorText.badInput)
    }
    if report.found + report.scenes.found == 0, !folders.isEmpty {
      throw ExitCode(ErrorText.nothingFound)
    }
  }

  private func places(_ stored: [IndexedModel]) throws -> [String] {
    guard !model.isEmpty else { return [try Assets.model(Assets.fineTuned)] }
    return try model.map { name in
      guard let known = Assets.indexed(name, in: stored) else {
        return try Assets.directory(ofModel: name, in: stored)
      }
      // One that has moved is looked for.
      guard !FileManager.default.fileExists(atPath: known.directory) else { return known.directory }
      return try ModelSearch(others: Assets.knownModels()).open(
        known, of: ImageCollection(openingForReading: into), threads: threads
      ).directory
    }
  }

  /// Models of the collection as it is, so that bare weights are read as they were before.
  private func stored() throws -> [IndexedModel] {
    guard FileManager.default.fileExists(atPath: into) else { return [] }
    // A file that is not a collection is refused when it is opened for writing.
    return (try? ImageCollection(openingForReading: into).models()) ?? []
  }

  private static func line(_ progress: IndexingProgress) -> String {
    let unit: String
    switch progress.phase {
    case .finding: return "Looking for images"
    case .comparing: return "Comparing \(grouped(progress.total)) files that may be known"
    case .embedding: unit = "image"
    case .cutting: unit = "window"
    }
    let left = progress.secondsLeft.map { ", \(Output.seconds($0)) left" } ?? ""
    return "\(grouped(progress.done)) of \(Output.count(progress.total, unit)), "
      + "\(Output.fixed(progress.imagesPerSecond, 1)) \(unit)s/s\(left)"
  }
}

extension IndexingProgress {
  fileprivate var isLast: Bool { (phase == .embedding || phase == .cutting) && done >= total }
}

/// A progress line that other threads may write.
final class SharedProgress: Sendable {
  private let line = Mutex(ProgressLine())
  func show(_ text: String, isLast: Bool = false) {
    line.withLock { $0.show(text, isLast: isLast) }
  }
  func end() { line.withLock { $0.end() } }
}
