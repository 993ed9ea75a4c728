import Frame
import Imaging
import Terminal
import Testing

@Suite struct PreviewTests {
  /// Left half of one colour, right half of another.
  private func picture(_ width: Int, _ height: Int) throws -> Pixels {
    var bytes: [UInt8] = []
    for _ in 0..<height {
      for x in 0..<width { bytes += x < width / 2 ? [255, 0, 0] : [0, 0, 255] }
    }
    return try Pixels(width: width, height: height, bytes: bytes)
  }

  @Test(arguments: [
    (224, 224, 40, 20, 40, 20), (224, 224, 40, 10, 20, 10), (400, 100, 40, 40, 40, 5),
    (1, 500, 40, 10, 1, 10), (500, 1, 40, 10, 40, 1), (224, 224, 1, 1, 1, 1), (3, 3, 0, -4, 1, 1),
  ])
  func keepsTheShape(_ c: (Int, Int, Int, Int, Int, Int)) throws {
    let picture = try picture(c.0, c.1)
    for depth in ColorDepth.allCases {
      for unicode in [true, false] {
        let preview = Previewer(depth: depth, unicode: unicode)
          .preview(of: picture, columns: c.2, rows: c.3)
        #expect(preview.columns == c.4 && preview.rows == c.5)
        var canvas = Canvas(columns: preview.columns, rows: preview.rows)
        canvas.draw(preview, column: 0, row: 0)
        #expect(canvas.checkInvariants() == nil)
        #expect(canvas.cells == preview.cells)
        if !unicode { #expect(preview.cells.allSatisfy { $0.glyph.utf8.allSatisfy { $0 < 0x7F } }) }
      }
    }
  }

  @Test func showsTheColors() throws {
    let preview = Previewer(depth: .direct, unicode: true)
      .preview(of: try picture(64, 64), columns: 8, rows: 4)
    func near(_ cell: Cell, _ r: Int, _ b: Int) -> Bool {
      [cell.style.foreground, cell.style.background].contains {
        guard case .rgb(let x, _, let z) = $0 else { return false }
        return abs(Int(x) - r) < 10 && abs(Int(z) - b) < 10
      }
    }
    #expect(near(preview.cells[0], 255, 0))
    #expect(near(preview.cells[7], 0, 255))
    let plain = Previewer(depth: .mono, unicode: true)
      .preview(of: try picture(64, 64), columns: 8, rows: 4)
    #expect(plain.cells.allSatisfy { $0.style == .plain })
  }

  @Test func linesToPrint() throws {
    let preview = PreviewImage(
      columns: 2, rows: 1,
      cells: [
        Cell("▀", Style(foreground: .rgb(255, 135, 0), background: .rgb(8, 8, 8))), Cell("x"),
      ])
    #expect(ansi(preview, depth: .direct) == ["\u{1B}[0;38;2;255;135;0;48;2;8;8;8m▀\u{1B}[0mx"])
    #expect(ansi(preview, depth: .colors256) == ["\u{1B}[0;38;5;208;48;5;232m▀\u{1B}[0mx"])
    #expect(ansi(preview, depth: .colors16) == ["\u{1B}[0;33;40m▀\u{1B}[0mx"])
    #expect(ansi(preview, depth: .mono) == ["▀x"])
  }

  @Test(arguments: [
    (["TERM": "xterm-256color"], ColorDepth.colors256),
    (["TERM": "xterm-256color", "COLORTERM": "truecolor"], .direct),
    (["TERM": "xterm-256color", "COLORTERM": "24bit", "NO_COLOR": "1"], .mono),
    (["TERM": "xterm-256color", "NO_COLOR": ""], .colors256), (["TERM": "xterm"], .colors16),
    (["TERM": "vt100"], .mono), (["TERM": "dumb", "COLORTERM": "truecolor"], .mono), ([:], .mono),
    (["TERM": "tmux-direct"], .direct),
  ])
  func depthPromised(environment: [String: String], depth: ColorDepth) {
    #expect(ColorDepth.promised(by: environment) == depth)
  }
}
