import Frame

/// The signs of the interface, where the locale has them and where it has not.
package struct Glyphs: Sendable {
  var marker = "▸"
  var prompt = "›"
  var rule = "│"
  var doubleRule = "║"
  var dot = "·"
  var bullet = "•"
  var up = "▲"
  var down = "▼"
  var hit = "●"
  var wrong = "✗"
  var right = "✓"
  var switching = "◂▸"
  var times = "×"
  var dash = "–"
  var ellipsis = "…"
  private var eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
  private var full = "▉"

  package static let unicode = Glyphs()

  package static let ascii: Glyphs = {
    var glyphs = Glyphs()
    glyphs.marker = ">"
    glyphs.prompt = ">"
    glyphs.rule = "|"
    glyphs.doubleRule = "|"
    glyphs.dot = "-"
    glyphs.bullet = "*"
    glyphs.up = "^"
    glyphs.down = "v"
    glyphs.hit = "*"
    glyphs.wrong = "x"
    glyphs.right = "ok"
    glyphs.switching = "<>"
    glyphs.times = "x"
    glyphs.dash = "-"
    glyphs.ellipsis = "..."
    glyphs.eighths = ["", "", "", "", "=", "=", "=", "="]
    glyphs.full = "="
    return glyphs
  }()

  /// A bar for a share 0…1 in this many columns, exact to an eighth of a column.
  package func bar(_ share: Double, columns: Int) -> String {
    let clamped = share.isFinite ? max(0, min(1, share)) : 0
    let units = Int((clamped * Double(columns) * 8).rounded())
    return String(repeating: full, count: units / 8) + eighths[units % 8]
  }

  /// A block as dark as a share 0…1; none at all is a dot.
  func shade(_ share: Double) -> String {
    let steps = marker == ">" ? [".", "-", "+", "x", "#"] : ["·", "░", "▒", "▓", "█"]
    guard share > 0 else { return steps[0] }
    return steps[min(4, 1 + Int(share * 4))]
  }

  /// A key's name as this locale can show it.
  func key(_ name: String) -> String {
    guard marker == ">" else { return name }
    return name.replacing("⏎", with: "Enter").replacing("↑", with: "Up")
      .replacing("↓", with: "Down").replacing("←", with: "Left").replacing("→", with: "Right")
  }
}

extension State {
  var glyphs: Glyphs { unicode ? .unicode : .ascii }
}

/// The styles of the interface: the terminal's own colours for text, colour only beside a sign.
enum Look {
  static let plain = Style.plain
  static let strong = Style(bold: true)
  static let faint = Style(dim: true)
  static let tab = Style(bold: true, reverse: true)
  static let bar = Style(foreground: .named(6), dim: true)
  /// The bar of the selected row.
  static let selectedBar = Style(foreground: .named(6))
  static let selected = Style(bold: true)
  static let error = Style(foreground: .named(1), bold: true)
  static let better = Style(foreground: .named(2))
  static let worse = Style(foreground: .named(1))
  static let hit = Style(foreground: .named(3), bold: true)
}
