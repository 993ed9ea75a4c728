import Foundation
import Imaging
import RandomNumbers
import TestSupport
import Testing

/// JPEG 2000 files that lie: one line each, before anything is allocated for what they claim.
@Suite struct HostileJPEG2000Tests {
  private static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: PlaceTests.folder.appendingPathComponent(name)))
  }

  /// Where the codestream's size marker begins.
  private static func size(of bytes: [UInt8]) throws -> Int {
    let found = bytes.indices.dropLast(4).first {
      bytes[$0...].starts(with: [0xFF, 0x4F, 0xFF, 0x51])
    }
    return try #require(found) + 2
  }

  private static func long(_ value: Int) -> [UInt8] {
    stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  private func refusal(_ bytes: [UInt8]) -> String? {
    do throws(ImageError) {
      _ = try ImageReader().read(bytes, name: "a.jp2")
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func `sizes, tiles and components beyond reason are refused by the header`() throws {
    let whole = try Self.bytes("both.jp2")
    let start = try Self.size(of: whole)
    func changed(_ place: Int, _ value: [UInt8]) -> [UInt8] {
      var bytes = whole
      bytes.replaceSubrange(start + place..<start + place + value.count, with: value)
      return bytes
    }
    for (place, value, words) in [
      (6, Self.long(1 << 30), "its header says"), (10, Self.long(0), "its header says"),
      (6, Self.long(1 << 19), "cannot be read"), (22, Self.long(0), "its header says"),
      (22, Self.long(1) + Self.long(1), "16500 tiles"), (38, [0x40, 0x00], "components"),
      (38, [0, 0], "components"), (6, Self.long(1 << 20) + Self.long(1 << 20), "tiles"),
    ] {
      let said = refusal(changed(place, value))
      #expect(said?.contains(words) == true, "\(place) \(value): \(said ?? "read")")
    }
  }

  @Test func `precincts of one pixel are refused, however small the picture's file`() throws {
    var bytes = try Self.bytes("both.jp2")
    let start = try Self.size(of: bytes)
    // Sides of 32,768 in one tile; then COD's precincts.
    bytes.replaceSubrange(start + 6..<start + 14, with: Self.long(32_768) + Self.long(8192))
    bytes.replaceSubrange(start + 22..<start + 30, with: Self.long(32_768) + Self.long(8192))
    let coding = try #require(
      bytes.indices.dropFirst(start).first { bytes[$0...].starts(with: [0xFF, 0x52]) })
    #expect(bytes[coding + 4] & 1 == 1)
    for place in coding + 14...coding + 14 + Int(bytes[coding + 9]) { bytes[place] = 0 }
    let said = refusal(bytes)
    #expect(said?.contains("code blocks in a tile") == true, "\(said ?? "read")")
  }

  @Test func `a file that is cut anywhere is refused or read, and says why`() throws {
    for name in ["both.jp2", "band16.jp2", "gml.jp2"] {
      let whole = try Self.bytes(name)
      for count in Swift.stride(from: 12, to: whole.count - 40, by: whole.count / 40) {
        let said = refusal(Array(whole[..<count]))
        #expect(said?.contains("a.jp2") == true, "\(name) \(count): \(said ?? "read")")
      }
    }
  }

  @Test func `changed bytes give a picture of the announced size or one line`() throws {
    var random = RandomNumbers(11)
    for name in ["both.jp2", "band16.jp2", "gml-degrees.jp2"] {
      let whole = try Self.bytes(name)
      for _ in 0..<150 {
        var bytes = whole
        for _ in 0..<Int.random(in: 1...8, using: &random) {
          bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(
            in: 0...255, using: &random)
        }
        if let said = refusal(bytes) { #expect(!said.contains("\n")) }
        try withTemporaryFolder { folder in
          let file = folder.appendingPathComponent("a.jp2")
          try Data(bytes).write(to: file)
          if let regions = try? RegionReader(file.path), regions.width < 4096, regions.height < 4096
          {
            _ = try? regions.read(
              PixelRegion(
                x: 0, y: 0, width: min(64, regions.width), height: min(64, regions.height)))
          }
        }
      }
    }
  }
}
