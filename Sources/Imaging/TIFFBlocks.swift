import CTIFF

/// Goes through the strips or tiles of a page and hands their rows on.
struct TIFFBlocks {
  private let handle: TIFFHandle
  private let page: TIFFPage
  private let request: DecodingRequest

  init(_ handle: TIFFHandle, _ page: TIFFPage, _ request: DecodingRequest) {
    (self.handle, self.page, self.request) = (handle, page, request)
  }

  func read<Sample>(
    plane: Int, _ grid: inout SampleGrid<Sample>, _ rows: inout TIFFRows<Sample>
  ) throws(ImageError) {
    if let tile = page.tile {
      try readTiles(tile, plane, &grid, &rows)
    } else {
      try readStrips(plane, &grid, &rows)
    }
  }

  /// Row by row, since a strip may be the whole picture.
  private func readStrips<Sample>(
    _ plane: Int, _ grid: inout SampleGrid<Sample>, _ rows: inout TIFFRows<Sample>
  ) throws(ImageError) {
    // 8 bytes more than any row, for a decoder that writes in words.
    var buffer = try bytes(Int(TIFFScanlineSize64(handle.tiff)), atLeast: rows.rowBytes(page.width))
    for first in stride(from: 0, to: page.height, by: page.rowsPerStrip) {
      try request.checkCancellation()
      let end = min(first + page.rowsPerStrip, page.height)
      // Only up to the last row that is wanted: rows of a strip follow from each other.
      guard let last = (first..<end).last(where: grid.wants(row:)) else { continue }
      let strip = TIFFComputeStrip(handle.tiff, UInt32(first), UInt16(plane))
      let isAbsent = handle.isAbsent(strip)
      if isAbsent { for index in buffer.indices { buffer[index] = 0 } }
      for y in first...last {
        if y % 64 == 0 { try request.checkCancellation() }
        let isRead =
          isAbsent
          || buffer.withUnsafeMutableBytes {
            TIFFReadScanline(handle.tiff, $0.baseAddress, UInt32(y), UInt16(plane)) == 1
          }
        guard isRead else { throw failure(strip) }
        guard grid.wants(row: y) else { continue }
        buffer.withUnsafeMutableBytes {
          rows.add($0, x: 0, y: y, count: page.width, to: &grid)
        }
      }
    }
  }

  private func readTiles<Sample>(
    _ tile: TIFFPage.Size, _ plane: Int, _ grid: inout SampleGrid<Sample>,
    _ rows: inout TIFFRows<Sample>
  ) throws(ImageError) {
    let rowBytes = rows.rowBytes(tile.width)
    var buffer = try bytes(Int(TIFFTileSize64(handle.tiff)), atLeast: rowBytes * tile.height)
    for top in stride(from: 0, to: page.height, by: tile.height) {
      let wanted = (top..<min(top + tile.height, page.height)).filter(grid.wants(row:))
      guard !wanted.isEmpty else { continue }
      for left in stride(from: 0, to: page.width, by: tile.width) {
        let count = min(tile.width, page.width - left)
        guard grid.wants(columns: left..<left + count) else { continue }
        try request.checkCancellation()
        let number = TIFFComputeTile(handle.tiff, UInt32(left), UInt32(top), 0, UInt16(plane))
        if handle.isAbsent(number) {
          for index in buffer.indices { buffer[index] = 0 }
        } else {
          let done = buffer.withUnsafeMutableBytes {
            TIFFReadEncodedTile(handle.tiff, number, $0.baseAddress, Int64($0.count))
          }
          guard done == buffer.count else { throw failure(number) }
        }
        for y in wanted {
          buffer.withUnsafeMutableBytes {
            let start = (y - top) * rowBytes
            let row = UnsafeMutableRawBufferPointer(rebasing: $0[start..<start + rowBytes])
            rows.add(row, x: left, y: y, count: count, to: &grid)
          }
        }
      }
    }
  }

  /// - Parameter atLeast: what the page's own numbers say; libtiff must not say less.
  private func bytes(_ count: Int, atLeast: Int) throws(ImageError) -> [UInt8] {
    guard count >= atLeast, count <= 2 * atLeast + 1 << 20 else {
      throw request.failure(
        .invalid(
          "the TIFF's rows are of \(count) bytes, expected \(atLeast); copy it again from its source"
        ))
    }
    return [UInt8](repeating: 0, count: count)
  }

  /// A block that reaches beyond the file's end is what a truncated file has.
  private func failure(_ block: UInt32) -> ImageError {
    let error = handle.failure()
    let (end, overflow) = TIFFGetStrileOffset(handle.tiff, block)
      .addingReportingOverflow(TIFFGetStrileByteCount(handle.tiff, block))
    guard !overflow, end <= UInt64(handle.source.byteCount) else {
      return request.failure(.truncated)
    }
    return error
  }
}

/// Rows of a page as they come from libtiff → the samples of its picture.
struct TIFFRows<Sample: FixedWidthInteger & UnsignedInteger & Sendable> {
  private let page: TIFFPage
  private let plan: TIFFPage.Plan
  let palette: [UInt8]?
  /// The band that is being read; `nil` where all bands of a pixel lie side by side.
  var plane: Int?
  private var unpacked: [UInt8] = []

  init(_ page: TIFFPage, _ plan: TIFFPage.Plan, palette: [UInt8]?) {
    (self.page, self.plan, self.palette) = (page, plan, palette)
  }

  func rowBytes(_ width: Int) -> Int {
    (width * (page.isPlanar ? 1 : page.samples) * page.bits + 7) / 8
  }

  mutating func add(
    _ row: UnsafeMutableRawBufferPointer, x: Int, y: Int, count: Int,
    to grid: inout SampleGrid<Sample>
  ) {
    if Sample.bitWidth == 8, page.bits < 8 || palette != nil && page.hasPalette {
      unpack(row, count: count)
      unpacked.withUnsafeBytes { bytes in
        guard let first = bytes.baseAddress?.assumingMemoryBound(to: Sample.self) else { return }
        grid.add(first, x: x, y: y, count: count)
      }
      return
    }
    let samples = row.bindMemory(to: Sample.self)
    guard let first = samples.baseAddress else { return }
    if Sample.bitWidth == 16, page.isSigned {
      // The lowest number becomes 0.
      for index in 0..<count * (plane == nil ? page.samples : 1) { samples[index] ^= 0x8000 }
    }
    if let plane {
      for (channel, sample) in plan.samples.enumerated() where sample == plane {
        grid.add(first, stride: 1, channel: channel, x: x, y: y, count: count)
      }
    } else if page.samples == plan.samples.count, plan.samples == Array(0..<page.samples) {
      grid.add(first, x: x, y: y, count: count)
    } else {
      for (channel, sample) in plan.samples.enumerated() {
        grid.add(
          first + sample, stride: page.samples, channel: channel, x: x, y: y, count: count)
      }
    }
  }

  /// 1, 2, 4 or 8 bits → gray of 8 bits, or the colours of a palette.
  private mutating func unpack(_ row: UnsafeMutableRawBufferPointer, count: Int) {
    let (bits, step) = (page.bits, page.hasPalette && !page.isPlanar ? page.samples : 1)
    let most = (1 << bits) - 1
    unpacked.removeAll(keepingCapacity: true)
    for index in 0..<count {
      let place = index * step * bits
      let value = Int(row[place >> 3]) >> (8 - bits - place & 7) & most
      if let palette, page.hasPalette {
        unpacked.append(palette[3 * value])
        unpacked.append(palette[3 * value + 1])
        unpacked.append(palette[3 * value + 2])
      } else {
        unpacked.append(UInt8(value * 255 / most))
      }
    }
  }
}
