import Texts
import Frame
import Imaging
import Testing

import Terminal

/// Pictures of every width: what libchafa shows must not depend on whether a row of pixels is a whole
/// number of 32-bit words.
@Suite struct PictureShapeTests {
  /// Stripes across in red, stripes down in green, a slope in blue.
  private func picture(_ width: Int, _ height: Int) throws -> Pixels {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(3 * width * height)
    for y in 0..<height {
      for x in 0..<width {
        bytes.append(x * 7 / max(7, width) % 2 == 0 ? 230 : 20)
        bytes.append(y * 5 / max(5, height) % 2 == 0 ? 30 : 210)
        bytes.append(UInt8((x * 120 / width) + (y * 120 / height)))
      }
    }
    return try Pixels(width: width, height: height, bytes: bytes)
  }

  /// Every pixel four times as wide.
  private func widened(_ picture: Pixels) throws -> Pixels {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 * picture.bytes.count)
    for pixel in 0..<picture.width * picture.height {
      let color = picture.bytes[3 * pixel..<3 * pixel + 3]
      for _ in 0..<4 { bytes += color }
    }
    return try Pixels(width: 4 * picture.width, height: picture.height, bytes: bytes)
  }

  private func mean(_ cell: Cell) -> SIMD3<Float> {
    let share = GridGlyphs.coverage(of: cell.glyph.unicodeScalars.first ?? " ")
    return color(cell.style.foreground) * share + color(cell.style.background) * (1 - share)
  }

  private func color(_ color: Color) -> SIMD3<Float> {
    switch color {
    case .rgb(let r, let g, let b): SIMD3(Float(r), Float(g), Float(b))
    case .named(let n):
      SIMD3(
        Float(Palette.named[Int(n)].0), Float(Palette.named[Int(n)].1),
        Float(Palette.named[Int(n)].2))
    case .standard: .zero
    }
  }

  private func mean(_ picture: Pixels) -> SIMD3<Float> {
    var sum = SIMD3<Double>.zero
    for pixel in 0..<picture.width * picture.height {
      for channel in 0..<3 { sum[channel] += Double(picture.bytes[3 * pixel + channel]) }
    }
    return SIMD3<Float>(sum / Double(picture.width * picture.height))
  }

  private func largest(_ difference: SIMD3<Float>) -> Float {
    max(abs(difference.x), abs(difference.y), abs(difference.z))
  }

  /// Each size of the picture that users bring, and each small one.
  static let sizes: [(Int, Int)] =
    (1...70).flatMap { width in (1...70).map { (width, $0) } } + [
      (1111, 1182), (150, 150), (227, 225),
    ]

  @Test func theGridIsThatOfTheWidenedPicture() throws {
    for (width, height) in Self.sizes {
      let picture = try picture(width, height)
      let grid = PictureGrid(picture, columns: 48, rows: 24)
      #expect(
        try grid.rgba == PictureGrid(widened(picture), columns: 48, rows: 24).rgba,
        "\(width) × \(height)")
      #expect(grid.rgba.count == 4 * 48 * 24)
    }
  }

  /// Against plain sums, in another way than the grid is made.
  @Test(arguments: [(1, 1), (3, 7), (5, 2), (16, 16), (37, 41), (150, 150)])
  func theGridIsTheMean(_ width: Int, _ height: Int) throws {
    let picture = try picture(width, height)
    let grid = PictureGrid(picture, columns: 16, rows: 8)
    for row in 0..<8 {
      for column in 0..<16 {
        var sum = SIMD3<Double>.zero
        for y in 0..<height {
          let high = overlap(y, height, row, 8)
          if high == 0 { continue }
          for x in 0..<width {
            let share = high * overlap(x, width, column, 16)
            for channel in 0..<3 {
              sum[channel] += share * Double(picture.bytes[3 * (y * width + x) + channel])
            }
          }
        }
        #expect(largest(grid[column, row] - SIMD3<Float>(sum)) <= 0.501)
      }
    }
  }

  /// Part of the rectangle that a pixel covers, along one side.
  private func overlap(_ pixel: Int, _ pixels: Int, _ part: Int, _ parts: Int) -> Double {
    let start = max(Double(pixel) / Double(pixels), Double(part) / Double(parts))
    let end = min(Double(pixel + 1) / Double(pixels), Double(part + 1) / Double(parts))
    return max(0, end - start) * Double(parts)
  }

  /// Each cell has the mean colour of its own piece of the picture: a sheared or wrapped one has not.
  @Test(arguments: [
    (PictureSymbols.half, Float(6)), (.quadrant, 6), (.block, 6), (.sextant, 24), (.octant, 1.5),
  ])
  func eachCellHasTheMeanOfItsPiece(_ symbols: PictureSymbols, _ bound: Float) throws {
    let previewer = Previewer(depth: .direct, symbols: symbols)
    for (width, height) in Self.sizes where (width + height) % 5 == 0 || width > 70 {
      let picture = try picture(width, height)
      let shown = previewer.preview(of: picture, columns: 10, rows: 5)
      let pieces = PictureGrid(picture, columns: shown.columns, rows: shown.rows)
      for (index, cell) in shown.cells.enumerated() {
        let piece = pieces[index % shown.columns, index / shown.columns]
        let difference = largest(mean(cell) - piece)
        #expect(
          difference <= bound, "\(width) × \(height), cell \(index), \(symbols): \(difference)")
        if difference > bound { return }
      }
    }
  }

  @Test(arguments: ColorDepth.allCases)
  func theWidenedPictureHasTheSameCells(_ depth: ColorDepth) throws {
    for symbols in [PictureSymbols.auto, .sextant, .octant, .ascii] {
      let previewer = Previewer(depth: depth, symbols: symbols)
      for (width, height) in Self.sizes where (width * 3 + height) % 29 == 0 || width > 70 {
        let picture = try picture(width, height)
        // The shape differs, so both are shown in the cells that both fill.
        let grid = previewer.cells(of: picture, columns: 8, rows: 4)
        #expect(try grid == previewer.cells(of: widened(picture), columns: 8, rows: 4))
      }
    }
  }

  /// The mean of all cells against that of the picture, in parts of 255: stated in docs/terminals.md.
  @Test(arguments: [
    (ColorDepth.direct, PictureSymbols.block, Float(2)), (.direct, .octant, 1),
    (.direct, .sextant, 8), (.colors256, .block, 9), (.colors256, .sextant, 13),
    (.colors256, .octant, 9), (.colors16, .block, 20), (.colors16, .octant, 20),
  ])
  func theMeanColorIsKept(_ depth: ColorDepth, _ symbols: PictureSymbols, _ bound: Float) throws {
    let previewer = Previewer(depth: depth, symbols: symbols)
    for (width, height) in Self.sizes where width > 6 && height > 6 {
      if (width + 2 * height) % 37 != 0, width <= 70 { continue }
      let picture = try picture(width, height)
      let shown = previewer.preview(of: picture, columns: 24, rows: 12)
      let sum = shown.cells.reduce(SIMD3<Float>.zero) { $0 + mean($1) }
      let difference = largest(sum / Float(shown.cells.count) - mean(picture))
      #expect(difference <= bound, "\(width) × \(height): \(difference)")
    }
  }

  /// Without colour the part of dots that are lit is the part of light.
  @Test(arguments: [PictureSymbols.braille, .octant, .quadrant, .half])
  func theMeanLightIsKept(_ symbols: PictureSymbols) throws {
    for (width, height) in [(150, 150), (225, 150), (61, 47), (226, 227), (1111, 1182)] {
      var bytes: [UInt8] = []
      for y in 0..<height {
        for x in 0..<width {
          let value = UInt8((x * 255 / (width - 1) + y * 255 / (height - 1)) / 2)
          bytes += [value, value, value]
        }
      }
      let picture = try Pixels(width: width, height: height, bytes: bytes)
      for isOnLight in [false, true] {
        let shown = Previewer(depth: .mono, symbols: symbols, isOnLight: isOnLight)
          .preview(of: picture, columns: 30, rows: 15)
        let lit = shown.cells.reduce(Float(0)) {
          $0 + self.lit($1.glyph.unicodeScalars.first ?? " ")
        }
        let part = 255 * lit / Float(shown.cells.count)
        let wanted = isOnLight ? 255 - mean(picture).x : mean(picture).x
        #expect(abs(part - wanted) < 6, "\(width) × \(height): \(part)")
        #expect(shown.cells.allSatisfy { $0.style == .plain })
      }
    }
  }

  private func lit(_ scalar: Unicode.Scalar) -> Float {
    for mask in 0..<256 where GridGlyphs.octant(mask) == scalar {
      return Float(mask.nonzeroBitCount) / 8
    }
    return GridGlyphs.coverage(of: scalar)
  }
}

@Suite struct GridGlyphsTests {
  @Test func everyMaskHasItsOwnGlyph() {
    for (symbols, count) in [
      (PictureSymbols.half, 4), (.quadrant, 16), (.sextant, 64), (.octant, 256), (.braille, 256),
    ] {
      #expect(Set((0..<count).map { GridGlyphs.glyph($0, of: symbols) }).count == count)
    }
  }

  /// By their names in Unicode: OCTANT-3, -23, -123, -4, -14, the last, SEXTANT-1, -2, -12, -345, -23456.
  @Test func glyphsOfUnicode() {
    for (parts, value) in [
      ([3], 0x1CD00), ([2, 3], 0x1CD01), ([1, 2, 3], 0x1CD02), ([4], 0x1CD03), ([1, 4], 0x1CD04),
      ([2, 3, 4, 5, 6, 7, 8], 0x1CDE5), ([5, 7], 0x2596), ([1, 2, 3, 4], 0x2580),
      ([3, 5], 0x1FBE6), ([8], 0x1CEA0),
    ] {
      let mask = parts.reduce(0) { $0 | 1 << ($1 - 1) }
      #expect(GridGlyphs.octant(mask).value == UInt32(value), "\(parts)")
    }
    for (parts, value) in [
      ([1], 0x1FB00), ([2], 0x1FB01), ([1, 2], 0x1FB02), ([3, 4, 5], 0x1FB1A),
      ([2, 3, 4, 5, 6], 0x1FB3B), ([1, 3, 5], 0x258C),
    ] {
      let mask = parts.reduce(0) { $0 | 1 << ($1 - 1) }
      #expect(GridGlyphs.sextant(mask).value == UInt32(value), "\(parts)")
    }
    #expect(GridGlyphs.braille(0b10_01_01_11) == "⢏")
  }

  @Test func everyGlyphMayBeSent() {
    for mask in 0..<256 {
      for symbols in [PictureSymbols.half, .quadrant, .sextant, .octant, .braille] {
        let glyph = String(Character(GridGlyphs.glyph(mask, of: symbols)))
        #expect(safeForTerminal(glyph) == glyph)
        #expect(displayWidth(glyph) == 1)
      }
    }
  }

  @Test func symbolsAreChosen() {
    #expect(
      PictureSymbols.auto.resolved(depth: .direct, unicode: true, drawsSextants: true) == .sextant)
    #expect(
      PictureSymbols.auto.resolved(depth: .direct, unicode: true, drawsSextants: false) == .block)
    #expect(
      PictureSymbols.auto.resolved(depth: .mono, unicode: true, drawsSextants: true) == .braille)
    #expect(
      PictureSymbols.octant.resolved(depth: .mono, unicode: false, drawsSextants: true) == .ascii)
    #expect(
      PictureSymbols.half.resolved(depth: .direct, unicode: true, drawsSextants: true) == .half)
  }
}
