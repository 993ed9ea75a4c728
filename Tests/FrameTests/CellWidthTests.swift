import Frame
import Testing

@Suite struct CellWidthTests {
  private func columns(_ value: UInt32) throws -> Int {
    CellWidth.columns(of: try #require(Unicode.Scalar(value)))
  }

  @Test(
    "the first and the last of a block of wide characters are wide, their neighbours are not",
    arguments: [
      (0x1100, 0x115F), (0x231A, 0x231B), (0x23E9, 0x23EC), (0x2614, 0x2615), (0x2B1B, 0x2B1C),
      (0x3041, 0x3096), (0xAC00, 0xD7A3), (0xFF01, 0xFF60), (0x1F337, 0x1F37C),
      (0x20000, 0x3134A),
    ] as [(UInt32, UInt32)])
  func wide(first: UInt32, last: UInt32) throws {
    #expect(try columns(first) == 2 && columns(last) == 2)
    #expect(try columns(first - 1) < 2 && columns(last + 1) < 2)
  }

  @Test("controls take no column, the characters beside them one")
  func controls() throws {
    for value in Array(0..<0x20) + Array(0x7F..<0xA0) as [UInt32] {
      #expect(try columns(value) == 0, "\(value)")
    }
    for value in [0x20, 0x7E, 0xA0, 0xE9] as [UInt32] {
      #expect(try columns(value) == 1, "\(value)")
    }
  }

  @Test("two screens are equal where their cells, sizes and cursors are")
  func equality() {
    var one = Canvas(columns: 4, rows: 2)
    var two = one
    #expect(one == two)
    one.write("a", column: 0, row: 0)
    #expect(one != two)
    two.write("a", column: 0, row: 0)
    #expect(one == two)
    two.cursor = (column: 1, row: 0)
    #expect(one != two)
    #expect(Canvas(columns: 2, rows: 4) != Canvas(columns: 4, rows: 2))
  }
}
