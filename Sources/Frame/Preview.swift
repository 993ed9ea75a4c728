/// A block of cells that shows a picture: what a previewer gives for pixels and a size in cells.
public struct PreviewImage: Sendable, Equatable {
  public let columns: Int
  public let rows: Int
  /// `columns · rows` cells, row by row.
  public let cells: [Cell]
  /// What the user should know about how the picture is shown, such as that 16 bits were stretched.
  public var notes: [String]

  public init(columns: Int, rows: Int, cells: [Cell], notes: [String] = []) {
    precondition(cells.count == columns * rows)
    self.columns = columns
    self.rows = rows
    self.cells = cells
    self.notes = notes
  }
}
