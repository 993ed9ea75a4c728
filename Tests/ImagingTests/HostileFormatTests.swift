import RandomNumbers
import Foundation
import Imaging
import TestSupport
import Testing

/// PNG, TIFF and WebP files that lie.
@Suite struct HostileFormatTests {
  private static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: FormatTests.path(name))))
  }

  private func reason(_ file: [UInt8], _ detail: ImageReader.Detail = .full) -> ImageError.Reason? {
    do throws(ImageError) {
      _ = try ImageReader().read(file, name: "x", detail: detail)
      return nil
    } catch { return error.reason }
  }

  /// What an error says, for the errors whose words are made on the way.
  private func words(_ file: [UInt8]) -> String {
    reason(file).map { ImageError(name: "x", reason: $0).description } ?? "no error"
  }

  // MARK: Headers

  /// A PNG whose header says another size, with the right checksum.
  private static func png(_ name: String, width: UInt32, height: UInt32) throws -> [UInt8] {
    var file = try bytes(name)
    for (place, value) in [(16, width), (20, height)] {
      for index in 0..<4 {
        file[place + index] = UInt8(truncatingIfNeeded: value >> (24 - 8 * index))
      }
    }
    let sum = crc32(file[12..<29])
    for index in 0..<4 { file[29 + index] = UInt8(truncatingIfNeeded: sum >> (24 - 8 * index)) }
    return file
  }

  private static func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var sum: UInt32 = ~0
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
    }
    return ~sum
  }

  /// A little-endian TIFF with another number in some of its tags.
  private static func tiff(_ name: String, _ changes: [UInt16: UInt32]) throws -> [UInt8] {
    var file = try bytes(name)
    func short(_ place: Int) -> Int { Int(file[place]) | Int(file[place + 1]) << 8 }
    let start = short(4) | short(6) << 16
    for entry in 0..<short(start) {
      let place = start + 2 + 12 * entry
      guard let value = changes[UInt16(short(place))] else { continue }
      // As a LONG, of which there is one.
      let number: [UInt8] =
        [4, 0, 1, 0, 0, 0] + (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      file.replaceSubrange(place + 2..<place + 12, with: number)
    }
    return file
  }

  private func isTooShort(_ reason: ImageError.Reason?) -> Bool {
    if case .tooShort = reason { true } else { false }
  }

  @Test func `a size beyond the limit is refused before anything is read`() throws {
    let limit = ImageReader.defaultPixelLimit
    #expect(
      reason(try Self.png("rgb8.png", width: 50_000, height: 50_000))
        == .tooLarge(width: 50_000, height: 50_000, limit: 16 * limit))
    // What could be read reduced has to be there.
    #expect(isTooShort(reason(try Self.png("rgb8.png", width: 30_000, height: 30_000))))
    #expect(
      reason(try Self.png("rgb8_interlaced.png", width: 30_000, height: 30_000), .atLeast(64))
        == .tooLarge(width: 30_000, height: 30_000, limit: limit))
    #expect(
      reason(try Self.png("rgb8.png", width: 0x7FFF_FFFF, height: 0x7FFF_FFFF), .atLeast(64))
        == .tooLarge(width: 0x7FFF_FFFF, height: 0x7FFF_FFFF, limit: 16 * limit))
    #expect(
      reason(try Self.tiff("rgb8_lzw.tif", [256: 60_000, 257: 60_000, 278: 60_000]))
        == .tooLarge(width: 60_000, height: 60_000, limit: 16 * limit))
    // VP8X: 24 bits each, less one.
    var webp = try Self.bytes("lossy_alpha.webp")
    #expect(webp[12..<16].elementsEqual("VP8X".utf8))
    for place in [24, 27] { webp.replaceSubrange(place..<place + 3, with: [0xFF, 0x3F, 0]) }
    #expect(
      [.tooLarge(width: 16_384, height: 16_384, limit: limit), nil].contains(reason(webp))
        || words(webp).contains("damaged"))
  }

  @Test func `a file too short for what it announces is refused before memory is taken`() throws {
    let png = try Self.png("rgb8.png", width: 9_000, height: 9_000)
    #expect(reason(png) == .tooShort(bytes: png.count, width: 9_000, height: 9_000))
    for name in ["rgb8_lzw.tif", "rgb8_deflate.tif", "rgb8_packbits.tif", "rgb8_one_strip.tif"] {
      let tiff = try Self.tiff(name, [256: 9_000, 257: 9_000, 278: 9_000])
      #expect(
        reason(tiff) == .tooShort(bytes: tiff.count, width: 9_000, height: 9_000), "\(name)")
    }
  }

  @Test func `no columns or no rows is no picture`() throws {
    for (width, height) in [(0, 5), (5, 0), (0, 0)] as [(UInt32, UInt32)] {
      #expect(
        words(try Self.png("gray8.png", width: width, height: height)).contains(
          "\(width) × \(height)"))
      let tiff = try Self.tiff("gray8.tif", [256: width, 257: height])
      #expect(reason(tiff) != nil)
    }
    for name in ["lossy.webp", "lossless.webp"] {
      var file = try Self.bytes(name)
      for place in 20..<min(31, file.count) { file[place] = 0 }
      #expect(reason(file) != nil)
    }
  }

  @Test func `numbers in a TIFF's directory cannot make it take memory or divide by nothing`()
    throws
  {
    let tags: [UInt16] = [
      256, 257, 258, 259, 262, 273, 277, 278, 279, 284, 317, 322, 323, 324, 325, 338, 339,
    ]
    let values: [UInt32] = [0, 1, 2, 3, 7, 0xFF, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF]
    for name in [
      "rgb8_tiled.tif", "rgb16_planar_tiled.tif", "rgb8_strips.tif", "rgb8_lzw.tif", "palette8.tif",
      "rgb8_jpeg.tif",
    ] {
      for tag in tags {
        for value in values {
          let file = try Self.tiff(name, [tag: value])
          for detail in [ImageReader.Detail.full, .atLeast(9), .rough(9)] {
            _ = reason(file, detail)
          }
        }
      }
    }
  }

  @Test func `another kind of file is called by its name`() {
    let kinds: [(String, String)] = [
      ("GIF89a", "a GIF"), ("BM6666", "a BMP"), ("%PDF-1.7", "a PDF"),
      ("{\"a\": 1}", "a JSON text"),
      ("<html>", "an XML or HTML text"), ("\u{0}\u{0}\u{0}\u{18}ftypavif", "an AVIF picture"),
      ("RIFF....WAVE", "a RIFF file"), ("hello", "a file that starts with \"hello\""),
    ]
    for (start, found) in kinds {
      #expect(reason(Array((start + "").utf8)) == .unknownFormat(found: found))
    }
    #expect(
      reason([1, 2, 3]) == .unknownFormat(found: "a file that starts with the bytes 01 02 03"))
    #expect(reason([]) == .empty)
    #expect(reason([0x89, 0x50]) == .truncated)
    #expect(reason(Array("RIFF....".utf8)) == .truncated)
  }

  // MARK: Contents

  @Test func `texts and profiles that unfold to megabytes are not unfolded`() throws {
    let plain = try ImageReader().read(FormatTests.path("rgb8.png")).pixels
    for name in ["hostile_ztxt.png", "hostile_iccp.png"] {
      #expect(try ImageReader().read(FormatTests.path(name)).pixels == plain)
    }
    for name in ["hostile_palette.png", "hostile_no_palette.png"] {
      #expect(words(try Self.bytes(name)).contains("the PNG is damaged"), "\(name)")
    }
  }

  @Test func `directories in a circle end`() throws {
    let plain = try ImageReader().read(FormatTests.path("rgb8_strips.tif")).pixels
    #expect(try ImageReader().read(FormatTests.path("hostile_cycle.tif")).pixels == plain)
    #expect(reason(try Self.bytes("hostile_cycle.tif"), .atLeast(9)) == nil)
  }

  @Test func `what is not read is refused with a line that says what to do`() throws {
    #expect(
      words(try Self.bytes("hostile_animation.webp"))
        == "x: an animated WebP; a still picture was expected; save one of its frames by itself")
    #expect(words(try Self.tiff("rgb8_strips.tif", [259: 34712])).contains("JPEG 2000"))
    #expect(words(try Self.tiff("rgb8_strips.tif", [259: 6])).contains("JPEG in TIFF's old form"))
    #expect(words(try Self.tiff("rgb8_strips.tif", [262: 32803])).contains("CFA"))
    #expect(words(try Self.tiff("rgb16_signed_no_data.tif", [339: 5])).contains("complex numbers"))
  }

  @Test(arguments: FormatTests.plain.filter { !$0.hasSuffix(".jpg") })
  func `a file that ends anywhere is an error or a picture`(name: String) throws {
    let file = try Self.bytes(name)
    for count in stride(from: 0, to: file.count, by: max(1, file.count / 60)) {
      for detail in [ImageReader.Detail.full, .rough(9)] {
        _ = reason(Array(file.prefix(count)), detail)
      }
    }
    // Without its second half none is a picture: the half is told from damage.
    let half = reason(Array(file.prefix(file.count / 2)))
    #expect(half != nil)
    // The directory of a TIFF may be what is missing, and then nothing tells why.
    let isEnd = name.hasPrefix("pyramid") || name.hasPrefix("pages") || !name.hasSuffix(".tif")
    if isEnd, !name.hasPrefix("pages") { #expect(half == .truncated, "\(name)") }
  }

  @Test func `damaged files give a picture or an error`() throws {
    var generator = RandomNumbers(seed: 11)
    var reader = ImageReader()
    reader.pixelLimit = 1_000_000
    let files = try FormatTests.plain.map(Self.bytes)
    for round in 0..<4_000 {
      var file = files[round % files.count]
      for _ in 0..<Int.random(in: 1...10, using: &generator) {
        file[Int.random(in: 0..<file.count, using: &generator)] = .random(
          in: 0...255, using: &generator)
      }
      let detail = [ImageReader.Detail.full, .atLeast(9), .rough(9)][round % 3]
      if let picture = try? reader.read(file, name: "damaged", detail: detail).pixels {
        #expect(picture.bytes.count == 3 * picture.width * picture.height)
        #expect(picture.width * picture.height <= 1_000_000)
      }
    }
  }

  @Test(arguments: ["rgb8.png", "rgb8_strips.tif", "rgb8_tiled.tif"])
  func `who wants it no more can say so`(name: String) {
    #expect(throws: ImageError(name: FormatTests.path(name), reason: .cancelled)) {
      try ImageReader().read(FormatTests.path(name)) { true }
    }
  }

  @Test func `nothing is printed but the error`() throws {
    try withTemporaryFolder { folder in
      let tiff = folder.appendingPathComponent("cut.tif")
      try Data(Self.bytes("rgb8_lzw.tif").prefix(900)).write(to: tiff)
      let damaged = folder.appendingPathComponent("damaged.png")
      var file = try Self.bytes("rgb8.png")
      file[60] ^= 0x55
      try Data(file).write(to: damaged)
      for path in [tiff.path, damaged.path, FormatTests.path("hostile_animation.webp")] {
        let result = try run(["info", "--image", path])
        #expect(result.status == 2)
        #expect(result.stdout.isEmpty)
        #expect(result.stderr.hasPrefix("Error: \(path): "))
        #expect(result.stderr.split(separator: "\n").count == 1)
      }
    }
  }
}
