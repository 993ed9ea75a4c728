import Frame
import ImageCollections
import Models

/// The images of one category by the score of its prompt.
enum CategoryView {
  static func draw(_ state: State, _ layout: Layout, _ canvas: inout Canvas) {
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
    // In a cell of the matrix, its name says what is right.
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
