/// How a codestream's tiles are cut, by the COD and COC markers of its main header (ISO/IEC 15444-1, A.6). OpenJPEG
/// tells the size of the first precinct only.
struct JPEG2000Coding {
  /// Times that both sides can be halved, in all components.
  private(set) var halvings = 32
  /// Code blocks and precincts of a tile, of all components and resolutions.
  private(set) var parts = 0

  private static let mostMarkers = 1_000

  /// - Throws: ``ImageError`` where there is no COD.
  init(_ source: FileSource, _ header: JPEG2000Header) throws(ImageError) {
    var place = header.codingStart
    var hasDefault = false
    for _ in 0..<Self.mostMarkers {
      guard let head = source.bytes(at: place, count: 128), head.count > 4, head[0] == 0xFF,
        head[1] != 0x90
      else { break }
      let length = Int(head[2]) << 8 | Int(head[3])
      guard length >= 2 else { break }
      let content = head[4...].prefix(length - 2)
      if head[1] == 0x52 {
        // Of components that a COC describes too, the larger number counts.
        add(
          content.dropFirst(5), hasPrecincts: (content.first ?? 0) & 1 == 1, header,
          components: header.components.count)
        hasDefault = true
      } else if head[1] == 0x53 {
        let own = content.dropFirst(header.components.count < 257 ? 1 : 2)
        add(own.dropFirst(), hasPrecincts: (own.first ?? 0) & 1 == 1, header, components: 1)
      }
      place += 2 + length
    }
    guard hasDefault, halvings <= 32 else {
      throw JPEG2000Header.damaged(source, "it does not say how it is coded")
    }
  }

  /// - Parameter style: from the number of decompositions on.
  private mutating func add(
    _ style: ArraySlice<UInt8>, hasPrecincts: Bool, _ header: JPEG2000Header, components: Int
  ) {
    let bytes = Array(style)
    guard bytes.count >= 5, bytes[0] <= 32 else {
      parts = .max
      return
    }
    let levels = Int(bytes[0])
    halvings = min(halvings, levels)
    let blockBits = (Int(bytes[1] & 15) + 2, Int(bytes[2] & 15) + 2)
    let width = min(header.tileWidth, header.width)
    let height = min(header.tileHeight, header.height)
    func count(_ length: Int, _ bits: Int) -> Int { (length + (1 << bits) - 1) >> bits }
    for level in 0...levels {
      let across = count(width, levels - level)
      let down = count(height, levels - level)
      var precinct = (15, 15)
      if hasPrecincts, bytes.count > 5 + level {
        precinct = (Int(bytes[5 + level] & 15), Int(bytes[5 + level] >> 4))
      }
      let precincts = count(across, precinct.0) * count(down, precinct.1)
      // A code block is never larger than its precinct.
      let blocks =
        count(across, min(blockBits.0, precinct.0)) * count(down, min(blockBits.1, precinct.1))
      let (sum, overflow) = parts.addingReportingOverflow(components * (precincts + blocks))
      parts = overflow ? .max : sum
    }
  }
}
