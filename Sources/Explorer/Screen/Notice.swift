import Frame
import ImageCollections

/// Shown in place of a list: what is wrong, and which key helps.
struct Notice {
  var title: String
  var lines: [String] = []
  var isError = false

  func draw(in rect: Rect, _ canvas: inout Canvas) {
    let columns = max(1, min(rect.columns - 4, 72))
    let body = lines.flatMap { $0.wrapped(to: columns) }
    let height = 1 + body.count
    var row = rect.row + max(0, min(rect.rows / 3, rect.rows - height))
    let end = rect.row + rect.rows
    for (index, line) in ([(isError ? "! " : "") + title] + body).enumerated() where row < end {
      canvas.write(
        line, column: rect.column + 2, row: row, limit: columns,
        style: index == 0 ? (isError ? Look.error : Look.strong) : Look.plain)
      row += 1
    }
  }
}

extension State {
  /// The notice of a collection that cannot be searched (yet); `nil` where it can.
  var collectionNotice: Notice? {
    switch collection {
    case .waiting: return Notice(title: "Opening the collection\(glyphs.ellipsis)")
    case .failed(let reason):
      return Notice(
        title: "The collection cannot be opened",
        lines: [reason, "r tries again, q quits."], isError: true)
    case .ready(let summary):
      if summary.imageCount == 0 {
        return Notice(
          title: "This collection is empty",
          lines: ["\(advice.emptyCollection); q quits."])
      }
      if summary.models.isEmpty {
        return Notice(
          title: "No image of this collection has been embedded",
          lines: ["\(advice.noVectors); q quits."])
      }
      return nil
    }
  }

  /// The notice shown where only a model that cannot be loaded could answer.
  func notice(of model: IndexedModel) -> Notice? {
    guard let reason = modelFailures[model.id] else { return nil }
    return Notice(
      title: "No model: \(model.name) cannot be loaded",
      lines: [
        reason,
        "Without it: an empty query (/ then Ctrl-U) lists the images, s finds those like one, "
          + "3 shows the categories.",
        models.count > 1
          ? "m takes another model, r tries again, q quits." : "r tries again, q quits.",
      ], isError: true)
  }
}
