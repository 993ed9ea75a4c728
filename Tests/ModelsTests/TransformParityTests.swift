import Models
import Foundation
import Imaging
import TestSupport
import Testing

/// Resize and crop of torchvision's transforms and of transformers' processor, to the bit:
/// Tests/Fixtures/transforms.
@Suite struct TransformParityTests {
  private struct Drawn: Decodable {
    let size: (width: Int, height: Int)
    let side: Int
    let torchvision: UInt32
    let transformers: UInt32

    init(from decoder: any Decoder) throws {
      var values = try decoder.unkeyedContainer()
      size = (try values.decode(Int.self), try values.decode(Int.self))
      side = try values.decode(Int.self)
      torchvision = try values.decode(UInt32.self)
      transformers = try values.decode(UInt32.self)
    }
  }

  private struct Stored: Decodable {
    let name: String
    let side: Int
    let torchvision: UInt32
    let transformers: UInt32

    init(from decoder: any Decoder) throws {
      var values = try decoder.unkeyedContainer()
      name = try values.decode(String.self)
      side = try values.decode(Int.self)
      torchvision = try values.decode(UInt32.self)
      transformers = try values.decode(UInt32.self)
    }
  }

  private struct Cases: Decodable {
    let drawn: [Drawn]
    let files: [Stored]
  }

  private static let folder = Places.fixtures.appendingPathComponent("transforms")

  private func cases() throws -> Cases {
    try JSONDecoder().decode(
      Cases.self, from: Data(contentsOf: Self.folder.appendingPathComponent("transforms.json")))
  }

  /// CRC-32 of the 8-bit RGB that a model of this picture size is given.
  private func checksum(
    _ pixels: Pixels, _ side: Int, _ library: ImagePreprocessing.Library
  ) throws -> UInt32 {
    let values = pixels.preprocessed(
      try ImagePreprocessing(
        resize: .shortestEdge(side), crop: .init(width: side, height: side), rescaleFactor: nil,
        normalization: nil, library: library))
    var sum: UInt32 = 0xFFFF_FFFF
    for pixel in 0..<side * side {
      for channel in 0..<3 {
        sum ^= UInt32(values[channel * side * side + pixel])
        for _ in 0..<8 { sum = sum >> 1 ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
      }
    }
    return ~sum
  }

  private func drawn(_ width: Int, _ height: Int) throws -> Pixels {
    try Pixels(
      width: width, height: height,
      bytes: (0..<3 * width * height).map { place in
        let (x, y, c) = (place / 3 % width, place / 3 / width, place % 3)
        return UInt8(truncatingIfNeeded: ((x * 7 + y * 13 + c * 29) * (x + 3 * y + 1)) >> 3)
      })
  }

  @Test func `pictures of every shape`() throws {
    let cases = try cases().drawn
    #expect(cases.count > 200)
    for item in cases {
      let pixels = try drawn(item.size.width, item.size.height)
      #expect(
        try checksum(pixels, item.side, .torchvision) == item.torchvision,
        "torchvision, \(item.size) to \(item.side)")
      #expect(
        try checksum(pixels, item.side, .transformers) == item.transformers,
        "transformers, \(item.size) to \(item.side)")
    }
    // The rule matters for a quarter of them.
    let different = cases.filter { $0.torchvision != $0.transformers }
    #expect(different.count > cases.count / 6)
  }

  @Test func `pictures of every mode are resized in their own mode by torchvision`() throws {
    for item in try cases().files {
      let file = Self.folder.appendingPathComponent(item.name).path
      let pixels = try ImageReader().read(file).pixels
      #expect(
        try checksum(pixels, item.side, .torchvision) == item.torchvision,
        "torchvision, \(item.name) to \(item.side)")
      #expect(
        try checksum(pixels, item.side, .transformers) == item.transformers,
        "transformers, \(item.name) to \(item.side)")
    }
  }

  @Test func `a turned picture keeps its alpha`() throws {
    let file = Self.folder.appendingPathComponent("rgba.png").path
    let pixels = try ImageReader().read(file).pixels
    let turned = pixels.oriented(6).oriented(8)
    #expect(
      try checksum(pixels, 24, .torchvision) == checksum(turned, 24, .torchvision))
  }
}
