/// What a JPEG 2000 file's boxes and the start of its codestream say (ISO/IEC 15444-1, annexes A and I), read
/// before OpenJPEG is asked, which allocates what a header claims.
struct JPEG2000Header {
  struct Component: Equatable {
    let bits: Int
    let isSigned: Bool
    /// Pixels of the picture for one of it.
    let stepX, stepY: Int
  }

  let width: Int
  let height: Int
  /// Where the picture begins on the reference grid.
  let originX, originY: Int
  let tileWidth: Int
  let tileHeight: Int
  let tiles: Int
  let components: [Component]
  /// Where the marker after the sizes lies in the file.
  let codingStart: Int
  /// Whether the file is a codestream without boxes around it.
  let isCodestream: Bool
  var earth = EarthTags()

  /// OpenJPEG keeps some kilobytes for each tile and component, whatever is decoded.
  private static let (mostTiles, mostComponents, mostOfBoth) = (16_384, 256, 65_536)

  static let boxStart: [UInt8] = [
    0, 0, 0, 12, 0x6A, 0x50, 0x20, 0x20, 0x0D, 0x0A, 0x87, 0x0A,
  ]
  static let codestreamStart: [UInt8] = [0xFF, 0x4F, 0xFF, 0x51]

  /// - Throws: ``ImageError``
  init(_ source: FileSource) throws(ImageError) {
    let start = source.bytes(at: 0, count: 12) ?? []
    isCodestream = start.starts(with: Self.codestreamStart)
    var boxes = JPEG2000Boxes(source)
    if !isCodestream { boxes.read() }
    guard let place = isCodestream ? 0 : boxes.codestream,
      let bytes = source.bytes(at: place, count: 40 + 3 * Self.mostComponents + 2),
      bytes.count >= 45, bytes.starts(with: Self.codestreamStart)
    else { throw Self.damaged(source, "it holds no codestream") }
    func long(_ place: Int) -> Int { bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
    let (right, bottom) = (long(8), long(12))
    (originX, originY) = (long(16), long(20))
    (tileWidth, tileHeight) = (long(24), long(28))
    let (tileX, tileY) = (long(32), long(36))
    let count = Int(bytes[40]) << 8 | Int(bytes[41])
    (width, height) = (right - originX, bottom - originY)
    guard width > 0, height > 0, width <= 1 << 20, height <= 1 << 20, right <= Int(Int32.max),
      bottom <= Int(Int32.max), tileWidth > 0, tileHeight > 0, tileX <= originX, tileY <= originY
    else { throw Self.damaged(source, "its header says \(width) × \(height) pixels") }
    let across = (right - tileX + tileWidth - 1) / tileWidth
    let down = (bottom - tileY + tileHeight - 1) / tileHeight
    tiles = across * down
    guard (1...Self.mostComponents).contains(count), tiles <= Self.mostTiles,
      tiles * count <= Self.mostOfBoth
    else {
      throw ImageError(
        name: source.name,
        reason: .invalid(
          "the JPEG 2000 has \(tiles) tiles of \(count) components, more than are read; make a tiled TIFF of "
            + "it: gdal_translate -of COG IN OUT.tif"))
    }
    guard bytes.count >= 42 + 3 * count else { throw Self.damaged(source, "it ends in its header") }
    components = (0..<count).map { index in
      let place = 42 + 3 * index
      return Component(
        bits: Int(bytes[place] & 0x7F) + 1, isSigned: bytes[place] & 0x80 != 0,
        stepX: Int(bytes[place + 1]), stepY: Int(bytes[place + 2]))
    }
    guard components.allSatisfy({ $0.stepX > 0 && $0.stepY > 0 && $0.bits <= 31 }) else {
      throw Self.damaged(source, "its components are of no size")
    }
    codingStart = place + 4 + (Int(bytes[4]) << 8 | Int(bytes[5]))
    earth = boxes.earth
  }

  static func damaged(_ source: FileSource, _ words: String) -> ImageError {
    ImageError(
      name: source.name,
      reason: .invalid(
        "the JPEG 2000 cannot be read: \(words); copy it again from its source"))
  }
}

/// The boxes of a JP2 file that tell something here.
private struct JPEG2000Boxes {
  private let source: FileSource
  /// Where the codestream begins.
  private(set) var codestream: Int?
  private(set) var earth = EarthTags()
  private var count = 0

  private static let mostBoxes = 1_000
  /// Bytes of a box that is looked into.
  private static let longest = 1 << 20
  /// GeoJP2's identifier, of a TIFF with the tags of GeoTIFF.
  private static let geoJP2: [UInt8] = [
    0xB1, 0x4B, 0xF8, 0xBD, 0x08, 0x3D, 0x4B, 0x43, 0xA5, 0xAE, 0x8C, 0xD7, 0xD5, 0xA6, 0xCE, 0x03,
  ]

  init(_ source: FileSource) { self.source = source }

  mutating func read() { read(0..<source.byteCount, depth: 0) }

  private mutating func read(_ range: Range<Int>, depth: Int) {
    var place = range.lowerBound
    while place + 8 <= range.upperBound, count < Self.mostBoxes {
      count += 1
      guard let head = source.bytes(at: place, count: 16), head.count >= 8 else { return }
      func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
      }
      var length = number(head[0..<4])
      var start = place + 8
      if length == 1 {
        guard head.count == 16 else { return }
        length = number(head[8..<16])
        start = place + 16
      } else if length == 0 {
        length = UInt64(range.upperBound - place)
      }
      guard length >= UInt64(start - place), length <= UInt64(range.upperBound - place) else {
        // A codestream that is cut is told by its decoder.
        if head[4..<8].elementsEqual("jp2c".utf8) { codestream = codestream ?? start }
        return
      }
      let content = start..<place + Int(length)
      look(String(decoding: head[4..<8], as: UTF8.self), content, depth)
      place = content.upperBound
    }
  }

  private mutating func look(_ type: String, _ content: Range<Int>, _ depth: Int) {
    switch type {
    case "jp2c": codestream = codestream ?? content.lowerBound
    case "asoc" where depth < 4: read(content, depth: depth + 1)
    case "uuid" where content.count > 16 && content.count <= Self.longest:
      guard let bytes = source.bytes(at: content.lowerBound, count: content.count),
        bytes.starts(with: Self.geoJP2)
      else { return }
      let part = FileSource(Array(bytes[16...]), name: source.name)
      if let handle = try? TIFFHandle(part) { earth = EarthTags(handle) }
    case "xml " where content.count <= Self.longest:
      guard earth.transformation.isEmpty, earth.pixelScale.isEmpty,
        let bytes = source.bytes(at: content.lowerBound, count: content.count)
      else { return }
      earth.read(gml: String(decoding: bytes, as: UTF8.self))
    default: break
    }
  }
}

extension EarthTags {
  /// GMLJP2's rectified grid (OGC 05-047r3): an origin at the first pixel's centre, and the step of a column
  /// and of a row. Coordinates by an EPSG code of degrees come latitude first, as EPSG has them.
  fileprivate mutating func read(gml: String) {
    guard let grid = Self.element("RectifiedGrid", in: gml[...]),
      let origin = Self.element("origin", in: grid.content),
      let point = Self.element("pos", in: origin.content)
        ?? Self.element("coordinates", in: origin.content),
      let first = Self.element("offsetVector", in: grid.content),
      let second = Self.element("offsetVector", in: first.rest),
      let code = Self.code(grid.tag + origin.content + first.tag)
    else { return }
    let numbers = [point, first, second].map { Self.numbers($0.content) }
    guard numbers.allSatisfy({ $0.count == 2 }) else { return }
    let isGeographic = (4000..<5000).contains(code)
    let (x, y) = isGeographic ? (1, 0) : (0, 1)
    let (start, column, row) = (numbers[0], numbers[1], numbers[2])
    transformation = [
      column[x], row[x], 0, start[x], column[y], row[y], 0, start[y], 0, 0, 0, 0, 0, 0, 0, 1,
    ]
    // Coordinates are those of pixels' centres.
    keys = [
      1, 1, 0, 3, 1024, 0, 1, isGeographic ? 2 : 1, 1025, 0, 1, 2, isGeographic ? 2048 : 3072, 0, 1,
      UInt16(code),
    ]
  }

  /// The first element of a name, whatever its prefix.
  private static func element(_ name: String, in text: Substring) -> (
    tag: String, content: Substring, rest: Substring
  )? {
    var place = text.startIndex
    while let open = text[place...].firstIndex(of: "<") {
      guard let close = text[open...].firstIndex(of: ">") else { return nil }
      let tag = text[text.index(after: open)..<close]
      place = text.index(after: close)
      let own = tag.prefix { !$0.isWhitespace && $0 != "/" }
      guard own == name || own.hasSuffix(":\(name)"), !tag.hasPrefix("/") else { continue }
      guard let end = text[place...].range(of: "</\(own)") else { return nil }
      return (String(tag), text[place..<end.lowerBound], text[end.upperBound...])
    }
    return nil
  }

  private static func numbers(_ text: Substring) -> [Double] {
    text.prefix(200).split { $0.isWhitespace || $0 == "," }.compactMap { Double($0) }
  }

  /// The code of `urn:ogc:def:crs:EPSG::32632` and the like.
  private static func code(_ text: String) -> Int? {
    guard let start = text.range(of: "EPSG:") else { return nil }
    let digits = text[start.upperBound...].drop { $0 == ":" || $0 == "." || $0 == "/" }
      .prefix { $0.isNumber }
    return Int(digits).flatMap { (1024...32_766).contains($0) ? $0 : nil }
  }
}
