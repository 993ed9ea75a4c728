import CTIFF

/// What takes the rows of a page as they come from libtiff.
protocol TIFFRowSink {
  func wants(row: Int) -> Bool
  func wants(columns: Range<Int>) -> Bool
  /// - Parameters:
  ///   - row: samples as they are stored, which may be changed.
  ///   - x: column of the first pixel; with `count` within the page's width.
  mutating func add(_ row: UnsafeMutableRawBufferPointer, x: Int, y: Int, count: Int)
}

/// Goes through the strips or tiles of a page and hands their rows on.
struct TIFFBlocks {
  private let handle: TIFFHandle
  private let page: TIFFPage
  private let request: DecodingRequest
  private let mask: TIFFMask?
  /// One sample of "no data", which stands where a sparse file has no block, and under the mask.
  private let fill: [UInt8]

  init(
    _ handle: TIFFHandle, _ page: TIFFPage, _ request: DecodingRequest, mask: TIFFMask? = nil,
    fill: [UInt8] = [0]
  ) {
    (self.handle, self.page, self.request) = (handle, page, request)
    (self.mask, self.fill) = (mask, fill)
  }

  /// The bytes of a row of this many pixels.
  private func rowBytes(_ width: Int) -> Int {
    (width * (page.isPlanar ? 1 : page.samples) * page.bits + 7) / 8
  }

  func read(plane: Int, _ sink: inout some TIFFRowSink) throws(ImageError) {
    if let tile = page.tile {
      try readTiles(tile, plane, &sink)
    } else {
      try readStrips(plane, &sink)
    }
  }

  /// Row by row, since a strip may be the whole picture.
  private func readStrips(_ plane: Int, _ sink: inout some TIFFRowSink) throws(ImageError) {
    // 8 bytes more than any row, for a decoder that writes in words.
    var buffer = try bytes(Int(TIFFScanlineSize64(handle.tiff)), atLeast: rowBytes(page.width))
    for first in stride(from: 0, to: page.height, by: page.rowsPerStrip) {
      try request.checkCancellation()
      let end = min(first + page.rowsPerStrip, page.height)
      // Only up to the last row that is wanted, since rows of a strip depend on those before.
      guard let last = (first..<end).last(where: sink.wants(row:)) else { continue }
      let strip = TIFFComputeStrip(handle.tiff, UInt32(first), UInt16(plane))
      let isAbsent = handle.isAbsent(strip)
      for y in first...last {
        if y % 64 == 0 { try request.checkCancellation() }
        // Anew for each row: who takes a row may change it.
        if isAbsent { empty(&buffer) }
        let isRead =
          isAbsent
          || buffer.withUnsafeMutableBytes {
            TIFFReadScanline(handle.tiff, $0.baseAddress, UInt32(y), UInt16(plane)) == 1
          }
        guard isRead else { throw failure(strip) }
        guard sink.wants(row: y) else { continue }
        buffer.withUnsafeMutableBytes { hand($0, x: 0, y: y, count: page.width, to: &sink) }
      }
    }
  }

  private func readTiles(_ tile: TIFFPage.Size, _ plane: Int, _ sink: inout some TIFFRowSink)
    throws(ImageError)
  {
    let rowBytes = rowBytes(tile.width)
    var buffer = try bytes(Int(TIFFTileSize64(handle.tiff)), atLeast: rowBytes * tile.height)
    for top in stride(from: 0, to: page.height, by: tile.height) {
      let wanted = (top..<min(top + tile.height, page.height)).filter(sink.wants(row:))
      guard !wanted.isEmpty else { continue }
      for left in stride(from: 0, to: page.width, by: tile.width) {
        let count = min(tile.width, page.width - left)
        guard sink.wants(columns: left..<left + count) else { continue }
        try request.checkCancellation()
        let number = TIFFComputeTile(handle.tiff, UInt32(left), UInt32(top), 0, UInt16(plane))
        if handle.isAbsent(number) {
          empty(&buffer)
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
            hand(row, x: left, y: y, count: count, to: &sink)
          }
        }
      }
    }
  }

  /// Rows whose colours libtiff converts, 4 bytes a pixel with red first.
  func readConverted(_ sink: inout some TIFFRowSink) throws(ImageError) {
    // libtiff decodes whole strips or rows of tiles for it.
    let step = page.tile?.height ?? page.rowsPerStrip
    let (size, overflow) = (4 * page.width).multipliedReportingOverflow(by: step)
    guard !overflow, size <= TIFFPage.largestBlock else {
      throw request.failure(
        .invalid(
          "the TIFF's strips of \(page.width) × \(step) pixels are too large for its kind of colours;"
            + " save it in smaller strips"))
    }
    var raster = [UInt32](repeating: 0, count: size / 4)
    for first in stride(from: 0, to: page.height, by: step) {
      try request.checkCancellation()
      let count = min(step, page.height - first)
      guard (first..<first + count).contains(where: sink.wants(row:)) else { continue }
      let done = raster.withUnsafeMutableBufferPointer {
        clip_tiff_rgba_rows(
          handle.tiff, UInt32(first), UInt32(page.width), UInt32(count), $0.baseAddress)
      }
      guard done != 0 else { throw failure(TIFFComputeStrip(handle.tiff, UInt32(first), 0)) }
      raster.withUnsafeMutableBytes {
        for y in first..<first + count where sink.wants(row: y) {
          let start = (y - first) * 4 * page.width
          sink.add(
            UnsafeMutableRawBufferPointer(rebasing: $0[start..<start + 4 * page.width]), x: 0, y: y,
            count: page.width)
        }
      }
    }
  }

  private func hand(
    _ row: UnsafeMutableRawBufferPointer, x: Int, y: Int, count: Int,
    to sink: inout some TIFFRowSink
  ) {
    if let mask {
      let step = (page.isPlanar ? 1 : page.samples) * fill.count
      for index in 0..<count where !mask.hasData(x: x + index, y: y) {
        for place in 0..<step { row[index * step + place] = fill[place % fill.count] }
      }
    }
    sink.add(row, x: x, y: y, count: count)
  }

  private func empty(_ buffer: inout [UInt8]) {
    for index in buffer.indices { buffer[index] = fill[index % fill.count] }
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

  /// A block beyond the end of the file means that the file is truncated.
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

/// Where a picture has data: a page of one bit a pixel, as GDAL writes it inside of a TIFF, or of one byte,
/// as it does beside it; anything but 0 is data.
struct TIFFMask: TIFFRowSink {
  /// Most pixels of a mask that is kept: 64 MiB of bits.
  static let mostPixels = 1 << 29

  private let rowBytes: Int
  private let isPacked: Bool
  private var bits: [UInt8]

  static func isRead(_ page: TIFFPage) -> Bool {
    page.samples == 1 && [1, 8].contains(page.bits) && !page.hasPalette
  }

  /// - Parameter page: of the mask, at which the handle stands.
  /// - Throws: ``ImageError`` where it cannot be read.
  init(_ handle: TIFFHandle, _ page: TIFFPage, _ request: DecodingRequest) throws(ImageError) {
    rowBytes = (page.width + 7) / 8
    isPacked = page.bits == 1
    bits = [UInt8](repeating: 0, count: rowBytes * page.height)
    try TIFFBlocks(handle, page, request).read(plane: 0, &self)
    if page.photometric == Int(PHOTOMETRIC_MINISWHITE), isPacked {
      for index in bits.indices { bits[index] = ~bits[index] }
    }
  }

  func hasData(x: Int, y: Int) -> Bool {
    bits[y * rowBytes + x >> 3] >> (7 - UInt8(x & 7)) & 1 == 1
  }

  func wants(row: Int) -> Bool { true }
  func wants(columns: Range<Int>) -> Bool { true }
  mutating func add(_ row: UnsafeMutableRawBufferPointer, x: Int, y: Int, count: Int) {
    // Tiles have a multiple of 16 columns, so each part begins with a whole byte.
    let start = y * rowBytes + x / 8
    if isPacked {
      for index in 0..<(count + 7) / 8 { bits[start + index] = row[index] }
    } else {
      for index in 0..<count where row[index] != 0 {
        bits[start + index / 8] |= 0x80 >> UInt8(index & 7)
      }
    }
  }
}
