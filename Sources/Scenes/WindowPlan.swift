import Imaging

/// Squares of several sizes that cover a picture, each size in overlapping rows and columns of which the
/// last ones are moved inwards to the edge.
public struct WindowPlan: Sendable, Equatable {
  /// Sides in pixels, ascending, each once.
  public let sides: [Int]
  /// The step from one window to the next, as a share of its side.
  public let stride: Double
  /// Whether last columns and rows are moved inwards to the edge; else what is left over there is not looked at.
  public let coversEdges: Bool

  /// Sides that are looked at where nothing else is asked: what most models read, twice and four times that.
  public static let usualSides = [224, 448, 896]
  public static let usualStride = 0.5
  /// Sides in pixels, and steps as a share, that are taken.
  public static let sideRange = 16...8192
  public static let strideRange = 0.1...1.0

  /// - Parameters:
  ///   - sides: those out of ``sideRange`` are brought into it.
  ///   - stride: within ``strideRange``.
  public init(
    sides: [Int] = usualSides, stride: Double = usualStride, coversEdges: Bool = true
  ) {
    precondition(Self.strideRange.contains(stride))
    self.sides = Set(
      sides.map { min(max($0, Self.sideRange.lowerBound), Self.sideRange.upperBound) }
    ).sorted()
    self.stride = stride
    self.coversEdges = coversEdges
  }

  /// Those sides of which a picture has windows.
  private func fitting(_ width: Int, _ height: Int) -> [Int] {
    let fitting = sides.filter { $0 <= min(width, height) }
    return fitting.isEmpty ? [min(width, height)] : fitting
  }

  /// Pixels from one of the smallest windows to the next.
  public func step(width: Int, height: Int) -> Int { step(fitting(width, height)[0]) }

  private func step(_ side: Int) -> Int { max(1, Int((Double(side) * stride).rounded())) }

  /// The windows of a picture by their upper left corners: row by row for each side. A picture that is
  /// smaller than all sides has squares of its shorter side; sides that do not fit are left out.
  public func windows(width: Int, height: Int) -> [PixelRegion] {
    fitting(width, height).flatMap { side in
      let columns = starts(width, side)
      return starts(height, side).flatMap { y in
        columns.map { PixelRegion(x: $0, y: y, width: side, height: side) }
      }
    }
  }

  private func starts(_ length: Int, _ side: Int) -> [Int] {
    var starts = Array(Swift.stride(from: 0, through: length - side, by: step(side)))
    if coversEdges, let last = starts.last, last < length - side { starts.append(length - side) }
    return starts
  }
}
