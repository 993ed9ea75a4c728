import Foundation
import Frame

/// The colours of a palette, chosen by how far apart they look: distances are those of OKLab
/// (Ottosson 2020), in which colour counts for more than lightness.
///
/// By distances of red, green and blue the greys of the 256 colours win nearly everywhere, since they lie
/// ten steps apart and the coloured ones forty, and an aerial picture loses its colour.
package struct PerceptualPalette {
  let colors: [Color]
  private let rgb: [SIMD3<Float>]
  private let lab: [SIMD3<Float>]
  private let taste: Taste
  /// OKLab of one quarter of a colour and three of another, and of their halves:
  /// `[first · count + second]`.
  private let quarters: [SIMD3<Float>]
  private let halves: [SIMD3<Float>]

  /// What counts for how much, in squares of distances of OKLab.
  struct Taste {
    /// How much more a difference of colour counts than one of lightness.
    var colorWeight: Float
    /// How much the mean of a cell counts.
    var meanWeight: Float
    /// How much more it counts, of the mean, to have a colour that the picture does not have there, than
    /// to have more or less of that which it has.
    var hueWeight: Float
    /// The same of each of the two colours of a shape, in parts of that of their mean.
    var hueOfEach: Float
    /// How much it counts to keep the difference of a cell's two colours, which shows its shape.
    var shapeWeight: Float
    /// How much the difference of two colours that are mixed is seen as a pattern.
    var patternWeight: Float
    /// What a colour costs that neither the cell to the left nor the one above has.
    var change: Float
    /// Part of a cell's error that its neighbours take over.
    var handedOn: Float
    /// Colours tried for each of the two of a cell.
    var candidates: Int
  }

  /// The cube and the greys; the low sixteen, which themes change, are left out.
  static let colors240 = PerceptualPalette(
    (16..<256).map { number in
      if number >= 232 {
        return (8 + 10 * (number - 232), 8 + 10 * (number - 232), 8 + 10 * (number - 232))
      }
      let steps = [0, 95, 135, 175, 215, 255]
      return (steps[(number - 16) / 36], steps[(number - 16) / 6 % 6], steps[(number - 16) % 6])
    }.map { ($0, Color.rgb(UInt8($0.0), UInt8($0.1), UInt8($0.2))) },
    Taste(
      colorWeight: 3, meanWeight: 6, hueWeight: 3, hueOfEach: 0.1, shapeWeight: 4,
      patternWeight: 0.2,
      change: 0.0003, handedOn: 0.5, candidates: 24))

  static let colors16 = PerceptualPalette(
    Palette.named.enumerated().map { ($1, Color.named(UInt8($0))) },
    Taste(
      colorWeight: 3, meanWeight: 4, hueWeight: 20, hueOfEach: 0.2, shapeWeight: 3,
      patternWeight: 0.01,
      change: 0.0003, handedOn: 0.5, candidates: 24))

  private init(_ entries: [((Int, Int, Int), Color)], _ taste: Taste) {
    colors = entries.map(\.1)
    self.taste = taste
    let rgb = entries.map { SIMD3(Float($0.0.0), Float($0.0.1), Float($0.0.2)) }
    self.rgb = rgb
    lab = rgb.map(Self.oklab)
    quarters = rgb.flatMap { first in rgb.map { Self.oklab(Self.mean(first, $0, 0.25)) } }
    halves = rgb.flatMap { first in rgb.map { Self.oklab(Self.mean(first, $0, 0.5)) } }
  }

  /// What a cell is drawn with, and what that costs.
  private struct Pick {
    var scalar: Unicode.Scalar
    var foreground: Int
    var background: Int
    var coverage: Float
    var cost: Float
    var pair: SIMD2<Int> { SIMD2(foreground, background) }
  }
  /// The colours of a cell that there is not.
  private static let none = SIMD2(-1, -1)

  /// Cells in colours of the palette.
  ///
  /// The two colours of a cell are chosen together, so that their mean comes near too. A cell whose shape
  /// is fainter than the steps of the palette mixes two colours evenly instead, so that its mean is right
  /// without its neighbours. Of what comes equally near, the colours of the neighbours are taken: a lawn is
  /// one green, not a choice of greens. What is still missing goes to the neighbours in part.
  /// - Parameter patterns: characters that fill a quarter and a half of a cell, evenly.
  func cells(_ fitted: [FittedCell], columns: Int, patterns: MixingPatterns) -> [Cell] {
    var errors = [SIMD3<Float>](repeating: .zero, count: fitted.count)
    var picks: [Pick] = []
    picks.reserveCapacity(fitted.count)
    for (index, cell) in fitted.enumerated() {
      let missing = errors[index]
      let left = index % columns > 0 ? picks[index - 1].pair : Self.none
      let above = index >= columns ? picks[index - columns].pair : Self.none
      let known = SIMD4<Int>(lowHalf: left, highHalf: above)
      var pick = Pick(scalar: " ", foreground: 0, background: 0, coverage: 0, cost: .infinity)
      if cell.coverage > 0, cell.coverage < 1 { improve(&pick, shaped: cell, missing, known) }
      improve(&pick, mixed: cell, missing, patterns, known)
      picks.append(pick)
      let wanted = Self.mean(cell.foreground, cell.background, cell.coverage) + missing
      let shown = Self.mean(rgb[pick.foreground], rgb[pick.background], pick.coverage)
      hand(wanted - shown, from: index, columns, &errors)
    }
    return picks.map { pick in
      let glyph = pick.foreground == pick.background ? " " : String(Character(pick.scalar))
      return Cell(
        glyph, Style(foreground: colors[pick.foreground], background: colors[pick.background]))
    }
  }

  private static func mean(_ a: SIMD3<Float>, _ b: SIMD3<Float>, _ share: Float) -> SIMD3<Float> {
    a * share + b * (1 - share)
  }

  /// The cell with its shape.
  private func improve(
    _ best: inout Pick, shaped cell: FittedCell, _ missing: SIMD3<Float>, _ known: SIMD4<Int>
  ) {
    let (foreground, background) = (cell.foreground + missing, cell.background + missing)
    let mean = Self.oklab(Self.mean(foreground, background, cell.coverage))
    let contrast = Self.oklab(foreground) - Self.oklab(background)
    let weight = taste.shapeWeight * cell.coverage * (1 - cell.coverage)
    let hue = Hue(of: cell)
    let (ofFront, ofBack) = (Hue(Self.oklab(cell.foreground)), Hue(Self.oklab(cell.background)))
    let behind = nearest(background).map {
      ($0, (1 - cell.coverage) * ofBack.foreign(lab[$0]))
    }
    for f in nearest(foreground) {
      let front = cell.coverage * ofFront.foreign(lab[f])
      for (b, back) in behind {
        var cost =
          weight * shape(lab[f] - lab[b] - contrast) + change(f, b, known)
          + taste.hueWeight * taste.hueOfEach * (front + back)
        // What comes now is dear: most pairs are out already.
        if cost >= best.cost { continue }
        let mixed = Self.oklab(Self.mean(rgb[f], rgb[b], cell.coverage))
        cost += taste.meanWeight * distance(mixed, mean) + taste.hueWeight * hue.foreign(mixed)
        if cost >= best.cost { continue }
        best = Pick(
          scalar: cell.scalar, foreground: f, background: b, coverage: cell.coverage, cost: cost)
      }
    }
  }

  /// The cell as one colour, mixed of two.
  private func improve(
    _ best: inout Pick, mixed cell: FittedCell, _ missing: SIMD3<Float>,
    _ patterns: MixingPatterns, _ known: SIMD4<Int>
  ) {
    let contrast = Self.oklab(cell.foreground + missing) - Self.oklab(cell.background + missing)
    let lost = taste.shapeWeight * cell.coverage * (1 - cell.coverage) * shape(contrast)
    if lost >= best.cost { return }
    let rgb = Self.mean(cell.foreground, cell.background, cell.coverage) + missing
    let mean = Self.oklab(rgb)
    let hue = Hue(of: cell)
    func consider(_ scalar: Unicode.Scalar, _ share: Float, _ f: Int, _ b: Int, _ lab: SIMD3<Float>)
    {
      let cost =
        taste.meanWeight * distance(lab, mean) + lost + taste.hueWeight * hue.foreign(lab)
        + taste.patternWeight * share * (1 - share) * distance(self.lab[f], self.lab[b])
        + change(f, b, known)
      if cost < best.cost {
        best = Pick(scalar: scalar, foreground: f, background: b, coverage: share, cost: cost)
      }
    }
    let near = nearest(rgb)
    for f in near {
      consider(" ", 0, f, f, lab[f])
      for b in near where b != f {
        let place = f * colors.count + b
        if let quarter = patterns.quarter { consider(quarter, 0.25, f, b, quarters[place]) }
        if f < b, let half = patterns.half { consider(half, 0.5, f, b, halves[place]) }
      }
    }
  }

  /// How much of a shape a difference between two colours makes: lightness shows shapes.
  private func shape(_ difference: SIMD3<Float>) -> Float {
    let square = difference * difference
    return square.x + 0.5 * (square.y + square.z)
  }

  /// The direction of a cell's own colour, without what its neighbours handed on.
  private struct Hue {
    /// Of length 1, or less where the cell is nearly grey, so that its direction means little.
    private let direction: SIMD2<Float>

    init(of cell: FittedCell) {
      self.init(oklab(mean(cell.foreground, cell.background, cell.coverage)))
    }

    init(_ lab: SIMD3<Float>) {
      let color = SIMD2(lab.y, lab.z)
      direction = color / max(0.02, (color * color).sum().squareRoot())
    }

    /// Square of the part of a colour that is not of this direction.
    func foreign(_ lab: SIMD3<Float>) -> Float {
      let color = SIMD2(lab.y, lab.z)
      let rest = color - direction * max(0, (direction * color).sum())
      return (rest * rest).sum()
    }
  }

  private func change(_ f: Int, _ b: Int, _ known: SIMD4<Int>) -> Float {
    taste.change * ((any(known .== f) ? 0 : 1) + (any(known .== b) ? 0 : 1))
  }

  /// The colours that come nearest, the nearest first.
  private func nearest(_ color: SIMD3<Float>) -> [Int] {
    let wanted = Self.oklab(color)
    let count = min(taste.candidates, lab.count)
    var found: [(index: Int, distance: Float)] = []
    found.reserveCapacity(count + 1)
    for (index, candidate) in lab.enumerated() {
      let distance = distance(candidate, wanted)
      if found.count == count, distance >= found[count - 1].distance { continue }
      if found.count == count { found.removeLast() }
      found.insert(
        (index, distance), at: found.firstIndex { $0.distance > distance } ?? found.count)
    }
    return found.map(\.index)
  }

  private func hand(
    _ error: SIMD3<Float>, from index: Int, _ columns: Int, _ errors: inout [SIMD3<Float>]
  ) {
    let limit = SIMD3<Float>(repeating: 64)
    let part = error.clamped(lowerBound: -limit, upperBound: limit) * taste.handedOn / 16
    let column = index % columns
    if column + 1 < columns { errors[index + 1] += part * 7 }
    guard index + columns < errors.count else { return }
    if column > 0 { errors[index + columns - 1] += part * 3 }
    errors[index + columns] += part * 5
    if column + 1 < columns { errors[index + columns + 1] += part }
  }

  private func distance(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Float {
    let d = a - b
    return d.x * d.x + taste.colorWeight * (d.y * d.y + d.z * d.z)
  }

  /// OKLab of a colour of sRGB, 0…255; lightness 0…1.
  package static func oklab(_ rgb: SIMD3<Float>) -> SIMD3<Float> {
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

/// Characters that mix two colours evenly over a cell; without any, a flat cell has one colour.
struct MixingPatterns {
  var quarter: Unicode.Scalar?
  var half: Unicode.Scalar?
}
