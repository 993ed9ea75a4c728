import CTIFF

/// How a pixel's colours are made: of which samples of which pages, and what they mean.
struct TIFFPlan: Equatable {
  /// One colour's place: which page of those that belong together, and which of its samples.
  struct Band: Equatable {
    let page: Int
    let sample: Int
  }

  let layout: SampleLayout
  /// In the layout's order; one for a palette's index.
  let bands: [Band]
  /// What is left out or assumed, for a person.
  let notes: [String]
  /// Number from 1 of the band that is marked as alpha, where it is one of the layout.
  let alphaBand: Int?
  /// Of a palette's three colours, those that become red, green and blue.
  var paletteOrder = [0, 1, 2]

  /// - Parameter pages: how many of the first page's kind there are, each of further bands.
  /// - Throws: ``ImageError`` where a band is named that is not there.
  init(_ page: TIFFPage, pages: Int, _ reading: TIFFPage.Reading, _ request: DecodingRequest)
    throws(ImageError)
  {
    if page.hasPalette || reading == .converted || reading == .lab {
      try self.init(coloursOf: page, pages, reading, request)
    } else if let chosen = request.conversion.bands {
      try self.init(chosen, page, pages, request)
    } else {
      self.init(page, pages, reading)
    }
  }

  private init(
    coloursOf page: TIFFPage, _ pages: Int, _ reading: TIFFPage.Reading,
    _ request: DecodingRequest
  ) throws(ImageError) {
    let order = try request.colourOrder(of: 3)
    layout = SampleLayout(colour: .rgb)
    bands =
      reading == .converted
      ? (0..<3).map { Band(page: 0, sample: $0) } : [.init(page: 0, sample: 0)]
    notes = Self.note(pages)
    alphaBand = nil
    paletteOrder = order
  }

  /// The bands that were asked for, whatever the file says of them.
  private init(_ chosen: [Int], _ page: TIFFPage, _ pages: Int, _ request: DecodingRequest)
    throws(ImageError)
  {
    let total = page.samples * pages
    guard let last = chosen.max(), last <= total else {
      throw request.failure(
        .invalid(
          "the TIFF has \(total) \(total == 1 ? "band" : "bands"), there is none of number"
            + " \(chosen.max() ?? 0)"))
    }
    bands = chosen.map { Band(page: ($0 - 1) / page.samples, sample: ($0 - 1) % page.samples) }
    layout = SampleLayout(colour: .rgb)
    alphaBand = nil
    let list = chosen.map(String.init).joined(separator: ", ")
    notes = total == 3 && chosen == [1, 2, 3] ? [] : ["bands \(list) of \(total)"]
  }

  /// Pillow's choice, of the first page.
  private init(_ page: TIFFPage, _ pages: Int, _ reading: TIFFPage.Reading) {
    let alpha = page.markedAlpha
    var samples = Array(0..<page.samples)
    if let alpha { samples.remove(at: alpha.sample) }
    let total = samples.count
    let colour: SampleLayout.Colour
    var notes = Self.note(pages)
    if page.photometric == Int(PHOTOMETRIC_SEPARATED), total >= 4 {
      (colour, samples) = (.cmyk, Array(samples[..<4]))
    } else if total >= 3 {
      if total > 3 { notes.append("bands 1, 2, 3 of \(total)") }
      (colour, samples) = (.rgb, Array(samples[..<3]))
    } else {
      if total == 2 { notes.append("band 1 of 2") }
      (colour, samples) = (.gray, [samples[0]])
    }
    // Measured values have no opaque one.
    let used = reading == .measured ? nil : alpha
    if let alpha, used == nil {
      notes.append("band \(alpha.sample + 1) is marked as alpha: left out")
    }
    layout = SampleLayout(
      colour: colour, alpha: used.map { $0.isWeighted ? .premultiplied : .straight } ?? .none,
      isInverted: colour == .gray && page.photometric == Int(PHOTOMETRIC_MINISWHITE))
    bands = (samples + (used.map { [$0.sample] } ?? [])).map { Band(page: 0, sample: $0) }
    self.notes = notes
    alphaBand = used.map { $0.sample + 1 }
  }

  private static func note(_ pages: Int) -> [String] {
    pages > 1 ? ["page 1 of \(pages); bands can be chosen over all of them"] : []
  }
}
