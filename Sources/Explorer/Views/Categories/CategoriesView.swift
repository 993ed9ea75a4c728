import Texts
import Models
import Frame
import ImageCollections

/// The categories with each model's zero-shot accuracy.
enum CategoriesView: ExplorerView {
  static func draw(_ state: State, _ layout: Layout, _ canvas: inout Canvas) {
    if state.categories.opened != nil {
      CategoryView.draw(state, layout, &canvas)
    } else if state.categories.matrix != nil {
      MatrixView.draw(state, layout, &canvas)
    } else {
      drawTable(state, layout, &canvas)
    }
  }

  private static func drawTable(_ state: State, _ layout: Layout, _ canvas: inout Canvas) {
    let whole = Rect(
      column: 0, row: 1, columns: layout.size.columns, rows: layout.size.rows - 2)
    if let notice = notice(state) {
      notice.draw(in: whole, &canvas)
      return
    }
    let shape = TableShape(state, columns: layout.body.columns)
    drawHead(state, shape, &canvas)
    let categories = state.orderedCategories
    for line in 0..<layout.body.rows {
      let index = state.categories.position.top + line
      guard categories.indices.contains(index) else { break }
      drawRow(
        categories[index], isSelected: index == state.categories.position.selected, shape,
        layout.body.row + line, state, &canvas)
    }
  }

  private static func notice(_ state: State) -> Notice? {
    if case .ready(let summary) = state.collection, summary.imageCount > 0,
      !summary.models.isEmpty
    {
      guard summary.categories.isEmpty else { return nil }
      return Notice(
        title: "No image has a category",
        lines: [
          "\(state.advice.noCategories).",
          "1 leads to Search.",
        ])
    }
    return state.collectionNotice
  }

  private static func drawHead(_ state: State, _ shape: TableShape, _ canvas: inout Canvas) {
    let categories = state.orderedCategories
    let order =
      switch state.categories.order {
      case .name: "by name"
      case .gap: "widest gap first"
      case .count: "by number of images"
      }
    let count = categories.count == 1 ? "1 category" : "\(categories.count) categories"
    var told = (
      categories.count == 1 ? "accuracy needs at least two" : "zero-shot accuracy", Look.plain
    )
    if let model = state.model, case .failed(let reason) = state.categories.accuracy[model.id] {
      told = ("no model: \(reason)", Look.error)
    }
    canvas.write(
      [
        (count, Look.strong), (" \(state.glyphs.dot) \(order) \(state.glyphs.dot) ", Look.plain),
        told,
      ], column: 2, row: 1, end: canvas.columns - 1)
    canvas.write("images", endingAt: shape.count + 6, row: 2, style: Look.faint)
    for (index, model) in shape.models.enumerated() {
      let column = shape.bars + index * shape.pitch
      let isRanking = model.id == state.model?.id
      let overall =
        switch state.categories.accuracy[model.id] {
        case .ready(let accuracy): accuracy.byCategory.isEmpty ? "" : fixed(accuracy.overall, 3)
        case .failed: "no model"
        case .waiting, nil: "measuring\(state.glyphs.ellipsis)"
        }
      // The figure matters most here: where both do not fit, the name is cut.
      let end = min(canvas.columns, column + shape.pitch - 1)
      let room = max(1, end - column - 2 - width(of: overall))
      canvas.write(
        [
          (fitted(model.name, columns: room), isRanking ? Look.strong : Look.plain),
          ("  \(overall)", Look.strong),
        ], column: column, row: 2, end: end)
    }
  }

  private static func drawRow(
    _ category: CategoryCount, isSelected: Bool, _ shape: TableShape, _ row: Int, _ state: State,
    _ canvas: inout Canvas
  ) {
    let text = isSelected ? Look.selected : Look.plain
    canvas.write(
      isSelected ? state.glyphs.marker : " ", column: 1, row: row, style: text)
    var name = text
    name.reverse = isSelected
    canvas.write(category.name, column: 3, row: row, limit: shape.name, style: name)
    canvas.write(
      grouped(category.count), endingAt: shape.count + 6, row: row, style: text)
    for (index, model) in shape.models.enumerated() {
      guard let accuracy = state.categories.accuracy[model.id]?.value else { continue }
      let column = shape.bars + index * shape.pitch
      guard let share = accuracy.byCategory[category.name] else { continue }
      canvas.write(fixed(share, 2), column: column, row: row, style: text)
      canvas.write(
        state.glyphs.bar(share, columns: shape.bar), column: column + 5, row: row,
        style: isSelected ? Look.selectedBar : Look.bar)
    }
  }
}

/// Columns of the table of categories; models that do not fit are left out, the ranking one last.
private struct TableShape {
  let name: Int
  let count: Int
  let bars: Int
  let bar: Int
  let pitch: Int
  let models: [IndexedModel]

  init(_ state: State, columns: Int) {
    let widest = state.orderedCategories.map { width(of: $0.name) }.max() ?? 0
    name = min(max(10, widest), max(10, columns / 4))
    count = 3 + name + 1
    bars = count + 8
    let room = max(1, columns - bars - 1)
    let fitting = max(1, min(state.models.count, room / 16))
    var shown = Array(state.models.prefix(fitting))
    if let model = state.model, !shown.contains(where: { $0.id == model.id }) {
      shown[shown.count - 1] = model
    }
    if state.models.isEmpty { shown = [] }
    models = shown
    pitch = room / fitting
    bar = max(1, min(32, pitch - 8))
  }
}
