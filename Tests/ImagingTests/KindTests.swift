import Foundation
import Imaging
import TestSupport
import Testing

/// TIFF files of the rarer kinds as GDAL, tifffile and Pillow write them, against what numpy, Pillow and
/// LittleCMS make of them (Tests/Fixtures/kinds).
@Suite struct KindTests {
  private static let folder = Places.fixtures.appendingPathComponent("kinds")
  private static let expected = Result {
    try SafetensorsFixture(contentsOf: folder.appendingPathComponent("expected.safetensors"))
  }
  private static let names = ((try? expected.get().names) ?? []).sorted()

  private func path(_ name: String) -> String {
    Self.folder.appendingPathComponent(name).path
  }

  @Test(arguments: names) func `pixels are those of the reference`(name: String) throws {
    let wanted = try Self.expected.get()
    let shape = try wanted.shape(name)
    var reader = ImageReader()
    if name.hasPrefix("pages") { try reader.conversion.choose(bands: [1, 2, 3]) }
    let found = try reader.read(path(name)).pixels
    let right = try Pixels(width: shape[1], height: shape[0], bytes: wanted.bytes(name))
    // Where values are spread over 16 bits first, and where colours are computed, by rounding.
    let isExact = ["bits", "int16", "mask", "group", "tiff_ccitt", "lerc_8", "pages", "kelvin"]
      .contains { name.hasPrefix($0) }
    #expect(FormatTests.differences(found, right) <= (isExact ? 0 : 1))
  }

  @Test func `there are fixtures of every kind`() { #expect(Self.names.count > 25) }

  @Test(arguments: ["mask_inside_8.tif", "mask_beside_16.tif", "mask_beside_8.tif"])
  func `a mask is told`(name: String) throws {
    let notes = try ImageReader().read(path(name)).notes
    #expect(notes.contains("pixels without data by its mask left out"))
  }

  @Test func `what is not read is called as people call it`() throws {
    for (name, word) in [("jpeg_2000", "JPEG 2000"), ("complex", "complex numbers")] {
      do throws(ImageError) {
        _ = try ImageReader().read(path("refused_\(name).tif"))
        Issue.record("read")
      } catch { #expect(error.description.contains(word)) }
    }
  }

  /// Values that are 0 and nothing else are a picture of one gray.
  @Test func `zeros alone are shown in the middle`() throws {
    let floats = PlainTIFF(width: 4, height: 4, bits: 32, format: 3).bytes
    let pixels = try ImageReader().read(floats, name: "x").pixels
    #expect(Set(pixels.bytes) == [128])
  }

  // MARK: Directories

  @Test func `each page is a band, of thousands of them`() throws {
    let file = PlainTIFF(width: 4, height: 4, pages: 3000).bytes
    let picture = try ImageReader().read(file, name: "x")
    #expect(picture.notes.contains { $0.hasPrefix("page 1 of 3000") })
    var reader = ImageReader()
    try reader.conversion.choose(bands: [3000, 2, 1])
    #expect(try reader.read(file, name: "x").pixels.bytes.count == 48)
    try reader.conversion.choose(bands: [3001, 2, 1])
    #expect(throws: ImageError.self) { try reader.read(file, name: "x") }
  }

  @Test func `directories that lead back end the list`() throws {
    let file = PlainTIFF(width: 4, height: 4, pages: 20, leadsBack: true).bytes
    let notes = try ImageReader().read(file, name: "x").notes
    #expect(notes.contains { $0.hasPrefix("page 1 of 20") })
  }

  /// Of libtiff each directory would be read with all that it names: 4,000 times 4 MB here. It is asked only
  /// for those that are needed, so that this ends at once; the time is the suite's limit.
  @Test(.timeLimit(.minutes(1)))
  func `texts that thousands of directories share are not read`() throws {
    let file = PlainTIFF(width: 4, height: 4, pages: 4000, sharedText: 4 << 20).bytes
    #expect(try ImageReader().read(file, name: "x").pixels.width == 4)
  }

  /// A mask's tiles are bounded as the picture's are, before memory is taken for them.
  @Test func `a mask of enormous tiles is refused`() throws {
    let file = PlainTIFF(width: 64, height: 64, maskTile: 1 << 30).bytes
    #expect(throws: ImageError.self) { try ImageReader().read(file, name: "x") }
  }
}

/// The plainest TIFF that there is, in memory: gray, uncompressed, one strip for all of its pages.
struct PlainTIFF {
  let bytes: [UInt8]

  /// - Parameters:
  ///   - format: TIFF's `SampleFormat`; 3 is floating point.
  ///   - sharedText: bytes of a text that every page names.
  ///   - maskTile: side of the tiles of a mask behind the last page.
  init(
    width: Int, height: Int, bits: Int = 8, format: Int = 1, pages: Int = 1,
    leadsBack: Bool = false, sharedText: Int = 0, maskTile: Int? = nil
  ) {
    let strip = width * height * bits / 8
    var file: [UInt8] = [0x49, 0x49, 42, 0] + Self.long(8 + strip + sharedText)
    file += (0..<strip).map { format == 3 ? 0 : UInt8(truncatingIfNeeded: $0) }
    file += [UInt8](repeating: 0x20, count: sharedText)
    var common: [(tag: Int, type: Int, count: Int, value: Int)] = [
      (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, bits), (259, 3, 1, 1), (262, 3, 1, 1),
      (273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, strip), (339, 3, 1, format),
    ]
    if sharedText > 0 { common.insert((270, 2, sharedText, 8 + strip), at: 5) }
    let first = file.count
    for page in 1...pages {
      let length = 2 + 12 * common.count + 4
      let isLast = page == pages
      let next =
        isLast
        ? (leadsBack ? first : maskTile == nil ? 0 : first + page * length) : first + page * length
      file += Self.directory(common, next: next)
    }
    guard let maskTile else {
      bytes = file
      return
    }
    let mask: [(Int, Int, Int, Int)] = [
      (254, 4, 1, 4), (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 1), (259, 3, 1, 1),
      (262, 3, 1, 4), (277, 3, 1, 1), (322, 4, 1, maskTile), (323, 4, 1, maskTile),
      (324, 4, 1, 8), (325, 4, 1, strip),
    ]
    bytes = file + Self.directory(mask, next: 0)
  }

  private static func long(_ value: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private static func directory(_ entries: [(Int, Int, Int, Int)], next: Int) -> [UInt8] {
    var bytes = Array(long(entries.count).prefix(2))
    for (tag, type, count, value) in entries {
      bytes += long(tag).prefix(2) + long(type).prefix(2) + long(count) + long(value)
    }
    return bytes + long(next)
  }
}
