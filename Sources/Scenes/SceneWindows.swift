import Imaging

/// A window of a scene, read.
public struct WindowPixels: Sendable {
  public let region: PixelRegion
  public let pixels: Pixels
  /// Share of its pixels that hold data, 0…1.
  public let dataShare: Double
}

extension Scene {
  /// Reads windows, each row of the scene once: from above to below, and where the scene is wider than memory
  /// allows, in columns beside each other, whose seams are read twice.
  /// - Parameters:
  ///   - windows: within the scene, in any order.
  ///   - take: gets each window; by their lower edges, then from the left.
  /// - Throws: ``ImageError``, and what `take` throws.
  public func read(windows: [PixelRegion], take: (WindowPixels) throws -> Void) throws {
    try read(windows: windows, keeping: Self.mostBuffered, take: take)
  }

  /// - Parameter bytes: of colours that are kept at a time, where a window's own are not more.
  package func read(
    windows: [PixelRegion], keeping bytes: Int, take: (WindowPixels) throws -> Void
  ) throws {
    guard let tallest = windows.map(\.height).max(), let widest = windows.map(\.width).max() else {
      return
    }
    let rows = tallest + min(blockHeight, Self.mostBlockRows)
    let core = max(widest, bytes / (3 * rows) - widest)
    let byColumn = Dictionary(grouping: windows) { $0.x / core }
    for (_, some) in byColumn.sorted(by: { $0.key < $1.key }) {
      var buffer = RowBuffer(columns: Self.columns(of: some))
      let ordered = some.sorted { ($0.y + $0.height, $0.x, $0.y) < ($1.y + $1.height, $1.x, $1.y) }
      // The first row that any of the windows from here on needs.
      var needed = ordered.map(\.y)
      for place in needed.indices.dropLast().reversed() {
        needed[place] = min(needed[place], needed[place + 1])
      }
      for (place, window) in ordered.enumerated() {
        buffer.drop(before: needed[place])
        let bottom = window.y + window.height
        while buffer.end < bottom {
          let start = max(buffer.end, needed[place])
          let end = min(height, min(blockEnd(bottom - 1), start + Self.mostBlockRows))
          let region = PixelRegion(
            x: buffer.columns.lowerBound, y: start, width: buffer.columns.count,
            height: max(1, max(end, min(bottom, start + Self.mostBlockRows)) - start))
          buffer.add(try read(region), from: start)
        }
        try take(buffer.window(window))
      }
    }
  }

  private static func columns(of windows: [PixelRegion]) -> Range<Int> {
    let first = windows.map(\.x).min() ?? 0
    return first..<max(first + 1, windows.map { $0.x + $0.width }.max() ?? 0)
  }

  /// The row after the block that a row is in.
  private func blockEnd(_ row: Int) -> Int { (row / blockHeight + 1) * blockHeight }

  /// Bytes of colours that are kept at a time.
  private static let mostBuffered = 96 << 20
  /// Rows that are read at once.
  private static let mostBlockRows = 512
}

/// Rows of a part of a scene, from the first that is still needed to the last that was read.
private struct RowBuffer {
  let columns: Range<Int>
  private var first = 0
  private(set) var end = 0
  private var bytes: [UInt8] = []
  /// As many as there are pixels, or none where all hold data.
  private var hasData: [Bool] = []
  private var dropped = 0

  init(columns: Range<Int>) { self.columns = columns }

  private var count: Int { columns.count }

  mutating func drop(before row: Int) {
    guard row > first else { return }
    if row >= end {
      (bytes, hasData, dropped) = ([], [], 0)
      (first, end) = (row, row)
      return
    }
    dropped += row - first
    first = row
    // Moving the rest costs as much as reading it from memory once; not for every row.
    guard dropped * 2 > end - first + dropped else { return }
    bytes.removeFirst(3 * count * dropped)
    if !hasData.isEmpty { hasData.removeFirst(count * dropped) }
    dropped = 0
  }

  mutating func add(_ region: RegionPixels, from row: Int) {
    if bytes.isEmpty { (first, end) = (row, row) }
    precondition(row == end)
    if let data = region.hasData {
      if hasData.isEmpty { hasData = [Bool](repeating: true, count: bytes.count / 3) }
      hasData += data
    } else if !hasData.isEmpty {
      hasData += repeatElement(true, count: count * region.pixels.height)
    }
    bytes += region.pixels.bytes
    end += region.pixels.height
  }

  func window(_ window: PixelRegion) throws(ImageError) -> WindowPixels {
    let left = window.x - columns.lowerBound
    var part: [UInt8] = []
    part.reserveCapacity(3 * window.width * window.height)
    var withData = 0
    for row in window.rows {
      let start = (row - first + dropped) * count + left
      part += bytes[(3 * start)..<(3 * (start + window.width))]
      if !hasData.isEmpty {
        for place in start..<start + window.width where hasData[place] { withData += 1 }
      }
    }
    let pixels = window.width * window.height
    return WindowPixels(
      region: window,
      pixels: try Pixels(width: window.width, height: window.height, bytes: part),
      dataShare: hasData.isEmpty ? 1 : Double(withData) / Double(pixels))
  }
}
