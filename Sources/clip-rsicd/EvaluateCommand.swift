import Texts
import ArgumentParser
import Models
import Datasets
import Evaluation
import Metrics
import Foundation

struct EvaluateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure models: zero-shot accuracy as the original project did, and retrieval.",
    discussion: """
      Zero-shot: each image whose folder or name tells a category (airport/12.jpg, airport_12.jpg) is ranked \
      against one prompt per category; a hit is a category within the first k = 1, 3, 5, 10. The \
      categories are those of the pictures, as index finds them; where all are among RSICD's thirty, they \
      are these, and the table shows the published rows beside those measured here.

      Retrieval: recall within the first k = 1, 5, 10 both ways, over the images with captions. "As they \
      stand": every caption counts, repeated ones too, each with the image it was written for. \
      "Distinct": a caption counts once, with all the images it was written for.

      Without --captions accuracy alone is measured, over all images of the folder.

      An image that cannot be read is named on stderr and left out; the exit code is 2 then.

      EXAMPLES
        clip-rsicd evaluate --images photos
        clip-rsicd evaluate --images rsicd_images --captions test_rsicd.jsonl
        clip-rsicd evaluate --model clip-mini --model rsicd-mini --tsv out --json \\
          --images rsicd_images --captions test_rsicd.jsonl \\
          --template "Aerial photograph of {category}"
        clip-rsicd evaluate --images photos --captions photos.jsonl \\
          --labels my-classes.txt --template "a photo of {category}" \\
          --template "{category} seen from above" --per-category
        clip-rsicd evaluate --images rsicd_images --captions test_rsicd.jsonl \\
          --svg table.svg
        clip-rsicd evaluate --images flickr8k --captions test_flickr8k.jsonl \\
          --retrieval by-image --ties worst --caption-form lowercased
      """)

  @Option(
    help: """
      Model's folder or file of weights, or ORG/NAME[:FILE] once pulled; may be repeated (default: \
      both shipped models).
      """, completion: .model)
  var model: [String] = []

  @OptionGroup var configuration: ModelConfigurationOption

  @Option(help: "Folder of the images.", completion: .directory)
  var images: String

  @OptionGroup var captions: CaptionOptions

  @Option(
    help: """
      The prompt of a category, with {category} or {} in its place; may be repeated: the vectors are \
      averaged (default: \
      "\(PromptTemplate.aerial)").
      """, transform: PromptTemplate.argument)
  var template: [PromptTemplate] = []

  @Option(
    help: """
      A category; may be repeated (default: those of the pictures of the folder; RSICD's thirty where \
      they are all among these).
      """)
  var label: [String] = []

  @Option(help: "File of categories, one on a line.", completion: .file())
  var labels: String?

  @Flag(help: "Precision, recall and F1 of each category.")
  var perCategory = false

  @Flag(help: "How many images of each category were put into which.")
  var confusion = false

  @Option(
    help: """
      What recall is over: by-image (captions as they stand, each with its own image) or \
      distinct-text (each text once, with all its images); default: both.
      """)
  var retrieval: RetrievalBasis?

  @Option(
    help:
      "Which of several equal scores ranks first: first (the earlier), best (a right one), worst.")
  var ties = RetrievalRecall.Ties.first

  @Option(
    help: """
      When captions are the same text: as-they-stand, or lowercased, which leaves case and repeated \
      white space out as the tokenizer does.
      """)
  var captionForm = CaptionForm.asTheyStand

  @Option(help: "Captions of an image that take part in retrieval, the first ones.")
  var captionsPerImage = 64

  @Flag(name: .customLong("no-retrieval"), help: "Leave the captions out.")
  var leavesRetrievalOut = false

  @Option(
    help: """
      Where to write each image's ten best categories: a folder, which gets MODEL.tsv of every model, \
      or for one model a file whose name ends with .tsv. A folder gets MODEL.categories.tsv and \
      MODEL.confusion.tsv too.
      """, completion: .file())
  var tsv: String?

  @Option(help: "Where to write the table as a picture.", completion: .file())
  var svg: String?

  @Option(help: "Threads (default: all cores).")
  var threads: Int?

  @OptionGroup var side: ImageSideOption
  @OptionGroup var pictures: ImageOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if captions.captions.isEmpty {
      if captions.split != nil {
        throw ValidationError(
          "a split is asked for and no caption file is given to tell it; give --captions")
      }
      if retrieval != nil {
        throw ValidationError("--retrieval is over captions; give --captions")
      }
    }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads is \(threads), expected 1 to 1024")
    }
    guard captionsPerImage >= 1 else {
      throw ValidationError("--captions-per-image is \(captionsPerImage), expected at least 1")
    }
    if let tsv, tsv.hasSuffix(".tsv"), model.count != 1 {
      throw ValidationError("--tsv with a file takes one --model; name a folder for several")
    }
    if leavesRetrievalOut, retrieval != nil {
      throw ValidationError("give either --retrieval or --no-retrieval")
    }
    if labels != nil, !label.isEmpty {
      throw ValidationError("give either --label or --labels")
    }
  }

  func run() async throws {
    let directories =
      model.isEmpty
      ? [try Assets.model(Assets.baseline), try Assets.model(Assets.fineTuned)]
      : try model.map(Assets.directory(ofModel:))
    let given =
      label.isEmpty && labels == nil ? nil : try ClassList(label, file: labels).names
    let set = try EvaluationSet(
      captions: captions.sources, images: images, labels: given,
      captionsPerImage: leavesRetrievalOut ? 0 : captionsPerImage, form: captionForm)
    let settings = EvaluationRun.Settings(
      labels: set.labels, isOriginalList: given == nil && set.categories.areScenes,
      templates: template.isEmpty ? [.aerial] : template,
      bases: retrieval.map { [$0] } ?? RetrievalBasis.allCases, ties: ties,
      captionForm: captionForm,
      threads: threads ?? ProcessInfo.processInfo.activeProcessorCount,
      reader: try pictures.reader())
    let hasCaptions = !captions.captions.isEmpty
    let source = hasCaptions ? captions.captions.joined(separator: ", ") : images
    for note in set.notes { Output.note(Safe.text(note)) }
    if set.texts.isEmpty, hasCaptions, !leavesRetrievalOut {
      let words = "\(source): no image that is here has a caption"
      guard retrieval == nil else {
        throw CommandError("\(words), which --retrieval needs; leave it out for zero-shot alone")
      }
      Output.note(Safe.text("\(words): recall is not measured"))
    }
    if set.images.allSatisfy({ $0.label == nil }) {
      let words =
        given == nil
        ? set.categories.whyNone : "\(source): no image that is here has one of the categories"
      Output.note(Safe.text("\(words); recall alone is measured"))
    }
    let names = try ModelNames.unique(directories)
    let readings = try ModelOpening.names(directories, configuration.modelConfig)
    let output = EvaluationOutput(
      settings: settings, isJSON: self.output.json, showsCategories: perCategory,
      showsConfusion: confusion, tsv: tsv, svg: svg)
    try output.requirePlaces()
    let wasWhole = try await Interruptible.run {
      var left = set
      var results: [EvaluationResult] = []
      for ((directory, reading), name) in zip(readings, names) {
        try Task.checkCancellation()
        let model = try ModelOpening.open(
          directory, as: reading, threads: threads, imageSize: side.side)
        let watch = EvaluationWatch(model: name)
        defer { watch.end() }
        var run = EvaluationRun(
          settings: settings, set: left, isFirst: results.isEmpty, report: watch.show)
        let result = try await run.run(model, name)
        left = result.set
        try output.write(result)
        results.append(result)
      }
      try output.finish(results, left)
      return left.unreadable == 0
    }
    if set.badLines > 0 || !wasWhole { throw ExitCode(ErrorText.badInput) }
  }
}

extension RetrievalBasis: ExpressibleByArgument {}
extension CaptionForm: ExpressibleByArgument {}
extension RetrievalRecall.Ties: ExpressibleByArgument {}

/// Names of models in tables and files.
enum ModelNames {
  /// Each directory's last component, with as many of those above as tell them apart:
  /// `runs/a/best` and `runs/b/best` are `a/best` and `b/best`.
  /// - Throws: `CommandError` where one is given twice.
  static func unique(_ directories: [String]) throws -> [String] {
    let parts = directories.map {
      URL(fileURLWithPath: $0).standardizedFileURL.pathComponents.filter { $0 != "/" }
    }
    for (place, path) in parts.enumerated() where parts[..<place].contains(path) {
      throw CommandError("--model \(directories[place]) is given twice; name each once")
    }
    return parts.enumerated().map { place, path in
      let others = parts.enumerated().filter { $0.offset != place }.map(\.element)
      let depth = (1...max(1, path.count)).first { depth in
        !others.contains { $0.suffix(depth).elementsEqual(path.suffix(depth)) }
      }
      return path.suffix(depth ?? path.count).joined(separator: "/")
    }
  }
}

/// The categories of an evaluation.
struct ClassList {
  let names: [String]
  private static let (mostNames, mostBytes, longest) = (10_000, 4 << 20, 200)

  /// - Parameter file: one name on a line; empty lines are left out.
  /// - Throws: `CommandError` for a file that cannot be read, and for names that are empty, repeated or
  ///   too many.
  init(_ given: [String], file: String?) throws {
    var names = given
    if let file { names = try Self.read(file) }
    var seen: Set<String> = []
    for name in names {
      let key = CategoryName.key(name)
      guard !key.isEmpty, name.utf8.count <= Self.longest else {
        throw CommandError(
          "category \"\(name.prefix(40))\": expected a name of 1 to \(Self.longest) bytes with a letter or digit in it"
        )
      }
      guard seen.insert(key).inserted else {
        throw CommandError("category \"\(name)\" is there twice; give each once")
      }
    }
    guard (2...Self.mostNames).contains(names.count) else {
      throw CommandError(
        "\(file ?? "--label"): \(Output.count(names.count, "category", "categories")), expected 2 to "
          + "\(Self.mostNames)")
    }
    self.names = names
  }

  private static func read(_ file: String) throws -> [String] {
    let size = (try? FileManager.default.attributesOfItem(atPath: file))?[.size] as? Int
    guard let size, let data = FileManager.default.contents(atPath: file) else {
      throw CommandError("\(file): cannot be read; expected a file with one category on a line")
    }
    guard size <= mostBytes,
      let text = String(validating: PlainText.utf8(Array(data)), as: UTF8.self)
    else {
      throw CommandError(
        "\(file): \(size) bytes, expected at most \(mostBytes) bytes of UTF-8 with one category on a line"
      )
    }
    return text.split(whereSeparator: \.isNewline).map {
      String($0).trimmingCharacters(in: .whitespaces)
    }
    .filter { !$0.isEmpty }
  }
}

extension PromptTemplate {
  /// What `--template` says.
  static func argument(_ text: String) throws -> PromptTemplate {
    guard let template = PromptTemplate(text) else {
      throw ValidationError("it has no {category}")
    }
    return template
  }
}

/// Reports the measuring of a model on stderr.
private final class EvaluationWatch {
  private let model: String
  private var progress = ProgressLine()

  init(model: String) { self.model = Safe.text(model) }

  func end() { progress.end() }

  func show(_ event: EvaluationEvent) {
    switch event {
    case .images(let done, let count, let rate):
      progress.show(
        "\(model): \(grouped(done)) of \(Output.count(count, "image")), "
          + "\(Output.fixed(rate, 0)) images/s, "
          + "\(Output.seconds(Double(count - done) / rate)) left",
        isLast: done == count)
    case .captions(let done, let count):
      progress.show(
        "\(model): \(grouped(done)) of \(Output.count(count, "distinct caption"))",
        isLast: done == count)
    case .read(let pictures):
      progress.end()
      Pictures.tell(pictures)
      Pictures.tell(pictures.failures)
    case .cut(let texts): Output.tell(texts)
    case .longCaptions(let long, let count, let limit):
      progress.end()
      Output.note(
        "\(model) reads \(limit) tokens of a caption: \(grouped(long)) of "
          + "\(Output.count(count, "distinct caption")) \(long == 1 ? "is" : "are") longer")
    }
  }
}
