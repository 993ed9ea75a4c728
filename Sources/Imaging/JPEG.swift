/// Decodes and encodes JPEG through libjpeg-turbo with Pillow's settings (accurate DCT, smooth chroma). Files
/// are read through ``ImageReader``.
public enum JPEG {
  static func facts(_ bytes: [UInt8], name: String) throws(ImageError) -> PictureFacts {
    facts(bytes, try Decompressor(name: name).header(of: bytes))
  }

  private static func facts(_ bytes: [UInt8], _ header: Decompressor.Header) -> PictureFacts {
    PictureFacts(
      format: .jpeg, width: header.width, height: header.height, bits: 8,
      bands: header.bands, orientation: EXIF.orientation(ofJPEG: bytes))
  }

  /// Gray and CMYK are converted as Pillow does. Smaller ones come at the smallest DCT scale (1/2, 1/4,
  /// 1/8) whose shorter side is still long enough. A truncated file is an error, as in Pillow, while
  /// milder faults of the data, which Pillow accepts, are accepted here.
  static func picture(_ bytes: [UInt8], _ request: DecodingRequest) throws(ImageError)
    -> DecodedPicture
  {
    let decompressor = try Decompressor(name: request.name)
    let header = try decompressor.header(of: bytes)
    // A progressive one is kept whole while it is decoded, however small the result.
    var scale = scale(of: header, atLeast: request.detail.atLeast)
    var notes: [String] = []
    if request.detail == .full, !isProgressive(bytes) {
      let wanted = request.scale(width: header.width, height: header.height)
      scale = [1, 2, 4].first { $0 >= wanted } ?? 8
      if scale > 1 {
        notes = [
          DecodingRequest.reduction(by: scale, width: header.width, height: header.height)
        ]
      }
    }
    try request.check(
      width: header.width, height: header.height, scale: isProgressive(bytes) ? 1 : scale)
    try request.check(
      rawBytes: 3 * header.width * header.height, fileBytes: bytes.count,
      mostPerByte: isHuffmanCoded(bytes) ? mostPerByte : nil, size: (header.width, header.height))
    let pixels = try decompressor.decode(bytes, header: header, scale: scale)
    return DecodedPicture(pixels: pixels, facts: facts(bytes, header), notes: notes)
  }

  /// Encodes at `quality` 1…100 with chroma halved (4:2:0).
  /// - Throws: ``ImageError`` where the picture is larger than JPEG allows (65,500 a side).
  public static func encode(_ pixels: Pixels, quality: Int = 90) throws(ImageError) -> [UInt8] {
    try Compressor().encode(pixels, quality: min(max(quality, 1), 100))
  }

  /// In Huffman's code each block of 64 pixels has at least one bit, which is 1,536 bytes of RGB from a
  /// byte; some more for components that are sampled crosswise.
  private static let mostPerByte = 4096

  /// Whether the frame's marker says so (SOF0, 1, 2); the arithmetic code has no such bound.
  private static func isHuffmanCoded(_ bytes: [UInt8]) -> Bool {
    [0xC0, 0xC1, 0xC2].contains(frame(of: bytes))
  }

  private static func isProgressive(_ bytes: [UInt8]) -> Bool {
    [0xC2, 0xC6, 0xCA, 0xCE].contains(frame(of: bytes))
  }

  /// The marker of its frame; `nil` where there is none before its data.
  private static func frame(of bytes: [UInt8]) -> UInt8? {
    var place = 2
    while place + 3 < bytes.count, bytes[place] == 0xFF {
      let marker = bytes[place + 1]
      switch marker {
      case 0xFF: place += 1
      case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF: return marker
      case 0xD9, 0xDA: return nil
      case 0x01, 0xD0...0xD8: place += 2
      default: place += 2 + (Int(bytes[place + 2]) << 8 | Int(bytes[place + 3]))
      }
    }
    return nil
  }

  /// 1, 2, 4 or 8: by how much both sides are divided.
  private static func scale(of header: Decompressor.Header, atLeast: Int?) -> Int {
    guard let atLeast else { return 1 }
    let shorter = min(header.width, header.height)
    return [8, 4, 2].first { (shorter + $0 - 1) / $0 >= atLeast } ?? 1
  }
}
