/// A TIFF in memory of one strip, or of tiles that are all the same, with the tags that satellites' files
/// have; any of them may be nonsense.
public struct SceneTIFF: Sendable {
  public private(set) var bytes: [UInt8]

  /// A field beside those of the picture itself.
  public enum Field: Sendable {
    case shorts([UInt16])
    case longs([UInt32])
    case doubles([Double])
    case text(String)

    fileprivate var content: (type: Int, count: Int, bytes: [UInt8]) {
      func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
      }
      switch self {
      case .shorts(let values): return (3, values.count, values.flatMap(little))
      case .longs(let values): return (4, values.count, values.flatMap(little))
      case .doubles(let values): return (12, values.count, values.flatMap { little($0.bitPattern) })
      case .text(let text):
        let bytes = Array(text.utf8) + [0]
        return (2, bytes.count, bytes)
      }
    }
  }

  /// - Parameters:
  ///   - samples: of the strip as they stand in the file, little endian.
  ///   - fields: by their tags; those of the picture itself may be among them, and win.
  public init(
    width: Int, height: Int, bands: Int = 1, bits: Int = 8, samples: [UInt8],
    fields more: [Int: Field] = [:]
  ) {
    func long(_ value: Int) -> [UInt8] {
      (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    var fields: [Int: Field] = [
      256: .longs([UInt32(width)]), 257: .longs([UInt32(height)]),
      258: .shorts(Array(repeating: UInt16(bits), count: bands)), 259: .shorts([1]),
      262: .shorts([bands < 3 ? 1 : 2]), 273: .longs([8]), 277: .shorts([UInt16(bands)]),
      278: .longs([UInt32(height)]), 279: .longs([UInt32(samples.count)]), 284: .shorts([1]),
    ]
    fields.merge(more) { $1 }
    var data = samples
    var entries: [UInt8] = []
    for (tag, field) in fields.sorted(by: { $0.key < $1.key }) {
      let content = field.content
      entries += long(tag).prefix(2) + long(content.type).prefix(2) + long(content.count)
      if content.bytes.count <= 4 {
        entries += content.bytes + [UInt8](repeating: 0, count: 4 - content.bytes.count)
      } else {
        if data.count % 2 == 1 { data.append(0) }
        entries += long(8 + data.count)
        data += content.bytes
      }
    }
    if data.count % 2 == 1 { data.append(0) }
    bytes = [0x49, 0x49, 42, 0] + long(8 + data.count) + data
    bytes += long(fields.count).prefix(2) + entries + long(0)
  }

  /// Tags of a picture with north above: UTM zone 32 north, 10 m a pixel, 9° east and 45.15° north at its
  /// upper left corner.
  public static let utm: [Int: Field] = [
    33_550: .doubles([10, 10, 0]), 33_922: .doubles([0, 0, 0, 500_000, 5_000_000, 0]),
    34_735: .shorts([1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32_632]),
  ]
}
