/// What EXIF says of a picture: how it is to be turned, and where the camera stood.
enum EXIF {
  /// 1 as stored, 2…8 mirrored or turned; 1 where there is none, or nothing that can be read.
  /// - Parameter block: EXIF's own data, laid out as a TIFF header and a directory, with or without
  ///   `Exif\0\0` before it.
  static func orientation(_ block: some Collection<UInt8>) -> Int {
    guard let data = EXIFData(block), let entry = data.entry(0x0112, in: data.first),
      entry.type == 3, let value = data.number(entry.place, 2), (1...8).contains(value)
    else { return 1 }
    return value
  }

  /// Degrees of WGS 84; `nil` where there are none, or none on earth.
  static func position(_ block: some Collection<UInt8>) -> (longitude: Double, latitude: Double)? {
    guard let data = EXIFData(block), let pointer = data.entry(0x8825, in: data.first),
      let directory = data.number(pointer.place, 4)
    else { return nil }
    func degrees(_ tag: Int, _ signTag: Int, _ negative: Character) -> Double? {
      guard let entry = data.entry(tag, in: directory), entry.type == 5, entry.count == 3,
        let start = data.number(entry.place, 4),
        let sign = data.entry(signTag, in: directory).flatMap({ data.number($0.place, 1) })
      else { return nil }
      var value = 0.0
      for (part, size) in [1.0, 60, 3600].enumerated() {
        guard let above = data.number(start + 8 * part, 4),
          let below = data.number(start + 8 * part + 4, 4)
        else { return nil }
        // A camera without seconds writes 0/0.
        if below > 0 {
          value += Double(above) / Double(below) / size
        } else if part == 0 {
          return nil
        }
      }
      return sign == Int(negative.asciiValue ?? 0) ? -value : value
    }
    guard let latitude = degrees(2, 1, "S"), let longitude = degrees(4, 3, "W"),
      abs(latitude) <= 90, abs(longitude) <= 180, latitude != 0 || longitude != 0
    else { return nil }
    return (longitude, latitude)
  }

  static func position(of path: String) throws(ImageError) -> (longitude: Double, latitude: Double)?
  {
    let source = try FileSource(path)
    let bytes = try source.wholeFile(limit: ImageReader.byteLimit)
    let block: ArraySlice<UInt8>? =
      switch try source.format() {
      case .jpeg: self.block(ofJPEG: bytes)
      case .png: self.block(ofPNG: bytes)
      case .webp: self.block(ofWebP: bytes)
      case .tiff, .jpeg2000: nil
      }
    return block.flatMap { position($0) }
  }

  static func orientation(ofJPEG bytes: [UInt8]) -> Int {
    block(ofJPEG: bytes).map { orientation($0) } ?? 1
  }
  static func orientation(ofPNG bytes: [UInt8]) -> Int {
    block(ofPNG: bytes).map { orientation($0) } ?? 1
  }
  static func orientation(ofWebP bytes: [UInt8]) -> Int {
    block(ofWebP: bytes).map { orientation($0) } ?? 1
  }

  /// The first APP1 segment with EXIF data.
  private static func block(ofJPEG bytes: [UInt8]) -> ArraySlice<UInt8>? {
    var place = 2
    while place + 4 <= bytes.count, bytes[place] == 0xFF {
      let marker = bytes[place + 1]
      // Fill bytes may stand before a marker.
      if marker == 0xFF {
        place += 1
        continue
      }
      // The picture's data, or its end.
      if marker == 0xDA || marker == 0xD9 { return nil }
      let length = Int(bytes[place + 2]) << 8 | Int(bytes[place + 3])
      let end = place + 2 + length
      guard length >= 2, end <= bytes.count else { return nil }
      let part = bytes[place + 4..<max(place + 4, end)]
      if marker == 0xE1, part.starts(with: "Exif\0\0".utf8) { return part }
      place = end
    }
    return nil
  }

  /// The eXIf chunk.
  private static func block(ofPNG bytes: [UInt8]) -> ArraySlice<UInt8>? {
    var place = 8
    while place + 12 <= bytes.count {
      let length = bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
      let start = place + 8
      guard length <= bytes.count - start - 4 else { return nil }
      let kind = bytes[place + 4..<start]
      if kind.elementsEqual("eXIf".utf8) { return bytes[start..<start + length] }
      if kind.elementsEqual("IEND".utf8) { return nil }
      place = start + length + 4
    }
    return nil
  }

  /// The EXIF chunk.
  private static func block(ofWebP bytes: [UInt8]) -> ArraySlice<UInt8>? {
    var place = 12
    while place + 8 <= bytes.count {
      let length = bytes[place + 4..<place + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
      let start = place + 8
      guard length <= bytes.count - start else { return nil }
      if bytes[place..<place + 4].elementsEqual("EXIF".utf8) {
        return bytes[start..<start + length]
      }
      place = start + length + length % 2
    }
    return nil
  }
}

/// A block of EXIF data: directories of entries as in TIFF, every place of which may be wrong.
private struct EXIFData {
  struct Entry {
    let type: Int
    let count: Int
    /// Where the value stands, or where it says that it stands.
    let place: Int
  }

  private let bytes: [UInt8]
  private let isLittle: Bool
  /// Where the first directory begins.
  private(set) var first: Int
  /// More entries than any camera writes.
  private static let mostEntries = 1000

  init?(_ block: some Collection<UInt8>) {
    var bytes = Array(block.prefix(1 << 16))
    if bytes.starts(with: "Exif\0\0".utf8) { bytes.removeFirst(6) }
    guard bytes.count >= 8 else { return nil }
    isLittle = bytes[0] == 0x49 && bytes[1] == 0x49
    guard isLittle || bytes[0] == 0x4D && bytes[1] == 0x4D else { return nil }
    self.bytes = bytes
    first = 0
    guard let start = number(4, 4) else { return nil }
    first = start
  }

  func number(_ place: Int, _ length: Int) -> Int? {
    guard place >= 0, place <= bytes.count - length else { return nil }
    let part = bytes[place..<place + length]
    return isLittle
      ? part.reversed().reduce(0) { $0 << 8 | Int($1) } : part.reduce(0) { $0 << 8 | Int($1) }
  }

  /// The first entry of this tag.
  func entry(_ tag: Int, in directory: Int) -> Entry? {
    guard let count = number(directory, 2) else { return nil }
    for index in 0..<min(count, Self.mostEntries) {
      let place = directory + 2 + 12 * index
      guard let found = number(place, 2), let type = number(place + 2, 2),
        let values = number(place + 4, 4)
      else { return nil }
      if found == tag { return Entry(type: type, count: values, place: place + 8) }
    }
    return nil
  }
}
