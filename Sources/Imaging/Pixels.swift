/// An 8-bit RGB picture, row by row from the top, three bytes a pixel, no padding.
public struct Pixels: Sendable, Equatable {
  /// Columns, at least 1.
  public let width: Int
  /// Rows, at least 1.
  public let height: Int
  /// `3 · width · height` bytes: red, green, blue of each pixel.
  public var bytes: [UInt8]
  /// As the file has it, where that is another mode whose resizing gives something else. Anything but
  /// the decoded picture has none.
  var stored: StoredMode?

  /// By what is seen.
  public static func == (one: Pixels, other: Pixels) -> Bool {
    one.width == other.width && one.height == other.height && one.bytes == other.bytes
  }

  /// - Throws: ``ImageError`` where the sizes are not positive or disagree with the number of bytes.
  public init(width: Int, height: Int, bytes: [UInt8]) throws(ImageError) {
    guard width > 0, height > 0, width <= 1 << 20, height <= 1 << 20,
      bytes.count == 3 * width * height
    else {
      throw ImageError(
        name: "pixels", reason: .invalid("\(bytes.count) bytes for \(width) × \(height) RGB"))
    }
    self.width = width
    self.height = height
    self.bytes = bytes
  }

  /// For callers in this target that have just made `3 · width · height` bytes themselves.
  init(width: Int, height: Int, uncheckedBytes: [UInt8]) {
    assert(uncheckedBytes.count == 3 * width * height)
    self.width = width
    self.height = height
    bytes = uncheckedBytes
  }
}
