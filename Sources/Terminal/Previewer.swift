import CChafa
import Frame
import Imaging

/// Pictures as cells: which characters, in which colours.
///
/// The picture is first averaged onto the grid of the symbols (``PictureGrid``). libchafa chooses among
/// blocks, sextants and ASCII; octants and what is drawn without colour are fitted here.
public struct Previewer: Sendable {
  public let depth: ColorDepth
  /// Never `auto`.
  public let symbols: PictureSymbols
  private let isOnLight: Bool

  /// - Parameters:
  ///   - depth: colours to use; without any, symbols alone show light and dark.
  ///   - symbols: characters to use; `auto` is blocks, or braille without colour.
  ///   - isOnLight: whether the terminal's own background is light; matters without colour only.
  public init(depth: ColorDepth, symbols: PictureSymbols, isOnLight: Bool = false) {
    self.depth = depth
    self.symbols = symbols.resolved(depth: depth, unicode: true, drawsSextants: false)
    self.isOnLight = isOnLight
  }

  /// With the symbols that every terminal shows.
  /// - Parameter unicode: whether more than ASCII may be used.
  public init(depth: ColorDepth, unicode: Bool) {
    self.init(depth: depth, symbols: unicode ? .auto : .ascii)
  }

  /// The picture in as many cells as keep its shape, at most `columns` × `rows` (each at least 1), a
  /// cell being twice as high as wide.
  public func preview(of pixels: Pixels, columns: Int, rows: Int) -> PreviewImage {
    let size = Self.size(of: pixels, columns: columns, rows: rows)
    let cells = cells(of: pixels, columns: size.columns, rows: size.rows)
    guard cells.count == size.columns * size.rows else {
      return PreviewImage(columns: 0, rows: 0, cells: [])
    }
    return PreviewImage(columns: size.columns, rows: size.rows, cells: cells)
  }

  /// The picture scaled to this many cells.
  package func cells(of pixels: Pixels, columns: Int, rows: Int) -> [Cell] {
    depth == .mono
      ? plainCells(of: pixels, columns: columns, rows: rows)
      : coloredCells(of: pixels, columns: columns, rows: rows)
  }

  private static func size(
    of pixels: Pixels, columns: Int, rows: Int
  ) -> (columns: Int, rows: Int) {
    let limit = (columns: min(max(1, columns), 1024), rows: min(max(1, rows), 1024))
    var (width, height) = (gint(limit.columns), gint(limit.rows))
    chafa_calc_canvas_geometry(gint(pixels.width), gint(pixels.height), &width, &height, 0.5, 1, 0)
    return (min(max(1, Int(width)), limit.columns), min(max(1, Int(height)), limit.rows))
  }

  private func grid(_ pixels: Pixels, _ columns: Int, _ rows: Int) -> PictureGrid {
    let side = ChafaCanvas.cellSide
    return PictureGrid(pixels, columns: side * columns, rows: side * rows)
  }

  private func plainCells(of pixels: Pixels, columns: Int, rows: Int) -> [Cell] {
    if symbols == .ascii {
      return ChafaCanvas.glyphs(of: grid(pixels, columns, rows), symbols: symbols)
        .map { Cell(String(Character($0))) }
    }
    // Eighths have no grid of their own.
    let symbols = symbols == .block ? .quadrant : symbols
    let cell = symbols.grid ?? (2, 2)
    return DotDiffusion.cells(
      of: PictureGrid(pixels, columns: cell.columns * columns, rows: cell.rows * rows),
      cell: cell, isOnLight: isOnLight, glyph: { GridGlyphs.glyph($0, of: symbols) })
  }

  private func coloredCells(of pixels: Pixels, columns: Int, rows: Int) -> [Cell] {
    let fitted =
      symbols == .octant
      ? GridFit.cells(
        of: PictureGrid(pixels, columns: 2 * columns, rows: 4 * rows), cell: (2, 4),
        glyph: GridGlyphs.octant)
      : ChafaCanvas.cells(of: grid(pixels, columns, rows), symbols: symbols)
    switch depth {
    case .direct, .mono: return fitted.map(Self.cell)
    case .colors256:
      return PerceptualPalette.colors240.cells(fitted, columns: columns, patterns: patterns)
    case .colors16:
      return PerceptualPalette.colors16.cells(fitted, columns: columns, patterns: patterns)
    }
  }

  /// Two colours mixed as finely as the symbols can.
  private var patterns: MixingPatterns {
    switch symbols {
    case .ascii, .braille: MixingPatterns()
    // Shades are as old as halves: where there are these, there are those.
    case .auto, .half, .quadrant, .block, .sextant, .octant:
      MixingPatterns(quarter: "░", half: "▒")
    }
  }

  private static func cell(_ fitted: FittedCell) -> Cell {
    Cell(
      String(Character(fitted.scalar)),
      Style(foreground: color(fitted.foreground), background: color(fitted.background)))
  }

  private static func color(_ rgb: SIMD3<Float>) -> Color {
    .rgb(
      UInt8(min(255, max(0, rgb.x.rounded()))), UInt8(min(255, max(0, rgb.y.rounded()))),
      UInt8(min(255, max(0, rgb.z.rounded()))))
  }
}
