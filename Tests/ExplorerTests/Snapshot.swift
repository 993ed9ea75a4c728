import Explorer
import Foundation
import Frame
import TestSupport
import Testing

/// Compares a canvas with the file of that name in Screens: its glyphs, then its looks, a letter a cell, and
/// what each letter stands for.
/// `RECORD_SNAPSHOTS=1` writes the file and fails, so that a recording never passes for a test.
func expectSnapshot(
  _ canvas: Canvas, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let file = Places.package.appendingPathComponent("Tests/ExplorerTests/Screens/\(name).txt")
  let found = describe(canvas)
  if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
    try Data(found.utf8).write(to: file, options: .atomic)
    Issue.record("recorded \(name)", sourceLocation: sourceLocation)
    return
  }
  let expected = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
  let (a, b) = (expected.split(separator: "\n"), found.split(separator: "\n"))
  let difference = zip(a, b).first { $0 != $1 }
  #expect(
    expected == found,
    """
    \(name) differs first here:
    expected \(difference?.0 ?? "\(a.count) lines")
    found    \(difference?.1 ?? "\(b.count) lines")
    """, sourceLocation: sourceLocation)
}

private func describe(_ canvas: Canvas) -> String {
  var text = canvas.text + "--- styles\n"
  var legend = Legend()
  for row in 0..<canvas.rows {
    var line = ""
    for column in 0..<canvas.columns { line.append(legend.letter(canvas[column, row].style)) }
    while line.last == "." { line.removeLast() }
    text += line + "\n"
  }
  text += "--- looks\n" + legend.text
  if let cursor = canvas.cursor { text += "--- cursor \(cursor.column) \(cursor.row)\n" }
  return text
}

/// A letter for each look of a canvas, in the order in which they appear; `.` is the plain one.
private struct Legend {
  private static let letters = Array(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
  private var looks: [Style] = []

  mutating func letter(_ style: Style) -> Character {
    if style == .plain { return "." }
    let place = looks.firstIndex(of: style) ?? looks.count
    if place == looks.count { looks.append(style) }
    return place < Self.letters.count ? Self.letters[place] : "?"
  }

  var text: String {
    looks.enumerated().map { place, look in
      let letter = place < Self.letters.count ? Self.letters[place] : "?"
      return "\(letter) \(words(look))\n"
    }.joined()
  }

  private func words(_ style: Style) -> String {
    var words: [String] = []
    if style.bold { words.append("bold") }
    if style.dim { words.append("dim") }
    if style.underline { words.append("underlined") }
    if style.reverse { words.append("reversed") }
    if style.foreground != .standard { words.append(name(style.foreground)) }
    if style.background != .standard { words.append("on " + name(style.background)) }
    return words.joined(separator: " ")
  }

  private func name(_ color: Color) -> String {
    switch color {
    case .standard: "standard"
    case .named(let number): "color \(number)"
    case .rgb(let red, let green, let blue): "\(red),\(green),\(blue)"
    }
  }
}
