import ArgumentParser
import CLIP
import Datasets
import Evaluation
import Foundation
import Imaging

struct EvaluateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure zero-shot accuracy as the original project did.",
    discussion: """
      Each image whose name tells a category is ranked against one prompt per category; a hit is a \
      category within the first k = 1, 3, 5, 10. The table shows the published rows beside those \
      measured here.

      EXAMPLES
        clip-rsicd evaluate --images rsicd_images --captions test_rsicd.jsonl
        clip-rsicd evaluate --model clip-mini --model rsicd-mini --images rsicd_images \\
          --captions test_rsicd.jsonl --template "Aerial photograph of {category}" --tsv out --json
      """)

  @Option(help: "Model's folder, of any format; may be repeated (default: both shipped models).")
  var model: [String] = []

  @Option(help: "Folder of the images.")
  var images: String

  @Option(help: "Caption file that names the images.")
  var captions: String

  @Option(help: "The prompt of a category.")
  var template = CLIPModel.template

  @Option(
    help: """
      Where to write each image's ten best categories: a folder, which gets MODEL.tsv of every model, \
      or for one model a file whose name ends with .tsv.
      """)
  var tsv: String?

  @Option(help: "Threads (default: all cores).")
  var threads: Int?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard template.contains("{category}") else {
      throw ValidationError("--template has no {category}")
    }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads is \(threads), expected 1 to 1024")
    }
    if let tsv, tsv.hasSuffix(".tsv"), model.count != 1 {
      throw ValidationError("--tsv with a file takes one --model; name a folder for several")
    }
  }

  /// Images decoded and embedded at a time: bounds the memory, whatever the size of the set.
  private static let piece = 128

  func run() async throws {
    let directories =
      model.isEmpty
      ? [try Assets.model(Assets.baseline), try Assets.model(Assets.fineTuned)] : model
    let files = try self.files()
    var rows: [AccuracyRow] = []
    for directory in directories {
      try Task.checkCancellation()
      let model = try CLIPModel(contentsOf: directory, threads: threads)
      let row = try evaluate(model, files)
      rows.append(row)
      if output.json { Output.json(Self.json(row)) }
    }
    if !output.json { Output.line(ResultTable(measured: rows).text) }
  }

  private struct File {
    let path: String
    let name: String
    let label: Int
  }

  /// The caption file's images that are there and whose name tells one of the categories.
  private func files() throws -> [File] {
    var absent = 0
    let files = try CaptionFile.read(captions).compactMap { entry -> File? in
      guard let category = SceneCategories.category(ofPath: entry.name),
        let label = SceneCategories.all.firstIndex(of: category)
      else { return nil }
      let candidates = [entry.name, entry.filename].map { "\(images)/\($0)" }
      guard let path = candidates.first(where: { FileManager.default.fileExists(atPath: $0) })
      else {
        absent += 1
        return nil
      }
      return File(path: path, name: entry.name, label: label)
    }
    if absent > 0 {
      Output.note("\(absent) images with a category are not in \(Safe.text(images))")
    }
    guard !files.isEmpty else {
      throw CommandError(
        "\(images): none of the images that \(captions) names with a category (airport_12.jpg) is here"
      )
    }
    return files
  }

  private func evaluate(_ model: CLIPModel, _ files: [File]) throws -> AccuracyRow {
    let labels = SceneCategories.all
    let texts = try model.embed(texts: CLIPModel.prompts(for: labels, template: template))
    var logits: [Float] = []
    var progress = ProgressLine()
    let start = ContinuousClock.now
    for first in stride(from: 0, to: files.count, by: Self.piece) {
      try Task.checkCancellation()
      let some = files[first..<min(first + Self.piece, files.count)]
      let pictures = try Pictures.decode(some.map(\.path)).map { try $0.get() }
      logits += model.logits(images: try model.embed(images: pictures), texts: texts)
      let done = first + some.count
      let rate = Double(done) / max(1e-9, (ContinuousClock.now - start) / .seconds(1))
      progress.show(
        "\(Safe.text(model.name)): \(Output.grouped(done)) of \(Output.grouped(files.count)) images, "
          + "\(Output.fixed(rate, 0)) images/s, "
          + "\(Output.seconds(Double(files.count - done) / rate)) left",
        isLast: done == files.count)
    }
    if let tsv { try write(logits, files, to: tsv, model) }
    let found = ZeroShotAccuracy(scores: logits, labels: labels.count, truth: files.map(\.label))
    return AccuracyRow(model: model.name, accuracy: found.accuracy, count: found.count)
  }

  private func write(_ logits: [Float], _ files: [File], to folder: String, _ model: CLIPModel)
    throws
  {
    let labels = SceneCategories.all
    let lines = files.enumerated().map { index, file in
      PerImageRows.line(
        file: file.name, label: labels[file.label], labels: labels,
        probabilities: softmax(logits[index * labels.count..<(index + 1) * labels.count]))
    }
    let isFile = folder.hasSuffix(".tsv")
    let path = isFile ? folder : "\(folder)/\(model.name).tsv"
    do {
      if !isFile {
        try FileManager.default.createDirectory(
          atPath: folder, withIntermediateDirectories: true)
      }
      try Data((lines.joined(separator: "\n") + "\n").utf8)
        .write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw CommandError("\(path): cannot be written; check folder and space")
    }
  }

  private static func json(_ row: AccuracyRow) -> JSONValue {
    .object([
      ("model", .text(row.model)), ("count", .integer(row.count ?? 0)),
      (
        "accuracy",
        .object(zip(ZeroShotAccuracy.ks, row.accuracy).map { (String($0), .number($1)) })
      ),
    ])
  }
}
