import CTIFF

/// Owns an open TIFF of libtiff, which reads through a ``FileSource`` and says what is wrong to
/// ``message`` instead of printing it.
final class TIFFHandle {
  let tiff: OpaquePointer
  let source: FileSource
  private let place: UnsafeMutablePointer<clip_tiff_message>

  /// libtiff may allocate as much as the file has bytes for tags and for a packed strip or tile, and some
  /// more for its own tables.
  private static func memoryLimit(_ source: FileSource) -> Int { source.byteCount + 16 << 20 }

  /// - Throws: ``ImageError`` where there is no directory to be read.
  init(_ source: FileSource) throws(ImageError) {
    self.source = source
    place = .allocate(capacity: 1)
    place.initialize(to: clip_tiff_message())
    let tiff = clip_tiff_open(
      Unmanaged.passUnretained(source).toOpaque(),
      { thing, target, count in
        guard let source = TIFFHandle.source(thing), let target, count > 0 else { return 0 }
        return Int64(
          source.read(into: UnsafeMutableRawBufferPointer(start: target, count: Int(count))))
      },
      { thing, offset, whence in
        guard let source = TIFFHandle.source(thing) else { return UInt64.max }
        let start = [0: 0, 1: source.position, 2: source.byteCount][whence] ?? 0
        let (sum, overflow) = start.addingReportingOverflow(Int(truncatingIfNeeded: offset))
        guard !overflow, sum >= 0 else { return UInt64.max }
        source.position = sum
        return UInt64(sum)
      },
      { thing in UInt64(TIFFHandle.source(thing)?.byteCount ?? 0) },
      Int64(Self.memoryLimit(source)), place)
    guard let tiff else {
      let text = Self.text(place)
      place.deallocate()
      throw Self.failure(text, source)
    }
    self.tiff = tiff
  }

  deinit {
    TIFFClose(tiff)
    place.deallocate()
  }

  private static func source(_ thing: UnsafeMutableRawPointer?) -> FileSource? {
    thing.map { Unmanaged<FileSource>.fromOpaque($0).takeUnretainedValue() }
  }

  /// What libtiff said first since this was last asked.
  func failure() -> ImageError {
    let text = Self.text(place)
    place.pointee = clip_tiff_message()
    return Self.failure(text, source)
  }

  private static func text(_ place: UnsafeMutablePointer<clip_tiff_message>) -> String {
    withUnsafeBytes(of: &place.pointee.text) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  private static func failure(_ text: String, _ source: FileSource) -> ImageError {
    let words = text.isEmpty ? "libtiff does not say why" : text
    return ImageError(
      name: source.name,
      reason: .invalid("the TIFF cannot be read: \(words); copy it again from its source"))
  }

  // MARK: Fields

  func short(_ tag: Int32) -> Int? {
    var value: UInt16 = 0
    return clip_tiff_short(tiff, UInt32(tag), &value) == 0 ? nil : Int(value)
  }

  func long(_ tag: Int32) -> Int? {
    var value: UInt32 = 0
    return clip_tiff_long(tiff, UInt32(tag), &value) == 0 ? nil : Int(value)
  }

  func shorts(_ tag: Int32) -> [Int] {
    var count: UInt16 = 0
    var values: UnsafePointer<UInt16>?
    guard clip_tiff_shorts(tiff, UInt32(tag), &count, &values) != 0, let values else { return [] }
    return UnsafeBufferPointer(start: values, count: Int(count)).map(Int.init)
  }

  /// `[1 << bits, 3]`, 8 bits each: the upper ones of 16, as in Pillow; but where no entry is above 255
  /// the map holds 8 bits, and is read so, as in libtiff's tools and GDAL.
  func palette(bits: Int) -> [UInt8]? {
    var red: UnsafePointer<UInt16>?
    var green: UnsafePointer<UInt16>?
    var blue: UnsafePointer<UInt16>?
    guard bits <= 8, clip_tiff_colormap(tiff, &red, &green, &blue) != 0, let red, let green,
      let blue
    else { return nil }
    let entries = (0..<1 << bits).flatMap { [red[$0], green[$0], blue[$0]] }
    let isEight = entries.allSatisfy { $0 <= 255 }
    return entries.map { UInt8(isEight ? $0 : $0 >> 8) }
  }

  /// Tags of GeoTIFF (pixel scale, tie points, transformation, keys) and of GDAL (metadata, "no data").
  var isOfEarth: Bool {
    let tags: Set<UInt32> = [33_550, 33_922, 34_264, 34_735, 42_112, 42_113]
    // Those that libtiff itself does not know.
    return (0..<TIFFGetTagListCount(tiff)).contains {
      tags.contains(TIFFGetTagListEntry(tiff, $0))
    }
  }

  /// GDAL's value for "no data", a number in words.
  func noDataValue() -> Double? {
    unknownText(42_113, limit: 64).flatMap { Double($0.prefix { $0 != " " }) }
  }

  /// The text of a tag that libtiff does not know; `nil` where it has more bytes than `limit`.
  func unknownText(_ tag: UInt32, limit: Int) -> String? {
    var count: UInt32 = 0
    var text: UnsafePointer<CChar>?
    guard clip_tiff_unknown_text(tiff, tag, &count, &text) != 0, let text, count <= limit else {
      return nil
    }
    let bytes = UnsafeBufferPointer(start: text, count: Int(count)).map { UInt8(bitPattern: $0) }
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// The text of a tag that libtiff knows, at most `limit` bytes of it.
  func text(_ tag: Int32, limit: Int) -> String? {
    var text: UnsafePointer<CChar>?
    guard clip_tiff_text(tiff, UInt32(tag), &text) != 0, let text else { return nil }
    var bytes: [UInt8] = []
    while bytes.count < limit, text[bytes.count] != 0 {
      bytes.append(UInt8(bitPattern: text[bytes.count]))
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The numbers of a tag that libtiff does not know; none where there are more than `limit`.
  func unknownDoubles(_ tag: UInt32, limit: Int) -> [Double] {
    unknown(tag, TIFF_DOUBLE, limit)
  }

  func unknownShorts(_ tag: UInt32, limit: Int) -> [UInt16] {
    unknown(tag, TIFF_SHORT, limit)
  }

  private func unknown<Number: BitwiseCopyable>(
    _ tag: UInt32, _ type: TIFFDataType, _ limit: Int
  ) -> [Number] {
    var count: UInt32 = 0
    var values: UnsafeRawPointer?
    guard clip_tiff_unknown_values(tiff, tag, type, &count, &values) != 0, let values,
      count <= limit
    else { return [] }
    let bytes = UnsafeRawBufferPointer(
      start: values, count: Int(count) * MemoryLayout<Number>.stride)
    return (0..<Int(count)).map {
      bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Number>.stride, as: Number.self)
    }
  }
}
