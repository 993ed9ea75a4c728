import ArgumentParser
import Explorer
import Files
import Foundation
import ImageCollections
import Imaging
import Scenes
import Terminal
import Threads

struct ExploreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explore", abstract: "Search, compare models and look at categories, full screen.",
    discussion: """
      Press ? for the keys. A terminal is needed; `clip-rsicd search` works without one.

      EXAMPLES
        clip-rsicd explore
        clip-rsicd explore "boats in a harbour" --collection rsicd.sqlite
        clip-rsicd explore --color 256 --no-mouse
        clip-rsicd explore --symbols sextant
      """)

  @Argument(help: "Query to begin with (default: that of the last session).")
  var query: String?

  @OptionGroup var source: CollectionOptions
  @OptionGroup var size: ImageSizeOptions

  @Option(
    help: """
      Checkpoint directory, or ORG/NAME once pulled, to use instead of where a model was; may be repeated.
      """, completion: .model)
  var model: [String] = []

  @OptionGroup var pictures: PictureOptions

  @Flag(name: .customLong("no-mouse"), help: "Leave the mouse to the terminal.")
  var noMouse = false

  @Flag(name: .customLong("no-state"), help: "Neither read nor keep history and last view.")
  var noState = false

  @Option(
    help: ArgumentHelp("Play keys from a file and print frames, for tests.", visibility: .hidden))
  var script: String?

  func run() async throws {
    let script = try script.map(Self.readScript)
    if script == nil, let problem = TerminalFacts().problem { throw problem }
    let collection = try await source.open()
    let stored = try collection.models()
    let given = try model.map { try Assets.directory(ofModel: $0, in: stored) }
    let file = noState ? nil : StateFile(environment: ProcessInfo.processInfo.environment)
    let session = Session(
      collection: StoredCollection(
        path: collection.path, directories: given, elsewhere: Assets.knownModels(),
        isDrawn: collection.path == Assets.gallery.collection.path),
      reader: try reader(collection),
      stateFile: file, query: query, depth: pictures.color.depth,
      symbols: pictures.symbols, mouse: !noMouse)
    if let script {
      Output.line(try await OwnThread.run("explorer") { session.play(script) })
    } else {
      try await OwnThread.run("explorer") { try session.run() }
    }
  }

  /// Pictures as those of the vectors were read.
  private func reader(_ collection: ImageCollection) throws -> ImageReader {
    try size.reader(try collection.models().first?.conversion ?? ImageConversion()).forScreen
  }

  /// Longest script that is read.
  private static let scriptLimit = 1 << 20

  private static func readScript(_ path: String) throws -> Script {
    guard let file = FileHandle(forReadingAtPath: path),
      let data = try? file.read(upToCount: scriptLimit + 1), data.count <= scriptLimit
    else { throw CommandError("\(path): cannot be read; expected a script of at most 1 MiB") }
    return try Script(String(decoding: data, as: UTF8.self))
  }
}

/// An explorer session and what it needs from outside.
private struct Session: Sendable {
  let collection: StoredCollection
  let reader: ImageReader
  let stateFile: StateFile?
  let query: String?
  let depth: ColorDepth?
  let symbols: PictureSymbols
  let mouse: Bool

  func run() throws {
    let screen = try CursesScreen(depth: depth, mouse: mouse, octants: symbols == .octant)
    defer { screen.close() }
    let size = screen.size
    var state = State(
      size: Size(columns: size.columns, rows: size.rows), unicode: screen.unicode, saved: saved,
      advice: .commands)
    state.message = screen.abilities.note(on: symbols).map { Message($0) }
    EventLoop(screen: screen, sources: sources(previewer(of: screen)), state: state).run()
  }

  private func previewer(of screen: CursesScreen) -> Previewer {
    Previewer(
      depth: screen.depth,
      symbols: screen.abilities.symbols(symbols, depth: screen.depth, unicode: screen.unicode),
      isOnLight: screen.abilities.isLight ?? false)
  }

  func play(_ script: Script) -> String {
    script.play(
      sources: sources(Previewer(depth: .direct, symbols: symbols)),
      state: State(size: Size(columns: 80, rows: 24), saved: saved, advice: .commands))
  }

  private var saved: SavedState {
    var saved = stateFile?.read() ?? SavedState()
    if let query { saved.query = query }
    return saved
  }

  private func sources(_ previewer: Previewer) -> ExplorerSources {
    let (stateFile, reader, scenes) = (stateFile, reader, OpenScene())
    return ExplorerSources(
      collection: collection,
      preview: { image, columns, rows in
        try Task.checkCancellation()
        // Four pixels across and eight down for each cell: as many as its symbols can show.
        if let window = image.window {
          let pixels = try scenes.picture(of: window, reader, side: max(64, 4 * columns))
          return previewer.preview(of: pixels, columns: columns, rows: rows)
        }
        let picture = try Self.read(image.path, reader, .atLeast(max(64, 4 * columns)))
        try Task.checkCancellation()
        var preview = previewer.preview(of: picture.pixels, columns: columns, rows: rows)
        preview.notes = picture.notes
        return preview
      },
      roughPreview: { image, columns, rows in
        guard image.window == nil, Self.takesLong(image.path) else { return nil }
        try Task.checkCancellation()
        let picture = try Self.read(image.path, reader, .rough(16))
        return previewer.preview(of: picture.pixels, columns: columns, rows: rows)
      },
      openExternally: { try Self.open($0) },
      save: { try stateFile?.write($0) },
      sentence: ErrorText.sentence)
  }

  private static func read(_ path: String, _ reader: ImageReader, _ detail: ImageReader.Detail)
    throws -> DecodedPicture
  {
    do throws(ImageError) {
      return try reader.read(path, detail: detail) { Task.isCancelled }
    } catch {
      if error.reason == .cancelled { throw CancellationError() }
      throw error
    }
  }

  /// A photograph of some megabytes takes a tenth of a second and more to decode, at an eighth of its size
  /// less than half of that. A few pixels of a TIFF are read at once. The other formats have no quicker way.
  private static func takesLong(_ path: String) -> Bool {
    var facts = stat()
    guard stat(path, &facts) == 0, facts.st_size > 1 << 20 else { return false }
    let format = try? ImageReader.format(of: path)
    return format == .jpeg || format == .tiff
  }

  /// Opens a file in the desktop's viewer, apart from this terminal and through no shell.
  ///
  /// A collection may come from elsewhere: what its path leads to must be a picture, not an address, an
  /// option or a program's starter.
  private static func open(_ path: String) throws {
    guard path.hasPrefix("/") else {
      throw CommandError("\(path): not opened; the path of a picture begins with /")
    }
    _ = try ImageReader.format(of: path)
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .filter { $0.hasPrefix("/") }
    let viewer = folders.map { "\($0)/xdg-open" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
    guard let viewer else { throw CommandError("there is no xdg-open here to open it with") }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: viewer)
    process.arguments = [path]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
  }
}

/// The scene that windows were last shown of, kept open: the next one is likely to be of it too.
///
/// Unchecked: guarded by `lock`.
private final class OpenScene: @unchecked Sendable {
  private let lock = NSLock()
  private var kept: (scene: Scene, modified: Int64)?

  func picture(of window: SceneWindow, _ reader: ImageReader, side: Int) throws -> Pixels {
    let modified = (try? FileFacts(window.scene))?.modifiedNanoseconds ?? 0
    return try lock.withLock {
      let scene: Scene
      if let kept, kept.scene.path == window.scene, kept.modified == modified {
        scene = kept.scene
      } else {
        kept = nil
        scene = try Scene(window.scene, reader)
        kept = (scene, modified)
      }
      return try WindowPicture.picture(of: window.region, in: scene, side: side)
    }
  }
}
