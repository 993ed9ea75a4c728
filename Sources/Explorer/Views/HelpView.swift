import Models
import Frame

/// The keys of the view, from the table.
enum HelpView {
  /// Keys and what they do; a `nil` key is a heading.
  static func lines(_ state: State) -> [(keys: String?, help: String)] {
    let here = state.context(ignoringHelp: true)
    var lines: [(String?, String)] = []
    let isTyping = state.query.isFocused && here != .categories && here != .category
    if isTyping {
      lines.append((nil, "In the query line"))
      lines += table(.queryLine, state)
      lines.append((nil, ""))
    }
    lines.append((nil, title(here, state)))
    lines += table(here, state)
    lines.append(
      ("4-9, 0", "begin a count: 5j, 40G, 03j; 1 to 3 are the views"))
    lines.append((nil, ""))
    lines += signs(here, state).map { (nil, $0) }
    return lines
  }

  private static func table(_ context: Context, _ state: State) -> [(String?, String)] {
    ActionTable.bindings(in: context).map { (state.glyphs.key($0.keys), $0.help) }
  }

  private static func title(_ context: Context, _ state: State) -> String {
    switch context {
    case .category: "In the category \(state.categories.opened?.name ?? "")"
    default: "In \(state.view.title)"
    }
  }

  /// What the signs of the view mean.
  private static func signs(_ context: Context, _ state: State) -> [String] {
    let glyphs = state.glyphs
    switch context {
    case .compare:
      return [
        "\(glyphs.up) \(glyphs.down)  ranks gained or lost against the left model; new: not in its list",
        "\(glyphs.hit)  of the category that the query names",
        "overlap@10  images that both have among their first ten",
        "RBO  rank-biased overlap, p = 0.9: 1 the same order, 0 nothing in common",
        "P@10  share of the named category among the first ten",
      ]
    case .category: return ["\(glyphs.wrong)  what the model took the image for"]
    case .categories:
      return [
        "Accuracy: share of images whose best prompt is their own,",
        "\"An aerial photograph of {category}\" over the categories listed,",
        "or over RSICD's thirty where all of these are among them.",
      ]
    default:
      return [
        "Scores are cosines, higher is better; \(glyphs.hit) is of the category that the query names.",
        "beach + pier - crowd adds and takes away; \"white roofs\" must stand in a caption;",
        "category:port keeps to that category; like:airport_35.jpg is an image as a part.",
        "Shift and the mouse select text in most terminals.",
      ]
    }
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
