/// What a TIFF directory says about its page at first glance, before libtiff reads all of it.
struct TIFFOutline: Equatable {
  var width = 0
  var height = 0
  var bits = 1
  var samples = 1
  var photometric: Int?
  var sampleFormat = 1
  var orientation = 1
  /// Flags of `NewSubfileType`.
  var subfileType = 0

  /// A smaller copy of another page.
  var isReduced: Bool { subfileType & 1 != 0 }
  /// Says of another page of this size where it holds data.
  var isMask: Bool { (subfileType & 4 != 0 || photometric == 4) && bits == 1 && samples == 1 }

  /// Whether another page may be a further band of the same scene, as tifffile and ImageJ store them.
  func isOfOneKind(with other: Self) -> Bool {
    var (one, two) = (self, other)
    (one.subfileType, two.subfileType) = (0, 0)
    return one == two && !other.isReduced && !other.isMask
  }
}

/// Walks from directory to directory by the few numbers that are needed, in both byte orders and in BigTIFF.
///
/// libtiff reads the whole of a directory: every text and list that it names, which thousands of
/// directories may share, so that ten megabytes of a file become gigabytes of reading. Here a directory
/// costs one or two short reads, whatever it names.
struct TIFFDirectoryChain {
  private let source: FileSource
  private let isLittle: Bool
  private let isBig: Bool
  private var next: Int
  private var seen: Set<Int> = []

  /// Entries of a directory that are looked at; writers have a few dozen, in ascending order of their tags.
  private static let mostEntries = 512

  /// Before the first directory; `nil` where there is no header.
  init?(_ source: FileSource) {
    self.source = source
    guard let start = source.bytes(at: 0, count: 16), start.count >= 8 else { return nil }
    isLittle = start[0] == 0x49
    isBig = start[isLittle ? 2 : 3] == 43
    next = 0
    guard !isBig || start.count == 16 else { return nil }
    next = number(start, isBig ? 8 : 4, isBig ? 8 : 4) ?? 0
  }

  /// The next directory; `nil` at the end, where the chain leads back, and where it is broken.
  mutating func read() -> TIFFOutline? {
    let (countLength, entryLength) = isBig ? (8, 20) : (2, 12)
    guard next > 0, seen.insert(next).inserted,
      let head = source.bytes(at: next, count: countLength + 64 * entryLength),
      let count = number(head, 0, countLength), (1...0xFFFF).contains(count)
    else { return nil }
    let wanted = min(count, Self.mostEntries) * entryLength
    var entries = Array(head.dropFirst(countLength))
    if entries.count < wanted {
      guard let more = source.bytes(at: next + countLength, count: wanted) else { return nil }
      entries = more
    }
    guard entries.count >= wanted else { return nil }
    var outline = TIFFOutline()
    for entry in 0..<min(count, Self.mostEntries) { take(entries, entry * entryLength, &outline) }
    let end = next + countLength + count * entryLength
    let link = source.bytes(at: end, count: isBig ? 8 : 4) ?? []
    next = number(link, 0, isBig ? 8 : 4) ?? 0
    return outline
  }

  private func take(_ entries: [UInt8], _ place: Int, _ outline: inout TIFFOutline) {
    guard let tag = number(entries, place, 2), let type = number(entries, place + 2, 2) else {
      return
    }
    let known = [254, 256, 257, 258, 262, 274, 277, 339]
    guard known.contains(tag) else { return }
    guard let value = value(entries, place, type) else { return }
    switch tag {
    case 254: outline.subfileType = value
    case 256: outline.width = value
    case 257: outline.height = value
    case 258: outline.bits = value
    case 262: outline.photometric = value
    case 274: outline.orientation = (1...8).contains(value) ? value : 1
    case 277: outline.samples = value
    // "Undefined" is read as numbers without a sign.
    default: outline.sampleFormat = value == 4 ? 1 : value
    }
  }

  /// The first number of an entry, in its place or where the entry points.
  private func value(_ entries: [UInt8], _ place: Int, _ type: Int) -> Int? {
    guard let length = [1: 1, 3: 2, 4: 4, 16: 8][type],
      let count = number(entries, place + 4, isBig ? 8 : 4), count > 0
    else { return nil }
    let (first, room) = (place + (isBig ? 12 : 8), isBig ? 8 : 4)
    if count <= room / length { return number(entries, first, length) }
    guard let offset = number(entries, first, room),
      let bytes = source.bytes(at: offset, count: length)
    else { return nil }
    return number(bytes, 0, length)
  }

  /// - Returns: `nil` beyond the bytes, and for what is beyond any file.
  private func number(_ bytes: [UInt8], _ place: Int, _ length: Int) -> Int? {
    guard place >= 0, place + length <= bytes.count else { return nil }
    let part = bytes[place..<place + length]
    let value =
      isLittle
      ? part.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      : part.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return value <= 1 << 48 ? Int(value) : nil
  }
}
