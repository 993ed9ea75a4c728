import ArgumentParser
import Foundation
import Imaging
import Models
import Retrieval
import Scenes
import Terminal
import Texts
import Threads

struct FindCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "find", abstract: "Find where in a large picture something is.",
    discussion: """
      The scene is cut into overlapping windows of several sizes, each compared with the text; the best \
      places are printed with their pixels (#x,y,width,height), and longitude and latitude where the file \
      says where it lies: GeoTIFF tags, a world file with a .prj, or a camera's GPS. TIFFs of any size are \
      read piece by piece. No collection is needed.

      EXAMPLES
        clip-rsicd find "yellow buses in rows" yard.tif
        clip-rsicd find "a runway" tile.tif --against "a road" --metres 640
        clip-rsicd find "boats" tile.tif --geojson boats.geojson --heatmap boats.png
      """)

  @Argument(help: "What to look for.")
  var text: String

  @Argument(help: "The picture: a TIFF of any size, or a JPEG, PNG or WebP.", completion: .file())
  var scene: String

  @Option(help: "What it is not to be taken for: windows are ranked by how much better TEXT fits.")
  var against: String?

  @Option(name: .customShort("k", allowingJoined: true), help: "Places to print at most.")
  var count = 10

  @OptionGroup var windows: WindowOptions

  @Flag(help: "Print windows that overlap better ones too.")
  var allWindows = false

  @Flag(
    help: """
      As the original's demonstration: "An aerial image of TEXT", tiles of 224 pixels side by side, \
      probabilities over all of them.
      """)
  var original = false

  @OptionGroup var files: PlaceFiles

  @Option(
    help: """
      Write the scene with its warm places, FILE.png, or the scores as a band with its place on earth, FILE.tif.
      """, completion: .file())
  var heatmap: String?

  @Flag(help: "Show the scene with its warm places in block characters.")
  var preview = false

  @OptionGroup var model: ModelOptions
  @OptionGroup var images: ImageOptions
  @OptionGroup var pictures: PictureOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...100_000).contains(count) else {
      throw ValidationError("-k is \(count), expected 1 to 100000")
    }
    if original, windows.areGiven || against != nil {
      throw ValidationError(
        "--original has windows of its own: leave out --pixels, --metres, --stride and --against")
    }
    if text.allSatisfy(\.isWhitespace) {
      throw ValidationError("the text is empty: say what to look for")
    }
    if let heatmap, !heatmap.lowercased().hasSuffix(".png"), !heatmap.lowercased().hasSuffix(".tif")
    {
      throw ValidationError(
        "--heatmap is \"\(heatmap)\", expected a name that ends with .png or .tif")
    }
    if preview, output.json { throw ValidationError("give one of --json and --preview") }
  }

  func run() async throws {
    let model = try model.load()
    let reader = try images.reader()
    let (found, answer) = try await Interruptible.run { try await search(model, reader) }
    let hits =
      allWindows || original
      ? Array(answer.hits.prefix(count)) : answer.places(most: count)
    for note in found.notes { Output.note("\(Safe.text(scene)): \(Safe.text(note))") }
    if answer.empty > 0 {
      Output.note("\(Output.count(answer.empty, "window")) without data left out")
    }
    let rows = hits.enumerated().map {
      PlacedWindow(
        rank: $0 + 1, score: $1.score, scene: scene, region: $1.region, taken: found.taken,
        place: found.place)
    }
    try files.write(rows, query: text, model: model.name, reader: reader)
    try draw(answer.heat, found)
    for (row, hit) in zip(rows, hits) {
      if output.json {
        Output.json(
          .object(
            [("rank", .integer(row.rank))] + row.fields + [
              ("score", .number(Double(hit.score))),
              ("probability", .number(Double(hit.probability))),
            ]))
      } else {
        Output.line(row.line)
      }
    }
    guard !rows.isEmpty else {
      Output.note("Nothing found: the scene holds no data.")
      throw ExitCode(ErrorText.nothingFound)
    }
  }

  /// What is left of a scene when its windows have been read.
  private struct Read: Sendable {
    let place: ScenePlace?
    let taken: String?
    let notes: [String]
    let overview: Pixels?
    let size: (width: Int, height: Int)
  }

  private func search(_ model: any EmbeddingModel, _ reader: ImageReader) async throws -> (
    Read, SceneAnswer
  ) {
    let isStopped = StopFlag()
    let progress = SharedProgress()
    defer { progress.end() }
    return try await withTaskCancellationHandler {
      try await OwnThread.run("find") {
        let scene = try Scene(scene, reader) { isStopped.isSet }
        let question = try question(for: scene)
        Output.tell([question.text, question.against].compactMap { $0 }.compactMap(model.cut))
        let start = ContinuousClock.now
        let answer = try SceneSearch(model) { isStopped.isSet }.answer(question, in: scene) {
          done, all in
          let seconds = max(1e-3, (ContinuousClock.now - start) / .seconds(1))
          let rate = Double(done) / seconds
          progress.show(
            "\(grouped(done)) of \(Output.count(all, "window")), \(Int(rate)) windows/s, "
              + "\(Output.seconds(Double(all - done) / max(rate, 1e-3))) left")
        }
        let overview =
          preview || heatmap != nil && !isBand ? try scene.overview(side: 1600) : nil
        return (
          Read(
            place: scene.place.known, taken: scene.taken, notes: scene.notes, overview: overview,
            size: (scene.width, scene.height)), answer
        )
      }
    } onCancel: {
      isStopped.set()
    }
  }

  private func question(for scene: Scene) throws -> SceneQuestion {
    if original { return .original(text) }
    do throws(WindowSizeError) {
      let sides = try (windows.chosen ?? .usual).sides(of: scene)
      return SceneQuestion(
        text, against: against,
        plan: WindowPlan(sides: sides, stride: windows.stride ?? WindowPlan.usualStride))
    } catch {
      let words =
        switch error {
        case .noPlace: "--metres needs a scene that says where it lies; give --pixels"
        case .tooSmall(let metres):
          "a pixel is \(Output.fixed(metres, 2)) m on the ground, so --metres \(windows.metres ?? "") is "
            + "less than \(WindowPlan.sideRange.lowerBound) pixels; give more metres"
        }
      throw CommandError("\(scene.path): \(words)")
    }
  }

  private func draw(_ heat: HeatMap, _ found: Read) throws {
    if let heatmap, isBand {
      guard let bytes = found.place.flatMap({ heat.geoTIFF(of: $0) }) else {
        throw CommandError(
          "\(scene): its reference system has no code of EPSG, which a TIFF needs; name \(heatmap) .png"
        )
      }
      try PlaceFiles.write(Data(bytes), to: heatmap)
    }
    guard let overview = found.overview else { return }
    let picture = try heat.picture(
      over: overview, width: found.size.width, height: found.size.height)
    if let heatmap, !isBand { try PlaceFiles.write(Data(PNG.encode(picture)), to: heatmap) }
    guard preview else { return }
    for line in try Previews(ImageConversion(), pictures).lines(of: picture) { Output.line(line) }
  }

  /// Whether the heat map is to be a band of scores.
  private var isBand: Bool { heatmap?.lowercased().hasSuffix(".tif") == true }
}
