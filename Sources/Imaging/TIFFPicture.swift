import CTIFF

/// A TIFF's picture through libtiff, strip by strip or tile by tile: memory for the result and for one
/// tile, or one row of a strip, whatever the file's size.
///
/// Where nothing else is asked, Pillow's decisions are followed: the first page; the orientation is
/// applied; a fourth band that is not said to be alpha is left out. Beyond it: bands that are named are
/// taken from whatever they are called, pages of one size count as further bands, and a mask or GDAL's
/// "no data" keeps pixels out of the stretch.
final class TIFFPicture {
  let handle: TIFFHandle
  let request: DecodingRequest
  let directories: TIFFDirectories
  /// The first page, or a smaller copy of it.
  private(set) var page: TIFFPage
  private var notes: [String] = []
  /// Whether it says where it lies, or was written by GDAL.
  private let isOfEarth: Bool
  let facts: PictureFacts

  init(_ source: FileSource, _ request: DecodingRequest) throws(ImageError) {
    handle = try TIFFHandle(source)
    self.request = request
    directories = try TIFFDirectories(handle, request)
    page = directories.first
    isOfEarth = handle.isOfEarth
    facts = PictureFacts(
      format: .tiff, width: page.width, height: page.height, bits: page.bits, bands: page.samples,
      orientation: page.orientation)
  }

  func decode() throws(ImageError) -> DecodedPicture {
    let reading = try page.reading(request)
    let plan = try TIFFPlan(page, pages: directories.bands.count, reading, request)
    notes = plan.notes
    if directories.others > 0, directories.bands.count == 1 {
      notes.append("page 1 of \(directories.others + 1), of different kinds")
    }
    // With several pages as bands it is unclear which smaller copy belongs to which page.
    let directory = directories.bands.count == 1 ? try overview(plan, reading) : 0
    let scale = request.scale(width: page.width, height: page.height)
    try check(page, scale)
    if let reduction = request.reduction(width: page.width, height: page.height) {
      notes.append(reduction)
    }
    let mask = try mask()
    try stand(at: directory)
    let pixels = try read(plan, reading, scale, mask)
    return DecodedPicture(
      pixels: pixels.oriented(directories.first.orientation), facts: facts, notes: notes)
  }

  private func read(
    _ plan: TIFFPlan, _ reading: TIFFPage.Reading, _ scale: Int, _ mask: TIFFMask?
  ) throws(ImageError) -> Pixels {
    switch reading {
    case .bytes, .lab, .converted:
      let grid = try samples(UInt8.self, plan, reading, scale, mask)
      var made = grid.pixels(alpha: alphaRule)
      tell(made.alpha, plan)
      if scale == 1, page.hasPalette || page.bits == 1 {
        made.pixels.stored = StoredMode(nearest: made.pixels.bytes)
      }
      return made.pixels
    case .words:
      let grid = try samples(UInt16.self, plan, reading, scale, mask)
      let zero = page.isSigned ? 0x8000 : 0
      let made = grid.converted(
        request.conversion, fills: [[fill(zero)]], alpha: alphaRule,
        .init(kind: "\(page.bits) bits a sample", bits: page.bits) { word, _ in
          Double(word - zero)
        })
      notes.insert(made.note, at: 0)
      tell(made.alpha, plan)
      return made.pixels
    case .measured: return try measured(plan, scale, mask)
    }
  }

  /// Two passes: where the values lie, then the picture.
  private func measured(_ plan: TIFFPlan, _ scale: Int, _ mask: TIFFMask?) throws(ImageError)
    -> Pixels
  {
    let numbers = TIFFNumbers(page)
    guard let stretch = request.conversion.stretch else {
      throw page.refusal(
        request, "\(numbers.name) samples, which have no upper 8 bits to be shown",
        "they need a stretch")
    }
    let noData = handle.noDataValue().map(numbers.rounded)
    var counts = TIFFValueCounts(page, plan, noData: noData)
    for part in parts(of: plan) {
      counts.begin(part)
      try blocks(of: part, mask).read(plane: part.plane ?? 0, &counts)
    }
    let range = ValueRange(counts.counts, stretch)
    let grid = try samples(UInt16.self, plan, .measured, scale, mask, range)
    let made = grid.converted(
      request.conversion, fills: range.fills,
      .init(kind: "\(numbers.name) a sample", bits: 16) { word, channel in
        range.value(word, channel: channel)
      })
    notes.insert(made.note, at: 0)
    return made.pixels
  }

  private func samples<Sample>(
    _ type: Sample.Type, _ plan: TIFFPlan, _ reading: TIFFPage.Reading, _ scale: Int,
    _ mask: TIFFMask?, _ range: ValueRange? = nil
  ) throws(ImageError) -> SampleGrid<Sample> {
    let palette = page.hasPalette ? handle.palette(bits: page.bits) : nil
    if page.hasPalette, palette == nil {
      throw request.failure(
        .invalid("the TIFF's palette is missing; copy it again from its source"))
    }
    let grid = SampleGrid<Sample>(
      width: page.width, height: page.height, layout: plan.layout, scale: scale,
      isRough: request.detail.isRough)
    var rows = TIFFRows(grid, page, plan, reading, palette: palette, range: range)
    if reading == .converted {
      try blocks(page, nil).readConverted(&rows)
    } else {
      for part in parts(of: plan) {
        rows.begin(part)
        try blocks(of: part, mask).read(plane: part.plane ?? 0, &rows)
      }
    }
    return rows.grid
  }

  /// Each page and plane that a band is on.
  func parts(of plan: TIFFPlan) -> [TIFFPart] {
    var parts: [TIFFPart] = []
    for band in plan.bands {
      let part = TIFFPart(page: band.page, plane: page.isPlanar ? band.sample : nil)
      if !parts.contains(part) { parts.append(part) }
    }
    return parts
  }

  /// Goes to the page of a part; its blocks and packing may be others than those of the first.
  private func blocks(of part: TIFFPart, _ mask: TIFFMask?) throws(ImageError) -> TIFFBlocks {
    guard part.page > 0 || directories.bands.count > 1 else { return blocks(page, mask) }
    try stand(at: directories.bands[part.page])
    let own = TIFFPage(handle)
    guard page.isOfOneKind(with: own), page.isPlanar == own.isPlanar else {
      throw request.failure(
        .invalid("the TIFF's page \(part.page + 1) is of another kind than its first"))
    }
    _ = try own.reading(request)
    try check(own, request.scale(width: own.width, height: own.height))
    return blocks(own, mask)
  }

  func blocks(_ page: TIFFPage, _ mask: TIFFMask?) -> TIFFBlocks {
    let fill = TIFFNumbers(page).bytes(of: handle.noDataValue() ?? 0)
    // A sample of less than 8 bits has no byte of its own, so there is no "no data" value either.
    return TIFFBlocks(
      handle, page, request, mask: page.bits % 8 == 0 ? mask : nil,
      fill: page.bits % 8 == 0 ? fill : [0])
  }

  /// The blocks of a part at full size, with the handle at its page.
  func standingBlocks(of part: TIFFPart) throws(ImageError) -> TIFFBlocks {
    if directories.bands.count == 1 { try stand(at: 0) }
    return try blocks(of: part, nil)
  }

  /// The "no data" value of 8 bits.
  var fillByte: Int? {
    handle.noDataValue().flatMap { Int(exactly: $0) }.flatMap { (0...255).contains($0) ? $0 : nil }
  }

  /// The "no data" value as the words of 16 bits are kept.
  func fill(_ zero: Int) -> Int {
    guard let value = handle.noDataValue(), abs(value) <= 65_535, value == value.rounded() else {
      return zero
    }
    let place = Int(value) + zero
    return (0...65_535).contains(place) ? place : zero
  }

  /// In pictures of other origins an alpha may vary as it likes.
  var alphaRule: AlphaRule { isOfEarth ? .judged : .largest }

  private func tell(_ finding: AlphaFinding?, _ plan: TIFFPlan) {
    if let words = words(of: finding, plan) { notes.append(words) }
  }

  /// What was made of the band that is marked as alpha, in words.
  func words(of finding: AlphaFinding?, _ plan: TIFFPlan) -> String? {
    guard let finding, let band = plan.alphaBand else { return nil }
    return switch finding {
    case .used:
      "band \(band) is marked as alpha and taken for it; if it is near infrared, choose the bands"
    case .picture: "band \(band) is marked as alpha, but varies like a picture: left out"
    case .empty: "band \(band) is marked as alpha, but is 0 everywhere: left out"
    }
  }

  // MARK: Smaller copies and masks

  /// Goes to the smallest copy that is large enough for a preview, and stays where there is none.
  private func overview(_ plan: TIFFPlan, _ reading: TIFFPage.Reading) throws(ImageError) -> UInt32
  {
    guard let atLeast = request.detail.atLeast else { return 0 }
    let full = page
    let fitting = directories.overviews.filter { _, other in
      other.bits == full.bits && other.samples == full.samples
        && min(other.width, other.height) >= atLeast && other.width < full.width
        && Self.isSameShape(other, full)
    }
    // The smallest first; a file has one of each size.
    for (number, _) in fitting.sorted(by: { $0.outline.width < $1.outline.width }).prefix(8) {
      guard TIFFSetDirectory(handle.tiff, number) != 0 else { continue }
      let other = TIFFPage(handle)
      guard other.photometric == full.photometric, other.sampleFormat == full.sampleFormat,
        other.bits == full.bits, other.samples == full.samples, other.extra == full.extra,
        min(other.width, other.height) >= atLeast, other.width < full.width,
        (try? other.reading(request)) == reading
      else { continue }
      page = other
      return number
    }
    try handle.go(to: 0)
    return 0
  }

  /// Within two pixels of rounding.
  private static func isSameShape(_ small: TIFFOutline, _ full: TIFFPage) -> Bool {
    let ratio = Double(full.width) / Double(max(1, small.width))
    return abs(Double(full.height) / ratio - Double(small.height)) <= 2
  }

  /// The page's mask, in the file or beside it (`NAME.msk`, as GDAL calls it).
  private func mask() throws(ImageError) -> TIFFMask? {
    guard page.width * page.height <= TIFFMask.mostPixels else {
      if directories.mask(of: page) != nil {
        notes.append("its mask of \(page.width) × \(page.height) pixels was not looked at")
      }
      return nil
    }
    var found: TIFFMask?
    if let number = directories.mask(of: page) {
      try handle.go(to: number)
      found = try mask(handle, "in it")
    } else if let source = handle.source.companion(ending: ".msk"),
      (try? source.format()) == .tiff
    {
      found = try mask(TIFFHandle(source), "beside it")
    }
    if found != nil { notes.append("pixels without data by its mask left out") }
    return found
  }

  /// The mask of the page that a handle is at.
  private func mask(_ handle: TIFFHandle, _ place: String) throws(ImageError) -> TIFFMask? {
    let mask = TIFFPage(handle)
    guard mask.width == page.width, mask.height == page.height, TIFFMask.isRead(mask),
      (try? mask.reading(request)) == .bytes
    else {
      notes.append("the mask \(place) is of another size or kind: not looked at")
      return nil
    }
    try mask.checkBlocks(request)
    return try TIFFMask(handle, mask, request)
  }

  // MARK: Bounds

  /// - Parameter page: at which the handle stands.
  func check(_ page: TIFFPage, _ scale: Int) throws(ImageError) {
    let (width, height) = (page.width, page.height)
    // Sides below 2²⁰ and at most 4,096 samples of 64 bits: only now can their product not overflow.
    try request.check(width: width, height: height, scale: scale)
    // Colours in YCbCr may lie as seldom as once for 4 × 4 pixels.
    let samples = page.photometric == Int(PHOTOMETRIC_YCBCR) ? 1 : page.samples
    let rowBytes = (width * samples * page.bits + 7) / 8
    let blocks = handle.presentBlocks(page)
    let share = Double(blocks.present) / Double(max(1, blocks.total))
    try request.check(
      rawBytes: Int(Double(rowBytes) * Double(height) * share),
      fileBytes: handle.source.byteCount,
      mostPerByte: TIFFCompressions.mostPerByte(page.compression), size: (width, height))
    try page.checkBlocks(request)
  }

  /// Goes to a directory to read its blocks; libtiff forgets a decoder's settings on the way.
  func stand(at directory: UInt32) throws(ImageError) {
    try handle.go(to: directory)
    if page.isYCbCrJPEG, clip_tiff_decode_jpeg_to_rgb(handle.tiff) == 0 { throw handle.failure() }
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
