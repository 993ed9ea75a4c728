/// Where EXIF keeps a picture's orientation: 1 as stored, 2…8 mirrored or turned.
enum EXIF {
  private static let tag = 0x0112
  /// More entries than any camera writes.
  private static let mostEntries = 1000

  /// - Parameter block: EXIF's own data, laid out as a TIFF header and a directory, with or without
  ///   `Exif\0\0` before it.
  /// - Returns: 1…8; 1 where there is none, or nothing that can be read.
  static func orientation(_ block: some Collection<UInt8>) -> Int {
    var bytes = Array(block.prefix(1 << 16))
    if bytes.starts(with: "Exif\0\0".utf8) { bytes.removeFirst(6) }
    guard bytes.count >= 8 else { return 1 }
    let isLittle = bytes[0] == 0x49 && bytes[1] == 0x49
    guard isLittle || bytes[0] == 0x4D && bytes[1] == 0x4D else { return 1 }
    func number(_ place: Int, _ length: Int) -> Int? {
      guard place >= 0, place <= bytes.count - length else { return nil }
      let part = bytes[place..<place + length]
      return isLittle
        ? part.reversed().reduce(0) { $0 << 8 | Int($1) } : part.reduce(0) { $0 << 8 | Int($1) }
    }
    guard let start = number(4, 4), let count = number(start, 2) else { return 1 }
    for entry in 0..<min(count, mostEntries) {
      let place = start + 2 + 12 * entry
      guard let found = number(place, 2) else { return 1 }
      guard found == tag else { continue }
      guard number(place + 2, 2) == 3, let value = number(place + 8, 2), (1...8).contains(value)
      else { return 1 }
      return value
    }
    return 1
  }

  /// The orientation of a JPEG, from its first APP1 segment with EXIF data.
  static func orientation(ofJPEG bytes: [UInt8]) -> Int {
    var place = 2
    while place + 4 <= bytes.count, bytes[place] == 0xFF {
      let marker = bytes[place + 1]
      // Fill bytes may stand before a marker.
      if marker == 0xFF {
        place += 1
        continue
      }
      // The pictures's data, or its end.
      if marker == 0xDA || marker == 0xD9 { return 1 }
      let length = Int(bytes[place + 2]) << 8 | Int(bytes[place + 3])
      let end = place + 2 + length
      guard length >= 2, end <= bytes.count else { return 1 }
      let part = bytes[place + 4..<max(place + 4, end)]
      if marker == 0xE1, part.starts(with: "Exif\0\0".utf8) { return orientation(part) }
      place = end
    }
    return 1
  }

  /// The orientation of a PNG, from its eXIf chunk.
  static func orientation(ofPNG bytes: [UInt8]) -> Int {
    var place = 8
    while place + 12 <= bytes.count {
      let length = bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
      let start = place + 8
      guard length <= bytes.count - start - 4 else { return 1 }
      let kind = bytes[place + 4..<start]
      if kind.elementsEqual("eXIf".utf8) { return orientation(bytes[start..<start + length]) }
      if kind.elementsEqual("IEND".utf8) { return 1 }
      place = start + length + 4
    }
    return 1
  }

  /// The orientation of a WebP, from its EXIF chunk.
  static func orientation(ofWebP bytes: [UInt8]) -> Int {
    var place = 12
    while place + 8 <= bytes.count {
      let length = bytes[place + 4..<place + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
      let start = place + 8
      guard length <= bytes.count - start else { return 1 }
      if bytes[place..<place + 4].elementsEqual("EXIF".utf8) {
        return orientation(bytes[start..<start + length])
      }
      place = start + length + length % 2
    }
    return 1
  }
}

extension Pixels {
  /// Turned and mirrored as EXIF's orientation 1…8 says; Pillow's `ImageOps.exif_transpose`.
  package func oriented(_ orientation: Int) -> Pixels {
    guard (2...8).contains(orientation) else { return self }
    let swaps = orientation >= 5
    let (newWidth, newHeight) = swaps ? (height, width) : (width, height)
    // Whether the rows and the columns of the stored picture are read backwards.
    let flipsColumns = [2, 3, 7, 8].contains(orientation)
    let flipsRows = [3, 4, 6, 7].contains(orientation)
    let (width, height) = (width, height)
    let turned = [UInt8](unsafeUninitializedCapacity: bytes.count) { target, filled in
      bytes.withUnsafeBufferPointer { source in
        var place = 0
        for y in 0..<newHeight {
          for x in 0..<newWidth {
            let (column, row) = swaps ? (y, x) : (x, y)
            let from =
              3
              * ((flipsRows ? height - 1 - row : row) * width
                + (flipsColumns ? width - 1 - column : column))
            target[place] = source[from]
            target[place + 1] = source[from + 1]
            target[place + 2] = source[from + 2]
            place += 3
          }
        }
      }
      filled = bytes.count
    }
    var result = Pixels(width: newWidth, height: newHeight, uncheckedBytes: turned)
    result.stored = stored?.oriented(orientation, width: width, height: height)
    return result
  }
}
