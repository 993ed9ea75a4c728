import Frame
import ImageCollections

/// The rule between list and pane.
func drawRule(_ state: State, _ layout: Layout, _ canvas: inout Canvas) {
  guard let rule = layout.rule else { return }
  for row in layout.body.row..<layout.body.row + layout.body.rows {
    canvas.write(state.glyphs.rule, column: rule, row: row, style: Look.faint)
  }
}

/// The picture of an image and what is known about it.
func drawPane(
  of image: IndexedImage, facts: [String], _ state: State, _ layout: Layout,
  _ canvas: inout Canvas
) {
  var notes: [String] = []
  if let picture = layout.picture(of: image) {
    let key = PreviewKey(image: image.id, columns: picture.columns, rows: picture.rows)
    switch state.previews[key] {
    case .ready(let preview), .rough(let preview):
      canvas.draw(preview, column: picture.column, row: picture.row)
      notes = preview.notes
    case .failed(let reason):
      Notice(title: "No picture", lines: [reason], isError: true).draw(in: picture, &canvas)
    case nil: drawPlaceholder(in: picture, state, &canvas)
    }
  }
  if let details = layout.details(of: image) {
    draw(
      lines(about: image, facts: facts, notes, columns: details.columns, state), in: details,
      &canvas)
  }
}

/// A mark where the picture is to come.
private func drawPlaceholder(in rect: Rect, _ state: State, _ canvas: inout Canvas) {
  canvas.write(
    state.glyphs.ellipsis, column: rect.column + rect.columns / 2, row: rect.row + rect.rows / 2,
    limit: 3, style: Look.faint)
}

private func lines(
  about image: IndexedImage, facts: [String], _ notes: [String], columns: Int, _ state: State
) -> [(String, Style)] {
  let dot = " \(state.glyphs.dot) "
  var about = "\(image.width) \(state.glyphs.times) \(image.height)"
  about += "\(dot)\(byteCount(image.byteCount))"
  if let category = image.category { about += "\(dot)\(category)" }
  var lines = [(image.filename, Look.strong)]
  for fact in [about] + place(of: image, dot, state.glyphs) + facts {
    lines += fact.wrapped(to: max(8, columns - 1)).map { ($0, Look.plain) }
  }
  var seen = Set<String>()
  for caption in image.captions where seen.insert(caption).inserted {
    // RSICD's captions end in a separate full stop, which would get a line of its own.
    let text = caption.hasSuffix(" .") ? caption.dropLast(2) + "." : caption
    for (index, line) in text.wrapped(to: max(8, columns - 3)).enumerated() {
      lines.append(((index == 0 ? "\(state.glyphs.bullet) " : "  ") + line, Look.faint))
    }
  }
  for note in notes {
    lines += note.wrapped(to: max(8, columns - 1)).map { ($0, Look.faint) }
  }
  return lines
}

/// Where and when a window's scene was taken, as far as that is known.
private func place(of image: IndexedImage, _ dot: String, _ glyphs: Glyphs) -> [String] {
  guard let window = image.window else { return [] }
  var parts: [String] = []
  if let area = window.area {
    parts.append((window.placement == nil ? "camera at " : "") + placeText(area.middle))
  }
  if let taken = window.taken { parts.append(taken) }
  parts.append("of a scene of \(window.sceneWidth) \(glyphs.times) \(window.sceneHeight)")
  return [parts.joined(separator: dot)]
}

/// `7.21141 E 43.72034 N`, to a metre.
func placeText(_ place: (longitude: Double, latitude: Double)) -> String {
  func words(_ degrees: Double, _ positive: String, _ negative: String) -> String {
    let units = Int((degrees.magnitude * 1e5).rounded())
    let digits = String(units % 100_000)
    return "\(units / 100_000)." + String(repeating: "0", count: 5 - digits.count) + digits + " "
      + (degrees < 0 ? negative : positive)
  }
  return words(place.longitude, "E", "W") + " " + words(place.latitude, "N", "S")
}

extension IndexedImage {
  /// The file's name; of a window its rectangle is kept, since that tells it from its neighbours.
  func name(in columns: Int, _ glyphs: Glyphs) -> String {
    guard window != nil, displayWidth(filename) > columns,
      let sign = filename.lastIndex(of: "#")
    else { return filename }
    let end = filename[sign...]
    var start = String(filename[..<sign])
    while !start.isEmpty, displayWidth(start) + displayWidth(glyphs.ellipsis) + end.count > columns
    {
      start.removeLast()
    }
    return start + glyphs.ellipsis + end
  }
}

private func draw(_ lines: [(String, Style)], in rect: Rect, _ canvas: inout Canvas) {
  for (index, line) in lines.prefix(rect.rows).enumerated() {
    canvas.write(
      line.0, column: rect.column, row: rect.row + index, limit: max(0, rect.columns - 1),
      style: line.1)
  }
}
