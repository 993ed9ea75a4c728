import Frame
import Imaging
import RandomNumbers
import Terminal
import Testing

/// Which colours and glyphs cells get, against what can be counted out.
@Suite struct CellChoiceTests {
  private func flat(_ red: UInt8, _ green: UInt8, _ blue: UInt8, side: Int = 32) throws -> Pixels {
    try Pixels(
      width: side, height: side, bytes: (0..<side * side).flatMap { _ in [red, green, blue] })
  }

  /// Colours 16…255 as xterm defines them.
  private static let palette: [(Int, Int, Int)] =
    (0..<216).map { index in
      func level(_ digit: Int) -> Int { digit == 0 ? 0 : 55 + 40 * digit }
      return (level(index / 36), level(index / 6 % 6), level(index % 6))
    } + (0..<24).map { (8 + 10 * $0, 8 + 10 * $0, 8 + 10 * $0) }

  @Test("of the 240 fixed colours the nearest is taken")
  func nearest() {
    func distance(_ a: (Int, Int, Int), _ b: (Int, Int, Int)) -> Int {
      (a.0 - b.0) * (a.0 - b.0) + (a.1 - b.1) * (a.1 - b.1) + (a.2 - b.2) * (a.2 - b.2)
    }
    func check(_ r: Int, _ g: Int, _ b: Int) {
      let found = Palette.index256(UInt8(r), UInt8(g), UInt8(b))
      let least = Self.palette.map { distance($0, (r, g, b)) }.min() ?? 0
      #expect(distance(Self.palette[found - 16], (r, g, b)) == least, "\(r) \(g) \(b): \(found)")
    }
    for gray in 0...255 { check(gray, gray, gray) }
    for r in stride(from: 0, through: 255, by: 17) {
      for g in stride(from: 3, through: 255, by: 19) {
        for b in stride(from: 5, through: 255, by: 23) { check(r, g, b) }
      }
    }
  }

  @Test("the 16 colours have the codes 30 to 37 and 90 to 97, backgrounds ten more")
  func codes() {
    for number in 0..<16 {
      let style = Style(foreground: .named(UInt8(number)), background: .named(UInt8(15 - number)))
      let line = ansi(
        PreviewImage(columns: 1, rows: 1, cells: [Cell("▀", style)]), depth: .colors16)[0]
      func code(_ number: Int) -> Int { number < 8 ? 30 + number : 82 + number }
      #expect(line == "\u{1B}[0;\(code(number));\(code(15 - number) + 10)m▀\u{1B}[0m")
    }
  }

  @Test("a cell of one colour is a blank in that colour, whatever the colour")
  func flatCells() throws {
    for value in stride(from: 0, through: 255, by: 5) {
      let (r, g, b) = (UInt8(value), UInt8((value * 7 + 13) % 256), UInt8((value * 3 + 101) % 256))
      let shown = Previewer(depth: .direct, symbols: .octant)
        .preview(of: try flat(r, g, b), columns: 3, rows: 2)
      #expect(shown.cells.allSatisfy { $0.glyph == " " }, "\(r) \(g) \(b)")
      #expect(shown.cells.allSatisfy { $0.style.background == .rgb(r, g, b) }, "\(r) \(g) \(b)")
    }
  }

  @Test("octants get the two colours whose squared error over their eight parts is the least")
  func leastError() throws {
    let (columns, rows) = (12, 6)
    var random = RandomNumbers(5)
    let picture = try Pixels(
      width: 2 * columns, height: 4 * rows,
      bytes: (0..<6 * columns * 4 * rows).map { _ in UInt8.random(in: 0...255, using: &random) })
    let shown = Previewer(depth: .direct, symbols: .octant)
      .preview(of: picture, columns: columns, rows: rows)
    func part(_ cell: Int, _ index: Int) -> SIMD3<Float> {
      let x = 2 * (cell % columns) + index % 2
      let y = 4 * (cell / columns) + index / 2
      let start = 3 * (y * picture.width + x)
      return SIMD3(
        Float(picture.bytes[start]), Float(picture.bytes[start + 1]),
        Float(picture.bytes[start + 2]))
    }
    func squared(_ difference: SIMD3<Float>) -> Float { (difference * difference).sum() }
    for (index, cell) in shown.cells.enumerated() {
      guard case .rgb(let r, let g, let b) = cell.style.foreground,
        case .rgb(let r2, let g2, let b2) = cell.style.background
      else { throw Refusal() }
      let (front, back) = (
        SIMD3(Float(r), Float(g), Float(b)), SIMD3(Float(r2), Float(g2), Float(b2))
      )
      let parts = (0..<8).map { part(index, $0) }
      let found = parts.reduce(0) { $0 + min(squared($1 - front), squared($1 - back)) }
      let least =
        (1..<128).map { (mask: Int) -> Float in
          let groups: [[SIMD3<Float>]] = [1, 0].map { bit in
            (0..<8).filter { mask >> $0 & 1 == bit }.map { parts[$0] }
          }
          return groups.reduce(0) { error, group in
            let mean = group.reduce(SIMD3<Float>.zero, +) / Float(group.count)
            return error + group.reduce(0) { $0 + squared($1 - mean) }
          }
        }.min() ?? 0
      // Colours are whole numbers: 0.5 off in each of 24 values at most.
      #expect(found <= least + 8, "cell \(index)")
    }
  }

  private struct Refusal: Error {}

  @Test("black in braille is blanks, white all dots, to the last column", arguments: [4, 5])
  func braille(columns: Int) throws {
    for (value, glyph) in [(UInt8(0), " "), (255, "⣿")] {
      let shown = Previewer(depth: .mono, symbols: .braille)
        .preview(of: try flat(value, value, value, side: 80), columns: columns, rows: 20)
      #expect(shown.cells.allSatisfy { $0.glyph == glyph }, "\(value)")
    }
    let colours = Previewer(depth: .direct, symbols: .braille)
      .preview(of: try flat(0, 0, 0), columns: columns, rows: 20)
    #expect(colours.cells.allSatisfy { $0.glyph == " " })
  }

  @Test("what is nearly of one gray stays so without colour: contrast is doubled at most")
  func faintContrast() throws {
    let picture = try Pixels(
      width: 64, height: 64,
      bytes: (0..<64 * 64).flatMap { [UInt8](repeating: $0 % 64 < 32 ? 126 : 130, count: 3) })
    let shown = Previewer(depth: .mono, symbols: .braille).preview(
      of: picture, columns: 16, rows: 8)
    func dots(_ columns: Range<Int>) -> Int {
      (0..<shown.rows).flatMap { row in columns.map { shown.cells[row * shown.columns + $0] } }
        .reduce(0) {
          let value = $1.glyph.unicodeScalars.first?.value ?? 0
          return $0 + (value >= 0x2800 && value < 0x2900 ? (value - 0x2800).nonzeroBitCount : 0)
        }
    }
    let half = shown.columns / 2
    let (left, right) = (dots(0..<half), dots(half..<shown.columns))
    let all = half * shown.rows * 8
    #expect(
      left > all * 2 / 5 && right < all * 3 / 5 && left < right, "\(left), \(right) of \(all)")
  }
}
