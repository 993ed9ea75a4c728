import Foundation
import Frame

/// The colours of a palette, chosen by how far apart they look: distances are those of OKLab
/// (Ottosson 2020), in which colour counts for more than lightness.
///
/// By distances of red, green and blue the greys of the 256 colours win nearly everywhere, since they lie
/// ten steps apart and the coloured ones forty, and an aerial picture loses its colour.
struct PerceptualPalette {
  let colors: [Color]
  private let rgb: [SIMD3<Float>]
  private let lab: [SIMD3<Float>]

  /// The cube and the greys; the low sixteen, which themes change, are left out.
  static let colors240 = PerceptualPalette(
    (16..<256).map { number in
      if number >= 232 {
        return (8 + 10 * (number - 232), 8 + 10 * (number - 232), 8 + 10 * (number - 232))
      }
      let steps = [0, 95, 135, 175, 215, 255]
      return (steps[(number - 16) / 36], steps[(number - 16) / 6 % 6], steps[(number - 16) % 6])
    }.map { ($0, Color.rgb(UInt8($0.0), UInt8($0.1), UInt8($0.2))) })

  static let colors16 = PerceptualPalette(
    Palette.named.enumerated().map { ($1, Color.named(UInt8($0))) })

  private init(_ entries: [((Int, Int, Int), Color)]) {
    colors = entries.map(\.1)
    rgb = entries.map { SIMD3(Float($0.0.0), Float($0.0.1), Float($0.0.2)) }
    lab = rgb.map(Self.oklab)
  }

  /// How much more a difference of colour counts than one of lightness.
  static let colorWeight: Float = 3
  /// How much more the mean of a cell counts than its two colours each.
  static let meanWeight: Float = 3
  /// Part of a cell's error that its neighbours take over.
  static let handedOn: Float = 0.8

  /// Cells in colours of the palette. The two colours of a cell are chosen together, so that their mean
  /// comes near too, a flat cell may mix two by a pattern, and what is still missing in one cell goes to
  /// its neighbours: a lawn keeps its green although no colour of the palette has it.
  /// - Parameter pattern: a character that fills half of the cell, evenly.
  func cells(_ fitted: [FittedCell], columns: Int, pattern: Unicode.Scalar?) -> [Cell] {
    var errors = [SIMD3<Float>](repeating: .zero, count: fitted.count)
    var cells: [Cell] = []
    cells.reserveCapacity(fitted.count)
    for (index, original) in fitted.enumerated() {
      var cell = original
      if cell.coverage == 0 || cell.coverage == 1 {
        let color = cell.coverage == 0 ? cell.background : cell.foreground
        (cell.foreground, cell.background) = (color, color)
        if let pattern { (cell.scalar, cell.coverage) = (pattern, 0.5) }
      }
      let missing = errors[index]
      let (f, b) = choose(cell, missing)
      let wanted = Self.mean(cell.foreground, cell.background, cell.coverage) + missing
      hand(wanted - Self.mean(rgb[f], rgb[b], cell.coverage), from: index, columns, &errors)
      let glyph = f == b ? " " : String(Character(cell.scalar))
      cells.append(Cell(glyph, Style(foreground: colors[f], background: colors[b])))
    }
    return cells
  }

  private static func mean(_ a: SIMD3<Float>, _ b: SIMD3<Float>, _ share: Float) -> SIMD3<Float> {
    a * share + b * (1 - share)
  }

  private func choose(_ cell: FittedCell, _ missing: SIMD3<Float>) -> (Int, Int) {
    let (foreground, background) = (cell.foreground + missing, cell.background + missing)
    let mean = Self.oklab(Self.mean(foreground, background, cell.coverage))
    let near = (nearest(foreground), nearest(background))
    var best = (near.0[0].index, near.1[0].index, Float.infinity)
    for f in near.0 {
      for b in near.1 {
        let mixed = Self.oklab(Self.mean(rgb[f.index], rgb[b.index], cell.coverage))
        let cost =
          Self.meanWeight * Self.distance(mixed, mean) + cell.coverage * f.distance
          + (1 - cell.coverage) * b.distance
        if cost < best.2 { best = (f.index, b.index, cost) }
      }
    }
    return (best.0, best.1)
  }

  /// The six colours that come nearest, the nearest first.
  private func nearest(_ color: SIMD3<Float>) -> [(index: Int, distance: Float)] {
    let wanted = Self.oklab(color)
    var found: [(index: Int, distance: Float)] = []
    for (index, candidate) in lab.enumerated() {
      let distance = Self.distance(candidate, wanted)
      if found.count == 6, distance >= found[5].distance { continue }
      if found.count == 6 { found.removeLast() }
      found.insert(
        (index, distance), at: found.firstIndex { $0.distance > distance } ?? found.count)
    }
    return found
  }

  private func hand(
    _ error: SIMD3<Float>, from index: Int, _ columns: Int, _ errors: inout [SIMD3<Float>]
  ) {
    let limit = SIMD3<Float>(repeating: 64)
    let part = error.clamped(lowerBound: -limit, upperBound: limit) * Self.handedOn / 16
    let column = index % columns
    if column + 1 < columns { errors[index + 1] += part * 7 }
    guard index + columns < errors.count else { return }
    if column > 0 { errors[index + columns - 1] += part * 3 }
    errors[index + columns] += part * 5
    if column + 1 < columns { errors[index + columns + 1] += part }
  }

  private static func distance(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Float {
    let d = a - b
    return d.x * d.x + colorWeight * (d.y * d.y + d.z * d.z)
  }

  /// OKLab of a colour of sRGB, 0…255; lightness 0…1.
  static func oklab(_ rgb: SIMD3<Float>) -> SIMD3<Float> {
    let (r, g, b) = (linear(rgb.x), linear(rgb.y), linear(rgb.z))
    let l = cbrtf(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    let m = cbrtf(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    let s = cbrtf(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    return SIMD3(
      0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
      1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
      0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s)
  }

  private static let linearOf: [Float] = (0...255).map { value in
    let v = Float(value) / 255
    return v <= 0.04045 ? v / 12.92 : powf((v + 0.055) / 1.055, 2.4)
  }

  /// Whole values only: what errors push beyond black or white counts as that.
  private static func linear(_ value: Float) -> Float {
    linearOf[Int(min(255, max(0, value)).rounded())]
  }
}
