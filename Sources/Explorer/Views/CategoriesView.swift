import Models
import Frame
import ImageCollections

/// The categories with each model's zero-shot accuracy, and the images of one of them.
enum CategoriesView {
  static func draw(_ state: State, _ layout: Layout, _ canvas: inout Canvas) {
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
          "Names such as airport_12.jpg, or clip-rsicd index --captions FILE, tell them.",
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
      // The figure is why anybody looks here: where both do not fit, the name is cut.
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

  // MARK: - One category

  static func drawOpened(_ state: State, _ layout: Layout, _ canvas: inout Canvas) {
    guard let opened = state.categories.opened else { return }
    drawOpenedHead(opened, state, layout, &canvas)
    let area = layout.lists.first?.rect ?? layout.body
    if let failure = opened.failure {
      Notice(
        title: "The images cannot be ranked", lines: [failure, "r tries again, Esc leads back."],
        isError: true
      )
      .draw(in: area, &canvas)
      return
    }
    if opened.rows.isEmpty {
      Notice(
        title: opened.answered == nil
          ? "Ranking the images of \(opened.name)\(state.glyphs.ellipsis)" : "No image",
        lines: ["Esc leads back."]
      ).draw(in: area, &canvas)
      return
    }
    drawRule(state, layout, &canvas)
    if let list = layout.lists.first?.rect { drawRows(opened, list, state, &canvas) }
    if let row = opened.selectedRow {
      drawPane(of: row.image, facts: facts(of: row, opened, state), state, layout, &canvas)
    }
  }

  private static func drawOpenedHead(
    _ opened: OpenedCategory, _ state: State, _ layout: Layout, _ canvas: inout Canvas
  ) {
    let end = canvas.columns - 1
    let dot = " \(state.glyphs.dot) "
    canvas.write(
      [
        (opened.name, Look.strong),
        (opened.takenFor.map { " taken for \($0)" } ?? "", Look.strong),
        (
          opened.isListed
            ? "\(dot)by name"
            : "\(dot)by the score of \"\(PromptTemplate.aerial.prompt(for: opened.name))\"",
          Look.plain
        ),
      ], column: 2, row: 1, end: end)
    guard let answered = opened.answered else { return }
    if opened.isListed,
      case .failed(let reason)? = state.model.flatMap({
        state.categories.accuracy[$0.id]
      })
    {
      canvas.write("no model: \(reason)", column: 2, row: 2, limit: end - 2, style: Look.error)
      return
    }
    var pieces: [(String, Style)] = []
    let ranking = state.judgeIndex ?? 0
    let order = [ranking] + answered.judges.indices.filter { $0 != ranking }
    // Of a cell of the matrix, what is right is said by its name.
    for index in order where answered.judges.indices.contains(index) && opened.takenFor == nil {
      let judge = answered.judges[index]
      // Without the model there is no opinion to be right.
      guard opened.rows.contains(where: { !($0.verdicts.dropFirst(index).first ?? "").isEmpty })
      else { continue }
      let right = opened.rows.count {
        $0.verdicts.indices.contains(index) && $0.verdicts[index] == opened.name
      }
      pieces.append((judge.name, judge.id == state.model?.id ? Look.strong : Look.plain))
      pieces.append((" \(right) of \(opened.rows.count) right   ", Look.plain))
    }
    canvas.write(pieces, column: 2, row: 2, end: end)
  }

  private static func drawRows(
    _ opened: OpenedCategory, _ rect: Rect, _ state: State, _ canvas: inout Canvas
  ) {
    let glyphs = state.glyphs
    let visible = opened.rows.dropFirst(opened.position.top).prefix(rect.rows)
    let shape = HitShape(
      columns: rect.columns, names: visible.map(\.image.filename), lastRank: visible.endIndex,
      hasScore: !opened.isListed, glyphs: glyphs)
    let best = Double(opened.rows.first?.score ?? 0)
    let span = max(best - Double(opened.rows.last?.score ?? 0), 1e-6)
    let judge = state.judgeIndex
    let widest = visible.map { width(of: $0.image.filename) }.max() ?? 0
    let verdict =
      visible.map { row in
        judge.flatMap { row.verdicts.indices.contains($0) ? row.verdicts[$0] : nil }
          .map { $0 == opened.name ? 1 : 2 + width(of: $0) } ?? 0
      }.max() ?? 0
    for (index, row) in zip(visible.indices, visible) {
      let isSelected = index == opened.position.selected
      let line = rect.row + index - opened.position.top
      let text = isSelected ? Look.selected : Look.plain
      var column = rect.column + 1
      canvas.write(isSelected ? glyphs.marker : " ", column: column, row: line, style: text)
      column += 1
      canvas.write(
        "\(index + 1)".leftPadded(to: shape.rank), column: column, row: line, style: text)
      column += shape.rank + 1
      if let score = row.score.map(Double.init) {
        let isSoftmax = state.scale == .softmax
        let share =
          isSoftmax ? Double(row.probability) : 0.08 + 0.92 * (score - best + span) / span
        if shape.bar > 0 {
          canvas.write(
            glyphs.bar(share, columns: shape.bar), column: column, row: line,
            style: isSelected ? Look.selectedBar : Look.bar)
          column += shape.bar + 1
        }
        let said = isSoftmax ? fixed(100 * Double(row.probability), 1) + "%" : fixed(score, 3)
        canvas.write(said.leftPadded(to: shape.score), column: column, row: line, style: text)
        column += shape.score + 3
      }
      var name = text
      name.reverse = isSelected
      let end = rect.column + rect.columns - 1
      let room = end - column
      let nameRoom =
        shape.caption > 0 ? shape.name : min(widest, max(8, room - 2 - min(verdict, room / 2)))
      canvas.write(row.image.filename, column: column, row: line, limit: nameRoom, style: name)
      column += nameRoom + 2
      if column < end {
        canvas.write(
          verdicts(of: row, opened, first: judge, onlyFirst: rect.columns < 66, glyphs),
          column: column, row: line, end: end)
      }
    }
  }

  /// What each model took the image for: the ranking one first, the others where they differ.
  private static func verdicts(
    of row: CategoryRow, _ opened: OpenedCategory, first: Int?, onlyFirst: Bool, _ glyphs: Glyphs
  ) -> [(String, Style)] {
    guard let answered = opened.answered else { return [] }
    var order = Array(row.verdicts.indices)
    if let first { order.sort { a, b in a == first && b != first } }
    var pieces: [(String, Style)] = []
    for index in order {
      let verdict = row.verdicts[index]
      if verdict.isEmpty { continue }
      let isRight = verdict == opened.name
      if index == first {
        pieces.append(
          isRight
            ? (glyphs.right + "  ", Look.better)
            : ("\(glyphs.wrong) \(verdict)  ", Look.worse))
      } else if !onlyFirst, answered.judges.indices.contains(index) {
        pieces.append(
          (
            "\(answered.judges[index].name): "
              + (isRight ? glyphs.right : "\(glyphs.wrong) \(verdict)") + "  ", Look.faint
          ))
      }
    }
    return pieces
  }

  private static func facts(
    of row: CategoryRow, _ opened: OpenedCategory, _ state: State
  ) -> [String] {
    var facts: [String] = []
    if let score = row.score {
      facts.append(
        "cosine \(fixed(Double(score), 3)) \(state.glyphs.dot) "
          + "softmax \(fixed(100 * Double(row.probability), 1))%")
    }
    for (judge, verdict) in zip(opened.answered?.judges ?? [], row.verdicts) where !verdict.isEmpty
    {
      let sign = verdict == opened.name ? state.glyphs.right : state.glyphs.wrong
      facts.append("\(judge.name): \(sign) \(verdict)")
    }
    return facts
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
