extension Canvas {
  /// The same canvas for a terminal without UTF-8: each cell keeps its place and style, and shows the
  /// ASCII character that comes nearest, `?` where none does.
  public func asciiOnly() -> Canvas {
    var canvas = Canvas(columns: columns, rows: rows)
    canvas.cursor = cursor
    for row in 0..<rows {
      for column in 0..<columns {
        let cell = self[column, row]
        // The second half of a wide glyph becomes a blank beside the `?` of the first.
        canvas[column, row] = Cell(nearestASCII(cell.glyph), cell.style)
      }
    }
    return canvas
  }
}

/// A text for a place that is no UTF-8, safe to send: see ``Canvas/asciiOnly()``.
public func asciiOnly(_ text: String) -> String {
  var glyphs = Glyphs(text)
  var ascii = ""
  while let glyph = glyphs.next() { ascii += nearestASCII(glyph.text) }
  return ascii
}

/// One ASCII character for a glyph; a blank for none.
private func nearestASCII(_ glyph: String) -> String {
  guard let scalar = glyph.unicodeScalars.first else { return " " }
  switch scalar.value {
  case 0x20..<0x7F: return String(Character(scalar))
  case 0x2581...0x2583: return "_"
  case 0x2584: return "="
  case 0x2585...0x2589: return "#"
  case 0x258A...0x258C: return "="
  case 0x258D...0x258E: return "-"
  case 0x258F: return " "
  case 0x2580...0x259F: return nearestShade(scalar.value)
  case 0x2500...0x257F: return nearestLine(scalar.value)
  case 0x2800...0x28FF:
    return String(Array(" ..::**##")[(scalar.value - 0x2800).nonzeroBitCount])
  default: return signs[scalar].map { String($0) } ?? "?"
  }
}

private func nearestShade(_ value: UInt32) -> String {
  switch value {
  case 0x2588, 0x2593: "#"
  case 0x2592: ":"
  case 0x2591: "."
  default: "="
  }
}

private func nearestLine(_ value: UInt32) -> String {
  switch value {
  case 0x2500, 0x2501, 0x2504, 0x2505, 0x2508, 0x2509, 0x254C, 0x254D: "-"
  case 0x2550: "="
  case 0x2502, 0x2503, 0x2506, 0x2507, 0x250A, 0x250B, 0x254E, 0x254F, 0x2551: "|"
  default: "+"
  }
}

/// Signs that the views use and those usual in captions.
private let signs: [Unicode.Scalar: Character] = [
  "…": "~", "▸": ">", "▶": ">", "►": ">", "›": ">", "»": ">", "→": ">", "◂": "<", "◀": "<",
  "‹": "<",
  "«": "<", "←": "<", "⏎": "<", "↵": "<", "▲": "^", "△": "^", "↑": "^", "▴": "^", "▼": "v",
  "▽": "v",
  "↓": "v", "▾": "v", "●": "*", "•": "*", "◆": "*", "★": "*", "✓": "x", "✔": "x", "✗": "!",
  "○": "o",
  "◦": "o", "◌": "o", "·": ".", "■": "#", "□": "o", "−": "-", "–": "-", "—": "-", "×": "x",
  "‘": "'",
  "’": "'", "“": "\"", "”": "\"", "≥": ">", "≤": "<", "±": "~", "≈": "~", "°": "o", "\u{A0}": " ",
  "Δ": "d", "µ": "u", "⚠": "!", "⌫": "<", "⇥": ">", "⇤": "<", "␣": "_",
]
