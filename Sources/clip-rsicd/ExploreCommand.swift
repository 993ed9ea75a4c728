import ArgumentParser
import CLIP
import Explorer
import Foundation
import Frame
import Imaging
import Terminal

struct ExploreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explore", abstract: "Search, compare and look around in the terminal.",
    discussion: """
      Results follow as you type. ? lists the keys of the view, q quits.

      EXAMPLES
        clip-rsicd explore
        clip-rsicd explore "boats in a harbour" --collection rsicd.sqlite
        NO_COLOR=1 clip-rsicd explore --no-mouse
      """)

  @Argument(help: "Query to begin with (default: that of the last session).")
  var query: String?

  @OptionGroup var source: CollectionOptions

  @Option(
    name: .customLong("model"),
    help: "Where a model of the collection is now, and the one to begin with; may be repeated.")
  var models: [String] = []

  @Flag(help: "Leave the mouse to the terminal.")
  var noMouse = false

  @Flag(help: "Neither read nor write history and last session.")
  var noState = false

  @Option(help: .hidden)
  var script: String?

  func run() async throws {
    if script == nil {
      if isatty(STDIN_FILENO) == 0 { throw TerminalError.notATerminal(stream: "stdin") }
      if isatty(STDOUT_FILENO) == 0 { throw TerminalError.notATerminal(stream: "stdout") }
    }
    let path = try await source.open().path
    let shipped = [Assets.fineTuned, Assets.baseline].compactMap { try? Assets.model($0) }
    let engine = CollectionEngine(path: path, directories: models + shipped)
    let file = noState ? nil : StateFile(environment: ProcessInfo.processInfo.environment)
    var saved = file?.read() ?? SavedState()
    if let query { saved.query = query }
    if let model = models.first { saved.model = URL(fileURLWithPath: model).lastPathComponent }
    if let script {
      print(try play(script, engine, saved), terminator: "")
    } else {
      let (start, usesMouse) = (saved, !noMouse)
      try await onOwnThread { try explore(engine, from: start, keeping: file, mouse: usesMouse) }
    }
  }

  private func play(_ path: String, _ engine: CollectionEngine, _ saved: SavedState) throws
    -> String
  {
    let text = try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8)
    let previewer = ChafaPreviewer(depth: .mono, unicode: true)
    return try Script(text).play(
      sources: ExplorerSources(engine: engine, preview: preview(with: previewer)),
      state: State(size: Size(columns: 80, rows: 24), saved: saved))
  }
}

/// The interface's thread: it waits for keys, which a thread of the task pool must not.
private func onOwnThread(_ body: @escaping @Sendable () throws -> Void) async throws {
  try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
    let thread = Thread { done.resume(with: Result { try body() }) }
    thread.stackSize = 8 << 20
    thread.start()
  }
}

private func explore(
  _ engine: CollectionEngine, from saved: SavedState, keeping file: StateFile?, mouse: Bool
) throws {
  let screen = try CursesScreen(mouse: mouse)
  defer { screen.close() }
  let previewer = ChafaPreviewer(depth: screen.depth, unicode: screen.unicode)
  let size = Size(columns: screen.size.columns, rows: screen.size.rows)
  EventLoop(
    screen: screen,
    sources: ExplorerSources(
      engine: engine, preview: preview(with: previewer), openExternally: openInViewer,
      save: { try file?.write($0) }),
    state: State(size: size, unicode: screen.unicode, saved: saved)
  ).run()
}

/// Decodes at the smallest scale that still has two samples for each cell and axis.
private func preview(with previewer: ChafaPreviewer)
  -> @Sendable (String, Int, Int) async throws
  -> PreviewImage
{
  { path, columns, rows in
    let pixels = try JPEG.decode(contentsOf: path, atLeast: 2 * max(columns, rows))
    try Task.checkCancellation()
    return previewer.preview(of: pixels, columns: columns, rows: rows)
  }
}

/// Starts the system's viewer with the file as its one argument; no shell reads the name.
@Sendable private func openInViewer(_ path: String) throws {
  guard path.hasPrefix("/") else { throw CommandError("\(path): not an absolute path") }
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  // What the viewer prints must not fall on the screen.
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
  var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("xdg-open"), strdup(path), nil]
  defer { for argument in arguments { free(argument) } }
  var child: pid_t = 0
  let status = posix_spawnp(&child, "xdg-open", &actions, nil, &arguments, environ)
  guard status == 0 else {
    throw CommandError(
      "xdg-open cannot be started (\(String(cString: strerror(status)))); apt install xdg-utils")
  }
  let started = child
  Thread.detachNewThread {
    var end: Int32 = 0
    while waitpid(started, &end, 0) < 0, errno == EINTR {}
  }
}
