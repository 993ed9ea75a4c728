import ArgumentParser
import CLIP
import Foundation
import ImageCollections
import Synchronization

struct IndexCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "index", abstract: "Make or update a collection from folders of images.",
    discussion: """
      Finds JPEG, PNG, TIFF and WebP files recursively, reads their captions and categories, and stores a vector for each \
      image and model in one SQLite file. Run again, it embeds only what is new or changed; stopped \
      at any moment, it goes on from there. The category is the folder's name, where pictures lie in \
      class folders (airport/12.jpg), else the file's name up to its number (airport_12.jpg).

      EXAMPLES
        clip-rsicd index photos --into photos.sqlite
        clip-rsicd index RSICD_images --captions dataset_rsicd.json --split test \\
          --model assets/models/clip-mini --model assets/models/rsicd-mini \\
          --into rsicd.sqlite
      """)

  @Argument(help: "Folders with images.", completion: .directory)
  var folders: [String]

  @OptionGroup var captions: CaptionOptions

  @Option(
    help: """
      Model's folder or file of weights, or ORG/NAME[:FILE] once pulled; may be repeated (default: \
      the shipped rsicd-mini).
      """, completion: .file())
  var model: [String] = []

  @OptionGroup var configuration: ModelConfigurationOption

  @Option(help: "Collection to make or update, an SQLite file.", completion: .file())
  var into: String

  @Option(help: "Threads (default: all cores).")
  var threads: Int?

  @Flag(help: "Throw away vectors of another model with the same name.")
  var replaceModel = false

  @Flag(name: .shortAndLong, help: "List images that are unreadable or not there.")
  var verbose = false

  @OptionGroup var side: ImageSideOption
  @OptionGroup var pictures: ImageOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if folders.isEmpty { throw ValidationError("give at least one folder with images") }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads is \(threads), expected 1 to 1024")
    }
  }

  func run() async throws {
    let directories =
      try model.isEmpty ? [Assets.model(Assets.fineTuned)] : model.map(Assets.directory(ofModel:))
    let models = try Models.open(
      directories, as: configuration.modelConfig, threads: threads, imageSize: side.side,
      like: stored())
    var wanted = IndexingRequest(
      folders: folders, captionFiles: captions.captions, split: captions.split, models: models,
      collection: into, threads: threads, replacingModels: replaceModel)
    wanted.captionLayout = captions.sources.layout
    wanted.reader = try pictures.reader()
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
    if report.badCaptionLines > 0 { throw ExitCode(ErrorText.badInput) }
    if report.found == 0 { throw ExitCode(ErrorText.nothingFound) }
  }

  /// Models of the collection as it is, so that bare weights are read as they were before.
  private func stored() throws -> [IndexedModel] {
    guard FileManager.default.fileExists(atPath: into) else { return [] }
    // What is wrong with a file that is none is told when it is opened for writing.
    return (try? ImageCollection(openingForReading: into).models()) ?? []
  }

  private static func line(_ progress: IndexingProgress) -> String {
    guard progress.phase == .embedding else { return "Looking for images" }
    let left = progress.secondsLeft.map { ", \(Output.seconds($0)) left" } ?? ""
    return "\(Output.grouped(progress.done)) of \(Output.grouped(progress.total)) images, "
      + "\(Output.fixed(progress.imagesPerSecond, 1)) images/s\(left)"
  }

  private func show(_ report: IndexingReport) {
    let numbers = [
      ("found", report.found), ("embedded", report.embedded), ("unchanged", report.unchanged),
      ("removed", report.removed), ("unreadable", report.unreadable.count),
      ("unreadable_folders", report.unreadableFolders.count),
      ("absent", report.absentFromDisk.count), ("ambiguous", report.ambiguousCaptions.count),
      ("bad_caption_lines", report.badCaptionLines), ("captioned", report.captioned),
      ("categories", report.categories), ("categories_from_folders", report.categoriesFromFolders),
      ("categories_from_names", report.categoriesFromNames),
      ("noted", Set(report.notes.map(\.path)).count),
      ("skipped", report.skipped.values.reduce(0, +)),
    ]
    if output.json {
      var fields: [(String, JSONValue)] = [("collection", .text(into))]
      fields += numbers.map { ($0, .integer($1)) }
      fields.append(("images_per_second", .number(report.imagesPerSecond)))
      Output.json(.object(fields))
    } else {
      var text =
        "\(Output.grouped(report.found)) images: \(Output.grouped(report.embedded)) embedded"
      for (name, count) in [("unchanged", report.unchanged), ("removed", report.removed)]
      where count > 0 { text += ", \(Output.grouped(count)) \(name)" }
      if report.embedded > 0 { text += " (\(Output.fixed(report.imagesPerSecond, 1)) images/s)" }
      Output.line(text + " in \(Safe.text(into))")
    }
    let more = verbose ? "" : " (--verbose lists them)"
    note(report.unreadable.map(Self.sentence), "unreadable", more)
    // A folder that was left out is told in any case: its images are missing without a trace.
    note(report.unreadableFolders.map(Self.sentence), "unreadable folders", "", true)
    tellCategories(report)
    note(report.absentFromDisk, "named in captions, not on disk", more)
    note(report.ambiguousCaptions, "named in captions, and any of several pictures", more)
    for note in report.captionNotes { Output.note(Safe.text(note)) }
    tellNotes(report)
    tellSkipped(report)
  }

  /// By which rule, so that a wrong one is seen.
  private func tellCategories(_ report: IndexingReport) {
    guard report.found > 0, !output.json else { return }
    let (folders, names) = (report.categoriesFromFolders, report.categoriesFromNames)
    let origin =
      switch (folders > 0, names > 0) {
      case (true, true):
        "\(Output.grouped(folders)) from folders, \(Output.grouped(names)) from file names"
      case (true, false): "from folders"
      case (false, true): "from file names"
      case (false, false): "neither folders nor file names tell any"
      }
    let count =
      "\(Output.grouped(report.categories)) \(report.categories == 1 ? "category" : "categories")"
    Output.note(
      "\(count)\(folders > 0 && names > 0 || report.categories == 0 ? ": " : " ")\(origin)")
  }

  /// What was chosen for the reader: once with an example, all of it with --verbose.
  private func tellNotes(_ report: IndexingReport) {
    guard let first = report.notes.first else { return }
    let count = Set(report.notes.map(\.path)).count
    let more = verbose ? "" : ", such as \(Safe.text(first.path)): \(Safe.text(first.reason))"
    Output.note(
      "\(Output.grouped(count)) \(count == 1 ? "image" : "images") not shown as stored\(more)")
    guard verbose else { return }
    for note in report.notes { Output.note("  \(Safe.text("\(note.path): \(note.reason)"))") }
  }

  /// Endings of pictures of other kinds, which somebody may miss.
  private static let otherPictures: Set<String> = [
    "avif", "bmp", "cr2", "dng", "gif", "heic", "heif", "img", "jp2", "jxl", "nef", "ntf", "arw",
    "svg", "vrt", "hdf", "nc",
  ]

  private func tellSkipped(_ report: IndexingReport) {
    let told = report.skipped.filter { verbose || Self.otherPictures.contains($0.key) }
    guard !told.isEmpty else { return }
    let list = told.sorted { $0.value == $1.value ? $0.key < $1.key : $0.value > $1.value }
      .map { "\(Output.grouped($0.value)) \($0.key.isEmpty ? "without ending" : "." + $0.key)" }
    Output.note(
      Safe.text("skipped, not JPEG, PNG, TIFF or WebP by name: \(list.joined(separator: ", "))"))
  }

  /// Some reasons name their file already.
  private static func sentence(path: String, reason: String) -> String {
    reason.hasPrefix(path) ? reason : "\(path): \(reason)"
  }

  private func note(_ items: [String], _ what: String, _ more: String, _ always: Bool = false) {
    guard !items.isEmpty else { return }
    Output.note("\(Output.grouped(items.count)) \(what)\(more)")
    guard verbose || always else { return }
    for item in items { Output.note("  \(Safe.text(item))") }
  }
}

extension IndexingProgress {
  fileprivate var isLast: Bool { phase == .embedding && done >= total }
}

/// A progress line that other threads may write.
final class SharedProgress: Sendable {
  private let line = Mutex(ProgressLine())
  func show(_ text: String, isLast: Bool = false) {
    line.withLock { $0.show(text, isLast: isLast) }
  }
  func end() { line.withLock { $0.end() } }
}
