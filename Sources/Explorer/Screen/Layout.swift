import Frame
import ImageCollections

/// A rectangle of cells.
public struct Rect: Sendable, Equatable {
  public var column: Int
  public var row: Int
  public var columns: Int
  public var rows: Int

  func contains(column: Int, row: Int) -> Bool {
    column >= self.column && column < self.column + columns && row >= self.row
      && row < self.row + rows
  }
}

/// Where things stand on a screen of a size: drawing and the mouse share it.
///
///     header          row 0
///     query or title  row 1
///     head of lists   row 2, where the view has one
///     lists │ pane    to the last row but one
///     footer          last row
struct Layout {
  let size: Size
  /// 40 × 10 is the smallest screen that can be used.
  let isLargeEnough: Bool
  let hasQueryLine: Bool
  /// Everything between query line and footer.
  let body: Rect
  /// The lists, numbered from the left.
  var lists: [(rect: Rect, number: Int)] = []
  /// Column of the rule between list and pane.
  var rule: Int?
  /// Picture and details of the selected image.
  var pane: Rect?
  /// First visible row of the list.
  let top: Int
  private let isOpened: Bool

  static let smallest = Size(columns: 40, rows: 10)
  /// Narrower screens show one pane.
  static let twoPanes = 72
  /// From this width Compare has room for a picture beside its lists.
  static let threePanes = 112
  /// Column of the query's first character.
  static let queryStart = 3

  init(_ state: State, size: Size) {
    self.size = size
    isLargeEnough =
      size.columns >= Self.smallest.columns && size.rows >= Self.smallest.rows
    let view = state.view.type
    hasQueryLine = view.hasQueryLine
    isOpened = state.isOpened
    let first = 2 + view.headRows
    body = Rect(
      column: 0, row: first, columns: max(0, size.columns), rows: max(0, size.rows - 1 - first))
    top = view.top(state)
    view.place(state, in: &self)
  }

  /// One list, and beside it picture and details of the selected image.
  mutating func placeListAndPane() {
    guard size.columns >= Self.twoPanes else {
      if isOpened { pane = inset } else { lists = [(body, 0)] }
      return
    }
    let width = isOpened ? max(30, size.columns * 3 / 10) : size.columns * 64 / 100
    lists = [(Rect(column: 0, row: body.row, columns: width, rows: body.rows), 0)]
    rule = width
    pane = Rect(
      column: width + 2, row: body.row, columns: size.columns - width - 3, rows: body.rows)
  }

  /// The body without its outer columns.
  var inset: Rect {
    Rect(column: 1, row: body.row, columns: max(0, body.columns - 2), rows: body.rows)
  }

  /// Visible rows of the list.
  var listHeight: Int { lists.first?.rect.rows ?? body.rows }

  // MARK: - Header

  /// Narrow headers drop the program's name: the collection's says more.
  var hasName: Bool { size.columns >= Self.twoPanes }

  /// The tabs with the columns that they take.
  var tabs: [(view: View, columns: Range<Int>)] {
    var column = hasName ? 13 : 0
    return View.allCases.map { view in
      let columns = column..<column + view.title.count + 2
      column = columns.upperBound
      return (view, columns)
    }
  }

  /// The right end of the header: the model, which a click changes.
  var headerInfo: Range<Int> {
    let start = (tabs.last?.columns.upperBound ?? 0) + (hasName ? 2 : 0)
    return start..<max(start, size.columns)
  }

  // MARK: - The picture

  /// Whether details stand beside the picture rather than under it.
  func isBeside(_ pane: Rect) -> Bool { pane.rows < 14 && pane.columns >= 30 }

  /// Where a picture goes, its shape kept; a cell is twice as high as wide. `nil` without a pane.
  func picture(of image: IndexedImage) -> Rect? {
    guard isLargeEnough, let pane, pane.rows >= 3, pane.columns >= 6 else { return nil }
    var box = pane
    if isBeside(pane) {
      box.columns = pane.columns / 2
    } else {
      box.rows -= isOpened ? 4 : max(4, min(10, pane.rows / 3))
    }
    box.columns = min(box.columns, 200)
    box.rows = min(box.rows, 100)
    let (width, height) = (max(1, image.width), max(1, image.height))
    // Rounded down, as the previewer does; else a blank row or column would stand beside it.
    var rows = max(1, Int(Double(box.columns) * Double(height) / Double(width) / 2))
    var columns = box.columns
    if rows > box.rows {
      rows = box.rows
      columns = max(1, Int(Double(rows) * 2 * Double(width) / Double(height)))
      columns = min(columns, box.columns)
    }
    return Rect(column: box.column, row: box.row, columns: columns, rows: rows)
  }

  /// Where the details of an image go.
  func details(of image: IndexedImage) -> Rect? {
    guard let pane else { return nil }
    guard let picture = picture(of: image) else { return pane }
    if isBeside(pane) {
      let start = picture.columns + 2
      return Rect(
        column: pane.column + start, row: pane.row, columns: max(0, pane.columns - start),
        rows: pane.rows)
    }
    return Rect(
      column: pane.column, row: pane.row + picture.rows, columns: pane.columns,
      rows: max(0, pane.rows - picture.rows))
  }

  // MARK: - The query line

  /// Columns that the query may take.
  static func queryRoom(_ columns: Int) -> Int {
    max(8, columns - queryStart - (columns >= 60 ? 30 : 14))
  }

  /// Columns of the query that are scrolled out at the left, in characters.
  static func queryOffset(_ state: State) -> Int {
    let room = queryRoom(state.size.columns) - 1
    var start = 0
    while start < state.query.caret,
      width(of: String(state.query.characters[start..<state.query.caret])) > room
    {
      start += max(1, (state.query.caret - start - room) / 2)
    }
    return start
  }
}
