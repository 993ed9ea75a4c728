import COpenJPEG

/// Rectangles of a JPEG 2000 through OpenJPEG: the code blocks that they touch are decoded, and of the
/// resolutions those that are needed.
final class JPEG2000Decoder {
  let source: FileSource
  let header: JPEG2000Header
  private let request: DecodingRequest
  /// Halvings of both sides that the file has.
  let mostHalvings: Int
  /// Code blocks and precincts of a tile: OpenJPEG allocates for all of them, whatever is decoded.
  private static let mostParts = 1 << 21
  /// The most pixels that a byte can stand for: a black Sentinel-2 tile has 12,000 for each.
  private static let mostPixelsPerByte = 1 << 16

  /// - Throws: ``ImageError``
  init(_ source: FileSource, _ request: DecodingRequest) throws(ImageError) {
    self.source = source
    self.request = request
    header = try JPEG2000Header(source)
    guard header.width * header.height / Self.mostPixelsPerByte <= source.byteCount else {
      throw request.failure(
        .tooShort(bytes: source.byteCount, width: header.width, height: header.height))
    }
    let coding = try JPEG2000Coding(source, header)
    mostHalvings = coding.halvings
    guard coding.parts <= Self.mostParts else {
      throw request.failure(
        .invalid(
          "the JPEG 2000 has \(coding.parts) code blocks in a tile, more than are read; make a tiled TIFF of it: "
            + "gdal_translate -of COG IN OUT.tif"))
    }
  }

  private static func open(_ source: FileSource, _ header: JPEG2000Header, halvings: Int)
    throws(ImageError) -> UnsafeMutablePointer<clip_jp2>
  {
    source.position = 0
    let jp2 = clip_jp2_open(
      header.isCodestream ? 1 : 0, UInt32(halvings), Unmanaged.passUnretained(source).toOpaque(),
      UInt64(source.byteCount),
      { target, count, thing in
        guard let thing, let target else { return -1 }
        let source = Unmanaged<FileSource>.fromOpaque(thing).takeUnretainedValue()
        let done = source.read(into: UnsafeMutableRawBufferPointer(start: target, count: count))
        // −1 ends the stream.
        return done > 0 ? done : -1
      },
      { count, thing in
        guard let thing else { return -1 }
        let source = Unmanaged<FileSource>.fromOpaque(thing).takeUnretainedValue()
        let (place, overflow) = source.position.addingReportingOverflow(Int(count))
        guard !overflow, place >= 0, place <= source.byteCount else { return -1 }
        source.position = place
        return count
      },
      { place, thing in
        guard let thing, place >= 0 else { return 0 }
        let source = Unmanaged<FileSource>.fromOpaque(thing).takeUnretainedValue()
        guard place <= Int64(source.byteCount) else { return 0 }
        source.position = Int(place)
        return 1
      })
    guard let jp2 else { throw JPEG2000Header.damaged(source, "there is no memory for it") }
    guard jp2.pointee.image != nil else {
      defer { clip_jp2_close(jp2) }
      throw failure(jp2, source)
    }
    return jp2
  }

  private static func failure(_ jp2: UnsafeMutablePointer<clip_jp2>, _ source: FileSource)
    -> ImageError
  {
    let text = withUnsafeBytes(of: &jp2.pointee.text) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }.split(whereSeparator: \.isNewline).first.map(String.init)
    return JPEG2000Header.damaged(source, text ?? "OpenJPEG does not say why")
  }

  /// The components of a rectangle as they were decoded. Valid until the next one.
  struct Planes {
    fileprivate let image: UnsafeMutablePointer<opj_image_t>
    var count: Int { Int(image.pointee.numcomps) }
    /// As OpenJPEG numbers them: 3 is YCbCr.
    var isYCbCr: Bool { image.pointee.color_space == OPJ_CLRSPC_SYCC }

    subscript(index: Int) -> Plane? {
      guard index < count else { return nil }
      let component = image.pointee.comps[index]
      guard let data = component.data, component.w > 0, component.h > 0 else { return nil }
      return Plane(
        data: data, width: Int(component.w), height: Int(component.h), bits: Int(component.prec),
        isSigned: component.sgnd != 0, alpha: Int(component.alpha))
    }
  }

  struct Plane {
    let data: UnsafeMutablePointer<Int32>
    let width: Int
    let height: Int
    let bits: Int
    let isSigned: Bool
    /// 1 where it is alpha, 2 where colours are multiplied with it already.
    let alpha: Int
  }

  /// - Parameters:
  ///   - region: within the picture, at full size.
  ///   - halvings: of both sides that are left out.
  /// - Throws: ``ImageError``
  func decode<Result>(
    _ region: PixelRegion, halvings: Int, _ body: (Planes) throws(ImageError) -> Result
  ) throws(ImageError) -> Result {
    try request.checkCancellation()
    // A new one each time: decoding again with the same one reads freed memory where a file is damaged
    // (OpenJPEG 2.5.0).
    let jp2 = try Self.open(source, header, halvings: halvings)
    defer {
      clip_jp2_close(jp2)
      // OpenJPEG reads through a pointer to it that nobody else counts.
      withExtendedLifetime(source) {}
    }
    let (left, top) = (header.originX + region.x, header.originY + region.y)
    guard
      clip_jp2_decode(
        jp2, Int32(left), Int32(top), Int32(left + region.width), Int32(top + region.height)) != 0,
      let image = jp2.pointee.image
    else {
      throw Self.failure(jp2, source)
    }
    return try body(Planes(image: image))
  }
}
