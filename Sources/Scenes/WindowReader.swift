import Imaging

/// A window of a scene, read.
public struct WindowPixels: Sendable {
  public let region: PixelRegion
  public let pixels: Pixels
  /// Share of its pixels that hold data, 0…1.
  public let dataShare: Double
}

extension Scene {
  /// Reads windows; see ``WindowReader``.
  /// - Parameters:
  ///   - windows: within the scene, in any order.
  ///   - take: gets each window.
  /// - Throws: ``ImageError``, and what `take` throws.
  public func read(windows: [PixelRegion], take: (WindowPixels) throws -> Void) throws {
    let reader = WindowReader(self, windows)
    while let window = try reader.next() { try take(window) }
  }
}

/// Reads windows of a scene one after the other, each row of the scene once: from above to below, and where
/// the scene is wider than memory allows, in columns beside each other, whose seams are read twice. Within a
/// column windows come by their lower edges, then from the left.
///
/// Used by one thread at a time.
public final class WindowReader {
  private let scene: Scene
  private var columns: ArraySlice<[PixelRegion]>
  private var column: Column?

  /// Windows whose left edges lie near each other, and the rows that are kept for them.
  private struct Column {
    var buffer: RowBuffer
    let windows: [PixelRegion]
    /// The first row that any of the windows from there on needs.
    let needed: [Int]
    var place = 0

    init(_ some: [PixelRegion]) {
      let first = some.map(\.x).min() ?? 0
      let end = some.map { $0.x + $0.width }.max() ?? 0
      buffer = RowBuffer(columns: first..<max(first + 1, end))
      windows = some.sorted { ($0.y + $0.height, $0.x, $0.y) < ($1.y + $1.height, $1.x, $1.y) }
      var needed = windows.map(\.y)
      for place in needed.indices.dropLast().reversed() {
        needed[place] = min(needed[place], needed[place + 1])
      }
      self.needed = needed
    }
  }

  /// - Parameter windows: within the scene, in any order.
  public convenience init(_ scene: Scene, _ windows: [PixelRegion]) {
    self.init(scene, windows, keeping: Self.mostBuffered)
  }

  /// - Parameter bytes: of colours that are kept at a time, where a window's own are not more.
  package init(_ scene: Scene, _ windows: [PixelRegion], keeping bytes: Int) {
    self.scene = scene
    let tallest = windows.map(\.height).max() ?? 1
    let widest = windows.map(\.width).max() ?? 1
    let rows = tallest + min(scene.blockHeight, Self.mostBlockRows)
    let core = max(widest, bytes / (3 * rows) - widest)
    columns =
      Dictionary(grouping: windows) { $0.x / core }
      .sorted { $0.key < $1.key }.map(\.value)[...]
  }

  /// - Returns: `nil` after the last window.
  public func next() throws(ImageError) -> WindowPixels? {
    if column == nil { column = columns.popFirst().map(Column.init) }
    guard var column else { return nil }
    self.column = nil
    let window = column.windows[column.place]
    let needed = column.needed[column.place]
    column.buffer.drop(before: needed)
    let bottom = window.y + window.height
    while column.buffer.end < bottom {
      let start = max(column.buffer.end, needed)
      let end = min(scene.height, min(blockEnd(bottom - 1), start + Self.mostBlockRows))
      let region = PixelRegion(
        x: column.buffer.columns.lowerBound, y: start, width: column.buffer.columns.count,
        height: max(1, max(end, min(bottom, start + Self.mostBlockRows)) - start))
      column.buffer.add(try scene.read(region), from: start)
    }
    let read = try column.buffer.window(window)
    column.place += 1
    if column.place < column.windows.count { self.column = column }
    return read
  }

  /// The row after the block that a row is in.
  private func blockEnd(_ row: Int) -> Int { (row / scene.blockHeight + 1) * scene.blockHeight }

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
