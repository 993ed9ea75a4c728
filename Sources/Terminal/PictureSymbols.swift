/// The characters that a picture is drawn with, beside `░` and `▒`, which mix the colours of a palette.
/// The raw value is what a person writes.
public enum PictureSymbols: String, Sendable, CaseIterable {
  /// The finest that the terminal is known to show: see ``resolved(depth:unicode:drawsSextants:)``.
  case auto
  /// `▀` and `▄`: two pixels a cell.
  case half
  /// Two by two.
  case quadrant
  /// Halves, quadrants and the eighths of a cell (`▁` … `▇`, `▏` … `▉`).
  case block
  /// As `block`, with two by three (U+1FB00 … U+1FB3B, Unicode 13).
  case sextant
  /// Two by four (U+1CD00 … U+1CDE5, Unicode 16).
  case octant
  /// Two by four dots that do not touch.
  case braille
  case ascii

  /// What is really drawn: never `auto`. Outside of UTF-8 nothing but ASCII can be sent; without colour
  /// the dots of braille give most shades; sextants only where the terminal draws them by itself, since
  /// few fonts have them.
  public func resolved(depth: ColorDepth, unicode: Bool, drawsSextants: Bool) -> PictureSymbols {
    if !unicode { return .ascii }
    if self != .auto { return self }
    if depth == .mono { return .braille }
    return drawsSextants ? .sextant : .block
  }

  /// Columns and rows of a cell that can be set apart one by one, for the sets that have such a grid.
  var grid: (columns: Int, rows: Int)? {
    switch self {
    case .half: (1, 2)
    case .quadrant: (2, 2)
    case .sextant: (2, 3)
    case .octant, .braille: (2, 4)
    case .auto, .block, .ascii: nil
    }
  }
}

/// Characters of which every part of a grid is either filled or not.
///
/// A mask has one bit for each part, row by row from the top left, the lowest bit first.
package enum GridGlyphs {
  /// The 16 masks of 2 × 2.
  private static let quadrants: [Unicode.Scalar] = Array(" ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█".unicodeScalars)

  package static func quadrant(_ mask: Int) -> Unicode.Scalar { quadrants[mask & 15] }

  package static func half(_ mask: Int) -> Unicode.Scalar { quadrants[[0, 3, 12, 15][mask & 3]] }

  /// 2 × 3: in order of the mask from U+1FB00 on, but for the four that are blocks already.
  package static func sextant(_ mask: Int) -> Unicode.Scalar {
    switch mask & 63 {
    case 0: " "
    case 0b010101: "▌"
    case 0b101010: "▐"
    case 63: "█"
    case let mask:
      scalar(0x1FB00 + mask - 1 - (mask > 0b010101 ? 1 : 0) - (mask > 0b101010 ? 1 : 0))
    }
  }

  /// 2 × 4.
  package static func octant(_ mask: Int) -> Unicode.Scalar { octants[mask & 255] }

  /// 2 × 4 dots; their numbers go down the columns, and the fourth row came later.
  package static func braille(_ mask: Int) -> Unicode.Scalar {
    let bits = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80]
    let dots = bits.enumerated().reduce(0) { $0 | (mask >> $1.offset & 1 == 1 ? $1.element : 0) }
    // The blank pattern is a blank, only wider in some fonts.
    return dots == 0 ? " " : scalar(0x2800 + dots)
  }

  package static func glyph(_ mask: Int, of symbols: PictureSymbols) -> Unicode.Scalar {
    switch symbols {
    case .half: half(mask)
    case .quadrant: quadrant(mask)
    case .octant: octant(mask)
    case .braille: braille(mask)
    case .auto, .block, .sextant, .ascii: sextant(mask)
    }
  }

  /// Octants that Unicode had under other names before (or beside) the 230 of the block.
  private static let elsewhere: [Int: UInt32] = [
    0x00: 0x20, 0xFF: 0x2588, 0x0F: 0x2580, 0xF0: 0x2584, 0x55: 0x258C, 0xAA: 0x2590, 0x05: 0x2598,
    0x0A: 0x259D, 0x50: 0x2596, 0xA0: 0x2597, 0xA5: 0x259A, 0x5A: 0x259E, 0x5F: 0x259B,
    0xAF: 0x259C, 0xF5: 0x2599, 0xFA: 0x259F, 0xC0: 0x2582, 0xFC: 0x2586, 0x03: 0x1FB82,
    0x3F: 0x1FB85, 0x01: 0x1CEA8, 0x02: 0x1CEAB, 0x40: 0x1CEA3, 0x80: 0x1CEA0, 0x14: 0x1FBE6,
    0x28: 0x1FBE7,
  ]

  private static let octants: [Unicode.Scalar] = {
    var next: UInt32 = 0x1CD00
    return (0..<256).map { mask in
      if let value = elsewhere[mask] { return scalar(Int(value)) }
      defer { next += 1 }
      return scalar(Int(next))
    }
  }()

  private static func scalar(_ value: Int) -> Unicode.Scalar {
    Unicode.Scalar(UInt32(value)) ?? "?"
  }

  /// The part of a cell that a block character fills, 0…1; half for what is not known here.
  package static func coverage(of scalar: Unicode.Scalar) -> Float {
    if let mask = quadrants.firstIndex(of: scalar) { return Float(mask.nonzeroBitCount) / 4 }
    switch scalar.value {
    case 0x2581...0x2588: return Float(scalar.value - 0x2580) / 8
    case 0x2589...0x258F: return Float(0x2590 - scalar.value) / 8
    case 0x2591...0x2593: return Float(scalar.value - 0x2590) / 4
    case 0x2594, 0x2595: return 1 / 8
    case 0x1FB00...0x1FB3B: return sextantCoverage[Int(scalar.value - 0x1FB00)]
    case 0x2800...0x28FF: return Float((scalar.value - 0x2800).nonzeroBitCount) / 8
    default: return octantCoverage[scalar] ?? 0.5
    }
  }

  private static let octantCoverage = Dictionary(
    uniqueKeysWithValues: octants.enumerated().map {
      ($0.element, Float($0.offset.nonzeroBitCount) / 8)
    })

  private static let sextantCoverage: [Float] =
    (1..<63).filter { $0 != 0b010101 && $0 != 0b101010 }.map { Float($0.nonzeroBitCount) / 6 }
}
