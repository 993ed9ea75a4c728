import Texts
import Frame
import Testing

@Suite struct CanvasTests {
  private func shown(_ text: String, columns: Int = 20, limit: Int = .max) -> String {
    var canvas = Canvas(columns: columns, rows: 1)
    canvas.write(text, column: 0, row: 0, limit: limit)
    #expect(canvas.checkInvariants() == nil)
    var line = canvas.text(row: 0)
    while line.hasSuffix(" ") { line.removeLast() }
    return line
  }

  @Test(arguments: [
    ("airport", 7), ("", 0), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("✈", 1), ("🚀", 2), ("한", 2),
    ("ｱ", 1), ("Ａ", 2), ("👩‍👩‍👧", 2), ("👍🏽", 2), ("🇩🇪", 2), ("☂️", 1), ("क्ष", 2), ("a\u{200D}b", 2),
    ("\u{301}", 1), ("\u{1B}[2J", 4), ("\u{202E}x", 9), ("שלום", 4),
    ("\u{1112}\u{1161}\u{11AB}", 2),
  ])
  func widthOfText(text: String, columns: Int) {
    #expect(displayWidth(text) == columns)
    var canvas = Canvas(columns: 20, rows: 1)
    #expect(canvas.write(text, column: 0, row: 0) == columns)
    #expect(canvas.checkInvariants() == nil)
  }

  @Test func cutsAtACharacterWithAnEllipsis() {
    #expect(shown("airport", limit: 7) == "airport")
    #expect(shown("airport", limit: 6) == "airpo…")
    #expect(shown("airport", limit: 1) == "…")
    #expect(shown("airport", limit: 0) == "")
    #expect(shown("日本語", limit: 6) == "日本語")
    #expect(shown("日本語", limit: 5) == "日本…")
    #expect(shown("日本語", limit: 4) == "日…")
    #expect(shown("日本語", limit: 1) == "…")
    #expect(shown("e\u{301}e\u{301}e\u{301}", limit: 2) == "e\u{301}…")
    #expect(fitted("many planes", columns: 6) == "many …")
  }

  @Test func clipsAtTheEdges() {
    #expect(shown("airport", columns: 3) == "air")
    #expect(shown("a日", columns: 2) == "a")
    var canvas = Canvas(columns: 4, rows: 2)
    canvas.write("日本語", column: -1, row: 0)
    #expect(canvas.text(row: 0) == " 本 ")
    canvas.write("below", column: 0, row: 7)
    canvas.write("beside", column: 90, row: 0)
    canvas.write("before", column: -9, row: 1)
    #expect(canvas.text(row: 1) == "    ")
    #expect(canvas.checkInvariants() == nil)
  }

  @Test func halfOverwrittenWideGlyphsBecomeBlanks() {
    var canvas = Canvas(columns: 6, rows: 1)
    canvas.write("日本語", column: 0, row: 0)
    canvas.write("x", column: 1, row: 0)
    #expect(canvas.text(row: 0) == " x本語")
    canvas.write("中", column: 3, row: 0)
    #expect(canvas.text(row: 0) == " x 中 ")
    #expect(canvas.checkInvariants() == nil)
    canvas.write("本", column: 0, row: 0)
    canvas.write("x", column: 0, row: 0)
    #expect(canvas.text(row: 0) == "x  中 ")
  }

  @Test func hostileTextIsShownNotSent() {
    #expect(shown("a\u{1B}]0;x\u{7}") == "a␛]0;x␇")
    #expect(shown("a\r\nb\tc\u{7F}") == "a␍␊b␉c␡")
    #expect(shown("\u{9B}31m") == "<U+009B>31m")
    #expect(shown("\u{202E}gpj") == "<U+202E>gpj")
    #expect(shown("\u{2028}\u{E000}") == "<U+2028><U+E000>")
    #expect(shown("\u{200B}\u{FEFF}") == "<U+200B><U+FEFF>")
    #expect(shown("\u{E0041}") == "<U+E0041>")
    let pile = "a" + String(repeating: "\u{301}", count: 100)
    #expect(shown(pile).unicodeScalars.count == 5)
    for value in UInt32(0)...0x2FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      var canvas = Canvas(columns: 12, rows: 1)
      canvas.write(String(Character(scalar)), column: 0, row: 0)
      if let problem = canvas.checkInvariants() {
        Issue.record("U+\(String(value, radix: 16)): \(problem)")
      }
    }
  }

  @Test func safeTextKeepsWhatIsHarmless() {
    #expect(safeForTerminal("plane 1.jpg") == "plane 1.jpg")
    #expect(safeForTerminal("👩‍👩‍👧 é 日") == "👩‍👩‍👧 é 日")
    #expect(safeForTerminal("x\u{1B}[2J\n\u{202E}\u{85}") == "x␛[2J␊<U+202E><U+0085>")
  }

  @Test func fillsRulesAndDrawings() {
    var canvas = Canvas(columns: 5, rows: 3)
    canvas.rule(row: 1)
    canvas.fill(column: 2, row: 0, columns: 1, rows: .max, with: "│")
    #expect(canvas.text(row: 0) == "  │  ")
    #expect(canvas.text(row: 1) == "──│──")
    canvas.fill(column: 3, row: -4, columns: .max, rows: .max, with: "日")
    #expect(canvas.text(row: 1) == "──│  ")
    let picture = PreviewImage(
      columns: 2, rows: 2, cells: [Cell("▀"), Cell("▄", .reversed), Cell("日"), Cell("")])
    canvas.draw(picture, column: 4, row: 1)
    #expect(canvas.text(row: 1) == "──│ ▀")
    #expect(canvas.text(row: 2) == "  │  ")
    canvas.draw(picture, column: -1, row: 0)
    #expect(canvas[0, 0] == Cell("▄", .reversed))
    #expect(canvas.text(row: 1) == " ─│ ▀")
    #expect(canvas.checkInvariants() == nil)
  }

  @Test func invariantsSeeABrokenCanvas() {
    var canvas = Canvas(columns: 2, rows: 1)
    canvas[0, 0] = Cell("\u{1B}")
    #expect(canvas.checkInvariants() != nil)
    canvas[0, 0] = Cell("日")
    #expect(canvas.checkInvariants() != nil)
    canvas[1, 0] = Cell("")
    #expect(canvas.checkInvariants() == nil)
  }

  @Test func asciiKeepsEveryColumn() {
    var canvas = Canvas(columns: 24, rows: 1)
    canvas.write("▸▉▌│─… é 日x ⣿●·", column: 0, row: 0)
    canvas[3, 0].style = .strong
    let ascii = canvas.asciiOnly()
    #expect(ascii.text(row: 0) == ">#=|-~ ? ? x #*.        ")
    #expect(ascii[3, 0].style == .strong)
    #expect(ascii.checkInvariants() == nil)
    #expect(asciiOnly("a→\u{1B}日") == "a>??")
  }
}
