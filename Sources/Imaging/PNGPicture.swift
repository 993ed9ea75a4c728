import CPNGRows

/// PNG files through libpng, row by row; an interlaced one is kept whole while it is read.
enum PNGPicture {
  /// Deflate packs at most 1,032 to one.
  private static let mostPerByte = 1040
  /// Bytes of one chunk that libpng keeps; palettes and the like are far shorter.
  private static let longestChunk = 1 << 20

  private struct Header {
    let width: Int
    let height: Int
    let bits: Int
    /// Bits of a pixel as stored.
    let pixelBits: Int
    let isInterlaced: Bool
    /// As stored: 1…4.
    let bands: Int
    let hasPalette: Bool
  }

  static func facts(_ bytes: [UInt8], _ request: DecodingRequest) throws(ImageError) -> PictureFacts
  {
    facts(bytes, try header(bytes, request))
  }

  private static func facts(_ bytes: [UInt8], _ header: Header) -> PictureFacts {
    PictureFacts(
      format: .png, width: header.width, height: header.height, bits: header.bits,
      bands: header.bands, orientation: EXIF.orientation(ofPNG: bytes))
  }

  /// The IHDR chunk, which is always the first.
  private static func header(_ bytes: [UInt8], _ request: DecodingRequest) throws(ImageError)
    -> Header
  {
    guard bytes.count >= 33 else { throw request.failure(.truncated) }
    func number(_ place: Int) -> Int { bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
    guard number(8) == 13, bytes[12..<16].elementsEqual("IHDR".utf8) else {
      throw request.failure(
        .invalid("the PNG does not begin with its header (IHDR); copy it again from its source"))
    }
    let bands = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][bytes[25]]
    guard let bands, [1, 2, 4, 8, 16].contains(bytes[24]) else {
      throw request.failure(
        .invalid(
          "the PNG has colour type \(bytes[25]) of \(bytes[24]) bits, which does not exist; copy it"
            + " again from its source"))
    }
    return Header(
      width: number(16), height: number(20), bits: Int(bytes[24]),
      pixelBits: bands * Int(bytes[24]), isInterlaced: bytes[28] != 0, bands: bands,
      hasPalette: bytes[25] == 3)
  }

  static func decode(_ bytes: [UInt8], _ request: DecodingRequest) throws(ImageError)
    -> DecodedPicture
  {
    let header = try header(bytes, request)
    let scale = request.scale(width: header.width, height: header.height)
    try request.check(
      width: header.width, height: header.height, scale: header.isInterlaced ? 1 : scale)
    try request.check(
      rawBytes: header.height * ((header.width * header.pixelBits + 7) / 8),
      fileBytes: bytes.count, mostPerByte: mostPerByte, size: (header.width, header.height))
    return try bytes.withUnsafeBufferPointer { bytes throws(ImageError) in
      let rows = try Rows(bytes, request)
      let facts = facts(Array(bytes), header)
      let layout = SampleLayout(
        colour: rows.channels < 3 ? .gray : .rgb, alpha: rows.channels % 2 == 0 ? .straight : .none)
      if header.bits == 16 {
        let grid = try rows.read(UInt16.self, layout, scale)
        let made = grid.converted(request.conversion)
        return DecodedPicture(
          pixels: made.pixels, facts: facts,
          notes: [made.note]
            + (request.reduction(width: header.width, height: header.height).map { [$0] } ?? []))
      }
      let grid = try rows.read(UInt8.self, layout, scale)
      var pixels = grid.pixels().pixels
      // Pillow's modes P and 1; in mode L a transparent gray is only noted beside the picture.
      if header.hasPalette || header.bits == 1, scale == 1 {
        pixels.stored = StoredMode(nearest: pixels.stored?.colours ?? pixels.bytes)
      } else if header.bands == 1 || header.bands == 3, let colours = pixels.stored?.colours {
        pixels.stored = StoredMode(opaque: colours)
      }
      return DecodedPicture(
        pixels: pixels, facts: facts,
        notes: request.reduction(width: header.width, height: header.height).map { [$0] } ?? [])
    }
  }

  /// Owns libpng's reader.
  private final class Rows {
    private let request: DecodingRequest
    private let reader: OpaquePointer
    private let header: clip_png_header
    private var message = [CChar](repeating: 0, count: Int(CLIP_PNG_MESSAGE))

    var channels: Int { Int(header.channels) }

    /// - Parameter bytes: must outlive this.
    init(_ bytes: UnsafeBufferPointer<UInt8>, _ request: DecodingRequest) throws(ImageError) {
      self.request = request
      var header = clip_png_header()
      var message = [CChar](repeating: 0, count: Int(CLIP_PNG_MESSAGE))
      let reader = clip_png_open(
        bytes.baseAddress, bytes.count, PNGPicture.longestChunk, &header, &message)
      guard let reader else { throw PNGPicture.failure(message, request) }
      self.reader = reader
      self.header = header
    }

    deinit { clip_png_close(reader) }

    func read<Sample>(_ type: Sample.Type, _ layout: SampleLayout, _ scale: Int)
      throws(ImageError) -> SampleGrid<Sample>
    {
      let (width, height) = (Int(header.width), Int(header.height))
      let rowLength = width * layout.channels
      guard header.row_bytes == rowLength * MemoryLayout<Sample>.size else {
        throw request.failure(.invalid("the PNG's rows are of an unexpected length"))
      }
      var grid = SampleGrid<Sample>(
        width: width, height: height, layout: layout, scale: scale, isRough: false)
      let isInterlaced = header.passes > 1
      var rows = [Sample](repeating: 0, count: rowLength * (isInterlaced ? height : 1))
      for pass in 0..<Int(header.passes) {
        for y in 0..<height {
          if y % 64 == 0 { try request.checkCancellation() }
          let start = isInterlaced ? y * rowLength : 0
          try next(&rows, at: start)
          guard pass == Int(header.passes) - 1 else { continue }
          rows.withUnsafeBufferPointer { rows in
            _ = rows.baseAddress.map { grid.add($0 + start, x: 0, y: y, count: width) }
          }
        }
      }
      return grid
    }

    private func next<Sample>(_ rows: inout [Sample], at start: Int) throws(ImageError) {
      let status = rows.withUnsafeMutableBytes { rows in
        clip_png_row(
          reader,
          rows.baseAddress.map {
            ($0 + start * MemoryLayout<Sample>.stride).assumingMemoryBound(to: UInt8.self)
          }, &message)
      }
      guard status != 0 else { return }
      if clip_png_ended_early(reader) != 0 { throw request.failure(.truncated) }
      throw PNGPicture.failure(message, request)
    }
  }

  private static func failure(_ message: [CChar], _ request: DecodingRequest) -> ImageError {
    let end = message.firstIndex(of: 0) ?? message.count
    let text = String(decoding: message[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    if text.contains("ends early") || text.contains("Not enough") {
      return request.failure(.truncated)
    }
    return request.failure(
      .invalid(
        "the PNG is damaged: \(text.isEmpty ? "out of memory" : text); copy it again from its source"
      ))
  }
}
