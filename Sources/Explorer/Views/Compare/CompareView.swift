import Texts
import Metrics
import Frame
import ImageCollections
import Retrieval

/// One query, two rankings side by side, and what has moved between them.
enum CompareView: ExplorerView {
  static func draw(_ state: State, _ layout: Layout, _ canvas: inout Canvas) {
    if let notice = notice(state) {
      notice.draw(in: layout.body, &canvas)
      return
    }
    guard let models = state.comparedModels else { return }
    drawHead(models, state, layout, &canvas)
    if layout.size.columns >= Layout.threePanes { drawRule(state, layout, &canvas) }
    for (rect, number) in layout.lists {
      let side: CompareState.Side = number == 0 ? .left : .right
      drawList(side, rect, state, &canvas)
      if side == .right, layout.lists.count > 1 {
        for row in rect.row - 1..<rect.row + rect.rows {
          canvas.write(
            state.glyphs.doubleRule, column: rect.column - 1, row: row, style: Look.faint)
        }
      }
    }
    if let image = state.compare.selectedHit?.image {
      drawPane(of: image, facts: facts(of: image, models, state), state, layout, &canvas)
    }
    // Where the lists leave no room for the figures, they stand beside the picture.
    if layout.rule == nil, layout.lists.count > 1, !headHasFigures(models, state, layout),
      let pane = layout.pane
    {
      canvas.write(figures(state).short, endingAt: layout.size.columns - 1, row: pane.row)
    }
  }

  private static func notice(_ state: State) -> Notice? {
    if let notice = state.collectionNotice { return notice }
    if state.models.count < 2 {
      return Notice(
        title: "Compare needs two models",
        lines: [
          "This collection has vectors of \(state.models.first?.name ?? "none") only.",
          "\(state.advice.oneModel); Tab leads on.",
        ])
    }
    if state.compare.requested.map(\.right.needsModel) ?? false, let models = state.comparedModels,
      let notice = state.notice(of: models.right) ?? state.notice(of: models.left)
    {
      return notice
    }
    if let failure = state.compare.failure {
      return Notice(
        title: "The comparison failed", lines: [failure, "r tries again, / changes the query."],
        isError: true)
    }
    if state.query.trimmed.isEmpty, state.search.like == nil {
      return Notice(title: "Nothing to compare yet", lines: ["/ and a query: both models rank it."])
    }
    guard state.compare.left.isEmpty, state.compare.right.isEmpty else { return nil }
    if state.compare.answered == nil || state.compare.isRunning {
      let names = state.comparedModels.map { "\($0.left.name) and \($0.right.name)" } ?? ""
      return Notice(title: "\(names) rank\(state.glyphs.ellipsis)")
    }
    return Notice(title: "No image matches", lines: ["/ changes the query."])
  }

  // MARK: - Head

  private static func drawHead(
    _ models: (left: IndexedModel, right: IndexedModel), _ state: State, _ layout: Layout,
    _ canvas: inout Canvas
  ) {
    let row = layout.body.row - 1
    let figures = figures(state)
    guard layout.lists.count > 1, let right = layout.lists.last?.rect else {
      // One list, or one picture: the model's name and what fits of the figures.
      let model = state.compare.side == .left ? models.left : models.right
      let end = canvas.write(
        [(model.name, Look.strong)], column: 1, row: row, end: layout.size.columns)
      let text = figures.short
      if end + 2 + width(of: text) < layout.size.columns {
        canvas.write(text, endingAt: layout.size.columns - 1, row: row)
      }
      return
    }
    let left = layout.lists[0].rect
    drawName(models.left.name, figures.leftPrecision, .left, left, row, state, &canvas)
    drawName(models.right.name, figures.rightPrecision, .right, right, row, state, &canvas)
    if layout.rule != nil, let pane = layout.pane {
      canvas.write(figures.short, column: pane.column, row: row, limit: pane.columns)
    } else {
      if headHasFigures(models, state, layout) {
        canvas.write(figures.short, endingAt: layout.size.columns - 1, row: row)
      }
    }
  }

  /// Whether the head line has room for the figures behind the right model's name.
  private static func headHasFigures(
    _ models: (left: IndexedModel, right: IndexedModel), _ state: State, _ layout: Layout
  ) -> Bool {
    guard let right = layout.lists.last?.rect else { return false }
    let figures = figures(state)
    let used = right.column + 5 + width(of: models.right.name + figures.rightPrecision)
    return used + 2 + width(of: figures.short) < layout.size.columns
  }

  private static func drawName(
    _ name: String, _ precision: String, _ side: CompareState.Side, _ rect: Rect, _ row: Int,
    _ state: State, _ canvas: inout Canvas
  ) {
    let isHere = state.compare.side == side
    canvas.write(
      [
        (isHere ? state.glyphs.marker + " " : "  ", Look.strong),
        (name, isHere ? Look.strong : Look.plain), ("  " + precision, Look.plain),
      ], column: rect.column + 1, row: row, end: rect.column + rect.columns)
  }

  /// Overlap@k and rank-biased overlap, and precision@k of both where the query names a category.
  private static func figures(_ state: State)
    -> (short: String, leftPrecision: String, rightPrecision: String)
  {
    let compare = state.compare
    let k = CompareState.k
    let short =
      "overlap@\(k) \(compare.comparison.overlap(at: k))   "
      + "RBO \(fixed(compare.comparison.rankBiasedOverlap(), 2))"
    func text(_ hits: [Hit]) -> String {
      guard let named = compare.namedCategory,
        let value = precision(at: k, relevant: hits.prefix(k).map { $0.image.isOf(named) })
      else { return "" }
      return "P@\(k) \(fixed(value, 2))"
    }
    return (short, text(compare.left), text(compare.right))
  }

  // MARK: - Lists

  private static func drawList(
    _ side: CompareState.Side, _ rect: Rect, _ state: State, _ canvas: inout Canvas
  ) {
    let compare = state.compare
    let hits = side == .left ? compare.left : compare.right
    let selected = compare.selectedHit?.image.id
    let digits = max(2, String(compare.position.top + rect.rows).count)
    for line in 0..<rect.rows {
      let index = compare.position.top + line
      guard hits.indices.contains(index) else { return }
      let hit = hits[index]
      let isHere = side == compare.side && index == compare.position.selected
      // The same image in the other list is shown too.
      let isSame = hit.image.id == selected
      let row = rect.row + line
      let text = isSame ? Look.selected : Look.plain
      var column = rect.column + 1
      canvas.write(isHere ? state.glyphs.marker : " ", column: column, row: row, style: text)
      column += 1
      canvas.write("\(hit.rank)".leftPadded(to: digits), column: column, row: row, style: text)
      column += digits + 1
      canvas.write(
        fixed(Double(hit.score ?? 0), 3).leftPadded(to: 6), column: column, row: row, style: text)
      column += 8
      let end = rect.column + rect.columns - 1
      let hitColumn = end - 1
      if hit.image.isOf(compare.namedCategory) {
        canvas.write(state.glyphs.hit, column: hitColumn, row: row, style: Look.hit)
      }
      let move = Self.move(of: hit.image.id, side, compare, state.glyphs)
      let moveColumn = hitColumn - 7
      canvas.write(move.text, column: moveColumn, row: row, limit: 6, style: move.style)
      var name = text
      name.reverse = isHere && !state.query.isFocused
      canvas.write(
        hit.image.filename, column: column, row: row, limit: max(1, moveColumn - column - 1),
        style: name)
    }
  }

  /// How a row of this list stands against the other one.
  private static func move(
    of id: Int64, _ side: CompareState.Side, _ compare: CompareState, _ glyphs: Glyphs
  ) -> (text: String, style: Style) {
    // The base list says where its rows have gone, the other where its rows have come from.
    switch compare.comparison.move(of: id) {
    case nil: return (side == .left ? "gone" : "", Look.strong)
    case .new: return ("new", Look.strong)
    case .same: return (glyphs.dot + " " + "0".leftPadded(to: 3), Look.faint)
    case .up(let places):
      return (glyphs.up + " " + "\(places)".leftPadded(to: 3), Look.better)
    case .down(let places):
      return (glyphs.down + " " + "\(places)".leftPadded(to: 3), Look.worse)
    }
  }

  private static func facts(
    of image: IndexedImage, _ models: (left: IndexedModel, right: IndexedModel), _ state: State
  ) -> [String] {
    let comparison = state.compare.comparison
    func line(_ name: String, _ rank: Int?, _ hits: [Hit]) -> String {
      guard let rank, hits.indices.contains(rank - 1) else {
        return "\(name): beyond \(grouped(hits.count))"
      }
      let score = hits[rank - 1].score.map { " \(state.glyphs.dot) \(fixed(Double($0), 3))" } ?? ""
      return "\(name): rank \(grouped(rank))\(score)"
    }
    return [
      line(models.left.name, comparison.leftRank(of: image.id), state.compare.left),
      line(models.right.name, comparison.rightRank(of: image.id), state.compare.right),
    ]
  }
}
