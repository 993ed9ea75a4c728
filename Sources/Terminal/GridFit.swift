/// A cell as a character in two colours, before the colours are those of a palette.
struct FittedCell {
  var scalar: Unicode.Scalar
  /// Red, green, blue, 0…255.
  var foreground: SIMD3<Float>
  var background: SIMD3<Float>
  /// The part of the cell that has the foreground.
  var coverage: Float
}

/// Two colours for each cell and the parts of its grid that have one or the other, so that the squares
/// of the differences are least: all masks are tried. For the sets whose glyphs are all the masks of a
/// grid, such as octants, which libchafa 1.12 does not have.
enum GridFit {
  /// - Parameter grid: of `columns · cellColumns` × `rows · cellRows` rectangles.
  static func cells(
    of grid: PictureGrid, cell: (columns: Int, rows: Int), glyph: (Int) -> Unicode.Scalar
  ) -> [FittedCell] {
    var cells: [FittedCell] = []
    let (columns, rows) = (grid.columns / cell.columns, grid.rows / cell.rows)
    cells.reserveCapacity(columns * rows)
    var parts: [SIMD3<Float>] = []
    for row in 0..<rows {
      for column in 0..<columns {
        parts.removeAll(keepingCapacity: true)
        for y in 0..<cell.rows {
          for x in 0..<cell.columns {
            parts.append(grid[column * cell.columns + x, row * cell.rows + y])
          }
        }
        cells.append(fit(parts, glyph))
      }
    }
    return cells
  }

  /// The split with the least error is that with the largest `|sum₁|²/n₁ + |sum₂|²/n₂`, since the sum of
  /// the squares themselves is the same for all. Masks go in Gray's order: one part changes at a time.
  private static func fit(
    _ parts: [SIMD3<Float>], _ glyph: (Int) -> Unicode.Scalar
  ) -> FittedCell {
    let all = parts.reduce(SIMD3<Float>.zero, +)
    let count = Float(parts.count)
    var best = (mask: 0, score: (all * all).sum() / count, sum: SIMD3<Float>.zero)
    // What a split must gain to be one: a flat cell is a blank, not a pattern of rounding errors.
    let least = best.score + 0.5
    var (mask, sum) = (0, SIMD3<Float>.zero)
    // The last part stays in the background: a mask and its opposite are the same split.
    for step in 1..<1 << (parts.count - 1) {
      let part = step.trailingZeroBitCount
      mask ^= 1 << part
      sum += mask >> part & 1 == 1 ? parts[part] : -parts[part]
      let lit = Float(mask.nonzeroBitCount)
      let rest = all - sum
      let score = (sum * sum).sum() / lit + (rest * rest).sum() / (count - lit)
      if score > best.score, score > least { best = (mask, score, sum) }
    }
    guard best.mask != 0 else {
      return FittedCell(scalar: " ", foreground: all / count, background: all / count, coverage: 0)
    }
    let lit = Float(best.mask.nonzeroBitCount)
    return FittedCell(
      scalar: glyph(best.mask), foreground: best.sum / lit,
      background: (all - best.sum) / (count - lit), coverage: lit / count)
  }
}
