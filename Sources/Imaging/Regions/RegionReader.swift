/// Rectangles of a picture of any size, read from its file as they are asked for and all made by one rule:
/// one stretch and one judgement of alpha for the whole picture, from an overview or a sample of it.
///
/// A TIFF and a JPEG 2000 are read block by block; the other formats are kept whole in memory, up to
/// ``largestWhole`` pixels. Used by one thread at a time.
public final class RegionReader {
  /// Pixels of a picture that is kept whole: 240 MB.
  public static let largestWhole = 80_000_000
  /// Longest side of a picture.
  public static let longestSide = 1 << 20

  private let backend: any RegionSource
  public var width: Int { backend.width }
  public var height: Int { backend.height }
  /// What was chosen or left out, for a person.
  public var notes: [String] { backend.notes }
  /// Where the file says that it lies on earth, as it says it.
  public let tags: EarthTags
  /// Columns and rows of what is decoded at once: rectangles that begin and end there cost least. Rows of
  /// the whole width where the file lies in strips.
  public var blockSize: (width: Int, height: Int) { backend.blockSize }

  /// - Parameters:
  ///   - reader: its conversion is applied; its limit of pixels is not, since no region is large.
  ///   - isCancelled: asked now and then, here and in ``read(_:)``.
  /// - Throws: ``ImageError``
  public init(
    _ path: String, _ reader: ImageReader = ImageReader(),
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(ImageError) {
    let source = try FileSource(path)
    let request = DecodingRequest(
      name: path, detail: .full, conversion: reader.conversion, pixelLimit: .max,
      isCancelled: isCancelled)
    switch try source.format() {
    case .jpeg2000:
      let picture = try JPEG2000Picture(source, request)
      tags = picture.decoder.header.earth
      backend = try JPEG2000Regions(picture)
    case .tiff:
      let picture = try TIFFPicture(source, request)
      tags = EarthTags(picture.handle)
      backend = try TIFFRegions(picture)
    case .jpeg, .png, .webp:
      var whole = reader
      whole.pixelLimit = Self.largestWhole
      let facts = try whole.facts(of: path)
      guard facts.width <= Self.largestWhole / max(1, facts.height) else {
        throw ImageError(
          name: path,
          reason: .invalid(
            "\(facts.width) × \(facts.height) pixels are too many to be kept in memory; make a tiled TIFF"
              + " of it: gdal_translate -of COG IN OUT.tif"))
      }
      tags = EarthTags(position: try EXIF.position(of: path))
      backend = WholePicture(try whole.read(path, isCancelled: isCancelled))
    }
  }

  /// - Parameter region: within the picture.
  /// - Throws: ``ImageError``
  public func read(_ region: PixelRegion) throws(ImageError) -> RegionPixels {
    precondition(region.x >= 0 && region.y >= 0)
    precondition(region.x + region.width <= width && region.y + region.height <= height)
    return try backend.read(region)
  }
}

/// What regions are read from.
protocol RegionSource {
  var width: Int { get }
  var height: Int { get }
  var notes: [String] { get }
  var blockSize: (width: Int, height: Int) { get }
  func read(_ region: PixelRegion) throws(ImageError) -> RegionPixels
}

/// A picture that is in memory.
private struct WholePicture: RegionSource {
  private let pixels: Pixels
  let notes: [String]

  init(_ picture: DecodedPicture) { (pixels, notes) = (picture.pixels, picture.notes) }

  var width: Int { pixels.width }
  var height: Int { pixels.height }
  var blockSize: (width: Int, height: Int) { (pixels.width, pixels.height) }

  func read(_ region: PixelRegion) throws(ImageError) -> RegionPixels {
    let part = pixels.cropped(
      x: region.x, y: region.y, width: region.width, height: region.height)
    return RegionPixels(pixels: part, hasData: nil)
  }
}
