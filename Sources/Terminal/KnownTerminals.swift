/// What is known of terminals by their names: in `TERM`, and as they name themselves when asked.
package enum KnownTerminals {
  /// Names in `TERM` of programs that have had direct colour for as long as they have had the name.
  private static let direct = [
    "xterm-kitty", "kitty", "alacritty", "foot", "xterm-ghostty", "ghostty", "wezterm", "contour",
    "rio", "iterm2",
  ]

  /// Names in `TERM`, or their beginnings, of terminals that take xterm's sequences.
  private static let likeXterm =
    direct + [
      "xterm", "konsole", "vte", "gnome", "mintty", "rxvt", "st-", "iterm", "putty", "nsterm",
    ]
  private static let multiplexers = ["tmux", "screen"]

  private static func isOne(_ term: String, of names: [String]) -> Bool {
    names.contains { term == $0 || term.hasPrefix($0) }
  }

  package static func hasDirectColor(term: String) -> Bool { isOne(term, of: direct) }

  /// Whether a terminal that calls itself so has direct colour: those, and some that name themselves
  /// only when asked.
  package static func hasDirectColor(named name: String) -> Bool {
    isOne(name.lowercased(), of: direct + ["vte", "konsole", "mintty", "windows terminal"])
  }

  /// Whether questions may be asked: those of the last century print what they do not know.
  package static func isModern(_ term: String) -> Bool { isOne(term, of: likeXterm + multiplexers) }

  /// Descriptions that do for a terminal whose own is not installed, the best first; none where
  /// nothing is known of it.
  package static func standIns(for term: String) -> [String] {
    if isOne(term, of: ["tmux"]) { return ["tmux-256color", "screen-256color", "xterm-256color"] }
    if isOne(term, of: ["screen"]) { return ["screen-256color", "xterm-256color"] }
    return isOne(term, of: likeXterm) ? ["xterm-256color"] : []
  }

  /// Terminals that draw sextants themselves, whatever the font, with the first version that does:
  /// as they name themselves, in lower case, before the version.
  private static let drawingSextants: [(name: String, version: [Int])] = [
    ("kitty", [0, 20]), ("foot", [1, 6]), ("wezterm", [2021_08_14]), ("vte", [6300]),
    ("ghostty", [0]), ("contour", [0, 3]), ("alacritty", [0, 14]),
  ]

  /// Whether a terminal that calls itself so draws sextants: `kitty(0.26.5)`, `WezTerm 20230712-072601`.
  package static func drawsSextants(named name: String) -> Bool {
    let name = name.lowercased()
    guard let known = drawingSextants.first(where: { name.hasPrefix($0.name) }) else {
      return false
    }
    let numbers = name.dropFirst(known.name.count)
      .split(whereSeparator: { !$0.isASCII || !$0.isNumber }).compactMap { Int($0) }
    guard !numbers.isEmpty else { return known.version == [0] }
    return !numbers.lexicographicallyPrecedes(known.version)
  }

  /// The name that secondary attributes stand for, for terminals that have no other answer.
  ///
  /// VTE says 65 (or 61, or 1) and its version from 5000 on, Alacritty 0 and its own: 1401 is 0.14.1.
  package static func name(ofSecondary numbers: [Int]) -> String? {
    guard numbers.count == 3 else { return nil }
    let (kind, version) = (numbers[0], numbers[1])
    if [1, 61, 65].contains(kind), (5000..<20_000).contains(version), numbers[2] == 1 {
      return "VTE(\(version))"
    }
    if kind == 0, (1200..<100_000).contains(version), numbers[2] == 1 {
      return "alacritty \(version / 10_000).\(version / 100 % 100).\(version % 100)"
    }
    return nil
  }

  /// The name that `TERM` alone stands for where its program has always drawn sextants under it.
  package static func name(ofTerm term: String) -> String? {
    if term.hasSuffix("ghostty") { return "ghostty" }
    return nil
  }
}
