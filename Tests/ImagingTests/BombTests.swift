import Foundation
import Imaging
import TestSupport
import Testing

/// Small files that want to become large pictures. Each is given to the program with 2 GB of address
/// space: whatever it does, it ends soon, in one line.
@Suite struct BombTests {
  private static func fixture(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: FormatTests.path(name))))
  }

  /// Bits from the highest on, as JPEG packs them, or from the lowest, as deflate does.
  private struct BitWriter {
    var bytes: [UInt8] = []
    let highestFirst: Bool
    private var count = 0

    init(highestFirst: Bool) { self.highestFirst = highestFirst }

    mutating func add(_ value: Int, bits: Int) {
      for bit in 0..<bits {
        let one = value >> (highestFirst ? bits - 1 - bit : bit) & 1 == 1
        if count % 8 == 0 { bytes.append(0) }
        if one { bytes[bytes.count - 1] |= 1 << UInt8(highestFirst ? 7 - count % 8 : count % 8) }
        count += 1
      }
    }
  }

  private static func big(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * (count - 1 - $0))) }
  }

  // MARK: JPEG

  private static func segment(_ marker: UInt8, _ body: [UInt8]) -> [UInt8] {
    [0xFF, marker] + big(body.count + 2, 2) + body
  }

  /// A small file with another size in its frame.
  static func claimingJPEG(side: Int) throws -> [UInt8] {
    var file = try JPEG.encode(
      Pixels(width: 16, height: 16, bytes: [UInt8](repeating: 90, count: 768)))
    let frame = try #require(file.indices.first { file[$0] == 0xFF && file[$0 + 1] == 0xC0 })
    file.replaceSubrange(frame + 5..<frame + 9, with: big(side, 2) + big(side, 2))
    return file
  }

  /// Gray and progressive: one scan with a bit for each block, then scans of 15 bytes in which nothing
  /// changes, each of which a decoder goes through all blocks for.
  static func scansJPEG(side: Int, scans: Int) -> [UInt8] {
    let blocks = ((side + 7) / 8) * ((side + 7) / 8)
    // One code of one bit: in the first table "no difference", in the second 16,384 blocks and more.
    func table(_ place: UInt8, _ symbol: UInt8) -> [UInt8] {
      segment(0xC4, [place, 1] + [UInt8](repeating: 0, count: 15) + [symbol])
    }
    func scan(_ first: UInt8, _ last: UInt8) -> [UInt8] {
      segment(0xDA, [1, 1, 0, first, last, 0])
    }
    var file: [UInt8] = [0xFF, 0xD8]
    file += segment(0xDB, [0] + [UInt8](repeating: 1, count: 64))
    file += segment(0xC2, [8] + big(side, 2) + big(side, 2) + [1, 1, 0x11, 0])
    file += table(0x00, 0) + table(0x10, 0xE0)
    file += scan(0, 0) + [UInt8](repeating: 0, count: (blocks + 7) / 8)
    var runs = BitWriter(highestFirst: true)
    for _ in 0..<(blocks + 16_383) / 16_384 { runs.add(0, bits: 15) }
    for _ in 0..<scans { file += scan(1, 63) + runs.bytes }
    return file + [0xFF, 0xD9]
  }

  // MARK: PNG

  private static func crc32(_ bytes: [UInt8]) -> Int {
    var sum: UInt32 = ~0
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
    }
    return Int(~sum)
  }

  private static func chunk(_ name: String, _ body: [UInt8]) -> [UInt8] {
    let named = Array(name.utf8) + body
    return big(body.count, 4) + named + big(crc32(named), 4)
  }

  /// Zeros by deflate's fixed codes, 258 from 13 bits.
  private static func deflated(zeros: Int) -> [UInt8] {
    var bits = BitWriter(highestFirst: false)
    bits.add(0b011, bits: 3)
    bits.add(0b0000_1100, bits: 8)
    for _ in 0..<zeros / 258 {
      bits.add(0b1010_0011, bits: 8)
      bits.add(0, bits: 5)
    }
    bits.add(0, bits: 7)
    return [0x78, 0x01] + bits.bytes + [0, 0, 0, 0]
  }

  static func png(width: Int, height: Int, zeros: Int, interlaced: Bool = false, text: Int = 0)
    -> [UInt8]
  {
    let header = big(width, 4) + big(height, 4) + [8, 2, 0, 0, interlaced ? 1 : 0]
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header)
    if text > 0 { file += chunk("zTXt", Array("a".utf8) + [0, 0] + deflated(zeros: text)) }
    return file + chunk("IDAT", deflated(zeros: zeros)) + chunk("IEND", [])
  }

  // MARK: TIFF and WebP

  /// A little-endian TIFF with other numbers in some of its tags.
  static func tiff(_ name: String, _ changes: [Int: Int]) throws -> [UInt8] {
    var file = try fixture(name)
    func short(_ place: Int) -> Int { Int(file[place]) | Int(file[place + 1]) << 8 }
    let start = short(4) | short(6) << 16
    for entry in 0..<short(start) {
      let place = start + 2 + 12 * entry
      guard let value = changes[short(place)] else { continue }
      file.replaceSubrange(
        place + 2..<place + 12, with: [4, 0, 1, 0, 0, 0] + big(value, 4).reversed())
    }
    return file
  }

  /// A lossless WebP with another size: 14 bits each, less one, behind the signature 0x2F.
  static func webp(side: Int) throws -> [UInt8] {
    var file = try fixture("lossless.webp")
    let place = try #require(
      file.indices.first { file[$0...].starts(with: Array("VP8L".utf8)) })
    let size = (side - 1) | (side - 1) << 14
    for byte in 0..<3 { file[place + 9 + byte] = UInt8(truncatingIfNeeded: size >> (8 * byte)) }
    file[place + 12] = file[place + 12] & 0xF0 | UInt8(truncatingIfNeeded: size >> 24 & 0x0F)
    return file
  }

  enum Bomb: String, CaseIterable {
    case claimingJPEG, manyScansJPEG, claimingPNG, interlacedPNG, textPNG, longDataPNG
    case deflateTIFF, lzmaTIFF, tileTIFF, claimingWebP, largestWebP

    func bytes() throws -> [UInt8] {
      switch self {
      case .claimingJPEG: try BombTests.claimingJPEG(side: 10_000)
      case .manyScansJPEG: BombTests.scansJPEG(side: 3_000, scans: 4_000)
      case .claimingPNG: BombTests.png(width: 10_000, height: 10_000, zeros: 20_000)
      case .interlacedPNG:
        BombTests.png(width: 30_000, height: 30_000, zeros: 3_000_000, interlaced: true)
      case .textPNG: BombTests.png(width: 9_000, height: 9_000, zeros: 1_000, text: 200_000_000)
      case .longDataPNG: BombTests.png(width: 16, height: 16, zeros: 200_000_000)
      case .deflateTIFF:
        try BombTests.tiff("rgb8_deflate.tif", [256: 10_000, 257: 10_000, 278: 10_000])
      case .lzmaTIFF:
        try BombTests.tiff("rgb8_lzma.tif", [256: 10_000, 257: 10_000, 278: 10_000])
      case .tileTIFF:
        try BombTests.tiff("rgb8_tiled.tif", [322: 1 << 20, 323: 1 << 20])
      case .claimingWebP: try BombTests.webp(side: 10_000)
      case .largestWebP: try BombTests.webp(side: 16_384)
      }
    }
  }

  /// The words that the refusal has; a picture where the file holds one beside its bomb.
  private static let refusals: [Bomb: String] = [
    .claimingJPEG: "cannot hold the 10000 × 10000 pixels",
    .manyScansJPEG: "no picture in this JPEG",
    .claimingPNG: "cannot hold the 10000 × 10000 pixels",
    .interlacedPNG: "more than the limit of 100000000", .textPNG: "the PNG is damaged",
    .deflateTIFF: "cannot hold the 10000 × 10000 pixels", .lzmaTIFF: "", .tileTIFF: "",
    .claimingWebP: "", .largestWebP: "more than the limit of 100000000",
  ]

  @Test(arguments: Bomb.allCases) func `a bomb ends soon and in little memory`(bomb: Bomb) throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("bomb")
      try Data(try bomb.bytes()).write(to: file)
      let result = try run(
        [
          "-c", "ulimit -v 2000000; exec timeout 20 \"$@\"", "sh", Places.executable.path, "info",
          "--image", file.path,
        ], executable: URL(fileURLWithPath: "/bin/sh"))

      if let words = Self.refusals[bomb] {
        #expect(result.status == 2, "\(result.status): \(result.stdout)\(result.stderr)")
        #expect(result.stderr.hasPrefix("Error: \(file.path): "), "\(result.stderr)")
        #expect(words.isEmpty || result.stderr.contains(words), "\(result.stderr)")
      } else {
        #expect([0, 2].contains(result.status), "\(result.status): \(result.stderr)")
      }
      #expect(result.stderr.split(separator: "\n").count <= 1, "\(result.stderr)")
    }
  }

  @Test func `as many scans as an honest encoder makes are read`() throws {
    let picture = try ImageReader().read(Self.scansJPEG(side: 64, scans: 100), name: "scans")
    #expect(picture.pixels.width == 64)
  }

  @Test func `the limit of the environment is that of every command`() throws {
    let path = FormatTests.path("rgb8.png")
    func embed(_ limit: String, _ more: String...) throws -> CommandResult {
      try run(["embed", path] + more, environment: ["CLIP_RSICD_MAX_PIXELS": limit])
    }
    let low = try embed("100")
    #expect(low.status == 2 && low.stderr.contains("more than the limit of 100;"))
    #expect(try embed("100", "--max-pixels", "5000").status == 0)
    #expect(try embed("").status == 0)
    for text in ["0", "-1", "many", "99999999999999999999"] {
      let result = try embed(text)
      #expect(result.status == 2)
      #expect(result.stderr.contains("CLIP_RSICD_MAX_PIXELS is \"\(text)\", expected 1 to"))
    }
  }
}
