import Foundation
import Frame
import Imaging
import Terminal
import Testing

/// 256 and 16 colours: what an aerial picture is mostly of (grass, sand, water) keeps its colour, without
/// dots of other colours, and what is drawn on it keeps its shape.
@Suite struct PaletteTests {
  /// Mean colours of a meadow, a forest, a harbour's water and a beach among RSICD's photographs.
  static let grounds = [
    SIMD3<Float>(58, 88, 62), SIMD3(41, 72, 56), SIMD3(30, 74, 104), SIMD3(152, 146, 110),
  ]

  /// A ground of one colour with grain of `grain` levels.
  private func ground(
    _ color: SIMD3<Float>, grain: Int = 6, line: SIMD3<Float>? = nil
  ) throws -> Pixels {
    var bytes: [UInt8] = []
    var seed: UInt32 = 7
    for _ in 0..<120 {
      for x in 0..<120 {
        seed = seed &* 1_664_525 &+ 1_013_904_223
        let noise = Float(Int(seed >> 16) % (2 * grain + 1) - grain)
        let here = line.map { 56..<60 ~= x ? $0 : color } ?? color
        for channel in 0..<3 { bytes.append(UInt8(max(0, min(255, here[channel] + noise)))) }
      }
    }
    return try Pixels(width: 120, height: 120, bytes: bytes)
  }

  private func rgb(_ color: Color) -> SIMD3<Float> {
    switch color {
    case .rgb(let r, let g, let b): SIMD3(Float(r), Float(g), Float(b))
    case .named(let n):
      SIMD3(
        Float(Palette.named[Int(n)].0), Float(Palette.named[Int(n)].1),
        Float(Palette.named[Int(n)].2))
    case .standard: .zero
    }
  }

  private func mean(_ cell: Cell) -> SIMD3<Float> {
    let share = GridGlyphs.coverage(of: cell.glyph.unicodeScalars.first ?? " ")
    return rgb(cell.style.foreground) * share + rgb(cell.style.background) * (1 - share)
  }

  private func distance(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Float {
    let d = PerceptualPalette.oklab(a) - PerceptualPalette.oklab(b)
    return (d * d).sum().squareRoot()
  }

  /// Degrees between two colours in OKLab.
  private func turn(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Float {
    let (a, b) = (PerceptualPalette.oklab(a), PerceptualPalette.oklab(b))
    let cosine =
      (a.y * b.y + a.z * b.z)
      / max(1e-9, ((a.y * a.y + a.z * a.z) * (b.y * b.y + b.z * b.z)).squareRoot())
    return acos(max(-1, min(1, cosine))) * 180 / .pi
  }

  @Test(arguments: grounds, [PictureSymbols.block, .sextant, .octant])
  func aGroundIsOneCalmColor(_ color: SIMD3<Float>, _ symbols: PictureSymbols) throws {
    let shown = Previewer(depth: .colors256, symbols: symbols)
      .preview(of: try ground(color), columns: 30, rows: 15)
    let means = shown.cells.map(mean)
    let all = means.reduce(.zero, +) / Float(means.count)
    #expect(distance(all, color) < 0.012)
    #expect(turn(all, color) < 10)
    // Each cell by itself, not the mean of dots in many colours. Two hundredths are just seen.
    let off = means.map { distance($0, color) }
    #expect(off.reduce(0, +) / Float(off.count) < 0.02)
    #expect(off.allSatisfy { $0 < 0.06 }, "\(off.max() ?? 0)")
  }

  /// With sixteen, a cell may have more or less colour than the picture, but no other.
  @Test(arguments: grounds)
  func sixteenColorsBringNoOther(_ color: SIMD3<Float>) throws {
    let shown = Previewer(depth: .colors16, symbols: .block)
      .preview(of: try ground(color), columns: 30, rows: 15)
    for cell in shown.cells {
      let lab = PerceptualPalette.oklab(mean(cell))
      if (lab.y * lab.y + lab.z * lab.z).squareRoot() < 0.03 { continue }
      #expect(turn(mean(cell), color) < 60, "\(cell)")
    }
    let means = shown.cells.map(mean)
    #expect(distance(means.reduce(.zero, +) / Float(means.count), color) < 0.06)
  }

  /// A path that is little lighter than the lawn is still to be seen.
  @Test(arguments: [ColorDepth.colors256, .colors16])
  func faintShapesStay(_ depth: ColorDepth) throws {
    let (lawn, path) = (SIMD3<Float>(88, 96, 72), SIMD3<Float>(140, 138, 118))
    let shown = Previewer(depth: depth, symbols: .block)
      .preview(of: try ground(lawn, grain: 3, line: path), columns: 30, rows: 15)
    for row in 0..<shown.rows {
      let light = (0..<shown.columns).map {
        PerceptualPalette.oklab(mean(shown.cells[row * shown.columns + $0])).x
      }
      // The path is column 14.
      let ground = (light[8] + light[9] + light[20] + light[21]) / 4
      #expect(light[14] > ground + 0.04, "row \(row)")
    }
  }

  /// Shades are what mixes two colours within a cell.
  @Test func symbolsAreThoseAskedFor() throws {
    let picture = try ground(Self.grounds[0])
    func glyphs(_ symbols: PictureSymbols) -> Set<String> {
      Set(
        Previewer(depth: .colors256, symbols: symbols).preview(of: picture, columns: 30, rows: 15)
          .cells.map(\.glyph))
    }
    #expect(glyphs(.half).isSubset(of: [" ", "▀", "▄", "█", "░", "▒"]))
    #expect(!glyphs(.block).isDisjoint(with: ["░", "▒"]))
    #expect(glyphs(.ascii).allSatisfy { $0.utf8.allSatisfy { $0 < 0x7F } })
  }
}
