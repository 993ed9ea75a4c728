/// The kinds of picture files that are read, told apart by their first bytes and never by a name.
public enum ImageFormat: String, Sendable, CaseIterable {
  case jpeg = "JPEG"
  case png = "PNG"
  case tiff = "TIFF"
  case webp = "WebP"
  case jpeg2000 = "JPEG 2000"

  /// As an error names them all.
  public static let expected = "a JPEG, PNG, TIFF, WebP or JPEG 2000 picture"
  /// Endings of names, in lower case, under which pictures of these kinds are looked for.
  public static let endings: Set<String> = [
    "jpg", "jpeg", "jpe", "jfif", "jfi", "jif", "png", "tif", "tiff", "webp",
    "jp2", "j2k", "jpf", "jpx", "j2c", "jpc",
  ]
  /// Bytes of a file's start that ``init(start:name:)`` looks at.
  static let startLength = 32

  private static let signatures: [(format: Self, bytes: [UInt8])] = [
    (.jpeg, [0xFF, 0xD8, 0xFF]),
    (.png, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
    // Both byte orders, and BigTIFF in both.
    (.tiff, [0x49, 0x49, 42, 0]), (.tiff, [0x4D, 0x4D, 0, 42]),
    (.jpeg2000, JPEG2000Header.boxStart), (.jpeg2000, JPEG2000Header.codestreamStart),
    (.tiff, [0x49, 0x49, 43, 0]), (.tiff, [0x4D, 0x4D, 0, 43]),
  ]

  /// Other kinds that people have, so that an error can name them.
  private static let others: [(name: String, offset: Int, bytes: String)] = [
    ("a GIF", 0, "GIF8"), ("a BMP", 0, "BM"), ("a PDF", 0, "%PDF"), ("a zip archive", 0, "PK\u{3}"),
    ("an HDF5 file", 1, "HDF\r\n"), ("a netCDF file", 0, "CDF"),
    ("an AVIF picture", 4, "ftypavif"), ("a HEIC picture", 4, "ftyphei"),
    ("a HEIC picture", 4, "ftypmif1"), ("a JPEG XL picture", 4, "JXL "), ("an SVG", 0, "<svg"),
    ("an XML or HTML text", 0, "<"), ("a JSON text", 0, "{"), ("an NITF picture", 0, "NITF"),
    ("a RIFF file", 0, "RIFF"),
  ]

  /// - Parameter start: the file's first bytes, ``startLength`` of them where it has so many.
  /// - Throws: ``ImageError``: empty, a stump, or of another kind, which is named where it is known.
  init(start: some Collection<UInt8>, name: String) throws(ImageError) {
    let start = Array(start.prefix(Self.startLength))
    if start.isEmpty { throw ImageError(name: name, reason: .empty) }
    if let found = Self.signatures.first(where: { start.starts(with: $0.bytes) }) {
      self = found.format
      return
    }
    let riff = Array("RIFF".utf8)
    if start.starts(with: riff), start.dropFirst(8).starts(with: "WEBP".utf8) {
      self = .webp
      return
    }
    let isStump =
      Self.signatures.contains { start.count < $0.bytes.count && $0.bytes.starts(with: start) }
      || start.count < 12 && (riff.starts(with: start) || start.starts(with: riff))
    if isStump { throw ImageError(name: name, reason: .truncated) }
    let other = Self.others.first { start.dropFirst($0.offset).starts(with: $0.bytes.utf8) }
    throw ImageError(name: name, reason: .unknownFormat(found: other?.name ?? Self.words(start)))
  }

  /// The first bytes as a person would write them down.
  private static func words(_ start: [UInt8]) -> String {
    let some = start.prefix(8)
    if some.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) {
      return "a file that starts with \"\(String(decoding: some, as: UTF8.self))\""
    }
    let digits = some.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }
    return "a file that starts with the bytes \(digits.joined(separator: " "))"
  }
}
