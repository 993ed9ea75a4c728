import CChafa
import Frame
import Imaging

/// Pictures as cells, through the canvas of libchafa.
///
/// Each call has a canvas of its own, so previews may be made on many threads at once.
public struct ChafaPreviewer: Sendable {
  public let depth: ColorDepth
  public let unicode: Bool

  /// - Parameters:
  ///   - depth: colours to use; without any, symbols alone show light and dark.
  ///   - unicode: whether block characters may be used, else ASCII.
  public init(depth: ColorDepth, unicode: Bool) {
    self.depth = depth
    self.unicode = unicode
  }

  /// The picture in as many cells as keep its shape, at most `columns` × `rows` (each at least 1), a
  /// cell being twice as high as wide.
  public func preview(of pixels: Pixels, columns: Int, rows: Int) -> PreviewImage {
    var width = gint(min(max(1, columns), 1024))
    var height = gint(min(max(1, rows), 1024))
    let limit = (width, height)
    chafa_calc_canvas_geometry(
      gint(pixels.width), gint(pixels.height), &width, &height, 0.5, 1, 0)
    width = min(max(1, width), limit.0)
    height = min(max(1, height), limit.1)
    guard let canvas = makeCanvas(width: width, height: height) else {
      return PreviewImage(columns: 0, rows: 0, cells: [])
    }
    defer { chafa_canvas_unref(canvas) }
    pixels.bytes.withUnsafeBufferPointer {
      chafa_canvas_draw_all_pixels(
        canvas, CHAFA_PIXEL_RGB8, $0.baseAddress, gint(pixels.width), gint(pixels.height),
        gint(pixels.width * 3))
    }
    var cells: [Cell] = []
    cells.reserveCapacity(Int(width * height))
    for y in 0..<height {
      for x in 0..<width { cells.append(cell(of: canvas, x: x, y: y)) }
    }
    return PreviewImage(columns: Int(width), rows: Int(height), cells: cells)
  }

  private func makeCanvas(width: gint, height: gint) -> OpaquePointer? {
    guard let symbols = chafa_symbol_map_new(), let config = chafa_canvas_config_new() else {
      return nil
    }
    defer {
      chafa_symbol_map_unref(symbols)
      chafa_canvas_config_unref(config)
    }
    let tags =
      unicode
      ? CHAFA_SYMBOL_TAG_SPACE.rawValue | CHAFA_SYMBOL_TAG_SOLID.rawValue
        | CHAFA_SYMBOL_TAG_BLOCK.rawValue | CHAFA_SYMBOL_TAG_HALF.rawValue
        | CHAFA_SYMBOL_TAG_QUAD.rawValue
      : CHAFA_SYMBOL_TAG_ASCII.rawValue
    chafa_symbol_map_add_by_tags(symbols, ChafaSymbolTags(rawValue: tags))
    if depth == .mono, unicode {
      chafa_symbol_map_add_by_tags(symbols, CHAFA_SYMBOL_TAG_STIPPLE)
      chafa_symbol_map_add_by_tags(symbols, CHAFA_SYMBOL_TAG_BRAILLE)
    }
    chafa_canvas_config_set_geometry(config, width, height)
    chafa_canvas_config_set_symbol_map(config, symbols)
    chafa_canvas_config_set_canvas_mode(config, mode)
    chafa_canvas_config_set_work_factor(config, 0.5)
    if depth == .mono {
      // Without colour a dot is either there or not: dithering gives the shades between.
      chafa_canvas_config_set_dither_mode(config, CHAFA_DITHER_MODE_ORDERED)
    }
    return chafa_canvas_new(config)
  }

  private var mode: ChafaCanvasMode {
    switch depth {
    case .direct: CHAFA_CANVAS_MODE_TRUECOLOR
    case .colors256: CHAFA_CANVAS_MODE_INDEXED_240
    case .colors16: CHAFA_CANVAS_MODE_INDEXED_16
    case .mono: CHAFA_CANVAS_MODE_FGBG
    }
  }

  private func cell(of canvas: OpaquePointer, x: gint, y: gint) -> Cell {
    let scalar = Unicode.Scalar(chafa_canvas_get_char_at(canvas, x, y)) ?? " "
    // The blank braille pattern is a blank, only wider in some fonts.
    let isBlank = scalar.value < 0x20 || scalar.value == 0x2800
    let glyph = String(Character(isBlank ? " " : scalar))
    guard depth != .mono else { return Cell(glyph) }
    var foreground: gint = -1
    var background: gint = -1
    if depth == .colors16 {
      chafa_canvas_get_raw_colors_at(canvas, x, y, &foreground, &background)
    } else {
      chafa_canvas_get_colors_at(canvas, x, y, &foreground, &background)
    }
    return Cell(glyph, Style(foreground: color(foreground), background: color(background)))
  }

  private func color(_ value: gint) -> Color {
    guard value >= 0 else { return .standard }
    if depth == .colors16 { return value < 16 ? .named(UInt8(value)) : .standard }
    return .rgb(UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255))
  }
}
