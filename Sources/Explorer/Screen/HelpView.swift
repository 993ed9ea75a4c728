import Models
import Frame

/// The keys of the view, from the table.
enum HelpView {
  /// Keys and what they do; a `nil` key is a heading.
  static func lines(_ state: State) -> [(keys: String?, help: String)] {
    var lines: [(String?, String)] = []
    if state.query.isFocused, state.view.type.hasQueryLine {
      lines.append((nil, "In the query line"))
      lines += table(.queryLine, state)
      lines.append((nil, ""))
    }
    lines.append((nil, state.view.type.helpTitle(state)))
    lines += table(state.shownContext, state)
    let views = View.allCases.count
    lines.append(
      ("\(views + 1)-9, 0", "begin a count: 5j, 40G, 03j; 1 to \(views) are the views"))
    lines.append((nil, ""))
    lines += state.view.type.signs(state).map { (nil, $0) }
    return lines
  }

  private static func table(_ context: Context, _ state: State) -> [(String?, String)] {
    context.bindings.map { (state.glyphs.key($0.keys), $0.help) }
  }

  static func height(_ size: Size) -> Int { max(1, size.rows - 2) }

  /// The lines as they are shown: what is too long goes on below.
  static func shown(_ state: State) -> (lines: [(key: String?, text: String)], keys: Int) {
    let all = lines(state)
    let keys = min(14, max(8, all.compactMap { $0.keys.map { width(of: $0) } }.max() ?? 8))
    var shown: [(String?, String)] = []
    for line in all {
      let room = state.size.columns - (line.keys == nil ? 3 : keys + 6)
      let parts = line.help.wrapped(to: max(12, room))
      shown.append((line.keys, parts.first ?? ""))
      for part in parts.dropFirst() { shown.append((line.keys == nil ? nil : "", part)) }
    }
    return (shown, keys)
  }

  static func draw(_ state: State, _ canvas: inout Canvas) {
    let (all, keys) = shown(state)
    let height = height(state.size)
    let top = max(0, min(state.help ?? 0, all.count - height))
    canvas.write(" Help ", column: 0, row: 0, style: Look.tab)
    canvas.write(
      "? or Esc closes", endingAt: canvas.columns - 1, row: 0, limit: canvas.columns - 8,
      style: Look.faint)
    for (row, line) in all.dropFirst(top).prefix(height).enumerated() {
      if let key = line.key {
        canvas.write(key, column: 2, row: row + 1, limit: keys, style: Look.strong)
        canvas.write(line.text, column: keys + 4, row: row + 1, limit: canvas.columns - keys - 5)
      } else {
        canvas.write(
          line.text, column: 1, row: row + 1, limit: canvas.columns - 2, style: Look.strong)
      }
    }
    let more = all.count - top - height
    canvas.write(
      more > 0 ? "j k scroll \(state.glyphs.dot) \(more) more below" : "j k scroll", column: 1,
      row: canvas.rows - 1, limit: canvas.columns - 2, style: Look.faint)
  }
}
