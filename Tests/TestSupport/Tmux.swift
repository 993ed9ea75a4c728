import Foundation

/// A terminal for tests: a tmux server of its own, with a shell, seen and typed into.
public final class Tmux {
  public static let isInstalled = FileManager.default.isExecutableFile(atPath: "/usr/bin/tmux")
  private let folder: URL
  private var socket: String { folder.appendingPathComponent("socket").path }

  /// Starts a server with a shell in a window of the size; the shell has only what `environment` gives
  /// beside PATH and a home that is empty.
  public init(
    columns: Int = 80, rows: Int = 24, term: String = "tmux-256color",
    environment: [String: String] = [:]
  ) throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("clip-tmux-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let settings = folder.appendingPathComponent("tmux.conf")
    try """
    set -g default-terminal \(term)
    set -g status off
    set -g escape-time 0
    set -g mouse on
    set -g set-clipboard on
    set -g default-size \(columns)x\(rows)
    """.write(to: settings, atomically: true, encoding: .utf8)
    var values = [
      "PATH": "/usr/bin:/bin", "HOME": folder.path, "LANG": "C.UTF-8", "PS1": "ready$ ",
    ]
    values.merge(environment) { $1 }
    let assignments = values.map { "\($0.key)=\($0.value)" }
    // tmux itself always speaks UTF-8 (-u); what runs inside has the given locale.
    _ = try tmux(
      [
        "-u", "-f", settings.path, "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", "env",
        "-i",
      ]
        + assignments + ["TERM=\(term)", "/bin/bash", "--norc", "--noprofile", "-i"])
    try wait { $0.contains("ready$") }
  }

  deinit {
    _ = try? tmux(["kill-server"])
    try? FileManager.default.removeItem(at: folder)
  }

  @discardableResult
  private func tmux(_ arguments: [String]) throws -> String {
    let out = folder.appendingPathComponent("out").path
    let status = try Self.spawn(["/usr/bin/tmux", "-S", socket] + arguments, output: out)
    let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: out)), as: UTF8.self)
    if status != 0 { throw TmuxError(text: "tmux \(arguments.first ?? ""): \(text)") }
    return text
  }

  /// Runs a command to its end, with no signal blocked and nothing inherited but the three streams.
  ///
  /// Not Foundation's Process: the server would inherit the blocked signals of the test's thread (and
  /// so never end) and the socket by which Process sees the end of the client.
  private static func spawn(_ arguments: [String], output: String) throws -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let words = arguments.map { strdup($0) } + [nil]
    let settings: [String] = ["PATH=/usr/bin:/bin", "LANG=C.UTF-8", "TERM=xterm-256color"]
    let environment = settings.map { strdup($0) } + [nil]
    defer { for word in words + environment { free(word) } }
    var process: pid_t = 0
    let error = posix_spawn(&process, arguments[0], &actions, &attributes, words, environment)
    guard error == 0 else {
      throw TmuxError(text: "\(arguments[0]): \(String(cString: strerror(error)))")
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) == -1, errno == EINTR {}
    return status
  }

  /// Types text as it is.
  public func type(_ text: String) throws { try tmux(["send-keys", "-l", text]) }

  /// Presses keys by tmux' names: `Enter`, `C-z`, `Up`.
  public func press(_ keys: String...) throws { try tmux(["send-keys"] + keys) }

  /// Types a command line and presses Enter.
  public func command(_ line: String) throws {
    try type(line)
    try press("Enter")
  }

  /// Pastes text as a terminal does, in brackets where the program asked for them.
  public func paste(_ text: String) throws {
    try tmux(["set-buffer", text])
    try tmux(["paste-buffer", "-p"])
  }

  public func resize(columns: Int, rows: Int) throws {
    try tmux(["resize-window", "-x", "\(columns)", "-y", "\(rows)"])
  }

  /// What the pane shows; with styles as escape sequences on request.
  public func screen(styles: Bool = false) throws -> String {
    try tmux(["capture-pane", "-p"] + (styles ? ["-e"] : []))
  }

  /// Copies every byte that the pane is sent from now on into a file.
  public func record(into file: URL) throws {
    try tmux(["pipe-pane", "-O", "cat > '\(file.path)'"])
  }

  /// What a program has put on the clipboard last (OSC 52); nothing where none has.
  public func clipboard() -> String? { try? tmux(["show-buffer"]) }

  /// One of tmux' own variables, as `alternate_on` or `mouse_any_flag`.
  public func value(_ name: String) throws -> String {
    try tmux(["display-message", "-p", "#{\(name)}"]).trimmingCharacters(in: .newlines)
  }

  /// The screen once it satisfies the condition.
  /// - Throws: ``TmuxError`` with what was shown instead after `seconds`.
  @discardableResult
  public func wait(
    styles: Bool = false, seconds: Double = 10, until condition: (String) -> Bool
  ) throws -> String {
    let end = Date().addingTimeInterval(seconds)
    while true {
      let shown = try screen(styles: styles)
      if condition(shown) { return shown }
      if Date() > end {
        throw TmuxError(text: "the screen never came to be as expected:\n\(shown)")
      }
      Thread.sleep(forTimeInterval: 0.03)
    }
  }
}

public struct TmuxError: Error, CustomStringConvertible {
  public let text: String
  public var description: String { text }
}
