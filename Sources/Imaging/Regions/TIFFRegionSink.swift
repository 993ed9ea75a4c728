/// Hands on the part of a page's rows that lies in a rectangle, as if that were the page.
struct TIFFRegionSink<Inner: TIFFRowSink>: TIFFRowSink {
  private(set) var inner: Inner
  /// Its first column is a multiple of 8, so that packed samples begin with a whole byte.
  let region: PixelRegion
  /// Bits of a pixel in a row.
  private let pixelBits: Int

  init(_ inner: Inner, _ region: PixelRegion, pixelBits: Int) {
    assert(region.x % 8 == 0)
    (self.inner, self.region, self.pixelBits) = (inner, region, pixelBits)
  }

  mutating func changeInner(_ body: (inout Inner) -> Void) { body(&inner) }

  func wants(row: Int) -> Bool { region.rows.contains(row) && inner.wants(row: row - region.y) }

  func wants(columns: Range<Int>) -> Bool { columns.overlaps(region.columns) }

  mutating func add(_ row: UnsafeMutableRawBufferPointer, x: Int, y: Int, count: Int) {
    let part = (x..<x + count).clamped(to: region.columns)
    guard region.rows.contains(y), !part.isEmpty else { return }
    let start = (part.lowerBound - x) * pixelBits / 8
    inner.add(
      UnsafeMutableRawBufferPointer(rebasing: row[start...]), x: part.lowerBound - region.x,
      y: y - region.y, count: part.count)
  }
}

/// Where a rectangle has data, by a page that says so: anything but 0 is data.
struct TIFFRegionMask: TIFFRowSink {
  private(set) var hasData: [Bool]
  private let width: Int
  private let isPacked: Bool
  /// Of one bit a pixel, 0 is data.
  private let isInverted: Bool

  init(width: Int, height: Int, isPacked: Bool, isInverted: Bool) {
    hasData = [Bool](repeating: false, count: width * height)
    (self.width, self.isPacked, self.isInverted) = (width, isPacked, isInverted)
  }

  func wants(row: Int) -> Bool { true }
  func wants(columns: Range<Int>) -> Bool { true }

  mutating func add(_ row: UnsafeMutableRawBufferPointer, x: Int, y: Int, count: Int) {
    for index in 0..<count {
      let value = isPacked ? row[index >> 3] >> (7 - UInt8(index & 7)) & 1 == 1 : row[index] != 0
      hasData[y * width + x + index] = value != isInverted
    }
  }
}
