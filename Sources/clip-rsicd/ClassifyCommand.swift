import Texts
import ArgumentParser
import Models
import Datasets
import Foundation

struct ClassifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify", abstract: "Say which category an image shows, without training.",
    discussion: """
      Each label becomes a prompt; the probabilities are the softmax over the labels. A file that \
      cannot be read is named on stderr and costs no other; the exit code is 2 then.

      EXAMPLES
        clip-rsicd classify airport_12.jpg
        clip-rsicd classify *.jpg --json \\
          --label "wind turbines" --label "solar panels"
      """)

  @Argument(help: "Picture files: JPEG, PNG, TIFF, WebP or JPEG 2000.", completion: .file())
  var images: [String]

  @Option(help: "A label; may be repeated (default: the thirty RSICD categories).")
  var label: [String] = []

  @Option(help: "File of labels, one on a line.", completion: .file())
  var labels: String?

  @Option(help: "The prompt of a label.", transform: PromptTemplate.argument)
  var template = PromptTemplate.aerial

  @Option(name: .customShort("k", allowingJoined: true), help: "Labels to print for each image.")
  var count = 5

  @OptionGroup var model: ModelOptions
  @OptionGroup var pictures: ImageOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard count >= 1 else { throw ValidationError("-k is \(count), expected at least 1") }
    if labels != nil, !label.isEmpty {
      throw ValidationError("give either --label or --labels")
    }
  }

  func run() async throws {
    // With a single label every image has it.
    let labels =
      label.isEmpty && labels == nil
      ? SceneCategories.all : try ClassList(label, file: labels).names
    let model = try model.load()
    Output.tell(template.prompts(for: labels).compactMap(model.cut))
    let reader = try pictures.reader()
    var unreadable = 0
    for start in stride(from: 0, to: images.count, by: 64) {
      let paths = Array(images[start..<min(start + 64, images.count)])
      let read = try model.embed(files: paths, reader)
      Pictures.tell(read)
      let found = try model.classify(read.vectors, labels: labels, template: template)
      for (place, probabilities) in zip(read.places, found) {
        show(paths[place], labels, probabilities)
      }
      Pictures.tell(read.failures)
      unreadable += read.failures.count
    }
    if unreadable > 0 { throw ExitCode(ErrorText.badInput) }
  }

  private func show(_ path: String, _ labels: [String], _ probabilities: [Float]) {
    let best = zip(labels, probabilities).sorted { $0.1 > $1.1 }.prefix(count)
    if output.json {
      Output.json(
        .object([
          ("path", .text(path)),
          (
            "labels",
            .list(
              best.map {
                .object([("label", .text($0)), ("probability", .number(Double($1)))])
              })
          ),
        ]))
    } else {
      for (label, probability) in best {
        Output.line(
          "\(Safe.text(path))\t\(Output.fixed(Double(probability), 5))\t\(Safe.text(label))")
      }
    }
  }
}
