import Imaging

/// A picture averaged onto a grid of small rectangles, to which cells are fitted.
///
/// Each rectangle is the mean of what it covers, in whole numbers: a picture and the same picture with
/// every pixel doubled give the same grid, whatever their widths. This is the one place that hands
/// pixels on to libchafa, which counts rows in 32-bit words: hence four bytes a rectangle, never packed
/// RGB, whose rows it shears wherever three times the width is no multiple of four.
package struct PictureGrid {
  package let columns: Int
  package let rows: Int
  /// `4 · columns · rows` bytes, row by row: red, green, blue and 255.
  package let rgba: [UInt8]

  /// - Parameters:
  ///   - columns: of the grid, 1…8,192, likewise `rows`.
  package init(_ pixels: Pixels, columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
    var rgba = [UInt8](repeating: 255, count: 4 * columns * rows)
    let (width, height) = (pixels.width, pixels.height)
    // On one line of width · columns units a pixel takes `columns` units and a rectangle `width`.
    let total = UInt64(width * height)
    var line = [UInt64](repeating: 0, count: 3 * columns)
    var sums = line
    var row = 0
    pixels.bytes.withUnsafeBufferPointer { bytes in
      for y in 0..<height {
        Self.average(bytes, from: 3 * y * width, width: width, into: &line)
        while row < rows {
          let weight = UInt64(min((y + 1) * rows, (row + 1) * height) - max(y * rows, row * height))
          for index in line.indices { sums[index] &+= line[index] &* weight }
          guard (row + 1) * height <= (y + 1) * rows else { break }
          for column in 0..<columns {
            for channel in 0..<3 {
              let mean = (sums[3 * column + channel] + total / 2) / total
              rgba[4 * (row * columns + column) + channel] = UInt8(truncatingIfNeeded: mean)
              sums[3 * column + channel] = 0
            }
          }
          row += 1
          // The pixel row ends where the rectangle ends: the next one begins with the next pixel row.
          if row * height == (y + 1) * rows { break }
        }
      }
    }
    self.rgba = rgba
  }

  /// A row of pixels as sums over rectangles, each the value times the units of overlap.
  private static func average(
    _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, width: Int, into line: inout [UInt64]
  ) {
    let columns = line.count / 3
    for index in line.indices { line[index] = 0 }
    var column = 0
    for x in 0..<width {
      let pixel = start + 3 * x
      while true {
        let end = min((x + 1) * columns, (column + 1) * width)
        let weight = UInt64(end - max(x * columns, column * width))
        for channel in 0..<3 {
          line[3 * column + channel] &+= UInt64(bytes[pixel + channel]) &* weight
        }
        if end == (column + 1) * width { column += 1 }
        if end == (x + 1) * columns { break }
      }
    }
  }

  package subscript(column: Int, row: Int) -> SIMD3<Float> {
    let index = 4 * (row * columns + column)
    return SIMD3(Float(rgba[index]), Float(rgba[index + 1]), Float(rgba[index + 2]))
  }
}
