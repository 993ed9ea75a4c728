import Foundation
import Imaging
import TestSupport
import Testing

/// Against what Pillow and `CLIPImageProcessor` make of the same files
/// (expected.safetensors; its README states the tolerances).
@Suite struct PillowParityTests {
  /// All pictures where the shared data is, else the few that are in the checkout.
  static let folder =
    FileManager.default.fileExists(
      atPath: Places.shared.appendingPathComponent("fixtures/images").path)
    ? Places.shared.appendingPathComponent("fixtures/images")
    : Places.fixtures.appendingPathComponent("images")
  static let expected = Result {
    try SafetensorsFixture(contentsOf: folder.appendingPathComponent("expected.safetensors"))
  }
  let expected: SafetensorsFixture

  init() throws { expected = try Self.expected.get() }

  /// The pictures of which there is a tensor of this kind (`rgb`, `resized`, `pixel_values`).
  static func pictures(_ kind: String) -> [String] {
    let names = (try? expected.get().names) ?? []
    return names.filter { $0.hasPrefix(kind + "/") }.map { String($0.dropFirst(kind.count + 1)) }
  }

  func rgb(_ name: String) throws -> Pixels {
    let shape = try expected.shape("rgb/\(name)")
    return try Pixels(width: shape[1], height: shape[0], bytes: expected.bytes("rgb/\(name)"))
  }

  static func openAI(side: Int) throws -> ImagePreprocessing {
    try ImagePreprocessing(
      resize: .shortestEdge(side), crop: .init(width: side, height: side), rescaleFactor: 1 / 255,
      normalization: .init(
        mean: [0.48145466, 0.4578275, 0.40821073],
        standardDeviation: [0.26862954, 0.26130258, 0.27577711]))
  }

  @Test(arguments: pictures("resized").filter(pictures("rgb").contains))
  func `resize gives Pillow's samples`(name: String) throws {
    let shape = try expected.shape("resized/\(name)")
    let resized = try rgb(name).resized(width: shape[1], height: shape[0])
    let levels = zip(resized.bytes, try expected.bytes("resized/\(name)"))
      .map { abs(Int($0) - Int($1)) }
    #expect(levels.count == 3 * shape[0] * shape[1])
    // The README allows one level; Pillow's arithmetic is followed to the bit, so none is needed.
    #expect(levels.max() == 0, "\(levels.count { $0 > 0 }) of \(levels.count) samples differ")
  }

  @Test(arguments: pictures("pixel_values").filter(pictures("rgb").contains))
  func `preprocessing gives CLIPImageProcessor's values`(
    name: String
  ) throws {
    let values = try rgb(name).preprocessed(Self.openAI(side: 128))
    let wanted = try expected.floats("pixel_values/\(name)")
    #expect(values.count == wanted.count)
    // 0.02: one level is 1 / 255 / 0.26.
    #expect((zip(values, wanted).map { abs($0 - $1) }.max() ?? 1) < 0.02)
  }

  @Test(arguments: pictures("rgb"))
  func `decoding agrees with Pillow's`(name: String) throws {
    let path = Self.folder.appendingPathComponent(name).path
    let decoded = try ImageReader().read(path).pixels
    let wanted = try rgb(name)
    #expect(decoded.width == wanted.width && decoded.height == wanted.height)
    let facts = try ImageReader().facts(of: path)
    #expect((facts.width, facts.height) == (wanted.width, wanted.height))
    let off = zip(decoded.bytes, wanted.bytes).count { abs(Int($0) - Int($1)) > 3 }
    #expect(off * 1000 <= wanted.bytes.count, "\(off) of \(wanted.bytes.count) samples")
  }

  @Test(arguments: pictures("pixel_values"))
  func `from file to pixel values within decoding's tolerance`(name: String) throws {
    let path = Self.folder.appendingPathComponent(name).path
    let values = try ImageReader().read(path).pixels.preprocessed(Self.openAI(side: 128))
    let wanted = try expected.floats("pixel_values/\(name)")
    #expect(values.count == wanted.count)
    // Three levels of decoding, 3 / 255 / 0.26, at 99.9 % of the samples.
    let off = zip(values, wanted).count { abs($0 - $1) > 0.046 }
    #expect(off * 1000 <= wanted.count, "\(off) of \(wanted.count) values")
  }

  @Test(arguments: [
    ("empty.jpg", ImageError.Reason.empty),
    ("text_named.jpg", .unknownFormat(found: "a file that starts with \"this is \"")),
    ("truncated.jpg", .truncated),
    (
      "header_30000x30000.jpg",
      .tooShort(bytes: 26_685, width: 30000, height: 30000)
    ),
  ])
  func `a bad file has its own error`(name: String, reason: ImageError.Reason) throws {
    let path = Self.folder.appendingPathComponent(name).path
    #expect(throws: ImageError(name: path, reason: reason)) {
      try ImageReader().read(path).pixels
    }
  }
}
