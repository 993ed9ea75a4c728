/// JPEG files in and out, through libjpeg-turbo with Pillow's settings (accurate DCT, smooth chroma).
public enum JPEG {
  /// The default bound on width × height of a picture that is decoded.
  public static let defaultPixelLimit = 100_000_000
  /// The longest file that is read: 256 MiB.
  public static let byteLimit = 256 << 20

  /// Decodes a file to RGB. Gray and CMYK are converted as Pillow does; EXIF orientation is not applied.
  /// - Parameters:
  ///   - atLeast: decode at the smallest DCT scale (1/2, 1/4, 1/8) whose shorter side is still
  ///     at least this long; for previews, never for embeddings. `nil` decodes at full size.
  ///   - pixelLimit: refuse what its header says is larger, before anything is allocated for it.
  /// - Throws: ``ImageError`` with `path` as its name; a truncated file is an error, as in Pillow,
  ///   while milder faults of the data, which Pillow accepts, are accepted here.
  public static func decode(
    contentsOf path: String, atLeast: Int? = nil, pixelLimit: Int = defaultPixelLimit
  ) throws(ImageError) -> Pixels {
    try decode(read(path), name: path, atLeast: atLeast, pixelLimit: pixelLimit)
  }

  /// As ``decode(contentsOf:atLeast:pixelLimit:)``, from bytes; `name` stands in errors.
  public static func decode(
    _ bytes: [UInt8], name: String, atLeast: Int? = nil, pixelLimit: Int = defaultPixelLimit
  ) throws(ImageError) -> Pixels {
    try checkStart(bytes, name: name)
    let decompressor = try Decompressor(name: name)
    let header = try decompressor.header(of: bytes)
    let (pixels, overflow) = header.width.multipliedReportingOverflow(by: header.height)
    guard !overflow, pixels <= pixelLimit else {
      throw ImageError(
        name: name,
        reason: .tooLarge(width: header.width, height: header.height, limit: pixelLimit))
    }
    return try decompressor.decode(
      bytes, header: header, scale: scale(of: header, atLeast: atLeast))
  }

  /// Width and height from the header alone.
  /// - Throws: ``ImageError`` where there is no JPEG header.
  public static func size(contentsOf path: String) throws(ImageError) -> (width: Int, height: Int) {
    // Most headers end within the first bytes; one with large profiles needs the whole file.
    let start = try read(path, prefix: 64 << 10)
    try checkStart(start, name: path)
    let decompressor = try Decompressor(name: path)
    let header: Decompressor.Header
    do throws(ImageError) {
      header = try decompressor.header(of: start)
    } catch {
      header = try decompressor.header(of: read(path))
    }
    return (header.width, header.height)
  }

  /// Encodes at `quality` 1…100 with chroma halved (4:2:0).
  /// - Throws: ``ImageError`` where the picture is larger than JPEG allows (65,500 a side).
  public static func encode(_ pixels: Pixels, quality: Int = 90) throws(ImageError) -> [UInt8] {
    try Compressor().encode(pixels, quality: min(max(quality, 1), 100))
  }

  private static func read(_ path: String, prefix: Int? = nil) throws(ImageError) -> [UInt8] {
    do throws(RegularFile.Failure) {
      return try RegularFile.read(path, limit: byteLimit, prefix: prefix)
    } catch {
      switch error {
      case .tooManyBytes(let count, let limit):
        throw ImageError(name: path, reason: .tooManyBytes(count: count, limit: limit))
      case .system, .notRegular: throw ImageError(name: path, reason: .unreadable(error.text))
      }
    }
  }

  /// Tells an empty file, another kind of file and a stump of a JPEG apart, whose remedies differ.
  private static func checkStart(_ bytes: [UInt8], name: String) throws(ImageError) {
    let signature: [UInt8] = [0xFF, 0xD8, 0xFF]
    if bytes.isEmpty { throw ImageError(name: name, reason: .empty) }
    if bytes.starts(with: signature) { return }
    let isStump = bytes.count < signature.count && signature.starts(with: bytes)
    throw ImageError(name: name, reason: isStump ? .truncated : .notJPEG)
  }

  /// 1, 2, 4 or 8: by how much both sides are divided.
  private static func scale(of header: Decompressor.Header, atLeast: Int?) -> Int {
    guard let atLeast else { return 1 }
    let shorter = min(header.width, header.height)
    return [8, 4, 2].first { (shorter + $0 - 1) / $0 >= atLeast } ?? 1
  }
}
