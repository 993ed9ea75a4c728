import ArgumentParser
import CLIP
import Foundation
import ImageCollections
import Synchronization

struct IndexCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "index", abstract: "Make or update a collection from folders of JPEG files.",
    discussion: """
      Finds JPEG files recursively, reads their captions and categories, and stores a vector for each \
      image and model in one SQLite file. Run again, it embeds only what is new or changed; stopped \
      at any moment, it goes on from there. The category is the file's name up to its number \
      (airport_12.jpg), or its folder.

      EXAMPLES
        clip-rsicd index photos --into photos.sqlite
        clip-rsicd index RSICD_images --captions dataset_rsicd.json --split test \\
          --model assets/models/clip-mini --model assets/models/rsicd-mini --into rsicd.sqlite
      """)

  @Argument(help: "Folders with JPEG files.")
  var folders: [String]

  @Option(help: "Caption file: jsonl, or RSICD's dataset_rsicd.json; may be repeated.")
  var captions: [String] = []

  @Option(help: "Only images of this split of the caption files.")
  var split: String?

  @Option(
    help: """
      Model's folder, or ORG/NAME once pulled; may be repeated (default: the shipped \
      rsicd-mini).
      """)
  var model: [String] = []

  @Option(help: "Collection to make or update, an SQLite file.")
  var into: String

  @Option(help: "Threads (default: all cores).")
  var threads: Int?

  @Flag(help: "Throw away vectors of another model with the same name.")
  var replaceModel = false

  @Flag(name: .shortAndLong, help: "List images that are unreadable or not there.")
  var verbose = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if folders.isEmpty { throw ValidationError("give at least one folder with JPEG files") }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads is \(threads), expected 1 to 1024")
    }
  }

  func run() async throws {
    let directories =
      try model.isEmpty ? [Assets.model(Assets.fineTuned)] : model.map(Assets.directory(ofModel:))
    let models = try directories.map { try CLIPModel(contentsOf: $0, threads: threads) }
    let request = IndexingRequest(
      folders: folders, captionFiles: captions, split: split, models: models, collection: into,
      threads: threads, replacingModels: replaceModel)
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
    if report.found == 0 { throw ExitCode(ErrorText.nothingFound) }
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
      ("absent", report.absentFromDisk.count),
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
    note(report.absentFromDisk, "named in captions, not on disk", more)
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
