import Texts
import Frame
import ImageCollections

/// The screen of a state at a size. Pure: the same state gives the same cells.
public func draw(_ state: State, columns: Int, rows: Int) -> Canvas {
  var state = state
  state.size = Size(columns: columns, rows: rows)
  var canvas = Canvas(columns: columns, rows: rows)
  let layout = Layout(state, size: state.size)
  guard layout.isLargeEnough else {
    drawTooSmall(&canvas)
    return canvas
  }
  if state.help != nil {
    HelpView.draw(state, &canvas)
    return canvas
  }
  drawHeader(state, layout, &canvas)
  if layout.hasQueryLine { drawQueryLine(state, layout, &canvas) }
  state.view.type.draw(state, layout, &canvas)
  drawFooter(state, &canvas)
  assert(canvas.checkInvariants() == nil)
  return canvas
}

private func drawTooSmall(_ canvas: inout Canvas) {
  let lines = [
    "Too small", "Please enlarge to", "\(Layout.smallest.columns) x \(Layout.smallest.rows)",
    "(q quits)",
  ]
  for (row, line) in lines.enumerated() where row < canvas.rows {
    canvas.write(line, column: 0, row: row, limit: canvas.columns)
  }
}

extension Canvas {
  /// Writes text so that it ends before a column; if it is too long, its end is cut.
  mutating func write(
    _ text: String, endingAt end: Int, row: Int, limit: Int = .max, style: Style = .plain
  ) {
    let length = min(width(of: text), limit)
    write(text, column: max(0, end - length), row: row, limit: min(limit, end), style: style)
  }

  /// Writes pieces one after the other; returns the column behind the last.
  @discardableResult mutating func write(
    _ pieces: [(String, Style)], column: Int, row: Int, end: Int
  ) -> Int {
    var column = column
    for (text, style) in pieces where column < end {
      column += write(text, column: column, row: row, limit: end - column, style: style)
    }
    return column
  }
}

// MARK: - Header

private func drawHeader(_ state: State, _ layout: Layout, _ canvas: inout Canvas) {
  if layout.hasName { canvas.write("clip-rsicd", column: 1, row: 0, style: Look.strong) }
  for tab in layout.tabs {
    let isHere = tab.view == state.view
    canvas.write(
      isHere ? " \(tab.view.title) " : " \(tab.view.title)", column: tab.columns.lowerBound,
      row: 0, style: isHere ? Look.tab : Look.plain)
  }
  let room = layout.headerInfo.count - 1
  for text in headerInfo(state) where width(of: text) <= room {
    canvas.write(text, endingAt: layout.size.columns - 1, row: 0)
    return
  }
  if let shortest = headerInfo(state).last {
    canvas.write(shortest, column: layout.headerInfo.lowerBound, row: 0, limit: room)
  }
}

/// Columns that the collection's name may take in the header.
private let longestName = 24

/// What the right end of the header says, the longest first: which pictures these are, before how many.
private func headerInfo(_ state: State) -> [String] {
  let dot = " \(state.glyphs.dot) "
  switch state.collection {
  case .waiting: return ["opening\(state.glyphs.ellipsis)"]
  case .failed: return ["no collection"]
  case .ready(let summary):
    let count = "\(grouped(summary.imageCount)) image\(summary.imageCount == 1 ? "" : "s")"
    let name = summary.isDrawn ? "drawn gallery" : fitted(summary.name, columns: longestName)
    guard let model = state.model else {
      return ["\(name)\(dot)no model\(dot)\(count)", "\(name)\(dot)no model", "no model"]
    }
    return [
      "\(name)\(dot)\(model.name)\(dot)\(count)\(dot)\(summary.indexName)",
      "\(name)\(dot)\(model.name)\(dot)\(count)", "\(name)\(dot)\(model.name)", model.name,
    ]
  }
}

// MARK: - Query line

private func drawQueryLine(_ state: State, _ layout: Layout, _ canvas: inout Canvas) {
  let isFocused = state.query.isFocused
  canvas.write(
    state.glyphs.prompt, column: 1, row: 1, style: isFocused ? Look.strong : Look.faint)
  let room = Layout.queryRoom(layout.size.columns)
  if let like = state.search.like, !isFocused {
    canvas.write(
      [("images like ", Look.faint), (like.filename, Look.plain)], column: Layout.queryStart,
      row: 1, end: Layout.queryStart + room)
  } else if state.query.characters.isEmpty {
    canvas.write(
      "what is to be seen from above\(state.glyphs.ellipsis)", column: Layout.queryStart, row: 1,
      limit: room, style: Look.faint)
    if isFocused { canvas.cursor = (Layout.queryStart, 1) }
  } else {
    let start = isFocused ? Layout.queryOffset(state) : 0
    canvas.write(
      String(state.query.characters[start...]), column: Layout.queryStart, row: 1, limit: room,
      style: Look.strong)
    if isFocused {
      let before = width(of: String(state.query.characters[start..<state.query.caret]))
      canvas.cursor = (min(Layout.queryStart + before, layout.size.columns - 1), 1)
    }
  }
  let status = queryStatus(state, layout)
  canvas.write(
    status.text, endingAt: layout.size.columns - 1, row: 1,
    limit: layout.size.columns - Layout.queryStart - room,
    style: status.isBusy ? Look.strong : Look.faint)
}

/// Time and place of what is shown, or what is being waited for.
private func queryStatus(_ state: State, _ layout: Layout) -> (text: String, isBusy: Bool) {
  let isWide = layout.size.columns >= 60
  let status = state.view.type.status(state)
  if let model = state.model, state.modelFailures[model.id] != nil { return ("no model", true) }
  if status.isRunning {
    if let model = state.model, !state.loadedModels.contains(model.id) {
      return (isWide ? "loading \(model.name)\(state.glyphs.ellipsis)" : "loading", true)
    }
    return ("searching\(state.glyphs.ellipsis)", true)
  }
  guard status.count > 0 else { return ("", false) }
  let last = min(layout.top + layout.listHeight, status.count)
  let total = grouped(max(status.total, status.count))
  let place = "\(layout.top + 1)\(state.glyphs.dash)\(last) of \(total)"
  guard isWide, let milliseconds = status.milliseconds else { return (place, false) }
  return ("\(duration(milliseconds: milliseconds))   \(place)", false)
}

// MARK: - Footer

private func drawFooter(_ state: State, _ canvas: inout Canvas) {
  let row = canvas.rows - 1
  var end = canvas.columns - 1
  if let count = state.pendingCount {
    canvas.write("\(count)", endingAt: end, row: row, style: Look.strong)
    end -= 6
  } else if canvas.columns >= Layout.twoPanes, let model = state.model, state.models.count > 1 {
    let next = state.models[(state.modelIndex + 1) % state.models.count]
    let pieces = [
      (model.name, Look.strong), (" \(state.glyphs.switching) ", Look.plain),
      (next.name, Look.faint),
    ]
    let length = min(pieces.reduce(0) { $0 + width(of: $1.0) }, canvas.columns / 3)
    canvas.write(pieces, column: end - length, row: row, end: end)
    end -= length + 2
  }
  if let message = state.message {
    let sign = message.isError ? "! " : ""
    canvas.write(
      sign + message.text, column: 1, row: row, limit: end - 1,
      style: message.isError ? Look.error : Look.plain)
    return
  }
  var items = state.context.bindings.compactMap { binding in
    binding.short.map { (key: state.glyphs.key(binding.keys), short: $0) }
  }
  let length = { items.reduce(-2) { $0 + width(of: $1.key) + 1 + width(of: $1.short) + 2 } }
  let separated = { (index: Int) in index == 0 ? "" : "  " }
  // Help is what names all others: it goes last.
  while items.count > 1, length() > end - 1 {
    let index = items.lastIndex { $0.short != "help" } ?? 0
    items.remove(at: index)
  }
  canvas.write(
    items.enumerated().flatMap { index, item in
      [(separated(index) + item.key, Look.strong), (" \(item.short)", Look.faint)]
    }, column: 1, row: row, end: end)
}
