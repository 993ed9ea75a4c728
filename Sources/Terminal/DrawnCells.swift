import CCellWidth
import CNcurses
import Frame

/// What curses has been given, so that only rows that changed are given again.
package struct DrawnCells {
  /// A style in the numbers of curses.
  struct Look {
    let attributes: attr_t
    let pair: Int32
    /// False where the pair is a stand-in that another frame may give other colours.
    var isExact = true
  }

  private var canvas: Canvas?
  private var columns = 0
  private var rows = 0
  /// Rows that are given again although they look the same.
  private var inexact: Set<Int> = []

  /// Gives curses the rows of a canvas that are not there yet.
  /// - Parameters:
  ///   - columns: of the screen, likewise `rows`; what does not fit is left out.
  ///   - look: asked once for each run of cells in one style.
  mutating func draw(_ next: Canvas, columns: Int, rows: Int, look: (Style) -> Look) {
    if columns != self.columns || rows != self.rows || canvas?.columns != next.columns
      || canvas?.rows != next.rows
    {
      (canvas, inexact) = (nil, [])
      (self.columns, self.rows) = (columns, rows)
      werase(clip_window())
    }
    for row in 0..<min(rows, next.rows) {
      let range = row * next.columns..<(row + 1) * next.columns
      if let canvas, !inexact.contains(row), canvas.cells[range] == next.cells[range] { continue }
      let isExact = draw(next.cells[range].prefix(columns), row: row, look: look)
      if isExact { inexact.remove(row) } else { inexact.insert(row) }
    }
    canvas = next
  }

  /// Gives a row to curses, whole, so that halves of wide characters never meet; curses itself sends
  /// only the difference. True where every cell got the colours it asked for.
  private func draw(_ cells: ArraySlice<Cell>, row: Int, look: (Style) -> Look) -> Bool {
    var isExact = true
    var current: (style: Style, look: Look)?
    var index = cells.startIndex
    while index < cells.endIndex {
      let cell = cells[index]
      let isWide =
        index + 1 < cells.endIndex && cells[index + 1].glyph.isEmpty && !cell.glyph.isEmpty
      let wide = isWide ? 2 : 1
      if current?.style != cell.style { current = (cell.style, look(cell.style)) }
      let look = current?.look ?? Look(attributes: 0, pair: 0)
      isExact = isExact && look.isExact
      put(cell.glyph, columns: wide, column: index - cells.startIndex, row: row, look: look)
      index += wide
    }
    return isExact
  }

  private func put(_ glyph: String, columns: Int, column: Int, row: Int, look: Look) {
    // The last cell of the screen reports an error, since the cursor cannot go on; it is drawn.
    if let scalars = Self.sendable(glyph, columns: columns) {
      _ = clip_put(Int32(row), Int32(column), scalars, look.attributes, look.pair)
      return
    }
    // The C library reckons with another width: a stand-in keeps the columns.
    for offset in 0..<columns {
      _ = clip_put(Int32(row), Int32(column + offset), [0x3F, 0], look.attributes, look.pair)
    }
  }

  /// A glyph for curses, ended by 0: none where `wcwidth` has another opinion of its columns.
  package static func sendable(_ glyph: String, columns: Int) -> [wchar_t]? {
    if glyph.isEmpty { return [0x20, 0] }
    var scalars = glyph.unicodeScalars.map { wchar_t(bitPattern: $0.value) }
    guard scalars.count <= Int(CCHARW_MAX), scalars[0] >= 0x20,
      wcwidth(scalars[0]) == Int32(columns), scalars.dropFirst().allSatisfy({ wcwidth($0) == 0 })
    else { return nil }
    scalars.append(0)
    return scalars
  }
}
