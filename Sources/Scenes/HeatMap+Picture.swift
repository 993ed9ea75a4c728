import Imaging

extension HeatMap {
  /// The scene in gray with its warmest places in colour: what is no better than the median stays gray, the
  /// best is yellow.
  /// - Parameter overview: the whole scene, of any size.
  public func picture(over overview: Pixels, width: Int, height: Int) throws(ImageError) -> Pixels {
    let known = values.filter { !$0.isNaN }.sorted()
    guard let high = known.last else { return overview }
    let middle = known[known.count / 2]
    let span = max(1e-6, high - middle)
    var bytes = overview.bytes
    for row in 0..<overview.height {
      // Where the pixel's middle lies among the middles of cells.
      let y =
        (Double(row) + 0.5) * Double(height) / Double(overview.height) / Double(cellSide) - 0.5
      for column in 0..<overview.width {
        let x =
          (Double(column) + 0.5) * Double(width) / Double(overview.width) / Double(cellSide) - 0.5
        let place = 3 * (row * overview.width + column)
        // Black is where there is no data, or nothing to be seen.
        if bytes[place] == 0, bytes[place + 1] == 0, bytes[place + 2] == 0 { continue }
        let gray = Self.gray(bytes[place], bytes[place + 1], bytes[place + 2])
        let warmth = value(x: x, y: y).map { max(0, min(1, ($0 - middle) / span)) } ?? 0
        let colour = Self.colour(warmth)
        // The scene is seen through its colours.
        let weight = 0.7 * warmth.squareRoot()
        for channel in 0..<3 {
          let mixed = gray * 0.75 * (1 - weight) + colour[channel] * weight * (0.55 + gray / 570)
          bytes[place + channel] = UInt8(max(0, min(255, mixed)))
        }
      }
    }
    return try Pixels(width: overview.width, height: overview.height, bytes: bytes)
  }

  /// Between the cells, by those of the four nearest that have a value; `nil` where none has.
  private func value(x: Double, y: Double) -> Float? {
    let (left, top) = (Int(x.rounded(.down)), Int(y.rounded(.down)))
    let (dx, dy) = (Float(x - Double(left)), Float(y - Double(top)))
    var (sum, weights) = (Float(0), Float(0))
    for (row, vertical) in [(top, 1 - dy), (top + 1, dy)] {
      for (column, horizontal) in [(left, 1 - dx), (left + 1, dx)] {
        let (c, r) = (max(0, min(columns - 1, column)), max(0, min(rows - 1, row)))
        let value = values[r * columns + c]
        guard !value.isNaN else { continue }
        sum += value * vertical * horizontal
        weights += vertical * horizontal
      }
    }
    return weights > 1e-6 ? sum / weights : nil
  }

  private static func gray(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> Float {
    0.299 * Float(red) + 0.587 * Float(green) + 0.114 * Float(blue)
  }

  /// Violet, red, orange, yellow.
  private static func colour(_ warmth: Float) -> [Float] {
    let stops: [[Float]] = [[90, 20, 110], [220, 40, 60], [255, 140, 20], [255, 240, 90]]
    let place = warmth * Float(stops.count - 1)
    let index = min(stops.count - 2, Int(place))
    let share = place - Float(index)
    return (0..<3).map { stops[index][$0] * (1 - share) + stops[index + 1][$0] * share }
  }
}
