import Texts
import Frame

/// A picture as lines to print, with colours set and reset inside of each line; plain text, without any
/// control sequence, for ``ColorDepth/mono``.
public func ansi(_ preview: PreviewImage, depth: ColorDepth) -> [String] {
  (0..<preview.rows).map { row in
    let cells = preview.cells[row * preview.columns..<(row + 1) * preview.columns]
    guard depth != .mono else { return trimmed(cells.map { safeForTerminal($0.glyph) }.joined()) }
    var line = ""
    var style = Style.plain
    for cell in cells {
      if cell.style != style {
        line += "\u{1B}[0\(parameters(cell.style, depth: depth))m"
        style = cell.style
      }
      line += safeForTerminal(cell.glyph)
    }
    return style == .plain ? line : line + "\u{1B}[0m"
  }
}

private func trimmed(_ text: String) -> String {
  var text = text[...]
  while text.last == " " { text.removeLast() }
  return String(text)
}

private func parameters(_ style: Style, depth: ColorDepth) -> String {
  (style.bold ? ";1" : "") + (style.dim ? ";2" : "") + (style.underline ? ";4" : "")
    + (style.reverse ? ";7" : "") + parameter(style.foreground, base: 30, depth: depth)
    + parameter(style.background, base: 40, depth: depth)
}

private func parameter(_ color: Color, base: Int, depth: ColorDepth) -> String {
  if color == .standard { return "" }
  if depth == .direct, case .rgb(let r, let g, let b) = color {
    return ";\(base + 8);2;\(r);\(g);\(b)"
  }
  if depth == .colors256, case .rgb(let r, let g, let b) = color {
    return ";\(base + 8);5;\(Palette.index256(r, g, b))"
  }
  let number: Int
  switch color {
  case .named(let n): number = Int(n & 15)
  case .rgb(let r, let g, let b): number = Palette.index16(r, g, b)
  case .standard: return ""
  }
  return ";\(number < 8 ? base + number : base + 52 + number)"
}
