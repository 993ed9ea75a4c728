import Frame

/// A picture without colour: parts of cells are lit or not, and what a part is too bright or too dark is
/// handed on to its neighbours (Floyd and Steinberg 1976, in turns from left and from right).
enum DotDiffusion {
  /// - Parameters:
  ///   - grid: of `columns · cellColumns` × `rows · cellRows` rectangles.
  ///   - isOnLight: whether the terminal's background is light, so that what is set is dark.
  static func cells(
    of grid: PictureGrid, cell: (columns: Int, rows: Int), isOnLight: Bool,
    glyph: (Int) -> Unicode.Scalar
  ) -> [Cell] {
    var light = stretched((0..<grid.columns * grid.rows).map { brightness(grid, $0) })
    if isOnLight { light = light.map { 255 - $0 } }
    let dots = diffused(&light, columns: grid.columns, rows: grid.rows)
    var cells: [Cell] = []
    for row in 0..<grid.rows / cell.rows {
      for column in 0..<grid.columns / cell.columns {
        var mask = 0
        for y in 0..<cell.rows {
          for x in 0..<cell.columns
          where dots[(row * cell.rows + y) * grid.columns + column * cell.columns + x] {
            mask |= 1 << (y * cell.columns + x)
          }
        }
        cells.append(Cell(String(Character(glyph(mask)))))
      }
    }
    return cells
  }

  /// Luma of ITU-R BT.601, as `convert("L")` gives.
  private static func brightness(_ grid: PictureGrid, _ index: Int) -> Float {
    let rgb = grid.rgba[(4 * index)..<(4 * index + 3)]
    let start = rgb.startIndex
    return 0.299 * Float(rgb[start]) + 0.587 * Float(rgb[start + 1]) + 0.114 * Float(rgb[start + 2])
  }

  /// Contrast to the full range between the 1st and 99th of a hundred parts, doubled at most: an aerial
  /// picture is often all of one grey, and without colour nothing else tells its parts apart.
  private static func stretched(_ light: [Float]) -> [Float] {
    let sorted = light.sorted()
    let low = sorted[sorted.count / 100]
    let high = sorted[sorted.count - 1 - sorted.count / 100]
    let gain = min(2, 255 / max(1, high - low))
    guard gain > 1 else { return light }
    // Where the range is not filled, its middle keeps its place between black and white.
    let room = 255 - (high - low) * gain
    let floor = room * low / max(1, 255 - (high - low))
    return light.map { min(255, max(0, ($0 - low) * gain + floor)) }
  }

  private static func diffused(_ light: inout [Float], columns: Int, rows: Int) -> [Bool] {
    var dots = [Bool](repeating: false, count: columns * rows)
    for row in 0..<rows {
      let isForward = row % 2 == 0
      let step = isForward ? 1 : -1
      for index in 0..<columns {
        let column = isForward ? index : columns - 1 - index
        let place = row * columns + column
        let isLit = light[place] >= 128
        dots[place] = isLit
        let error = light[place] - (isLit ? 255 : 0)
        let ahead = (0..<columns).contains(column + step)
        if ahead { light[place + step] += error * 7 / 16 }
        guard row + 1 < rows else { continue }
        if (0..<columns).contains(column - step) {
          light[place + columns - step] += error * 3 / 16
        }
        light[place + columns] += error * 5 / 16
        if ahead { light[place + columns + step] += error / 16 }
      }
    }
    return dots
  }
}
