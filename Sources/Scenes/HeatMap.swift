import Imaging

/// How well windows fit, spread over a scene: each cell has the mean of the windows of each size that cover
/// it, and of these means the mean.
public struct HeatMap: Sendable, Equatable {
  /// Pixels of the scene along the side of a cell; the last column and row may reach beyond it.
  public let cellSide: Int
  public let columns: Int
  public let rows: Int
  /// `columns · rows` scores, row by row; NaN where no window was.
  public let values: [Float]

  /// Longest side of a map: finer ones show nothing more.
  public static let longestSide = 2048

  /// - Parameters:
  ///   - windows: with their scores.
  ///   - width: of the scene, and `height`.
  ///   - step: pixels from one of the smallest windows to the next.
  public init(
    _ windows: [(region: PixelRegion, score: Float)], width: Int, height: Int, step: Int
  ) {
    let least = (max(width, height) + Self.longestSide - 1) / Self.longestSide
    let side = max(1, step, least)
    let (columns, rows) = ((width + side - 1) / side, (height + side - 1) / side)
    var sums = [Float](repeating: 0, count: columns * rows)
    var counts = [Float](repeating: 0, count: columns * rows)
    for (_, some) in Dictionary(grouping: windows, by: { $0.region.width }).sorted(by: {
      $0.key < $1.key
    }) {
      let layer = Self.layer(some, columns: columns, rows: rows, side: side)
      for place in layer.indices where !layer[place].isNaN {
        sums[place] += layer[place]
        counts[place] += 1
      }
    }
    cellSide = side
    (self.columns, self.rows) = (columns, rows)
    values = zip(sums, counts).map { $1 > 0 ? $0 / $1 : .nan }
  }

  /// The mean of the windows of one size over each cell whose middle they cover.
  private static func layer(
    _ windows: [(region: PixelRegion, score: Float)], columns: Int, rows: Int, side: Int
  ) -> [Float] {
    var sums = [Float](repeating: 0, count: columns * rows)
    var counts = [Float](repeating: 0, count: columns * rows)
    /// Cells whose middles lie within.
    func cells(_ range: Range<Int>, _ most: Int) -> Range<Int> {
      let half = side / 2
      let first = max(0, (range.lowerBound - half + side - 1) / side)
      let end = min(most, (range.upperBound - half + side - 1) / side)
      return first..<max(first, end)
    }
    for window in windows {
      for row in cells(window.region.rows, rows) {
        for column in cells(window.region.columns, columns) {
          sums[row * columns + column] += window.score
          counts[row * columns + column] += 1
        }
      }
    }
    return zip(sums, counts).map { $1 > 0 ? $0 / $1 : .nan }
  }

  /// Least and greatest of the values; `nil` where there are none.
  public var range: ClosedRange<Float>? {
    let known = values.filter { !$0.isNaN }
    guard let low = known.min(), let high = known.max() else { return nil }
    return low...high
  }
}
