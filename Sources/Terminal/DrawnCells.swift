import CNcurses

/// What curses has been given, so that only rows that changed are given again.
struct DrawnCells {
  struct Look: Equatable {
    let attributes: attr_t
    let pair: Int32
  }
  struct Drawn: Equatable {
    let glyph: String
    let look: Look
  }
  private var rows: [[Drawn]] = []
  private var columns = 0

  /// Forgets what was drawn when the size is another.
  mutating func prepare(columns: Int, rows count: Int) {
    guard columns != self.columns || count != rows.count else { return }
    rows = Array(repeating: [], count: count)
    self.columns = columns
    werase(clip_window())
  }

  /// Gives a row to curses, whole, so that halves of wide characters never meet; curses itself sends
  /// only the difference.
  mutating func draw(_ cells: [Drawn], row: Int) {
    guard rows[row] != cells else { return }
    rows[row] = cells
    var column = 0
    while column < cells.count {
      let cell = cells[column]
      let isWide =
        column + 1 < cells.count && cells[column + 1].glyph.isEmpty && !cell.glyph.isEmpty
      let wide = isWide ? 2 : 1
      if let scalars = Self.sendable(cell.glyph, columns: wide) {
        put(scalars, column: column, row: row, look: cell.look)
      } else {
        // The C library reckons with another width: a stand-in keeps the columns.
        for offset in 0..<wide {
          put([0x3F, 0], column: column + offset, row: row, look: cell.look)
        }
      }
      column += wide
    }
  }

  private func put(_ scalars: [wchar_t], column: Int, row: Int, look: Look) {
    // The last cell of the screen reports an error, since the cursor cannot go on; it is drawn.
    _ = clip_put(Int32(row), Int32(column), scalars, look.attributes, look.pair)
  }

  /// A glyph for curses, ended by 0: none where `wcwidth` has another opinion of its columns.
  static func sendable(_ glyph: String, columns: Int) -> [wchar_t]? {
    if glyph.isEmpty { return [0x20, 0] }
    var scalars = glyph.unicodeScalars.map { wchar_t(bitPattern: $0.value) }
    guard scalars.count <= Int(CCHARW_MAX), scalars[0] >= 0x20,
      wcwidth(scalars[0]) == Int32(columns), scalars.dropFirst().allSatisfy({ wcwidth($0) == 0 })
    else { return nil }
    scalars.append(0)
    return scalars
  }
}
