import CChafa

/// The canvas of libchafa: which character of a set, in which two colours, shows a piece of a picture.
///
/// Each call has a canvas of its own, so pictures may be fitted on many threads at once.
enum ChafaCanvas {
  /// Rectangles that libchafa looks at in a cell, in each direction. It takes a grid of exactly this many as
  /// it is, and would scale any other.
  static let cellSide = 8

  /// Cells in two colours of 8 bits a channel; none where libchafa gives no canvas.
  /// - Parameter grid: of `8 · columns` × `8 · rows` rectangles.
  static func cells(of grid: PictureGrid, symbols: PictureSymbols) -> [FittedCell] {
    draw(grid, symbols, mode: CHAFA_CANVAS_MODE_TRUECOLOR) { canvas, x, y in
      var foreground: gint = -1
      var background: gint = -1
      chafa_canvas_get_colors_at(canvas, x, y, &foreground, &background)
      let scalar = glyph(of: canvas, x: x, y: y)
      let behind = background >= 0 ? rgb(background) : rgb(max(0, foreground))
      return FittedCell(
        scalar: scalar, foreground: foreground >= 0 ? rgb(foreground) : behind, background: behind,
        coverage: GridGlyphs.coverage(of: scalar))
    }
  }

  /// Characters without colours, which show light and dark by how much they fill.
  static func glyphs(of grid: PictureGrid, symbols: PictureSymbols) -> [Unicode.Scalar] {
    draw(grid, symbols, mode: CHAFA_CANVAS_MODE_FGBG) { glyph(of: $0, x: $1, y: $2) }
  }

  private static func draw<Result>(
    _ grid: PictureGrid, _ symbols: PictureSymbols, mode: ChafaCanvasMode,
    _ take: (OpaquePointer, gint, gint) -> Result
  ) -> [Result] {
    let (columns, rows) = (gint(grid.columns / cellSide), gint(grid.rows / cellSide))
    guard let canvas = canvas(columns: columns, rows: rows, symbols, mode) else { return [] }
    defer { chafa_canvas_unref(canvas) }
    grid.rgba.withUnsafeBufferPointer {
      chafa_canvas_draw_all_pixels(
        canvas, CHAFA_PIXEL_RGBA8_UNASSOCIATED, $0.baseAddress, gint(grid.columns),
        gint(grid.rows), gint(4 * grid.columns))
    }
    return (0..<rows).flatMap { y in (0..<columns).map { x in take(canvas, x, y) } }
  }

  private static func canvas(
    columns: gint, rows: gint, _ symbols: PictureSymbols, _ mode: ChafaCanvasMode
  ) -> OpaquePointer? {
    guard let map = chafa_symbol_map_new(), let config = chafa_canvas_config_new() else {
      return nil
    }
    defer {
      chafa_symbol_map_unref(map)
      chafa_canvas_config_unref(config)
    }
    chafa_symbol_map_add_by_tags(map, tags(symbols))
    chafa_canvas_config_set_geometry(config, columns, rows)
    chafa_canvas_config_set_symbol_map(config, map)
    chafa_canvas_config_set_canvas_mode(config, mode)
    chafa_canvas_config_set_work_factor(config, 0.5)
    if mode == CHAFA_CANVAS_MODE_FGBG {
      // A character is either there or not: dithering gives the shades between.
      chafa_canvas_config_set_dither_mode(config, CHAFA_DITHER_MODE_ORDERED)
    }
    return chafa_canvas_new(config)
  }

  private static func tags(_ symbols: PictureSymbols) -> ChafaSymbolTags {
    let solid = CHAFA_SYMBOL_TAG_SPACE.rawValue | CHAFA_SYMBOL_TAG_SOLID.rawValue
    let blocks =
      CHAFA_SYMBOL_TAG_BLOCK.rawValue | CHAFA_SYMBOL_TAG_HALF.rawValue
      | CHAFA_SYMBOL_TAG_QUAD.rawValue
    let tags =
      switch symbols {
      case .half: solid | CHAFA_SYMBOL_TAG_VHALF.rawValue
      case .quadrant: solid | CHAFA_SYMBOL_TAG_HALF.rawValue | CHAFA_SYMBOL_TAG_QUAD.rawValue
      case .block, .auto, .octant: solid | blocks
      case .sextant: solid | blocks | CHAFA_SYMBOL_TAG_SEXTANT.rawValue
      case .braille: CHAFA_SYMBOL_TAG_SPACE.rawValue | CHAFA_SYMBOL_TAG_BRAILLE.rawValue
      case .ascii: CHAFA_SYMBOL_TAG_ASCII.rawValue
      }
    return ChafaSymbolTags(rawValue: tags)
  }

  private static func glyph(of canvas: OpaquePointer, x: gint, y: gint) -> Unicode.Scalar {
    let scalar = Unicode.Scalar(chafa_canvas_get_char_at(canvas, x, y)) ?? " "
    // The blank braille pattern is a blank, only wider in some fonts.
    return scalar.value < 0x20 || scalar.value == 0x2800 ? " " : scalar
  }

  private static func rgb(_ value: gint) -> SIMD3<Float> {
    SIMD3(Float(value >> 16 & 255), Float(value >> 8 & 255), Float(value & 255))
  }
}
