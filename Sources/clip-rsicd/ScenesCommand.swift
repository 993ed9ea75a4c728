import Gallery
import Texts
import AerialScenes
import ArgumentParser
import Foundation
import Imaging

struct ScenesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scenes", abstract: "Draw aerial scenes with captions, for trying things out.",
    discussion: """
      The same seed draws the same pictures on every machine. Other files of their names are not \
      overwritten without --force.

      EXAMPLES
        clip-rsicd scenes --into scenes
        clip-rsicd scenes --into ports --category port --count 40 \\
          --seed 7 --side 512
        clip-rsicd scenes --into scenes --captions scenes.jsonl
      """)

  @Option(help: "Folder for the JPEG files.", completion: .directory)
  var into: String

  @Option(
    help: "File for the captions (default: captions.jsonl in that folder).", completion: .file())
  var captions: String?

  @Option(help: "Scenes of each category.")
  var count = 10

  @Option(help: "Category; may be repeated (default: all thirty).", completion: .category)
  var category: [String] = []

  @Option(help: "Another seed draws other scenes.")
  var seed: UInt64 = 1

  @Option(help: "Sides of a picture in pixels.")
  var side = 256

  @Flag(help: "Overwrite files of these names that are something else.")
  var force = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...100_000).contains(count) else {
      throw ValidationError("--count is \(count), expected 1 to 100000")
    }
    guard (32...2048).contains(side) else {
      throw ValidationError("--side is \(side), expected 32 to 2048")
    }
    guard captions?.isEmpty != true else {
      throw ValidationError("--captions is empty, expected the path of a file")
    }
    for name in category where !SceneGenerator.categories.contains(name) {
      throw ValidationError(
        "no category \(Safe.text(name)); there are \(SceneGenerator.categories.joined(separator: " "))"
      )
    }
  }

  func run() async throws {
    // One that is named twice is drawn once: its files would have the same names.
    let categories = SceneGenerator.categories.filter { category.isEmpty || category.contains($0) }
    let captionFile = captions.map { URL(fileURLWithPath: $0) }
    let written = try SceneFolder.write(
      categories: categories, count: count, generator: SceneGenerator(seed: seed, side: side),
      to: URL(fileURLWithPath: into), captions: captionFile, overwriting: force)
    for scene in written where output.json {
      Output.json(
        .object([
          ("path", .text("\(into)/\(scene.filename)")), ("category", .text(scene.category)),
          ("captions", .list(scene.captions.map { .text($0) })),
        ]))
    }
    let place = captions.map { "in \(into), captions in \($0)" } ?? "and captions.jsonl in \(into)"
    Output.note("\(grouped(written.count)) scenes \(Safe.text(place))")
  }
}
