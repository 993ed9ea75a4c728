import Explorer
import Foundation
import Frame
import TestSupport
import Testing

/// Compares a canvas with the file of that name in Screens: its glyphs, then its styles, a letter a cell.
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
  for row in 0..<canvas.rows {
    var line = ""
    for column in 0..<canvas.columns { line.append(letter(canvas[column, row].style)) }
    while line.last == "." { line.removeLast() }
    text += line + "\n"
  }
  if let cursor = canvas.cursor { text += "--- cursor \(cursor.column) \(cursor.row)\n" }
  return text
}

/// `.` plain, `b` bold, `d` dim, `r` reverse, `R` bold reverse, a digit a named colour, `c` any other.
private func letter(_ style: Style) -> Character {
  if style.reverse { return style.bold ? "R" : "r" }
  switch style.foreground {
  case .named(let number): return Character(String(number % 10))
  case .rgb: return "c"
  case .standard: return style.bold ? "b" : style.dim ? "d" : "."
  }
}
