import Foundation
import Imaging
import Scenes
import TestSupport
import Testing

/// Scenes whose tags say what cannot be: one line each, and no memory for what is not there.
@Suite struct HostileSceneTests {
  private static let samples = (0..<48 * 32).map { UInt8($0 % 251 + 1) }

  private func scene<Result>(
    _ fields: [Int: SceneTIFF.Field], _ body: (Scene) throws -> Result
  ) throws -> Result {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a.tif")
      let picture = SceneTIFF(
        width: 48, height: 32, samples: Self.samples,
        fields: SceneTIFF.utm.merging(fields) { $1 })
      try Data(picture.bytes).write(to: file)
      return try body(Scene(file.path))
    }
  }

  @Test func `the plain one is placed, and its place is told`() throws {
    try scene([:]) { scene in
      guard case .found(let place) = scene.place else {
        throw ImageError(name: "a", reason: .empty)
      }
      let corner = try #require(place.position(column: 0, row: 0))
      #expect(abs(corner.longitude - 9) < 1e-9)
      #expect(scene.notes.isEmpty)
    }
  }

  static let places: [(String, [Int: SceneTIFF.Field], String?)] = [
    (
      "a code that does not exist", [34_735: keys(30_999)],
      "reference system is not known: EPSG:30999"
    ),
    ("a code that is none", [34_735: keys(5)], "no reference system of EPSG"),
    ("keys that are cut", [34_735: .shorts([1, 1, 0, 3, 1024, 0])], "no reference system of EPSG"),
    (
      "keys of another version", [34_735: .shorts([7, 1, 0, 1, 3072, 0, 1, 32_632])],
      "no reference system"
    ),
    ("more keys than there are", [34_735: .shorts([1, 1, 0, 60_000, 3072, 0, 1, 32_632])], nil),
    (
      "keys that point beyond their texts", [34_735: .shorts([1, 1, 0, 1, 1026, 34_737, 900, 9])],
      "no reference"
    ),
    (
      "keys whose text ends beyond the texts",
      [34_735: .shorts([1, 1, 0, 1, 1026, 34_737, 9, 2]), 34_737: .text("abcd")], "no reference"
    ),
    ("a scale of NaN", [33_550: .doubles([.nan, 10, 0])], "transformation is no usable one"),
    ("a scale of 0", [33_550: .doubles([0, 0, 0])], "transformation is no usable one"),
    (
      "an infinite tie point", [33_922: .doubles([0, 0, 0, .infinity, 5_000_000, 0])],
      "no usable one"
    ),
    ("a scale of one number", [33_550: .doubles([10])], "no usable one"),
    ("a tie point of two numbers", [33_922: .doubles([0, 0])], "no usable one"),
    (
      "a transformation of NaN", [34_264: .doubles(Array(repeating: .nan, count: 16))],
      "no usable one"
    ),
    (
      "a transformation of zeros", [34_264: .doubles(Array(repeating: 0, count: 16))],
      "no usable one"
    ),
    ("numbers of another type", [33_550: .longs([10, 10, 0])], nil),
  ]

  private static func keys(_ code: UInt16) -> SceneTIFF.Field {
    .shorts([1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, code])
  }

  @Test(arguments: places.indices)
  func `tags that cannot be leave a scene without place, searched all the same`(index: Int) throws {
    let (name, fields, words) = Self.places[index]
    try scene(fields) { scene in
      if let words {
        #expect(scene.notes.contains { $0.contains(words) }, "\(name): \(scene.notes)")
      }
      let pixels = try scene.read(PixelRegion(x: 1, y: 1, width: 8, height: 8)).pixels
      #expect(pixels.bytes[0] == Self.samples[49], "\(name)")
    }
  }

  @Test func `a place beyond the map has no longitude and latitude`() throws {
    try scene([33_922: .doubles([0, 0, 0, 1e300, 1e300, 0])]) { scene in
      guard case .found(let place) = scene.place else { return }
      #expect(place.position(column: 0, row: 0) == nil)
      #expect(place.corners(of: PixelRegion(x: 0, y: 0, width: 4, height: 4)) == nil)
      #expect(place.groundMetres(column: 0, row: 0) == nil)
    }
  }

  static let broken: [(String, [Int: SceneTIFF.Field])] = [
    ("a strip beyond the end", [273: .longs([4_000_000_000])]),
    ("2³¹ rows", [257: .longs([1 << 31])]),
    ("2³¹ columns", [256: .longs([1 << 31])]),
    ("no columns", [256: .longs([0])]),
    (
      "tiles of 2³¹",
      [322: .longs([1 << 31]), 323: .longs([1 << 31]), 324: .longs([8]), 325: .longs([9])]
    ),
    ("tiles of 0", [322: .longs([0]), 323: .longs([0]), 324: .longs([8]), 325: .longs([9])]),
    ("60,000 bands", [277: .shorts([60_000])]),
    ("a packing that does not exist", [259: .shorts([12_345])]),
    ("JPEG 2000 inside", [259: .shorts([34_712])]),
    ("a turn", [274: .shorts([6])]),
  ]

  @Test(.timeLimit(.minutes(1)), arguments: broken.indices)
  func `a picture that cannot be is refused in one line`(index: Int) throws {
    let (name, fields) = Self.broken[index]
    let error = #expect(throws: ImageError.self, "\(name)") {
      try scene(fields) { scene in
        _ = try scene.read(
          PixelRegion(x: 0, y: 0, width: min(48, scene.width), height: min(32, scene.height)))
      }
    }
    #expect(error.map { "\($0)".contains("\n") } == false)
  }

  @Test(arguments: [
    "", "x", "nan", "inf", "-1e999", "300", "-5", String(repeating: "9", count: 5000),
  ])
  func `"no data" in any words costs nothing but itself`(text: String) throws {
    try scene([42_113: .text(text)]) { scene in
      let read = try scene.read(PixelRegion(x: 0, y: 0, width: 48, height: 32))
      #expect(read.pixels.bytes.count == 3 * 48 * 32)
    }
  }

  @Test func `"no data" is told, a mask by a share`() throws {
    try scene([42_113: .text("7")]) { scene in
      let data = try #require(
        try scene.read(PixelRegion(x: 0, y: 0, width: 48, height: 32)).hasData)
      #expect(data.enumerated().allSatisfy { $0.element == (Self.samples[$0.offset] != 7) })
      #expect(data.count { !$0 } == Self.samples.count { $0 == 7 })
    }
  }

  /// Any byte of the tags may be another one.
  @Test(.timeLimit(.minutes(1)))
  func `a thousand scenes with other bytes are read or refused`() throws {
    let picture = SceneTIFF(
      width: 48, height: 32, samples: Self.samples,
      fields: SceneTIFF.utm.merging([42_113: .text("7"), 306: .text("2021:06:02 10:30:00")]) { $1 })
    var state: UInt64 = 1
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    try withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("a.tif").path
      let start = 8 + Self.samples.count
      for _ in 0..<1000 {
        var bytes = picture.bytes
        for _ in 0...next(3) { bytes[start + next(bytes.count - start)] = UInt8(next(256)) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        do {
          let scene = try Scene(path)
          let region = PixelRegion(
            x: 0, y: 0, width: min(64, scene.width), height: min(64, scene.height))
          let read = try scene.read(region)
          #expect(read.pixels.bytes.count == 3 * region.width * region.height)
          if case .found(let place) = scene.place { _ = place.corners(of: region) }
        } catch is ImageError {}
      }
    }
  }
}
