import Texts

/// Columns that a text takes when a canvas shows it.
public func displayWidth(_ text: String) -> Int {
  var glyphs = Glyphs(text)
  var columns = 0
  while let glyph = glyphs.next() { columns += glyph.columns }
  return columns
}

/// The text as a canvas shows it, cut to at most this many columns, with `…` where something is missing.
public func fitted(_ text: String, columns: Int) -> String {
  var canvas = Canvas(columns: min(max(columns, 0), 4096), rows: 1)
  let used = canvas.write(text, column: 0, row: 0, limit: columns)
  return canvas.cells.prefix(used).map(\.glyph).joined()
}

/// The glyphs of a text, one for each cell or pair of cells, each safe to send.
///
/// A glyph is one spacing scalar and at most four marks (what a cell of curses holds). Sequences whose
/// width no two terminals agree on are replaced: emoji joined or varied show their first picture, flags
/// their two letters.
struct Glyphs: IteratorProtocol {
  struct Glyph {
    let text: String
    let columns: Int
  }
  private var scalars: String.UnicodeScalarView.Iterator
  private var ahead: Unicode.Scalar?
  /// The rest of a stand-in of several letters.
  private var pending: Substring = ""

  init(_ text: String) {
    scalars = text.unicodeScalars.makeIterator()
    ahead = scalars.next()
  }

  mutating func next() -> Glyph? {
    if let first = pending.popFirst() { return Glyph(text: String(first), columns: 1) }
    guard let scalar = ahead else { return nil }
    ahead = scalars.next()
    if scalar.value < 0x7F, scalar.value >= 0x20, ahead.map({ $0.value < 0x300 }) ?? true {
      return Glyph(text: String(Character(scalar)), columns: 1)
    }
    if isLeftOut(scalar.value) { return next() }
    if let standIn = SafeText.standIn(for: scalar) {
      pending = standIn[...]
      return next()
    }
    if (0x1F1E6...0x1F1FF).contains(scalar.value) {
      pending =
        Unicode.Scalar(scalar.value - 0x1F1E6 + 0x41).map { String(Character($0))[...] } ?? "?"
      return next()
    }
    var text = String.UnicodeScalarView()
    let width = CellWidth.columns(of: scalar)
    // A mark without a letter to sit on gets the circle that tables of characters use.
    if width == 0 { text.append("\u{25CC}") }
    text.append(scalar)
    takeMarks(into: &text, isPicture: scalar.value > 0x2190 && scalar.properties.isEmoji)
    return Glyph(text: String(text), columns: max(1, width))
  }

  /// Takes the marks that belong to the glyph; those over four are dropped, so that no text can pile up.
  private mutating func takeMarks(into text: inout String.UnicodeScalarView, isPicture: Bool) {
    var count = text.count - 1
    while let mark = ahead {
      let value = mark.value
      if isPicture, value == 0x200D {
        // Joined pictures (a family): the first stands for all.
        ahead = scalars.next()
        if let joined = ahead, joined.properties.isEmoji, joined.value > 0x2190 {
          ahead = scalars.next()
        }
      } else if isLeftOut(value) || (isPicture && mark.properties.isEmojiModifier) {
        ahead = scalars.next()
      } else if value >= 0x300, CellWidth.columns(of: mark) == 0, SafeText.standIn(for: mark) == nil
      {
        if count < 4 {
          text.append(mark)
          count += 1
        }
        ahead = scalars.next()
      } else {
        return
      }
    }
  }

  /// Joiners and variation selectors: without a meaning of their own, and terminals differ in them.
  private func isLeftOut(_ value: UInt32) -> Bool {
    SafeText.isJoiner(value) || (0xFE00...0xFE0F).contains(value)
      || (0xE0100...0xE01EF).contains(value)
  }
}
