import CTIFF

/// Rectangles of a TIFF: strips and tiles that they touch are decoded, and nothing else.
///
/// How samples become 8 bits is decided once, from an overview where there is one of the same kind, else
/// from blocks spread over the page.
final class TIFFRegions: RegionSource {
  private let picture: TIFFPicture
  private let page: TIFFPage
  private let plan: TIFFPlan
  private let reading: TIFFPage.Reading
  private let mask: TIFFMaskPage?
  private var range: ValueRange?
  /// For each colour channel 65,536 values of 8 bits; empty for 8 bits.
  private var tables: [UInt8] = []
  private var alpha = AlphaRule.standard
  private(set) var notes: [String]

  var width: Int { page.width }
  var height: Int { page.height }
  var blockSize: (width: Int, height: Int) {
    page.tile.map { ($0.width, $0.height) } ?? (page.width, page.rowsPerStrip)
  }

  /// Sides of the page below which all of it is looked at to decide on the stretch.
  private static let sampledWhole = 2048
  /// Blocks that are looked at along each side of a larger one.
  private static let sampledBlocks = 8
  /// Longest side of such a block, and most rows and pixels of one that is as wide as the page.
  private static let (sampleSide, sampleRows, samplePixels) = (512, 32, 1 << 21)

  init(_ picture: TIFFPicture) throws(ImageError) {
    self.picture = picture
    page = picture.page
    let request = picture.request
    guard page.orientation == 1 else {
      throw request.failure(
        .invalid(
          "the TIFF is to be turned (orientation \(page.orientation)), which a scene cannot be; "
            + "convert it, e.g. gdal_translate IN OUT"))
    }
    reading = try page.reading(request)
    plan = try TIFFPlan(page, pages: picture.directories.bands.count, reading, request)
    try picture.check(page, 1)
    notes = plan.notes
    mask = try TIFFMaskPage(picture)
    if let mask { notes += mask.notes }
    try decide()
  }

  func read(_ region: PixelRegion) throws(ImageError) -> RegionPixels {
    let wide = aligned(region)
    let hasData = try mask?.read(wide)
    switch reading {
    case .bytes, .lab, .converted:
      let grid = try samples(UInt8.self, wide)
      let data = data(in: grid, fill: UInt8(truncatingIfNeeded: picture.fillByte ?? 0), hasData)
      return RegionPixels(pixels: grid.pixels(alpha: alpha).pixels, hasData: data)
        .cropped(to: region, in: wide)
    case .words, .measured:
      let grid = try samples(UInt16.self, wide)
      let fill = reading == .words ? UInt16(truncatingIfNeeded: picture.fill(zero)) : 0
      let data = data(in: grid, fill: fill, hasData)
      return RegionPixels(pixels: grid.pixels(tables, alpha: alpha).pixels, hasData: data)
        .cropped(to: region, in: wide)
    }
  }

  private var zero: Int { page.isSigned ? 0x8000 : 0 }

  /// The rectangle with its first column at a multiple of 8, for samples of less than a byte.
  private func aligned(_ region: PixelRegion) -> PixelRegion {
    let x = region.x & ~7
    return PixelRegion(x: x, y: region.y, width: region.width + region.x - x, height: region.height)
  }

  private func samples<Sample>(_ type: Sample.Type, _ region: PixelRegion) throws(ImageError)
    -> SampleGrid<Sample>
  {
    let request = picture.request
    let palette = page.hasPalette ? picture.handle.palette(bits: page.bits) : nil
    if page.hasPalette, palette == nil {
      throw request.failure(
        .invalid("the TIFF's palette is missing; copy it again from its source"))
    }
    let grid = SampleGrid<Sample>(
      width: region.width, height: region.height, layout: plan.layout, scale: 1, isRough: false)
    let rows = TIFFRows(grid, page, plan, reading, palette: palette, range: range)
    if reading == .converted {
      var sink = TIFFRegionSink(rows, region, pixelBits: 32)
      try picture.stand(at: 0)
      try picture.blocks(page, nil).readConverted(&sink)
      return sink.inner.grid
    }
    var sink = TIFFRegionSink(rows, region, pixelBits: pixelBits)
    for part in picture.parts(of: plan) {
      sink.changeInner { $0.begin(part) }
      try picture.standingBlocks(of: part).read(plane: part.plane ?? 0, &sink)
    }
    return sink.inner.grid
  }

  private var pixelBits: Int { (page.isPlanar ? 1 : page.samples) * page.bits }

  /// Where all colours have the value of "no data", the mask says so, or the alpha that is used is 0.
  private func data<Sample>(
    in grid: borrowing SampleGrid<Sample>, fill: Sample, _ mask: [Bool]?
  ) -> [Bool] {
    let usesAlpha = plan.layout.alpha != .none && alpha.isUsed
    return grid.hasData(fill: fill, usesAlpha: usesAlpha, mask)
  }

  // MARK: One rule for all regions

  private func decide() throws(ImageError) {
    let regions = sampleRegions()
    switch reading {
    case .bytes, .lab, .converted: try decideAlpha(UInt8.self, regions)
    case .words:
      try decideAlpha(UInt16.self, regions)
      let fills = [[picture.fill(zero)]]
      try decideStretch(
        regions, fills: fills,
        .init(kind: "\(page.bits) bits a sample", bits: page.bits) { [zero] word, _ in
          Double(word - zero)
        })
    case .measured:
      let numbers = TIFFNumbers(page)
      guard let stretch = picture.request.conversion.stretch else {
        throw page.refusal(
          picture.request, "\(numbers.name) samples, which have no upper 8 bits to be shown",
          "they need a stretch")
      }
      let noData = picture.handle.noDataValue().map(numbers.rounded)
      var counts = TIFFValueCounts(page, plan, noData: noData)
      for region in regions {
        var sink = TIFFRegionSink(counts, region, pixelBits: pixelBits)
        for part in picture.parts(of: plan) {
          sink.changeInner { $0.begin(part) }
          try picture.standingBlocks(of: part).read(plane: part.plane ?? 0, &sink)
        }
        counts = sink.inner
      }
      let range = ValueRange(counts.counts, stretch)
      self.range = range
      try decideStretch(
        regions, fills: range.fills,
        .init(kind: "\(numbers.name) a sample", bits: 16) { word, channel in
          range.value(word, channel: channel)
        })
    }
  }

  private func decideAlpha<Sample: FixedWidthInteger & UnsignedInteger & Sendable>(
    _ type: Sample.Type, _ regions: [PixelRegion]
  ) throws(ImageError) {
    guard plan.layout.alpha != .none else { return }
    var all: [Sample] = []
    for region in regions { all += try samples(type, region).finished() }
    let found = Alpha(all, plan.layout, picture.alphaRule)
    alpha = .known(opaque: found.isUsed ? found.opaque : nil)
    if let note = picture.words(of: found.finding, plan) { notes.append(note) }
  }

  private func decideStretch(
    _ regions: [PixelRegion], fills: [[Int]], _ meaning: WordMeaning
  ) throws(ImageError) {
    guard let stretch = picture.request.conversion.stretch else {
      tables = PercentileStretch.upperBits(
        channels: plan.layout.colourChannels, bits: meaning.bits)
      notes.insert("\(meaning.kind): the upper 8 are shown", at: 0)
      return
    }
    var histogram = [UInt32](repeating: 0, count: plan.layout.colourChannels << 16)
    for region in regions {
      let part = try samples(UInt16.self, region).histogram
      for index in histogram.indices { histogram[index] &+= part[index] }
    }
    let found = PercentileStretch(histogram, fills: fills, stretch, meaning)
    tables = found.tables
    let words = found.words(stretch, meaning, isGray: plan.layout.colourChannels == 1)
    notes.insert("\(meaning.kind): \(words)", at: 0)
  }

  /// All of a small page; of a larger one blocks spread over it, or bands where it lies in strips.
  private func sampleRegions() -> [PixelRegion] {
    guard max(width, height) > Self.sampledWhole else {
      return [PixelRegion(x: 0, y: 0, width: width, height: height)]
    }
    let block = blockSize
    let isBands = page.tile == nil
    let sampleWidth = isBands ? width : min(width, block.width, Self.sampleSide)
    let sampleHeight =
      isBands
      ? min(height, Self.sampleRows, max(1, Self.samplePixels / width))
      : min(height, block.height, Self.sampleSide)
    func starts(_ side: Int, _ block: Int, _ sample: Int) -> [Int] {
      let blocks = (side + block - 1) / block
      let count = min(blocks, Self.sampledBlocks)
      return (0..<count).map { place in
        let number = (2 * place + 1) * blocks / (2 * count)
        return min(number * block, side - sample)
      }
    }
    let columns = isBands ? [0] : starts(width, block.width, sampleWidth)
    return starts(height, block.height, sampleHeight).flatMap { y in
      columns.map { PixelRegion(x: $0 & ~7, y: y, width: sampleWidth, height: sampleHeight) }
    }
  }
}

extension RegionPixels {
  fileprivate func cropped(to region: PixelRegion, in whole: PixelRegion) -> RegionPixels {
    guard region != whole else { return self }
    let (x, y) = (region.x - whole.x, region.y - whole.y)
    let data = hasData.map { all -> [Bool] in
      var part: [Bool] = []
      for row in y..<y + region.height {
        let start = row * whole.width + x
        part += all[start..<start + region.width]
      }
      return part
    }
    return RegionPixels(
      pixels: pixels.cropped(x: x, y: y, width: region.width, height: region.height), hasData: data)
  }
}

/// The page that says where a page has data, in the file or beside it.
struct TIFFMaskPage {
  private let handle: TIFFHandle
  private let page: TIFFPage
  private let request: DecodingRequest
  let notes: [String]

  /// - Returns: `nil` where there is none that can be used.
  init?(_ picture: TIFFPicture) throws(ImageError) {
    let request = picture.request
    var found: TIFFHandle?
    if let number = picture.directories.mask(of: picture.page) {
      // A handle of its own: the picture's stands at its page.
      let own = try TIFFHandle(picture.handle.source.copy())
      try own.go(to: number)
      found = own
    } else if let source = picture.handle.source.companion(ending: ".msk"),
      (try? source.format()) == .tiff
    {
      found = try TIFFHandle(source)
    }
    guard let handle = found else { return nil }
    let page = TIFFPage(handle)
    guard page.width == picture.page.width, page.height == picture.page.height,
      TIFFMask.isRead(page), (try? page.reading(request)) == .bytes
    else { return nil }
    try page.checkBlocks(request)
    (self.handle, self.page, self.request) = (handle, page, request)
    notes = ["pixels without data by its mask left out"]
  }

  /// - Parameter region: whose first column is a multiple of 8.
  func read(_ region: PixelRegion) throws(ImageError) -> [Bool] {
    let inner = TIFFRegionMask(
      width: region.width, height: region.height, isPacked: page.bits == 1,
      isInverted: page.bits == 1 && page.photometric == Int(PHOTOMETRIC_MINISWHITE))
    var sink = TIFFRegionSink(inner, region, pixelBits: page.bits)
    try TIFFBlocks(handle, page, request).read(plane: 0, &sink)
    return sink.inner.hasData
  }
}
