import Texts
/// A rectangle of cells, row by row: what a view draws into, a test compares and the terminal copies.
///
/// (Not called Frame, since no type may have its module's name.) Drawing outside of it is left out.
public struct Canvas: Sendable, Equatable {
  public let columns: Int
  public let rows: Int
  public private(set) var cells: [Cell]
  /// Where the text cursor shows, if anywhere.
  public var cursor: (column: Int, row: Int)?

  /// A blank canvas. Negative sizes count as 0, and none is larger than 4096 in a direction.
  public init(columns: Int, rows: Int) {
    self.columns = min(max(0, columns), 4096)
    self.rows = min(max(0, rows), 4096)
    cells = Array(repeating: .blank, count: self.columns * self.rows)
  }

  /// One cell, as it is stored: blank outside the canvas, where setting does nothing. Meant for
  /// looking and restyling; glyphs are set with ``write(_:column:row:limit:style:)``.
  public subscript(column: Int, row: Int) -> Cell {
    get { contains(column, row) ? cells[row * columns + column] : .blank }
    set { if contains(column, row) { cells[row * columns + column] = newValue } }
  }

  public static func == (a: Canvas, b: Canvas) -> Bool {
    a.columns == b.columns && a.rows == b.rows && a.cells == b.cells
      && a.cursor?.column == b.cursor?.column && a.cursor?.row == b.cursor?.row
  }

  private func contains(_ column: Int, _ row: Int) -> Bool {
    column >= 0 && column < columns && row >= 0 && row < rows
  }

  /// Writes text from a place, safely (controls made visible, wide characters whole), cut at `limit`
  /// columns with `…`. Returns the columns used. What lies outside the canvas is left out.
  @discardableResult
  public mutating func write(
    _ text: String, column: Int, row: Int, limit: Int = .max, style: Style = .plain
  ) -> Int {
    guard row >= 0, row < rows, limit > 0, column < columns, column > -4096 else { return 0 }
    var glyphs = Glyphs(text)
    var used = 0
    // The last glyph that still leaves a column for `…`, in case the text turns out too long.
    var cut = 0
    while let glyph = glyphs.next() {
      if glyph.columns > limit - used {
        blank(column: column + cut, row: row, count: used - cut, style: style)
        place("…", columns: 1, column: column + cut, row: row, style: style)
        return cut + 1
      }
      place(glyph.text, columns: glyph.columns, column: column + used, row: row, style: style)
      used += glyph.columns
      if used < limit { cut = used }
      if column + used >= columns, used < limit { return used }
    }
    return used
  }

  /// Fills a rectangle with one glyph of one column.
  public mutating func fill(
    column: Int, row: Int, columns width: Int, rows height: Int, with glyph: String = " ",
    style: Style = .plain
  ) {
    var glyphs = Glyphs(glyph)
    let first = glyphs.next()
    let text = first?.columns == 1 ? first?.text ?? " " : " "
    for r in clipped(row, height, rows) {
      for c in clipped(column, width, columns) {
        place(text, columns: 1, column: c, row: r, style: style)
      }
    }
  }

  /// A horizontal rule, `─`.
  public mutating func rule(
    column: Int = 0, row: Int, columns width: Int = .max, style: Style = .plain
  ) { fill(column: column, row: row, columns: width, rows: 1, with: "─", style: style) }

  /// Draws a picture's cells from a place; what lies outside the canvas is left out.
  public mutating func draw(_ preview: PreviewImage, column: Int, row: Int) {
    draw(
      cells: preview.cells, columns: preview.columns, rows: preview.rows, column: column, row: row)
  }

  /// Draws another canvas from a place; its cursor is not taken over.
  public mutating func draw(_ canvas: Canvas, column: Int, row: Int) {
    draw(cells: canvas.cells, columns: canvas.columns, rows: canvas.rows, column: column, row: row)
  }

  private mutating func draw(
    cells source: [Cell], columns width: Int, rows height: Int, column: Int, row: Int
  ) {
    for r in clipped(row, height, rows) {
      for c in clipped(column, width, columns) {
        let index = (r - row) * width + (c - column)
        let cell = source[index]
        if cell.glyph.isEmpty {
          // Its first half came just before, unless that was cut off.
          if c == column || c == 0 { place(" ", columns: 1, column: c, row: r, style: cell.style) }
          continue
        }
        let isWide = c - column + 1 < width && source[index + 1].glyph.isEmpty
        place(cell.glyph, columns: isWide ? 2 : 1, column: c, row: r, style: cell.style)
      }
    }
  }

  /// The part of `start ..< start + count` that lies in `0 ..< end`, without overflow.
  private func clipped(_ start: Int, _ count: Int, _ end: Int) -> Range<Int> {
    let (sum, overflow) = start.addingReportingOverflow(max(0, count))
    let upper = min(max(0, overflow ? end : sum), end)
    return min(max(0, start), upper)..<upper
  }

  private mutating func blank(column: Int, row: Int, count: Int, style: Style) {
    for c in clipped(column, count, columns) {
      place(" ", columns: 1, column: c, row: row, style: style)
    }
  }

  /// Puts one glyph of one or two columns; a wide one that meets an edge becomes a blank, and so does
  /// what is left of a wide one that is overwritten in half.
  private mutating func place(
    _ glyph: String, columns width: Int, column: Int, row: Int, style: Style
  ) {
    guard row >= 0, row < rows else { return }
    if width == 2, column < 0 || column + 1 >= columns {
      place(" ", columns: 1, column: column < 0 ? column + 1 : column, row: row, style: style)
      return
    }
    guard column >= 0, column + width <= columns else { return }
    let index = row * columns + column
    if cells[index].glyph.isEmpty, column > 0 { cells[index - 1].glyph = " " }
    if column + width < columns, cells[index + width].glyph.isEmpty {
      cells[index + width].glyph = " "
    }
    cells[index] = Cell(glyph, style)
    if width == 2 { cells[index + 1] = Cell("", style) }
  }
}

extension Canvas {
  /// The glyphs of a row as one text.
  public func text(row: Int) -> String {
    guard row >= 0, row < rows else { return "" }
    return cells[row * columns..<(row + 1) * columns].map(\.glyph).joined()
  }

  /// What is wrong with the canvas, or nothing: each cell holds one safe glyph of the width it takes.
  public func checkInvariants() -> String? {
    guard cells.count == columns * rows else {
      return "\(cells.count) cells for \(columns) × \(rows)"
    }
    for row in 0..<rows {
      var column = 0
      while column < columns {
        let glyph = self[column, row].glyph
        guard !glyph.isEmpty else { return "half of a wide glyph at column \(column), row \(row)" }
        var glyphs = Glyphs(glyph)
        guard let only = glyphs.next(), only.text == glyph, glyphs.next() == nil else {
          return "not one safe glyph at column \(column), row \(row): \(safeForTerminal(glyph))"
        }
        if only.columns == 2, column + 1 >= columns || !self[column + 1, row].glyph.isEmpty {
          return "wide glyph without its second half at column \(column), row \(row)"
        }
        column += only.columns
      }
    }
    if let cursor, !contains(cursor.column, cursor.row) { return "cursor outside" }
    return nil
  }
}
