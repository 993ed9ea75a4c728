/// Position embeddings of a square grid of patches, brought to a grid of another side.
///
/// Two libraries, two ways: transformers' `interpolate_pos_encoding` is PyTorch's bicubic interpolation
/// (a = −0.75, at the edges the last row again); open_clip's `resize_pos_embed` is the same with
/// `antialias=True` (a = −0.5, wider where the grid becomes smaller, weights outside left out). Both take
/// pixel centres (`align_corners=False`) and leave the class token's row as it is.
struct PositionGrid {
  /// - Parameter antialias: open_clip's way.
  /// - Parameters:
  ///   - values: `[1 + from · from, width]`, the class token first.
  /// - Returns: `[1 + to · to, width]`
  static func resized(
    _ values: [Float], width: Int, from old: Int, to new: Int, antialias: Bool
  ) -> [Float] {
    precondition(values.count == (1 + old * old) * width && new > 0)
    if old == new { return values }
    let weights = (0..<new).map {
      antialias ? smooth($0, old, new) : plain($0, old, new)
    }
    // Columns first, as a grid of old rows and new columns.
    var columns = [Float](repeating: 0, count: old * new * width)
    for row in 0..<old {
      for (column, taps) in weights.enumerated() {
        for (source, weight) in taps {
          add(
            values, (1 + row * old + source) * width, weight, &columns,
            (row * new + column) * width, width)
        }
      }
    }
    var result = [Float](repeating: 0, count: (1 + new * new) * width)
    result.replaceSubrange(0..<width, with: values[..<width])
    for (row, taps) in weights.enumerated() {
      for (source, weight) in taps {
        add(columns, source * new * width, weight, &result, (1 + row * new) * width, new * width)
      }
    }
    return result
  }

  private static func add(
    _ source: [Float], _ from: Int, _ weight: Float, _ target: inout [Float], _ to: Int,
    _ count: Int
  ) {
    for index in 0..<count { target[to + index] += weight * source[from + index] }
  }

  /// Four neighbours, those outside being the last one inside.
  private static func plain(_ index: Int, _ old: Int, _ new: Int) -> [(Int, Float)] {
    let place = (Double(index) + 0.5) * Double(old) / Double(new) - 0.5
    let first = Int(place.rounded(.down))
    let share = place - Double(first)
    return (-1...2).map { offset in
      (min(max(first + offset, 0), old - 1), Float(cubic(Double(offset) - share, a: -0.75)))
    }
  }

  private static func smooth(_ index: Int, _ old: Int, _ new: Int) -> [(Int, Float)] {
    let scale = Double(old) / Double(new)
    let widening = max(scale, 1)
    let centre = (Double(index) + 0.5) * scale
    let start = max(Int(centre - 2 * widening + 0.5), 0)
    let end = min(Int(centre + 2 * widening + 0.5), old)
    let weights = (start..<end).map { cubic((Double($0) - centre + 0.5) / widening, a: -0.5) }
    let sum = weights.reduce(0, +)
    return zip(start..<end, weights).map { ($0, Float($1 / sum)) }
  }

  private static func cubic(_ distance: Double, a: Double) -> Double {
    let x = abs(distance)
    if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
    return 0
  }
}
