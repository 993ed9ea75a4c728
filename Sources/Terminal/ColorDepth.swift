import Frame

/// How many colours a terminal shows, from most to none. The raw value is the word for the command line.
public enum ColorDepth: String, Sendable, CaseIterable {
  /// Red, green and blue, 8 bits each.
  case direct = "truecolor"
  /// The 6 × 6 × 6 cube and the grays; the low 16, which themes change, only where asked for by name.
  case colors256 = "256"
  /// The sixteen named colours.
  case colors16 = "16"
  /// No colour: bold, underlined and reversed only.
  case mono = "none"

  /// The depth that the environment promises, without a look at the terminal's description:
  /// `NO_COLOR` (not empty), `COLORTERM` and `TERM`.
  public static func promised(by environment: [String: String]) -> ColorDepth {
    let term = environment["TERM"] ?? ""
    if !(environment["NO_COLOR"] ?? "").isEmpty || term.isEmpty || term == "dumb" { return .mono }
    if hasDirectColorTerm(environment) || term.hasSuffix("-direct")
      || KnownTerminals.hasDirectColor(term: term)
    {
      return .direct
    }
    if term.contains("256color") { return .colors256 }
    return ["vt", "linux-m"].contains(where: term.hasPrefix) || term.hasSuffix("-mono")
      || term.hasSuffix("-m") ? .mono : .colors16
  }
}

extension ColorDepth {
  private static func hasDirectColorTerm(_ environment: [String: String]) -> Bool {
    ["truecolor", "24bit"].contains(environment["COLORTERM"] ?? "")
  }

  /// Which variable promises direct colour.
  static func reasonForDirect(_ environment: [String: String]) -> String {
    hasDirectColorTerm(environment) ? "COLORTERM" : "TERM"
  }
}

/// Colours as numbers of a palette.
package enum Palette {
  /// Nearest of 16…255 to a colour: cube or gray, whichever is closer.
  package static func index256(_ r: UInt8, _ g: UInt8, _ b: UInt8) -> Int {
    let cube = (level(r), level(g), level(b))
    let cubeColor = (steps[cube.0], steps[cube.1], steps[cube.2])
    let gray = min(23, max(0, (Int(r) + Int(g) + Int(b) - 24 + 15) / 30))
    let shade = 8 + 10 * gray
    let wanted = (Int(r), Int(g), Int(b))
    return distance(wanted, cubeColor) <= distance(wanted, (shade, shade, shade))
      ? 16 + 36 * cube.0 + 6 * cube.1 + cube.2 : 232 + gray
  }

  /// Nearest of the sixteen colours, as xterm shows them.
  static func index16(_ r: UInt8, _ g: UInt8, _ b: UInt8) -> Int {
    let wanted = (Int(r), Int(g), Int(b))
    return named.indices.min { distance(wanted, named[$0]) < distance(wanted, named[$1]) } ?? 0
  }

  static func distance(_ a: (Int, Int, Int), _ b: (Int, Int, Int)) -> Int {
    let d = (a.0 - b.0, a.1 - b.1, a.2 - b.2)
    return d.0 * d.0 + d.1 * d.1 + d.2 * d.2
  }

  private static let steps = [0, 95, 135, 175, 215, 255]

  private static func level(_ value: UInt8) -> Int {
    value < 48 ? 0 : value < 115 ? 1 : (Int(value) - 35) / 40
  }

  package static let named: [(Int, Int, Int)] = [
    (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205),
    (229, 229, 229), (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255),
    (255, 0, 255), (0, 255, 255), (255, 255, 255),
  ]
}
