import CNcurses
import Glibc

/// What terminfo says of a terminal, read without taking it.
struct TerminalDescription {
  /// The name of the description that is used.
  let term: String
  /// The name of the terminal whose own description is not installed, where this one stands in.
  let missing: String?
  let colors: Int
  let pairs: Int
  let isDirect: Bool
  /// What to send to reset the terminal in an emergency: modes off, colours plain, cursor and old
  /// screen back.
  let resetBytes: [UInt8]

  init(term: String) throws(TerminalError) {
    if term.isEmpty { throw .noTerm }
    if term == "dumb" { throw .unsuitable(term: term) }
    let names = [term] + KnownTerminals.standIns(for: term)
    guard let term = names.first(where: Self.load) else { throw .unknown(term: names[0]) }
    defer { clip_drop_terminfo() }
    guard Self.text("cup") != nil else { throw .unsuitable(term: term) }
    self.term = term
    missing = term == names[0] ? nil : names[0]
    colors = max(0, Int(tigetnum("colors")))
    pairs = max(0, Int(tigetnum("pairs")))
    isDirect = tigetflag("RGB") > 0
    let modesOff = Array("\u{1B}[?1000l\u{1B}[?1002l\u{1B}[?1006l\u{1B}[?2004l".utf8)
    resetBytes = modesOff + ["sgr0", "cnorm", "rmkx", "rmcup"].flatMap { Self.text($0) ?? [] }
  }

  /// A terminal name to open curses with, and the colours it then has.
  struct Choice {
    let term: String
    let depth: ColorDepth
    /// A description in text that stands in for one that is not installed.
    var quick: String?

    func open() -> OpaquePointer? {
      guard let quick else { return clip_newterm(term) }
      return Self.withQuickDescription(quick) { clip_newterm(term) }
    }

    /// Curses takes a compiled description from `TERMINFO` itself; set only for the moment.
    static func withQuickDescription<Result>(_ quick: String, _ body: () -> Result) -> Result {
      let old = getenv("TERMINFO").map { String(cString: $0) }
      setenv("TERMINFO", quick, 1)
      defer { if let old { setenv("TERMINFO", old, 1) } else { unsetenv("TERMINFO") } }
      return body()
    }
  }

  /// The most colours that are both wanted and described.
  func choose(_ wanted: ColorDepth) -> Choice {
    if wanted == .direct {
      if isDirect { return Choice(term: term, depth: .direct) }
      for candidate in directNames() {
        guard Self.load(candidate) else { continue }
        defer { clip_drop_terminfo() }
        if tigetflag("RGB") > 0 { return Choice(term: candidate, depth: .direct) }
      }
      if let own = DirectDescriptions.matching(term) { return own }
    }
    if wanted != .mono, wanted != .colors16, colors >= 256, !isDirect {
      return Choice(term: term, depth: .colors256)
    }
    if wanted != .mono, isDirect { return Choice(term: term, depth: .direct) }
    return Choice(term: term, depth: wanted != .mono && colors >= 8 ? .colors16 : .mono)
  }

  /// Names under which direct colour may be described: `tmux-direct` for `tmux-256color`.
  private func directNames() -> [String] {
    var family = term
    for suffix in ["-256color", "-color", "-88color"] where family.hasSuffix(suffix) {
      family.removeLast(suffix.count)
    }
    // screen has no direct description of its own; inside of tmux that of tmux holds.
    return family == "screen" ? ["tmux-direct"] : ["\(family)-direct"]
  }

  static func load(_ term: String) -> Bool {
    var status: Int32 = 0
    return setupterm(term, STDOUT_FILENO, &status) != ERR && status == 1
  }

  /// A string of the description that is loaded, without its padding (`$<100/>`).
  private static func text(_ name: String) -> [UInt8]? {
    // Absent is 0, and not a string at all is −1.
    guard let found = tigetstr(name), Int(bitPattern: found) != -1 else { return nil }
    var bytes: [UInt8] = []
    var isPadding = false
    for byte in String(cString: found).utf8 {
      if byte == UInt8(ascii: "$") { isPadding = true } else if !isPadding { bytes.append(byte) }
      if byte == UInt8(ascii: ">") { isPadding = false }
    }
    return bytes
  }
}
