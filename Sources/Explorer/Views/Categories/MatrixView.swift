import Texts
import Frame
import ImageCollections

/// A model's confusion matrix as shaded blocks: a row for what images are, a column for what the model
/// takes them for.
enum MatrixView {
  static func draw(_ state: State, _ layout: Layout, _ canvas: inout Canvas) {
    guard let cursor = state.categories.matrix, let model = state.model else { return }
    let body = layout.body
    let measured = state.categories.accuracy[model.id]?.value
    guard let accuracy = measured, !accuracy.confusion.isEmpty else {
      guard measured == nil else {
        Notice(
          title: "One category leaves no choice",
          lines: ["Accuracy and mistakes need at least two.", "Esc leads back."]
        ).draw(in: body, &canvas)
        return
      }
      let failure: String? =
        if case .failed(let reason) = state.categories.accuracy[model.id] { reason } else { nil }
      Notice(
        title: failure == nil
          ? "Measuring \(model.name)\(state.glyphs.ellipsis)" : "The model cannot be measured",
        lines: [failure ?? "", "Esc leads back."], isError: failure != nil
      ).draw(in: body, &canvas)
      return
    }
    let shape = MatrixShape(state, layout)
    drawHead(accuracy.confusion, cursor, model, state, &canvas)
    drawColumns(accuracy.confusion, cursor, shape, &canvas)
    for line in 0..<body.rows {
      let row = cursor.row.top + line
      guard accuracy.confusion.categories.indices.contains(row),
        row < state.collection.value?.categories.count ?? 0
      else { break }
      drawRow(row, accuracy.confusion, cursor, shape, body.row + line, state, &canvas)
    }
  }

  /// The cell under the cursor in words.
  private static func drawHead(
    _ confusion: Confusion, _ cursor: MatrixCursor, _ model: IndexedModel, _ state: State,
    _ canvas: inout Canvas
  ) {
    let (own, other) = (cursor.row.selected, cursor.column.selected)
    guard confusion.categories.indices.contains(own), confusion.categories.indices.contains(other)
    else { return }
    let count = confusion.counts[own][other]
    let all = confusion.counts[own].reduce(0, +)
    let words = own == other ? "right" : "taken for \(confusion.categories[other])"
    canvas.write(
      [
        (model.name, Look.strong),
        (" \(state.glyphs.dot) \(confusion.categories[own]) \(words): ", Look.plain),
        ("\(grouped(count)) of \(grouped(all))", Look.strong),
      ], column: 2, row: 1, end: canvas.columns - 1)
  }

  /// The first letters of the columns' categories.
  private static func drawColumns(
    _ confusion: Confusion, _ cursor: MatrixCursor, _ shape: MatrixShape, _ canvas: inout Canvas
  ) {
    for place in 0..<shape.columns {
      let column = cursor.column.top + place
      guard column < confusion.categories.count else { break }
      canvas.write(
        String(confusion.categories[column].prefix(min(2, shape.pitch))),
        column: shape.start + place * shape.pitch, row: 2, limit: shape.pitch,
        style: column == cursor.column.selected ? Look.strong : Look.faint)
    }
  }

  private static func drawRow(
    _ row: Int, _ confusion: Confusion, _ cursor: MatrixCursor, _ shape: MatrixShape, _ line: Int,
    _ state: State, _ canvas: inout Canvas
  ) {
    let isSelected = row == cursor.row.selected
    canvas.write(
      isSelected ? state.glyphs.marker : " ", column: 1, row: line,
      style: isSelected ? Look.selected : Look.plain)
    canvas.write(
      confusion.categories[row], column: 3, row: line, limit: shape.start - 4,
      style: isSelected ? Look.selected : Look.plain)
    let counts = confusion.counts[row]
    let all = max(1, counts.reduce(0, +))
    for place in 0..<shape.columns {
      let column = cursor.column.top + place
      guard counts.indices.contains(column) else { break }
      let shade = state.glyphs.shade(Double(counts[column]) / Double(all))
      var style = column == row ? Look.better : counts[column] == 0 ? Look.faint : Look.worse
      style.reverse = isSelected && column == cursor.column.selected
      canvas.write(
        String(repeating: shade, count: shape.pitch), column: shape.start + place * shape.pitch,
        row: line, limit: shape.pitch, style: style)
    }
  }
}

/// Where the cells of the matrix stand: drawing and the mouse share it.
struct MatrixShape {
  /// Column of the first cell.
  let start: Int
  /// Columns of a cell.
  let pitch: Int
  /// Cells in a row of the screen.
  let columns: Int

  init(_ state: State, _ layout: Layout) {
    let categories = state.collection.value?.categories ?? []
    let widest = categories.map { width(of: $0.name) }.max() ?? 0
    start = 4 + min(widest, max(6, layout.size.columns / 4))
    let room = max(1, layout.size.columns - start - 1)
    let count = state.matrixColumnCount
    pitch = max(1, min(3, room / max(1, count)))
    columns = max(1, min(count, room / pitch))
  }

  /// The cell at a place of the screen, counted from the first that is visible.
  func cell(column: Int) -> Int? {
    let place = (column - start) / pitch
    return column >= start && place < columns ? place : nil
  }
}
