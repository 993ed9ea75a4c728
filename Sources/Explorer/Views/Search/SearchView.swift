import Models
import Datasets
import Foundation
import Frame
import ImageCollections
import Retrieval

/// One query, one ranking, the selected image beside it.
enum SearchView: ExplorerView {
  static func draw(_ state: State, _ layout: Layout, _ canvas: inout Canvas) {
    if let notice = notice(state) {
      notice.draw(in: layout.body, &canvas)
      return
    }
    drawRule(state, layout, &canvas)
    if let list = layout.lists.first?.rect { drawList(state, list, &canvas) }
    if let hit = state.search.selectedHit {
      drawPane(of: hit.image, facts: facts(of: hit, state), state, layout, &canvas)
    }
  }

  /// What stands in place of the list.
  private static func notice(_ state: State) -> Notice? {
    if let notice = state.collectionNotice { return notice }
    if state.search.requested.map(\.needsModel) ?? true, let model = state.model,
      let notice = state.notice(of: model)
    {
      return notice
    }
    if let failure = state.search.failure {
      return Notice(
        title: "The search failed", lines: [failure, "r tries again, / changes the query."],
        isError: true)
    }
    guard state.search.hits.isEmpty else { return nil }
    if state.search.isRunning || state.search.answered == nil {
      let model = state.model?.name ?? ""
      return Notice(
        title: state.model.map { state.loadedModels.contains($0.id) } == true
          ? "Searching\(state.glyphs.ellipsis)" : "Loading \(model)\(state.glyphs.ellipsis)",
        lines: ["You can type meanwhile."])
    }
    return Notice(
      title: "No image matches",
      lines: state.search.notes + ["/ changes the query, Ctrl-U in it empties it."])
  }

  private static func drawList(_ state: State, _ rect: Rect, _ canvas: inout Canvas) {
    let search = state.search
    let visible = search.hits.dropFirst(search.position.top).prefix(rect.rows)
    let shape = HitShape(
      columns: rect.columns, names: visible.map(\.image.filename),
      lastRank: visible.last?.rank ?? 1,
      hasScore: visible.first?.score != nil,
      hasWords: visible.contains { words(of: $0) != nil }, glyphs: state.glyphs)
    let scores = ShownScores(search.hits, scale: state.shownScale, logitScale: search.logitScale)
    for (index, hit) in zip(visible.indices, visible) {
      let isSelected = index == search.position.selected
      drawRow(
        hit, marked: hit.image.isOf(search.namedCategory), isSelected: isSelected, scores, shape,
        Rect(
          column: rect.column, row: rect.row + index - search.position.top, columns: rect.columns,
          rows: 1), state, &canvas)
    }
  }

  private static func drawRow(
    _ hit: Hit, marked: Bool, isSelected: Bool, _ scores: ShownScores, _ shape: HitShape,
    _ rect: Rect, _ state: State, _ canvas: inout Canvas
  ) {
    let glyphs = state.glyphs
    let end = rect.column + rect.columns
    let text = isSelected ? Look.selected : Look.plain
    var column = rect.column
    canvas.write(isSelected ? glyphs.marker : " ", column: column + 1, row: rect.row, style: text)
    column += 2
    canvas.write(
      "\(hit.rank)".leftPadded(to: shape.rank), column: column, row: rect.row, style: text)
    column += shape.rank + 1
    if let score = hit.score {
      if shape.bar > 0 {
        canvas.write(
          glyphs.bar(scores.share(score), columns: shape.bar), column: column, row: rect.row,
          style: isSelected ? Look.selectedBar : Look.bar)
        column += shape.bar + 1
      }
      canvas.write(
        scores.text(score).leftPadded(to: shape.score), column: column, row: rect.row, style: text)
      column += shape.score + 1
      if marked { canvas.write(glyphs.hit, column: column, row: rect.row, style: Look.hit) }
      column += 2
    }
    var name = text
    name.reverse = isSelected && !state.query.isFocused
    let room = min(shape.name, end - column)
    canvas.write(
      hit.image.name(in: room, state.glyphs), column: column, row: rect.row, limit: room,
      style: name)
    column += shape.name + 2
    if shape.caption > 0, let caption = words(of: hit) {
      canvas.write(
        caption, column: column, row: rect.row, limit: end - column - 1,
        style: isSelected ? Look.plain : Look.faint)
    }
  }

  /// Pictures of class folders are often called alike; a window has a place.
  private static func words(of hit: Hit) -> String? {
    if let words = hit.caption ?? hit.image.category { return words }
    // Where a camera stood is the same for all windows.
    guard let window = hit.image.window, window.placement != nil else { return nil }
    return window.area.map { placeText($0.middle) }
  }

  private static func facts(of hit: Hit, _ state: State) -> [String] {
    let dot = " \(state.glyphs.dot) "
    guard let score = hit.score else { return ["\(hit.rank)\(dot)by name"] }
    var text = "cosine \(fixed(Double(score), 3))\(dot)rank \(hit.rank)"
    if state.shownScale == .softmax, let scale = state.search.logitScale {
      let scores = ShownScores(state.search.hits, scale: .softmax, logitScale: scale)
      text = "softmax \(scores.text(score))\(dot)" + text
    }
    return [text]
  }
}

extension IndexedImage {
  /// Whether it is of the category that a query names.
  func isOf(_ category: String?) -> Bool {
    guard let category, let own = self.category else { return false }
    return CategoryName.key(own) == CategoryName.key(category)
  }
}

/// Columns of the parts of a row.
struct HitShape {
  let rank: Int
  let bar: Int
  let score: Int
  let name: Int
  let caption: Int

  /// - Parameter hasWords: whether anything stands behind the names.
  init(
    columns: Int, names: [String], lastRank: Int, hasScore: Bool, hasWords: Bool = true,
    glyphs: Glyphs
  ) {
    rank = max(2, String(lastRank).count)
    bar = !hasScore ? 0 : columns >= 66 ? 10 : columns >= 44 ? 6 : columns >= 36 ? 4 : 0
    score = hasScore ? 6 : 0
    let used = 2 + rank + 1 + (bar > 0 ? bar + 1 : 0) + (hasScore ? score + 3 : 0)
    let rest = max(1, columns - used - 1)
    let widest = names.map { width(of: $0) }.max() ?? 0
    let wanted = min(max(12, widest), max(14, columns * 3 / 10))
    let left = rest - wanted - 2
    caption = hasWords && left >= 14 ? left : 0
    name = caption > 0 ? wanted : rest
  }
}

/// Scores as text and as bars: cosines between the weakest and the best of the list, or a softmax.
struct ShownScores {
  private let scale: Scale
  private let best: Double
  private let worst: Double
  private let logitScale: Double
  private let sum: Double

  init(_ hits: [Hit], scale: Scale, logitScale: Float?) {
    self.scale = logitScale == nil ? .cosine : scale
    let scores = hits.compactMap { $0.score.map(Double.init) }
    let (best, logit) = (scores.first ?? 0, Double(logitScale ?? 1))
    self.best = best
    worst = scores.last ?? 0
    self.logitScale = logit
    sum = self.scale == .softmax ? scores.reduce(0) { $0 + exp(logit * ($1 - best)) } : 1
  }

  private func probability(_ score: Float) -> Double {
    exp(logitScale * (Double(score) - best)) / max(sum, .leastNonzeroMagnitude)
  }

  func text(_ score: Float) -> String {
    scale == .cosine ? fixed(Double(score), 3) : fixed(100 * probability(score), 1) + "%"
  }

  /// 0…1 of the bar. The floor of cosines lies a little below the weakest hit.
  func share(_ score: Float) -> Double {
    if scale == .softmax { return probability(score) / max(probability(Float(best)), 1e-30) }
    let span = max(best - worst, 1e-6)
    return 0.08 + 0.92 * (Double(score) - worst) / span
  }
}
