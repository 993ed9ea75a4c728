import CTIFF

/// What a picture's file says of its place on earth, as it stands there.
public struct EarthTags: Sendable, Equatable {
  /// `ModelPixelScaleTag` (33550): map units of a column, of a row, and of a step of height.
  public var pixelScale: [Double] = []
  /// `ModelTiepointTag` (33922): for each point column, row, height, then its three map coordinates.
  public var tiePoints: [Double] = []
  /// `ModelTransformationTag` (34264): `[4, 4]`, row by row.
  public var transformation: [Double] = []
  /// `GeoKeyDirectoryTag` (34735).
  public var keys: [UInt16] = []
  /// `GeoDoubleParamsTag` (34736).
  public var keyDoubles: [Double] = []
  /// `GeoAsciiParamsTag` (34737).
  public var keyTexts = ""
  /// `DateTime` of TIFF (306), as it stands: `2021:06:02 10:30:00`.
  public var dateTime: String?
  /// Degrees of WGS 84 where a camera stood, from EXIF's GPS.
  public var position: (longitude: Double, latitude: Double)?

  init(position: (longitude: Double, latitude: Double)? = nil) { self.position = position }

  public static func == (a: Self, b: Self) -> Bool {
    a.pixelScale == b.pixelScale && a.tiePoints == b.tiePoints
      && a.transformation == b.transformation && a.keys == b.keys && a.keyDoubles == b.keyDoubles
      && a.keyTexts == b.keyTexts && a.dateTime == b.dateTime
      && a.position?.longitude == b.position?.longitude
      && a.position?.latitude == b.position?.latitude
  }
}

extension EarthTags {
  /// Numbers of a tag that are looked at: files may have any number of tie points.
  private static let most = 1 << 16

  /// Of the page that a TIFF stands at.
  init(_ handle: TIFFHandle) {
    pixelScale = handle.unknownDoubles(33_550, limit: Self.most)
    tiePoints = handle.unknownDoubles(33_922, limit: Self.most)
    transformation = handle.unknownDoubles(34_264, limit: Self.most)
    keys = handle.unknownShorts(34_735, limit: Self.most)
    keyDoubles = handle.unknownDoubles(34_736, limit: Self.most)
    keyTexts = handle.unknownText(34_737, limit: Self.most) ?? ""
    dateTime = handle.text(TIFFTAG_DATETIME, limit: 64)
  }
}
