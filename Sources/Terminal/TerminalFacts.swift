import CChafa
import CNcurses
import Foundation
import Glibc

/// What is known of the terminal without taking it: for `doctor` and bug reports.
public struct TerminalFacts: Sendable, Equatable {
  public let term: String?
  public let colorTerm: String?
  /// Whether the process runs inside of tmux.
  public let tmux: Bool
  /// Colours and colour pairs of the terminal's description; none without one.
  public let colors: Int?
  public let pairs: Int?
  /// The depth that ``CursesScreen`` would choose.
  public let depth: ColorDepth
  public let locale: String
  public let isUTF8: Bool
  /// Columns and rows, where stdout is a terminal.
  public let columns: Int?
  public let rows: Int?
  public let stdinIsTerminal: Bool
  public let stdoutIsTerminal: Bool
  public let ncursesVersion: String
  public let chafaVersion: String
  /// What the terminal said, and how colours and symbols are known.
  public let abilities: TerminalAbilities
  /// The symbols that pictures are drawn with where none are asked for.
  public let symbols: PictureSymbols
  /// The description in use, where the terminal's own is not installed.
  public let description: String?
  /// Why there would be no full screen; none where there would be one.
  public let problem: TerminalError?

  /// - Parameters:
  ///   - asks: whether the terminal is asked what it is, which may take ``TerminalAbilities/longestWait``.
  ///   - octants: whether to try if an octant is drawn, which overwrites the line of the cursor.
  ///   - wait: for its answers, in milliseconds.
  public init(
    environment: [String: String] = ProcessInfo.processInfo.environment, asks: Bool = false,
    octants: Bool = false, wait: Int = TerminalAbilities.longestWait
  ) {
    term = environment["TERM"]
    colorTerm = environment["COLORTERM"]
    tmux = !(environment["TMUX"] ?? "").isEmpty
    locale = setlocale(LC_CTYPE, "").map { String(cString: $0) } ?? "C"
    isUTF8 = Self.isUTF8
    var window = winsize()
    let hasSize = clip_window_size(STDOUT_FILENO, &window) == 0 && window.ws_col > 0
    columns = hasSize ? Int(window.ws_col) : nil
    rows = hasSize ? Int(window.ws_row) : nil
    stdinIsTerminal = isatty(STDIN_FILENO) == 1
    stdoutIsTerminal = isatty(STDOUT_FILENO) == 1
    ncursesVersion = String(cString: clip_curses_version())
    chafaVersion = "\(CHAFA_MAJOR_VERSION).\(CHAFA_MINOR_VERSION).\(CHAFA_MICRO_VERSION)"
    abilities = TerminalAbilities(
      environment: environment, asks: asks, octants: octants, wait: wait)
    var found: TerminalDescription?
    var problem: TerminalError?
    do { found = try TerminalDescription(term: term ?? "") } catch { problem = error }
    colors = found?.colors
    pairs = found?.pairs
    depth = found?.choose(abilities.depth).depth ?? .mono
    symbols = abilities.symbols(.auto, depth: depth, unicode: isUTF8)
    description = found?.missing == nil ? nil : found?.term
    if !stdinIsTerminal { problem = .notATerminal(stream: "stdin") }
    if !stdoutIsTerminal { problem = .notATerminal(stream: "stdout") }
    self.problem = problem
  }

  /// A depth that was asked for, or what the terminal's description has where that is less.
  public func depth(atMost wanted: ColorDepth) -> ColorDepth {
    guard let term, let found = try? TerminalDescription(term: term) else { return .mono }
    return found.choose(wanted).depth
  }

  /// Whether the locale that is set takes UTF-8.
  static var isUTF8: Bool {
    guard let name = nl_langinfo(Int32(CODESET)) else { return false }
    return ["UTF-8", "UTF8"].contains(String(cString: name).uppercased())
  }

  /// Name and value of each fact, for people.
  public var lines: [(name: String, value: String)] {
    [
      ("TERM", term ?? "not set"),
      (
        "description",
        description.map { "\($0), since that of '\(term ?? "")' is not installed (ncurses-term)" }
          ?? (colors == nil ? "none" : "installed")
      ), ("COLORTERM", colorTerm ?? "not set"),
      ("tmux", tmux ? "yes" : "no"), ("colours", colors.map(String.init) ?? "unknown"),
      ("colour pairs", pairs.map(String.init) ?? "unknown"), ("colour depth", depth.rawValue),
      ("colour from", abilities.depthReason), ("terminal", abilities.name ?? "unknown"),
      ("symbols", symbols.rawValue), ("sextants", abilities.sextantReason),
      ("octants", abilities.octantReason),
      (
        "background",
        abilities.isLight.map { $0 ? "light" : "dark" } ?? "unknown, taken for dark"
      ),
      ("locale", locale), ("UTF-8", isUTF8 ? "yes" : "no"),
      ("size", columns.flatMap { c in rows.map { "\(c) × \($0)" } } ?? "unknown"),
      ("ncurses", ncursesVersion), ("chafa", chafaVersion),
      ("full screen", problem?.description ?? "yes"),
    ]
  }
}
