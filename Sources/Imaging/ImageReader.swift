/// Picture files → 8-bit RGB: JPEG, PNG, TIFF, WebP and JPEG 2000, recognised by their contents. The one way in
/// which pictures are read, with one set of bounds.
///
///     let picture = try ImageReader().read("harbour.tif")
///     let preview = try ImageReader().read("harbour.tif", detail: .atLeast(64))
///
/// - 8-bit pictures give Pillow's `convert("RGB")`, transparent ones laid over white.
/// - 16-bit pictures are stretched: see ``ImageConversion/Stretch``.
/// - Of more than three bands three are taken, of any number those that are named: see
///   ``ImageConversion/bands``.
/// - A TIFF, a PNG or a JPEG beyond the limit of pixels is read reduced, in bounded memory, and says so.
/// - Nothing is allocated for a header's numbers before they are within the bounds and, where the
///   packing has a strongest ratio (all of PNG; LZW, Deflate, PackBits and none in TIFF), before the
///   file is long enough to hold so much.
public struct ImageReader: Sendable, Equatable {
  /// How much of a picture is wanted.
  public enum Detail: Sendable, Equatable {
    case full
    /// Scaled down, the shorter side not below this length; for previews, never for embeddings.
    case atLeast(Int)
    /// As `atLeast`, but quick: of a TIFF only some pixels are read and none averaged.
    case rough(Int)

    var atLeast: Int? {
      switch self {
      case .full: nil
      case .atLeast(let side), .rough(let side): side
      }
    }
    var isRough: Bool { if case .rough = self { true } else { false } }
  }

  public static let defaultPixelLimit = 100_000_000
  /// The longest JPEG, PNG or WebP file that is read, 256 MiB. A TIFF is read piece by piece.
  public static let byteLimit = 256 << 20

  public var conversion = ImageConversion()
  /// What its header says is larger, in pixels, is read reduced: a TIFF, a PNG that is not interlaced and
  /// a JPEG that is not progressive up to 16 times this. All else is refused beyond it.
  public var pixelLimit = Self.defaultPixelLimit

  public init() {}

  /// As this, for a screen: the orientation is applied.
  public var forScreen: Self {
    var reader = self
    reader.conversion.appliesEXIFOrientation = true
    return reader
  }

  /// Decodes a file.
  /// - Parameter isCancelled: asked now and then; true ends the work with `ImageError.Reason.cancelled`.
  /// - Throws: ``ImageError`` with `path` as its name.
  public func read(
    _ path: String, detail: Detail = .full,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(ImageError) -> DecodedPicture {
    let source = try FileSource(path)
    let request = request(path, detail, isCancelled)
    switch try source.format() {
    case .tiff: return try TIFFPicture(source, request).decode()
    case .jpeg2000: return try JPEG2000Picture(source, request).decode()
    case .jpeg, .png, .webp: break
    }
    return try decode(source.wholeFile(limit: Self.byteLimit), request)
  }

  /// As ``read(_:detail:isCancelled:)``, from bytes; `name` stands in errors.
  public func read(
    _ bytes: [UInt8], name: String, detail: Detail = .full,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(ImageError) -> DecodedPicture {
    try decode(bytes, request(name, detail, isCancelled))
  }

  /// What the header says, without decoding.
  /// - Throws: ``ImageError`` where there is no header of a picture.
  public func facts(of path: String) throws(ImageError) -> PictureFacts {
    let source = try FileSource(path)
    let request = request(path, .full, { false })
    switch try source.format() {
    case .tiff: return try TIFFPicture(source, request).facts
    case .jpeg2000: return try JPEG2000Picture.facts(source)
    case .jpeg: return try JPEG.facts(source.wholeFile(limit: Self.byteLimit), name: path)
    case .png: return try PNGPicture.facts(source.wholeFile(limit: Self.byteLimit), request)
    case .webp: return try WebPPicture.facts(source.wholeFile(limit: Self.byteLimit), request)
    }
  }

  /// The kind of a file, by its first bytes.
  public static func format(of path: String) throws(ImageError) -> ImageFormat {
    try FileSource(path).format()
  }

  private func request(
    _ name: String, _ detail: Detail, _ isCancelled: @escaping @Sendable () -> Bool
  )
    -> DecodingRequest
  {
    DecodingRequest(
      name: name, detail: detail, conversion: conversion, pixelLimit: max(1, pixelLimit),
      isCancelled: isCancelled)
  }

  private func decode(_ bytes: [UInt8], _ request: DecodingRequest) throws(ImageError)
    -> DecodedPicture
  {
    let picture: DecodedPicture
    switch try ImageFormat(start: bytes, name: request.name) {
    case .tiff: return try TIFFPicture(FileSource(bytes, name: request.name), request).decode()
    case .jpeg2000:
      return try JPEG2000Picture(FileSource(bytes, name: request.name), request).decode()
    case .jpeg: picture = try JPEG.picture(bytes, request)
    case .png: picture = try PNGPicture.decode(bytes, request)
    case .webp: picture = try WebPPicture.decode(bytes, request)
    }
    let isTurned = conversion.appliesEXIFOrientation
    return DecodedPicture(
      pixels: try chosen(
        isTurned ? picture.pixels.oriented(picture.facts.orientation) : picture.pixels,
        of: picture.facts.bands < 3 ? 1 : 3, request),
      facts: picture.facts, notes: picture.notes)
  }

  /// The bands that were named, of a picture of 8-bit colours; a choice of bands counts no alpha here, which these
  /// formats define.
  private func chosen(_ pixels: Pixels, of colours: Int, _ request: DecodingRequest)
    throws(ImageError) -> Pixels
  {
    let order = try request.colourOrder(of: colours)
    guard conversion.bands != nil, colours == 3, order != [0, 1, 2] else { return pixels }
    var bytes = pixels.bytes
    for start in stride(from: 0, to: bytes.count, by: 3) {
      for (place, colour) in order.enumerated() {
        bytes[start + place] = pixels.bytes[start + colour]
      }
    }
    return Pixels(width: pixels.width, height: pixels.height, uncheckedBytes: bytes)
  }
}
