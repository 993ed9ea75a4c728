import CPNG

/// Encodes PNG. Files are read through ``ImageReader``.
public enum PNG {
  /// 8 bits of RGB, without metadata.
  /// - Throws: ``ImageError`` with libpng's words.
  public static func encode(_ pixels: Pixels) throws(ImageError) -> [UInt8] {
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    image.width = png_uint_32(pixels.width)
    image.height = png_uint_32(pixels.height)
    image.format = png_uint_32(PNG_FORMAT_FLAG_COLOR)
    defer { png_image_free(&image) }
    // Noise does not shrink: what it takes unpacked, and more than zlib and chunks can add.
    var count = pixels.bytes.count + pixels.bytes.count / 512 + pixels.height + (64 << 10)
    var isDone = false
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { target, filled in
      isDone =
        png_image_write_to_memory(&image, target.baseAddress, &count, 0, pixels.bytes, 0, nil) != 0
      filled = isDone ? count : 0
    }
    guard isDone else {
      let words = withUnsafeBytes(of: image.message) { text in
        String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
      }
      throw ImageError(name: "PNG", reason: .invalid("cannot be encoded: \(words)"))
    }
    return bytes
  }
}
