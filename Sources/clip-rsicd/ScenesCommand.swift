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
    Output.note("\(Output.grouped(written.count)) scenes \(Safe.text(place))")
  }
}

/// Scenes as files: drawn on all cores, each written whole or not at all.
enum SceneFolder {
  struct Written: Sendable {
    let filename: String
    let category: String
    let captions: [String]
  }

  /// - Parameters:
  ///   - captions: where their captions go; without it `captions.jsonl` beside them.
  ///   - overwriting: whether files of these names with other contents are replaced.
  /// - Throws: `CommandError` before anything is written where there are such and they are not replaced.
  @discardableResult
  static func write(
    categories: [String], count: Int, generator: SceneGenerator, to folder: URL,
    captions: URL? = nil, overwriting: Bool = true
  ) throws -> [Written] {
    guard !categories.isEmpty, count > 0 else {
      throw CommandError("\(folder.path): no category, or no scene of any, is to be drawn")
    }
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw CommandError("\(folder.path): cannot be made; check the folder above it")
    }
    let total = categories.count * count
    let captionFile = captions ?? folder.appendingPathComponent("captions.jsonl")
    if !overwriting {
      try refuseOthers(categories, count, generator, in: folder, captions: captionFile)
    }
    let slots = Slots<Result<Written, any Error>>(count: total)
    DispatchQueue.concurrentPerform(iterations: total) { index in
      slots.set(
        Result {
          try draw(categories[index / count], index % count + 1, generator, to: folder)
        }, at: index)
    }
    let written = try slots.values.map { try $0.get() }
    try write(lines(written), to: captionFile)
    return written
  }

  private static func lines(_ scenes: [Written]) -> Data {
    let lines = scenes.map {
      JSONValue.object([
        ("filename", .text($0.filename)), ("captions", .list($0.captions.map { .text($0) })),
      ]).encoded
    }
    return Data((lines.joined(separator: "\n") + "\n").utf8)
  }

  /// Draws what would take the place of files that are there, and compares.
  private static func refuseOthers(
    _ categories: [String], _ count: Int, _ generator: SceneGenerator, in folder: URL, captions: URL
  ) throws {
    func refuse(_ url: URL) -> CommandError {
      CommandError(
        "\(url.path): is there and is something else; name another folder, or overwrite it with --force"
      )
    }
    let files = FileManager.default
    let names = Set((try? files.contentsOfDirectory(atPath: folder.path)) ?? [])
    let hasCaptions = files.fileExists(atPath: captions.path)
    var written: [Written] = []
    for category in categories {
      for number in 1...count where hasCaptions || names.contains("\(category)_\(number).jpg") {
        let (scene, file) = try drawn(category, number, generator)
        written.append(scene)
        let url = folder.appendingPathComponent(scene.filename)
        if names.contains(scene.filename), files.contents(atPath: url.path) != file {
          throw refuse(url)
        }
      }
    }
    if hasCaptions, files.contents(atPath: captions.path) != lines(written) {
      throw refuse(captions)
    }
  }

  private static func draw(
    _ category: String, _ number: Int, _ generator: SceneGenerator, to folder: URL
  ) throws -> Written {
    let (scene, file) = try drawn(category, number, generator)
    try write(file, to: folder.appendingPathComponent(scene.filename))
    return scene
  }

  private static func drawn(_ category: String, _ number: Int, _ generator: SceneGenerator) throws
    -> (Written, Data)
  {
    guard let scene = generator.scene(category: category, number: number) else {
      throw CommandError("no scene of \(category) can be drawn")
    }
    return (
      Written(filename: scene.filename, category: scene.category, captions: scene.captions),
      Data(try JPEG.encode(scene.pixels, quality: 92))
    )
  }

  private static func write(_ data: Data, to url: URL) throws {
    do {
      try data.write(to: url, options: .atomic)
    } catch {
      throw CommandError(
        "\(url.path): cannot be written; check the folder and the space on the disk")
    }
  }
}
