import CTurboJPEG

/// Owns a TurboJPEG decompressor for the time of one call.
final class Decompressor {
  struct Header {
    let width: Int
    let height: Int
    /// Four inks, directly or as YCCK.
    let isCMYK: Bool
    /// 1, 3 or 4.
    let bands: Int
  }

  private let handle: tjhandle
  private let name: String

  init(name: String) throws(ImageError) {
    guard let handle = tjInitDecompress() else {
      throw ImageError(name: name, reason: .invalid("no JPEG decoder: out of memory"))
    }
    self.handle = handle
    self.name = name
  }

  deinit { tjDestroy(handle) }

  func header(of bytes: [UInt8]) throws(ImageError) -> Header {
    var width: Int32 = 0
    var height: Int32 = 0
    var sampling: Int32 = -1
    var colour: Int32 = -1
    let status = bytes.withUnsafeBufferPointer {
      tjDecompressHeader3(
        handle, $0.baseAddress, UInt($0.count), &width, &height, &sampling, &colour)
    }
    // TurboJPEG reports an unusual chroma sampling as a failure after it has read all the rest;
    // the decoder itself takes such files, and so does Pillow.
    let isComplete = width > 0 && height > 0 && colour >= 0
    guard status == 0 || tjGetErrorCode(handle) == TJERR_WARNING.rawValue || isComplete else {
      throw failure()
    }
    guard isComplete else { throw ImageError(name: name, reason: .truncated) }
    let isCMYK = colour == TJCS_CMYK.rawValue || colour == TJCS_YCCK.rawValue
    let bands = colour == TJCS_GRAY.rawValue ? 1 : isCMYK ? 4 : 3
    return Header(width: Int(width), height: Int(height), isCMYK: isCMYK, bands: bands)
  }

  /// - Parameter scale: 1, 2, 4 or 8, divides both sides (rounded up).
  func decode(_ bytes: [UInt8], header: Header, scale: Int) throws(ImageError) -> Pixels {
    let width = (header.width + scale - 1) / scale
    let height = (header.height + scale - 1) / scale
    let channels = header.isCMYK ? 4 : 3
    let format = header.isCMYK ? TJPF_CMYK : TJPF_RGB
    let count = channels * width * height
    var status: Int32 = 0
    let samples = [UInt8](unsafeUninitializedCapacity: count) { target, filled in
      status = bytes.withUnsafeBufferPointer { source in
        tjDecompress2(
          handle, source.baseAddress, UInt(source.count), target.baseAddress, Int32(width),
          Int32(channels * width), Int32(height), format.rawValue,
          TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS)
      }
      // After a failure the rest of the buffer holds nothing: it must not be read.
      let isFailure = status != 0 && tjGetErrorCode(handle) != TJERR_WARNING.rawValue
      filled = isFailure ? 0 : count
    }
    guard samples.count == count else { throw failure() }
    if status != 0 && (errorText.hasPrefix("Premature end") || !Self.hasEnd(bytes)) {
      throw ImageError(name: name, reason: .truncated)
    }
    var pixels = try Pixels(
      width: width, height: height, bytes: header.isCMYK ? Self.rgb(fromCMYK: samples) : samples)
    if header.isCMYK, scale == 1 { pixels.stored = StoredMode(cmyk: samples.map { 255 - $0 }) }
    return pixels
  }

  private var errorText: String { String(cString: tjGetErrorStr2(handle)) }

  private func failure() -> ImageError {
    let text = errorText
    // A header that stops early is reported as "contains no image", since the decoder adds an end where one
    // is missing.
    let isTruncated = text.hasPrefix("Premature end") || text.contains("contains no image")
    return ImageError(
      name: name, reason: isTruncated ? .truncated : .invalid("no picture in this JPEG: \(text)"))
  }

  /// Whether an end-of-image marker follows the last start of a scan. The decoder tells only the
  /// first of its warnings, so that an early end can hide behind a stray byte.
  private static func hasEnd(_ bytes: [UInt8]) -> Bool {
    var index = bytes.count - 1
    while index > 0 {
      if bytes[index - 1] == 0xFF {
        if bytes[index] == 0xD9 { return true }
        if bytes[index] == 0xDA { return false }
      }
      index -= 1
    }
    return false
  }

  /// Pillow's `convert("RGB")` of a CMYK JPEG: the inks are stored inverted (Adobe's convention,
  /// which Pillow assumes of every such file); channel = white of key − ink · white of key / 255.
  private static func rgb(fromCMYK inks: [UInt8]) -> [UInt8] {
    let count = inks.count / 4
    return [UInt8](unsafeUninitializedCapacity: 3 * count) { rgb, filled in
      inks.withUnsafeBufferPointer { inks in
        for pixel in 0..<count {
          let white = Int(inks[4 * pixel + 3])
          for channel in 0..<3 {
            let product = (255 - Int(inks[4 * pixel + channel])) * white + 128
            rgb[3 * pixel + channel] = UInt8(max(0, white - (((product >> 8) + product) >> 8)))
          }
        }
      }
      filled = 3 * count
    }
  }
}

/// Owns a TurboJPEG compressor for the time of one call.
final class Compressor {
  private let handle: tjhandle

  init() throws(ImageError) {
    guard let handle = tjInitCompress() else {
      throw ImageError(name: "JPEG", reason: .invalid("no JPEG encoder: out of memory"))
    }
    self.handle = handle
  }

  deinit { tjDestroy(handle) }

  func encode(_ pixels: Pixels, quality: Int) throws(ImageError) -> [UInt8] {
    var buffer: UnsafeMutablePointer<UInt8>?
    var size: UInt = 0
    let status = pixels.bytes.withUnsafeBufferPointer {
      tjCompress2(
        handle, $0.baseAddress, Int32(pixels.width), Int32(3 * pixels.width), Int32(pixels.height),
        TJPF_RGB.rawValue, &buffer, &size, Int32(TJSAMP_420.rawValue), Int32(quality),
        TJFLAG_ACCURATEDCT)
    }
    defer { tjFree(buffer) }
    guard status == 0, let buffer else {
      let text = String(cString: tjGetErrorStr2(handle))
      throw ImageError(
        name: "JPEG", reason: .invalid("\(pixels.width) × \(pixels.height) not encoded: \(text)"))
    }
    return Array(UnsafeBufferPointer(start: buffer, count: Int(size)))
  }
}
