import CTIFF

/// What one directory of a TIFF says about its picture.
struct TIFFPage: Equatable {
  let width: Int
  let height: Int
  let bits: Int
  let samples: Int
  let photometric: Int
  let compression: Int
  let sampleFormat: Int
  /// Each band in blocks of its own.
  let isPlanar: Bool
  let orientation: Int
  /// A smaller copy of another page.
  let isReduced: Bool
  /// Of samples beyond the colours, by TIFF's `ExtraSamples`.
  let extra: [Int]
  /// Columns and rows of a tile; `nil` where the picture lies in strips.
  let tile: Size?
  let rowsPerStrip: Int

  struct Size: Equatable {
    let width: Int
    let height: Int
  }

  init(_ handle: TIFFHandle) {
    width = handle.long(TIFFTAG_IMAGEWIDTH) ?? 0
    height = handle.long(TIFFTAG_IMAGELENGTH) ?? 0
    bits = handle.short(TIFFTAG_BITSPERSAMPLE) ?? 1
    samples = handle.short(TIFFTAG_SAMPLESPERPIXEL) ?? 1
    compression = handle.short(TIFFTAG_COMPRESSION) ?? 1
    sampleFormat = handle.short(TIFFTAG_SAMPLEFORMAT) ?? 1
    isPlanar = handle.short(TIFFTAG_PLANARCONFIG) == Int(PLANARCONFIG_SEPARATE)
    let orientation = handle.short(TIFFTAG_ORIENTATION) ?? 1
    self.orientation = (1...8).contains(orientation) ? orientation : 1
    isReduced = (handle.long(TIFFTAG_SUBFILETYPE) ?? 0) & Int(FILETYPE_REDUCEDIMAGE) != 0
    extra = handle.shorts(TIFFTAG_EXTRASAMPLES)
    // Some writers leave it out, and then Pillow too takes 0 as black.
    photometric = handle.short(TIFFTAG_PHOTOMETRIC) ?? Int(samples >= 3 ? 2 : 1)
    tile =
      TIFFIsTiled(handle.tiff) == 0
      ? nil
      : Size(
        width: handle.long(TIFFTAG_TILEWIDTH) ?? 0, height: handle.long(TIFFTAG_TILELENGTH) ?? 0)
    rowsPerStrip = max(1, min(max(1, height), handle.long(TIFFTAG_ROWSPERSTRIP) ?? height))
  }

  /// A JPEG decoder inside of libtiff makes RGB of it.
  var isYCbCrJPEG: Bool {
    photometric == Int(PHOTOMETRIC_YCBCR) && compression == Int(COMPRESSION_JPEG) && samples == 3
  }
  var hasPalette: Bool { photometric == Int(PHOTOMETRIC_PALETTE) }
  /// 16-bit samples may be numbers with a sign.
  var isSigned: Bool { sampleFormat == Int(SAMPLEFORMAT_INT) }

  /// Number of the sample that is alpha, and whether colours are multiplied with it.
  private var alpha: (sample: Int, isWeighted: Bool)? {
    let first = samples - extra.count
    guard first >= 1, !hasPalette, let place = extra.firstIndex(where: { $0 == 1 || $0 == 2 })
    else {
      return nil
    }
    return (first + place, extra[place] == Int(EXTRASAMPLE_ASSOCALPHA))
  }

  /// How a pixel's colours are made: which samples, and what they mean.
  struct Plan: Equatable {
    let layout: SampleLayout
    /// Numbers from 0, in the layout's order; one for a palette's index.
    let samples: [Int]
    /// What is left out, for a person.
    let note: String?
  }

  /// - Throws: ``ImageError`` where the page is of a kind that is not read, and which that is.
  func plan(_ request: DecodingRequest) throws(ImageError) -> Plan {
    try checkKind(request)
    if hasPalette { return Plan(layout: SampleLayout(colour: .rgb), samples: [0], note: nil) }
    let alpha = alpha
    var bands = Array(0..<samples)
    if let alpha { bands.remove(at: alpha.sample) }
    let total = bands.count
    let colour: SampleLayout.Colour
    var note: String?
    if photometric == Int(PHOTOMETRIC_SEPARATED), total >= 4 {
      (colour, bands) = (.cmyk, Array(bands[..<4]))
    } else if total >= 3 {
      let chosen = total > 3 ? request.conversion.bands ?? [1, 2, 3] : [1, 2, 3]
      guard let last = chosen.max(), last <= total else {
        throw request.failure(
          .invalid("the TIFF has \(total) bands, there is none of number \(chosen.max() ?? 0)"))
      }
      if total > 3 {
        note = "bands \(chosen.map(String.init).joined(separator: ", ")) of \(total)"
      }
      (colour, bands) = (.rgb, chosen.map { bands[$0 - 1] })
    } else {
      if total == 2 { note = "band 1 of 2" }
      (colour, bands) = (.gray, [bands[0]])
    }
    let layout = SampleLayout(
      colour: colour, alpha: alpha.map { $0.isWeighted ? .premultiplied : .straight } ?? .none,
      isInverted: colour == .gray && photometric == Int(PHOTOMETRIC_MINISWHITE))
    return Plan(layout: layout, samples: bands + (alpha.map { [$0.sample] } ?? []), note: note)
  }

  private func checkKind(_ request: DecodingRequest) throws(ImageError) {
    func refuse(_ found: String, _ remedy: String) -> ImageError {
      request.failure(.invalid("a TIFF of \(found); \(remedy)"))
    }
    guard sampleFormat != Int(SAMPLEFORMAT_IEEEFP), sampleFormat <= Int(SAMPLEFORMAT_VOID) else {
      throw refuse(
        "\(bits)-bit floating-point or complex samples",
        "8 and 16 bits are read; convert it, e.g. gdal_translate -ot UInt16 -scale IN OUT")
    }
    let isSmall = [1, 2, 4].contains(bits) && samples == 1
    guard isSmall || bits == 8 && !isSigned || bits == 16 && !hasPalette else {
      throw refuse(
        "\(isSigned ? "signed " : "")\(bits)-bit samples",
        "8 and 16 bits are read; convert it, e.g. gdal_translate -ot UInt16 IN OUT")
    }
    guard samples >= 1, samples <= 4096, extra.count < samples || extra.isEmpty else {
      throw refuse("\(samples) samples a pixel, \(extra.count) of them extra", "1 to 4096 are read")
    }
    let known = [
      PHOTOMETRIC_MINISWHITE, PHOTOMETRIC_MINISBLACK, PHOTOMETRIC_RGB, PHOTOMETRIC_PALETTE,
    ]
    guard known.contains(Int32(photometric)) || isYCbCrJPEG || isCMYK else {
      throw refuse(
        "colours of kind \(photometric)", "gray, RGB, palettes and CMYK are read; convert it to RGB"
      )
    }
    guard TIFFCompressions.allowed.contains(compression),
      TIFFIsCODECConfigured(UInt16(compression)) != 0
    else {
      throw refuse(
        "compression \(compression)",
        "none, LZW, Deflate, PackBits, JPEG, LZMA, Zstandard and WebP are read; convert it, e.g."
          + " tiffcp -c lzw IN OUT")
    }
  }

  private var isCMYK: Bool {
    photometric == Int(PHOTOMETRIC_SEPARATED) && bits == 8 && samples >= 4
  }
}

/// The packings of strips and tiles that are read: those in use, and of them not the ones whose
/// decoders were given up (old JPEG, Thunderscan and the like).
enum TIFFCompressions {
  private static let none = Int(COMPRESSION_NONE)
  private static let deflate = [Int(COMPRESSION_ADOBE_DEFLATE), Int(COMPRESSION_DEFLATE)]
  static let allowed: Set<Int> = Set(
    deflate + [none, Int(COMPRESSION_LZW), Int(COMPRESSION_PACKBITS), Int(COMPRESSION_JPEG)]
      + [Int(COMPRESSION_LZMA), Int(COMPRESSION_ZSTD), Int(COMPRESSION_WEBP)])

  /// Bytes that one byte of a file can unfold to, where there is a bound.
  static func mostPerByte(_ compression: Int) -> Int? {
    switch compression {
    case none: 1
    case Int(COMPRESSION_PACKBITS): 64
    // A code of 12 bits stands for less than 4,096 bytes.
    case Int(COMPRESSION_LZW): 2731
    case _ where deflate.contains(compression): 1040
    default: nil
    }
  }
}
