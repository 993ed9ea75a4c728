/// JPEG 2000 pictures through OpenJPEG, in bands of rows, so that a large one takes no more memory than what is
/// made of it; a smaller one is made of fewer resolutions.
struct JPEG2000Picture {
  let decoder: JPEG2000Decoder
  let plan: JPEG2000Layout
  let request: DecodingRequest

  /// Rows that are decoded at once: OpenJPEG keeps four bytes for each sample, 34 MB of a Sentinel-2 tile.
  static let bandRows = 256

  static func facts(_ source: FileSource) throws(ImageError) -> PictureFacts {
    let header = try JPEG2000Header(source)
    return PictureFacts(
      format: .jpeg2000, width: header.width, height: header.height,
      bits: min(16, header.components[0].bits), bands: header.components.count, orientation: 1)
  }

  init(_ source: FileSource, _ request: DecodingRequest) throws(ImageError) {
    decoder = try JPEG2000Decoder(source, request)
    self.request = request
    let header = decoder.header
    // Of a palette OpenJPEG makes components only when it decodes.
    let part = PixelRegion(
      x: header.width / 2, y: header.height / 2, width: min(8, header.width - header.width / 2),
      height: min(8, header.height - header.height / 2))
    plan = try decoder.decode(part, halvings: 0) { planes throws(ImageError) in
      try JPEG2000Layout(planes, request)
    }
  }

  func decode() throws(ImageError) -> DecodedPicture {
    let header = decoder.header
    let scale = request.scale(width: header.width, height: header.height)
    try request.check(width: header.width, height: header.height, scale: scale)
    let halvings = min(decoder.mostHalvings, Self.exponent(scale))
    // What is left to be made by means: never less than is asked for.
    let rest =
      request.detail.atLeast == nil
      ? (scale + (1 << halvings) - 1) >> halvings : max(1, scale >> halvings)
    var notes = plan.notes
    if request.detail == .full, scale > 1 {
      notes.append(
        "\(header.width) × \(header.height) pixels are more than the limit: read at 1/\(rest << halvings) of its size"
      )
    }
    let pixels: Pixels
    if plan.bits <= 8 {
      let grid = try samples(UInt8.self, halvings, rest)
      let made = grid.pixels().pixels
      pixels = plan.isYCbCr ? made.fromYCbCr() : made
    } else {
      let grid = try samples(UInt16.self, halvings, rest)
      let made = grid.converted(request.conversion, fills: [[zero]], meaning)
      pixels = made.pixels
      notes.insert(made.note, at: 0)
    }
    return DecodedPicture(
      pixels: pixels, facts: try Self.facts(decoder.source), notes: notes)
  }

  /// The greatest power of two that is at most a number.
  private static func exponent(_ scale: Int) -> Int {
    Int.bitWidth - 1 - max(1, scale).leadingZeroBitCount
  }

  /// What stands for 0 in words of 16 bits.
  var zero: Int { plan.isSigned ? 1 << 15 : 0 }

  var meaning: WordMeaning {
    let zero = zero
    return WordMeaning(kind: "\(plan.bits) bits a sample", bits: plan.bits) { word, _ in
      Double(word - zero)
    }
  }

  /// All of it, or bands spread over it.
  /// - Parameters:
  ///   - scale: of means, after the halvings.
  ///   - every: of how many bands one is decoded.
  func samples<Sample>(
    _ type: Sample.Type, _ halvings: Int, _ scale: Int, every: Int = 1
  ) throws(ImageError) -> SampleGrid<Sample> {
    let header = decoder.header
    let size = Self.size(header, halvings)
    var grid = SampleGrid<Sample>(
      width: size.width, height: size.height, layout: plan.layout, scale: scale,
      isRough: request.detail.isRough)
    let rows = Self.bandRows << halvings
    var y = 0
    for (number, top) in stride(from: 0, to: header.height, by: rows).enumerated() {
      let region = PixelRegion(
        x: 0, y: top, width: header.width, height: min(rows, header.height - top))
      let height = Self.size(header, halvings, region).height
      if number % every == 0 {
        try decoder.decode(region, halvings: halvings) { planes in
          grid.add(
            planes, plan, x: 0, y: y, width: size.width, height: min(height, size.height - y))
        }
      }
      y += height
    }
    return grid
  }

  /// Columns and rows of a part when both sides have been halved: what lies at whole multiples.
  static func size(_ header: JPEG2000Header, _ halvings: Int, _ region: PixelRegion? = nil) -> (
    width: Int, height: Int
  ) {
    let region =
      region ?? PixelRegion(x: 0, y: 0, width: header.width, height: header.height)
    let round = (1 << halvings) - 1
    func length(_ start: Int, _ count: Int) -> Int {
      ((start + count + round) >> halvings) - ((start + round) >> halvings)
    }
    return (
      max(1, length(header.originX + region.x, region.width)),
      max(1, length(header.originY + region.y, region.height))
    )
  }
}

/// Rectangles of a JPEG 2000, all made by one stretch, which its smaller resolutions decide.
struct JPEG2000Regions: RegionSource {
  private let picture: JPEG2000Picture
  private var tables: [UInt8] = []
  private(set) var notes: [String]

  private var header: JPEG2000Header { picture.decoder.header }
  var width: Int { header.width }
  var height: Int { header.height }
  var blockSize: (width: Int, height: Int) {
    (min(width, header.tileWidth), min(height, header.tileHeight, JPEG2000Picture.bandRows))
  }

  /// Longer side of the picture that decides on the stretch, and its most bands.
  private static let (sampledSide, sampledBands) = (2048, 16)

  init(_ picture: JPEG2000Picture) throws(ImageError) {
    self.picture = picture
    notes = picture.plan.notes
    guard picture.plan.bits > 8 else { return }
    let (plan, meaning) = (picture.plan, picture.meaning)
    guard let stretch = picture.request.conversion.stretch else {
      tables = PercentileStretch.upperBits(
        channels: plan.layout.colourChannels, bits: meaning.bits)
      notes.insert("\(meaning.kind): the upper 8 are shown", at: 0)
      return
    }
    let header = picture.decoder.header
    var halvings = 0
    while max(header.width, header.height) >> halvings > Self.sampledSide,
      halvings < picture.decoder.mostHalvings
    {
      halvings += 1
    }
    let bands =
      (header.height + JPEG2000Picture.bandRows << halvings - 1)
      / (JPEG2000Picture.bandRows << halvings)
    let part = try picture.samples(
      UInt16.self, halvings, 1, every: max(1, bands / Self.sampledBands))
    let found = PercentileStretch(part.histogram, fills: [[picture.zero]], stretch, meaning)
    tables = found.tables
    let words = found.words(stretch, meaning, isGray: plan.layout.colourChannels == 1)
    notes.insert("\(meaning.kind): \(words)", at: 0)
  }

  func read(_ region: PixelRegion) throws(ImageError) -> RegionPixels {
    let plan = picture.plan
    let usesAlpha = plan.layout.alpha != .none
    if plan.bits <= 8 {
      let grid = try samples(UInt8.self, region)
      let data = grid.hasData(fill: 0, usesAlpha: usesAlpha, nil)
      let pixels = grid.pixels().pixels
      return RegionPixels(pixels: plan.isYCbCr ? pixels.fromYCbCr() : pixels, hasData: data)
    }
    let grid = try samples(UInt16.self, region)
    let data = grid.hasData(fill: UInt16(picture.zero), usesAlpha: usesAlpha, nil)
    return RegionPixels(pixels: grid.pixels(tables).pixels, hasData: data)
  }

  private func samples<Sample>(_ type: Sample.Type, _ region: PixelRegion) throws(ImageError)
    -> SampleGrid<Sample>
  {
    var grid = SampleGrid<Sample>(
      width: region.width, height: region.height, layout: picture.plan.layout, scale: 1,
      isRough: false)
    // In bands: OpenJPEG keeps four bytes for each sample.
    for top in stride(from: 0, to: region.height, by: JPEG2000Picture.bandRows) {
      let rows = min(JPEG2000Picture.bandRows, region.height - top)
      let part = PixelRegion(x: region.x, y: region.y + top, width: region.width, height: rows)
      try picture.decoder.decode(part, halvings: 0) { planes in
        grid.add(planes, picture.plan, x: 0, y: top, width: region.width, height: rows)
      }
    }
    return grid
  }
}
