import CTIFF

/// A TIFF's first page through libtiff, strip by strip or tile by tile: memory for the result and for
/// one tile, or one row of a strip, whatever the file's size.
///
/// Pillow's decisions are followed: the first page; the orientation is applied; a fourth band that is
/// not said to be alpha is left out.
final class TIFFPicture {
  private let handle: TIFFHandle
  private let request: DecodingRequest
  private var page: TIFFPage
  let facts: PictureFacts
  /// Bytes of an unpacked tile, or of a row where there are none: 256 MiB.
  private static let largestBlock = 256 << 20
  /// Directories that are looked through for a smaller copy; a file may lead them in a circle.
  private static let mostDirectories = 32

  init(_ source: FileSource, _ request: DecodingRequest) throws(ImageError) {
    handle = try TIFFHandle(source)
    self.request = request
    let page = TIFFPage(handle)
    self.page = page
    facts = PictureFacts(
      format: .tiff, width: page.width, height: page.height, bits: page.bits, bands: page.samples,
      orientation: page.orientation)
  }

  func decode() throws(ImageError) -> DecodedPicture {
    let first = page
    let plan = try first.plan(request)
    try findOverview(plan)
    let scale = request.scale(width: page.width, height: page.height)
    try check(scale)
    var notes = plan.note.map { [$0] } ?? []
    var pixels: Pixels
    if page.bits == 16 {
      let grid = try read(UInt16.self, plan, scale)
      let zero = page.isSigned ? 0x8000 : 0
      let (converted, note) = grid.converted(request.conversion, fill: fill(zero), zero: zero)
      notes.insert(note, at: 0)
      pixels = converted
    } else {
      pixels = try read(UInt8.self, plan, scale).pixels()
      if scale == 1, page.hasPalette || page.bits == 1 {
        pixels.stored = StoredMode(nearest: pixels.bytes)
      }
    }
    return DecodedPicture(pixels: pixels.oriented(first.orientation), facts: facts, notes: notes)
  }

  /// The "no data" value as the samples are kept.
  private func fill(_ zero: Int) -> Int? {
    guard let value = handle.noDataValue(), abs(value) <= 65_535, value == value.rounded() else {
      return nil
    }
    let place = Int(value) + zero
    return (0...65_535).contains(place) ? place : nil
  }

  /// Goes to the smallest copy that is large enough for a preview, and stays where there is none.
  private func findOverview(_ plan: TIFFPage.Plan) throws(ImageError) {
    guard let atLeast = request.detail.atLeast else { return }
    let full = page
    var best: (number: UInt32, page: TIFFPage)?
    for number in 1...UInt32(Self.mostDirectories) {
      try request.checkCancellation()
      guard TIFFReadDirectory(handle.tiff) != 0 else { break }
      let other = TIFFPage(handle)
      guard other.isReduced, other.bits == full.bits, other.samples == full.samples,
        other.photometric == full.photometric, other.isSigned == full.isSigned,
        (try? other.plan(request)) == plan,
        min(other.width, other.height) >= atLeast,
        other.width < (best?.page ?? full).width, Self.isSameShape(other, full)
      else { continue }
      best = (number, other)
    }
    guard TIFFSetDirectory(handle.tiff, best?.number ?? 0) != 0 else { throw handle.failure() }
    _ = handle.failure()
    page = best?.page ?? full
  }

  /// Within two pixels of rounding.
  private static func isSameShape(_ small: TIFFPage, _ full: TIFFPage) -> Bool {
    let ratio = Double(full.width) / Double(max(1, small.width))
    return abs(Double(full.height) / ratio - Double(small.height)) <= 2
  }

  private func check(_ scale: Int) throws(ImageError) {
    let (width, height) = (page.width, page.height)
    // Sides of 20 bits, 4,096 samples of 16 bits: only now may they be multiplied.
    try request.check(width: width, height: height, scale: scale)
    let rowBytes = (width * page.samples * page.bits + 7) / 8
    let blocks = handle.presentBlocks(page)
    let share = Double(blocks.present) / Double(max(1, blocks.total))
    try request.check(
      rawBytes: Int(Double(rowBytes) * Double(height) * share),
      fileBytes: handle.source.byteCount,
      mostPerByte: TIFFCompressions.mostPerByte(page.compression), size: (width, height))
    let tile = page.tile ?? TIFFPage.Size(width: width, height: 1)
    guard tile.width > 0, tile.height > 0, tile.width <= 1 << 20, tile.height <= 1 << 20,
      tile.width * tile.height * (page.isPlanar ? 1 : page.samples) * page.bits / 8
        <= Self.largestBlock
    else {
      throw request.failure(
        .invalid(
          "the TIFF's tiles or rows of \(tile.width) × \(tile.height) are too large; save it in"
            + " smaller tiles"))
    }
    if page.isYCbCrJPEG, clip_tiff_decode_jpeg_to_rgb(handle.tiff) == 0 { throw handle.failure() }
  }

  private func read<Sample>(_ type: Sample.Type, _ plan: TIFFPage.Plan, _ scale: Int)
    throws(ImageError) -> SampleGrid<Sample>
  {
    var grid = SampleGrid<Sample>(
      width: page.width, height: page.height, layout: plan.layout, scale: scale,
      isRough: request.detail.isRough)
    var rows = TIFFRows<Sample>(page, plan, palette: handle.palette(bits: page.bits))
    if page.hasPalette, rows.palette == nil {
      throw request.failure(
        .invalid("the TIFF's palette is missing; copy it again from its source"))
    }
    let blocks = TIFFBlocks(handle, page, request)
    for plane in 0..<(page.isPlanar ? page.samples : 1) {
      rows.plane = page.isPlanar ? plane : nil
      // The part of this plane in the picture, if it has any.
      guard !page.isPlanar || plan.samples.contains(plane) else { continue }
      try blocks.read(plane: plane, &grid, &rows)
    }
    return grid
  }
}

extension TIFFHandle {
  /// Strips or tiles that are there: a sparse file leaves out those without data.
  func presentBlocks(_ page: TIFFPage) -> (present: Int, total: Int) {
    let total = Int(page.tile == nil ? TIFFNumberOfStrips(tiff) : TIFFNumberOfTiles(tiff))
    // Beyond this, counting is not worth it.
    guard total <= 1 << 22 else { return (total, total) }
    var present = 0
    for block in 0..<total where !isAbsent(UInt32(block)) { present += 1 }
    return (present, total)
  }

  func isAbsent(_ block: UInt32) -> Bool {
    TIFFGetStrileByteCount(tiff, block) == 0 && TIFFGetStrileOffset(tiff, block) == 0
  }
}
