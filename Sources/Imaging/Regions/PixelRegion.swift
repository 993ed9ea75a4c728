/// A rectangle of pixels, counted from the upper left corner of a picture.
public struct PixelRegion: Sendable, Hashable {
  public let x: Int
  public let y: Int
  /// At least 1, like ``height``.
  public let width: Int
  public let height: Int

  public init(x: Int, y: Int, width: Int, height: Int) {
    precondition(width > 0 && height > 0)
    (self.x, self.y, self.width, self.height) = (x, y, width, height)
  }

  package var columns: Range<Int> { x..<x + width }
  package var rows: Range<Int> { y..<y + height }

  /// The part that both have, `nil` where they do not meet.
  public func intersection(_ other: PixelRegion) -> PixelRegion? {
    let (left, top) = (max(x, other.x), max(y, other.y))
    let right = min(x + width, other.x + other.width)
    let bottom = min(y + height, other.y + other.height)
    guard left < right, top < bottom else { return nil }
    return PixelRegion(x: left, y: top, width: right - left, height: bottom - top)
  }
}

/// A rectangle of a picture, read.
public struct RegionPixels: Sendable {
  public let pixels: Pixels
  /// For each pixel whether it holds data, row by row; `nil` where all do.
  public let hasData: [Bool]?

  init(pixels: Pixels, hasData: [Bool]?) {
    self.pixels = pixels
    self.hasData = hasData.flatMap { $0.contains(false) ? $0 : nil }
  }
}
