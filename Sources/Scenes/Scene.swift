import Imaging

/// A large picture with a place on earth: read in windows, never as a whole.
///
/// Used by one thread at a time.
public final class Scene {
  public let path: String
  public let place: PlaceFinding
  private let reader: RegionReader

  public var width: Int { reader.width }
  public var height: Int { reader.height }
  /// The day on which it was taken, `2020-01-31`, where its name or its file says that.
  public var taken: String? {
    SceneDate.day(
      name: String(path.split(separator: "/").last ?? ""), dateTime: reader.tags.dateTime)
  }
  var blockHeight: Int { max(1, reader.blockSize.height) }
  /// What was chosen or left out when the picture was read, and why it has no place, for a person.
  public var notes: [String] {
    switch place {
    case .found, .none(why: nil): return reader.notes
    case .none(let why?): return reader.notes + ["no place on earth: \(why)"]
    case .camera(let position):
      let (longitude, latitude) = (position.longitude, position.latitude)
      return reader.notes + [
        "only where the camera stood is known: \(GeoJSON.decimal(longitude)) \(GeoJSON.decimal(latitude))"
      ]
    }
  }

  /// - Throws: ``ImageError``
  public init(
    _ path: String, _ reader: ImageReader = ImageReader(),
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(ImageError) {
    self.path = path
    let regions = try RegionReader(path, reader, isCancelled: isCancelled)
    self.reader = regions
    place = PlaceFinding(of: path, regions.tags)
  }

  /// Of a rectangle within the scene.
  /// - Throws: ``ImageError``
  public func read(_ region: PixelRegion) throws(ImageError) -> RegionPixels {
    try reader.read(region)
  }

  /// A rectangle that may not be within the scene any more, since its file may be another one.
  /// - Throws: ``ImageError``
  public func part(_ region: PixelRegion) throws(ImageError) -> Pixels {
    try check(region)
    return try reader.read(region).pixels
  }

  func check(_ region: PixelRegion) throws(ImageError) {
    guard region.x + region.width <= width, region.y + region.height <= height else {
      throw ImageError(
        name: path, reason: .invalid("it is smaller than when it was indexed; index again"))
    }
  }

  /// The scene in small, its longer side at most `side` pixels, put together from its blocks.
  /// - Throws: ``ImageError``
  public func overview(side: Int) throws(ImageError) -> Pixels {
    let scale = max(1, (max(width, height) + side - 1) / side)
    return try small(PixelRegion(x: 0, y: 0, width: width, height: height), scale: scale)
  }

  /// A rectangle with both sides divided by a whole number.
  func small(_ region: PixelRegion, scale: Int) throws(ImageError) -> Pixels {
    var overview = Overview(width: region.width, height: region.height, scale: scale)
    for band in bands(of: region, rows: max(scale, 256 / scale * scale)) {
      let place = PixelRegion(
        x: band.x - region.x, y: band.y - region.y, width: band.width, height: band.height)
      overview.add(try reader.read(band).pixels, at: place)
    }
    return try overview.pixels
  }

  /// Rectangles of the whole width, or of parts of it where that would be too much memory.
  private func bands(of region: PixelRegion, rows: Int) -> [PixelRegion] {
    let mostColumns = max(rows, Self.mostPixels / rows) / rows * rows
    return stride(from: 0, to: region.height, by: rows).flatMap { y in
      stride(from: 0, to: region.width, by: mostColumns).map { x in
        PixelRegion(
          x: region.x + x, y: region.y + y, width: min(mostColumns, region.width - x),
          height: min(rows, region.height - y))
      }
    }
  }

  /// Pixels that are held at once: 48 MB of colours.
  private static let mostPixels = 16 << 20
}

/// A picture scaled down by a whole number while its rectangles come in.
struct Overview {
  private let scale: Int
  private let width: Int
  private let height: Int
  private var sums: [UInt32]
  private var counts: [UInt32]

  init(width: Int, height: Int, scale: Int) {
    self.scale = scale
    self.width = (width + scale - 1) / scale
    self.height = (height + scale - 1) / scale
    sums = Array(repeating: 0, count: 3 * self.width * self.height)
    counts = Array(repeating: 0, count: self.width * self.height)
  }

  mutating func add(_ pixels: Pixels, at region: PixelRegion) {
    for row in 0..<region.height {
      let line = (region.y + row) / scale * width
      for column in 0..<region.width {
        let cell = line + (region.x + column) / scale
        let from = 3 * (row * region.width + column)
        for channel in 0..<3 { sums[3 * cell + channel] &+= UInt32(pixels.bytes[from + channel]) }
        counts[cell] &+= 1
      }
    }
  }

  var pixels: Pixels {
    get throws(ImageError) {
      let bytes = sums.enumerated().map { place, sum in
        UInt8(min(255, (sum + counts[place / 3] / 2) / max(1, counts[place / 3])))
      }
      return try Pixels(width: width, height: height, bytes: bytes)
    }
  }
}
