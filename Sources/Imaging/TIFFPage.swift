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
    // "Undefined" is read as numbers without a sign, as libtiff does.
    let format = handle.short(TIFFTAG_SAMPLEFORMAT) ?? 1
    sampleFormat = format == Int(SAMPLEFORMAT_VOID) ? Int(SAMPLEFORMAT_UINT) : format
    isPlanar = handle.short(TIFFTAG_PLANARCONFIG) == Int(PLANARCONFIG_SEPARATE)
    let orientation = handle.short(TIFFTAG_ORIENTATION) ?? 1
    self.orientation = (1...8).contains(orientation) ? orientation : 1
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
  var isSigned: Bool { sampleFormat == Int(SAMPLEFORMAT_INT) }
  var isFloating: Bool { sampleFormat == Int(SAMPLEFORMAT_IEEEFP) }
  private var isCMYK: Bool {
    photometric == Int(PHOTOMETRIC_SEPARATED) && bits == 8 && samples >= 4
  }

  /// Whether samples of another page are read as those of this one, whatever its blocks and packing.
  func isOfOneKind(with other: TIFFPage) -> Bool {
    width == other.width && height == other.height && bits == other.bits
      && samples == other.samples && sampleFormat == other.sampleFormat
      && photometric == other.photometric
  }
}

extension TIFFPage {
  /// In which way samples become numbers.
  enum Reading: Equatable {
    /// 8 bits, or 1, 2, 4 that are widened to 8; also a palette's colours.
    case bytes
    /// 9 to 16 whole bits.
    case words
    /// Floating point, 32 bits, or 8 with a sign: measured first, then spread over 16 bits.
    case measured
    /// CIELab and ICCLab of 8 and 16 bits: see ``LabColours``.
    case lab
    /// libtiff makes RGB of YCbCr and LogLuv.
    case converted
  }

  /// - Throws: ``ImageError`` where the page is of a kind that is not read, by a name that people know.
  func reading(_ request: DecodingRequest) throws(ImageError) -> Reading {
    try checkCompression(request)
    guard samples >= 1, samples <= 4096, extra.count < samples || extra.isEmpty else {
      throw refusal(
        request, "\(samples) samples a pixel, \(extra.count) of them extra", "1 to 4096 are read")
    }
    switch Int32(photometric) {
    case PHOTOMETRIC_YCBCR where isYCbCrJPEG: return .bytes
    case PHOTOMETRIC_YCBCR where bits == 8 && samples == 3: return .converted
    case PHOTOMETRIC_CIELAB where isLab, PHOTOMETRIC_ICCLAB where isLab: return .lab
    case PHOTOMETRIC_LOGL, PHOTOMETRIC_LOGLUV: return .converted
    case PHOTOMETRIC_SEPARATED where isCMYK: return .bytes
    case PHOTOMETRIC_MINISWHITE, PHOTOMETRIC_MINISBLACK, PHOTOMETRIC_RGB, PHOTOMETRIC_PALETTE,
      PHOTOMETRIC_MASK:
      return try numbers(request)
    default:
      throw refusal(
        request, "colours of the kind \(colourName)",
        "gray, RGB, palettes, CMYK, YCbCr and CIELab are read; convert it to RGB")
    }
  }

  private var isLab: Bool { [8, 16].contains(bits) && samples >= 3 && !isPlanar && !isFloating }

  private func numbers(_ request: DecodingRequest) throws(ImageError) -> Reading {
    if isFloating, [16, 32, 64].contains(bits), !hasPalette { return .measured }
    if sampleFormat == Int(SAMPLEFORMAT_UINT) || isSigned {
      if [1, 2, 4].contains(bits), samples == 1, !isSigned { return .bytes }
      if bits == 8, !isSigned { return .bytes }
      if !hasPalette, bits == 16 || (9...15).contains(bits) && !isSigned { return .words }
      if !hasPalette, bits == 32 || bits == 8 { return .measured }
    }
    let kind =
      sampleFormat > Int(SAMPLEFORMAT_VOID)
      ? "complex numbers" : isFloating ? "floating point" : isSigned ? "signed" : "unsigned"
    throw refusal(
      request, "\(bits)-bit samples (\(kind)\(hasPalette ? ", a palette" : ""))",
      "whole numbers of 1, 2, 4, 8 to 16 and 32 bits and floating point are read; convert it, e.g."
        + " gdal_translate -ot UInt16 IN OUT")
  }

  private func checkCompression(_ request: DecodingRequest) throws(ImageError) {
    guard TIFFCompressions.allowed.contains(compression),
      TIFFIsCODECConfigured(UInt16(compression)) != 0
    else {
      throw refusal(
        request, "compression \(TIFFCompressions.name(compression))",
        "none, LZW, Deflate, PackBits, JPEG, LERC, LZMA, Zstandard, WebP and CCITT are read; convert"
          + " it, e.g. gdal_translate -co COMPRESS=LZW IN OUT")
    }
  }

  /// The largest unpacked tile, or row where there are no tiles: 256 MiB.
  static let largestBlock = 256 << 20

  /// To be checked before memory is allocated for a tile or a row; the page's sides are below 2²⁰ by then.
  func checkBlocks(_ request: DecodingRequest) throws(ImageError) {
    let block = tile ?? Size(width: width, height: 1)
    guard block.width > 0, block.height > 0, block.width <= 1 << 20, block.height <= 1 << 20,
      block.width * block.height * (isPlanar ? 1 : samples) * bits / 8 <= Self.largestBlock
    else {
      throw request.failure(
        .invalid(
          "the TIFF's tiles or rows of \(block.width) × \(block.height) are too large; save it in"
            + " smaller tiles"))
    }
  }

  func refusal(_ request: DecodingRequest, _ found: String, _ remedy: String) -> ImageError {
    request.failure(.invalid("a TIFF of \(found); \(remedy)"))
  }

  private var colourName: String {
    switch Int32(photometric) {
    case PHOTOMETRIC_SEPARATED: "inks of \(bits) bits (CMYK has 8)"
    case PHOTOMETRIC_YCBCR: "YCbCr of \(bits) bits and \(samples) samples"
    case PHOTOMETRIC_CIELAB, PHOTOMETRIC_ICCLAB:
      "CIELab of \(samples) samples of \(bits) bits\(isPlanar ? ", each in blocks of its own" : "")"
    case PHOTOMETRIC_ITULAB: "ITULab"
    case PHOTOMETRIC_CFA: "CFA (a camera's raw mosaic)"
    case 34_892: "LinearRaw (a camera's raw picture)"
    default: "\(photometric), which no standard names"
    }
  }

  /// The alpha that the page marks: number of its sample, and whether colours are multiplied with it.
  var markedAlpha: (sample: Int, isWeighted: Bool)? {
    let first = samples - extra.count
    guard first >= 1, !hasPalette, let place = extra.firstIndex(where: { $0 == 1 || $0 == 2 })
    else { return nil }
    return (first + place, extra[place] == Int(EXTRASAMPLE_ASSOCALPHA))
  }
}

/// The packings of strips and tiles.
enum TIFFCompressions {
  private static let none = Int(COMPRESSION_NONE)
  private static let deflate = [Int(COMPRESSION_ADOBE_DEFLATE), Int(COMPRESSION_DEFLATE)]
  private static let fax = [COMPRESSION_CCITTRLE, COMPRESSION_CCITTFAX3, COMPRESSION_CCITTFAX4]
  /// The compressions in use, without those whose decoders were given up.
  static let allowed: Set<Int> = Set(
    deflate + fax.map(Int.init) + [none, Int(COMPRESSION_LZW), Int(COMPRESSION_PACKBITS)]
      + [Int(COMPRESSION_JPEG), Int(COMPRESSION_LZMA), Int(COMPRESSION_ZSTD)]
      + [Int(COMPRESSION_WEBP), Int(COMPRESSION_LERC), Int(COMPRESSION_CCITTRLEW)]
      + [Int(COMPRESSION_SGILOG), Int(COMPRESSION_SGILOG24)])

  /// As people call it.
  static func name(_ compression: Int) -> String {
    switch compression {
    case Int(COMPRESSION_OJPEG): "JPEG in TIFF's old form (6)"
    case 33_003, 33_004, 33_005, Int(COMPRESSION_JP2000): "JPEG 2000 (\(compression))"
    case Int(COMPRESSION_LERC): "LERC, which this machine's libtiff was built without"
    case Int(COMPRESSION_JXL), 52_546: "JPEG XL (\(compression))"
    case Int(COMPRESSION_JBIG), Int(COMPRESSION_T85), Int(COMPRESSION_T43):
      "JBIG (\(compression))"
    case Int(COMPRESSION_NEXT): "NeXT (\(compression))"
    case Int(COMPRESSION_THUNDERSCAN): "ThunderScan (\(compression))"
    case Int(COMPRESSION_PIXARFILM), Int(COMPRESSION_PIXARLOG): "Pixar (\(compression))"
    case 34_892: "lossy JPEG of DNG (34892)"
    case 34_713: "Nikon's raw (34713)"
    case Int(COMPRESSION_WEBP), Int(COMPRESSION_ZSTD), Int(COMPRESSION_LZMA):
      "\(compression), which this machine's libtiff was built without"
    default: "\(compression), which no standard names"
    }
  }

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
