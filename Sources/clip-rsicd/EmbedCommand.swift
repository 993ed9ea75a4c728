import Texts
import ArgumentParser
import Models
import Foundation

struct EmbedCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed", abstract: "Print the vectors of texts and images.",
    discussion: """
      Vectors have unit length; the cosine of two is their dot product. A file that cannot be read is \
      named on stderr and costs no other; the exit code is 2 then.

      EXAMPLES
        clip-rsicd embed --text "a river" --json
        clip-rsicd embed port_1.jpg port_2.jpg --model ~/models/clip-rsicd-v2 --json
      """)

  @Argument(help: "Picture files: JPEG, PNG, TIFF, WebP or JPEG 2000.", completion: .file())
  var images: [String] = []

  @Option(help: "A text; may be repeated.")
  var text: [String] = []

  @OptionGroup var model: ModelOptions
  @OptionGroup var pictures: ImageOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if images.isEmpty && text.isEmpty {
      throw ValidationError("nothing to embed: give images, or --text")
    }
  }

  func run() async throws {
    let model = try model.load()
    let reader = try pictures.reader()
    Output.tell(text.compactMap(model.cut))
    let texts = try model.embed(texts: text)
    for (index, input) in text.enumerated() {
      show("text", input, texts[row: index])
    }
    var unreadable = 0
    // In pieces, so that any number of images needs the memory of a few.
    for start in stride(from: 0, to: images.count, by: 64) {
      let paths = Array(images[start..<min(start + 64, images.count)])
      let found = try model.embed(files: paths, reader)
      Pictures.tell(found)
      for (row, place) in found.places.enumerated() {
        show("image", paths[place], found.vectors[row: row])
      }
      Pictures.tell(found.failures)
      unreadable += found.failures.count
    }
    if unreadable > 0 { throw ExitCode(ErrorText.badInput) }
  }

  private func show(_ kind: String, _ input: String, _ vector: [Float]) {
    let numbers = vector.map { String($0) }
    if output.json {
      Output.line(
        JSONValue.object([("kind", .text(kind)), ("input", .text(input))]).encoded.dropLast()
          + ",\"embedding\":[" + numbers.joined(separator: ",") + "]}")
    } else {
      Output.line(([kind, Safe.text(input)] + numbers).joined(separator: "\t"))
    }
  }
}
