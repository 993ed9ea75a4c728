import Foundation
import Imaging
import TestSupport
import Testing

/// Pictures of all formats against what Pillow makes of them, and 16-bit ones against numpy's
/// percentiles (Tests/Fixtures/formats).
@Suite struct FormatTests {
  static let folder = Places.fixtures.appendingPathComponent("formats")
  static let expected = Result {
    try SafetensorsFixture(contentsOf: folder.appendingPathComponent("expected.safetensors"))
  }
  static func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  static func wanted(_ name: String) throws -> Pixels {
    let expected = try expected.get()
    let shape = try expected.shape(name)
    return try Pixels(width: shape[1], height: shape[0], bytes: expected.bytes(name))
  }

  static let names = ((try? expected.get().names) ?? []).sorted()
  static let plain = names.filter { !$0.hasPrefix("shown/") }

  /// How far a sample may be off: decoders differ where the packing loses something; Pillow undoes a
  /// multiplied alpha and lays over white in two roundings.
  static func tolerance(_ name: String) -> Int {
    switch name {
    case "lossy.webp", "lossy_alpha.webp", "rgb8_jpeg.tif", "exif_8.jpg": 3
    case "rgba8_weighted.tif": 1
    default: 0
    }
  }

  static func differences(_ found: Pixels, _ wanted: Pixels) -> Int {
    guard found.width == wanted.width, found.height == wanted.height else { return 256 }
    return zip(found.bytes, wanted.bytes).map { abs(Int($0) - Int($1)) }.max() ?? 0
  }

  @Test func `there are fixtures of every kind`() {
    #expect(Self.plain.count > 70)
    for ending in [".png", ".tif", ".webp", ".jpg"] {
      #expect(Self.plain.contains { $0.hasSuffix(ending) })
    }
  }

  @Test(arguments: plain)
  func `pixels are those of the reference`(name: String) throws {
    let picture = try ImageReader().read(Self.path(name))
    let wanted = try Self.wanted(name)
    #expect(Self.differences(picture.pixels, wanted) <= Self.tolerance(name))
    let facts = try ImageReader().facts(of: Self.path(name))
    #expect(facts == picture.facts)
    #expect(facts.bits == 16 ? picture.notes[0].hasPrefix("16 bits a sample: ") : true)
    #expect(
      facts.bits == 16
        || picture.notes.allSatisfy { $0.hasPrefix("band") || $0.hasPrefix("page 1 of ") })
  }

  @Test(arguments: plain)
  func `bytes in memory and a wrong name give the same`(name: String) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Self.path(name))))
    let picture = try ImageReader().read(bytes, name: "photo.jpg")
    #expect(picture == (try ImageReader().read(Self.path(name))))
  }

  @Test(arguments: names.filter { $0.hasPrefix("shown/") })
  func `on a screen the orientation is applied`(name: String) throws {
    let file = String(name.dropFirst(6))
    let picture = try ImageReader().forScreen.read(Self.path(file))
    let wanted = try Self.wanted(name)
    #expect(Self.differences(picture.pixels, wanted) <= Self.tolerance(file))
    #expect((picture.facts.shownWidth, picture.facts.shownHeight) == (wanted.width, wanted.height))
  }

  /// Every kind scales: strips, tiles, planes, interlaced rows, 1 bit, 16 bits.
  @Test(arguments: plain.filter { !$0.hasSuffix(".jpg") && !$0.hasSuffix(".webp") })
  func `a preview is the mean of its cells`(name: String) throws {
    let full = try ImageReader().read(Self.path(name))
    // The pyramid's copies are another picture, on purpose, and "no data" has no mean.
    guard min(full.pixels.width, full.pixels.height) >= 30, name != "pyramid.tif",
      !name.contains("no_data")
    else { return }
    let preview = try ImageReader().read(Self.path(name), detail: .atLeast(9)).pixels
    let scale = 4
    #expect(preview.width == (full.pixels.width + scale - 1) / scale)
    #expect(preview.height == (full.pixels.height + scale - 1) / scale)
    // Means of alpha and colour apart, and of values before they are clipped, come out otherwise.
    let isExact =
      full.facts.bits < 16 && !name.contains("alpha") && !name.contains("rgba")
      && !name.contains("key") && !name.contains("cmyk")
    var worst = 0
    for y in 0..<full.pixels.height / scale {
      for x in 0..<full.pixels.width / scale {
        for channel in 0..<3 {
          var sum = 0
          for row in 0..<scale {
            for column in 0..<scale {
              let place = (y * scale + row) * full.pixels.width + x * scale + column
              sum += Int(full.pixels.bytes[3 * place + channel])
            }
          }
          let found = Int(preview.bytes[3 * (y * preview.width + x) + channel])
          worst = max(worst, abs(found - (sum + 8) / 16))
        }
      }
    }
    #expect(worst <= (isExact ? 1 : 70), "\(worst)")
    // A rough one is made of pixels of the picture.
    let rough = try ImageReader().read(Self.path(name), detail: .rough(9)).pixels
    #expect(rough.width == preview.width && rough.height == preview.height)
  }

  @Test func `a rough preview of a TIFF has the pixel in the middle of each cell`() throws {
    for name in ["rgb8_strips.tif", "rgb8_tiled.tif", "rgb8_planar.tif", "rgb8_deflate_tiled.tif"] {
      let full = try ImageReader().read(Self.path(name)).pixels
      let rough = try ImageReader().read(Self.path(name), detail: .rough(9)).pixels
      for y in 0..<rough.height {
        for x in 0..<rough.width {
          let place =
            min(4 * y + 2, full.height - 1) * full.width + min(4 * x + 2, full.width - 1)
          let from = 3 * (y * rough.width + x)
          #expect(rough.bytes[from..<from + 3] == full.bytes[3 * place..<3 * place + 3])
        }
      }
    }
  }

  @Test func `a preview is made of the smallest copy that is large enough`() throws {
    func centre(_ detail: ImageReader.Detail) throws -> (width: Int, value: UInt8) {
      let pixels = try ImageReader().read(Self.path("pyramid.tif"), detail: detail).pixels
      return (pixels.width, pixels.bytes[0])
    }
    // 360 × 296 and, inverted, 180 × 148 and 90 × 74.
    #expect(try centre(.full) == (360, 0))
    #expect(try centre(.atLeast(200)) == (360, 0))
    #expect(try centre(.atLeast(148)) == (180, 255))
    #expect(try centre(.atLeast(70)) == (90, 255))
    #expect(try centre(.atLeast(20)).width == 30)
  }

  @Test func `bands are chosen by number`() throws {
    var reader = ImageReader()
    try reader.conversion.choose(bands: [3, 2, 1])
    let turned = try reader.read(Self.path("bands5_16.tif"))
    let usual = try ImageReader().read(Self.path("bands5_16.tif"))
    #expect(turned.notes.contains("bands 3, 2, 1 of 5"))
    #expect(usual.notes.contains("bands 1, 2, 3 of 5"))
    for pixel in stride(from: 0, to: usual.pixels.bytes.count, by: 3) {
      #expect(turned.pixels.bytes[pixel] == usual.pixels.bytes[pixel + 2])
    }
    // Also where there are no more than three, in every format: a stack may be blue, green, red.
    for name in ["rgb8_strips.tif", "rgb8.png", "lossless.webp"] {
      let turned = try reader.read(Self.path(name)).pixels
      let usual = try ImageReader().read(Self.path(name)).pixels
      #expect(turned != usual)
      for pixel in stride(from: 0, to: usual.bytes.count, by: 3) {
        #expect(turned.bytes[pixel] == usual.bytes[pixel + 2])
        #expect(turned.bytes[pixel + 1] == usual.bytes[pixel + 1])
      }
    }
    try reader.conversion.choose(bands: [1, 2, 9])
    for name in ["bands5_16.tif", "rgb8.png", "rgb8_planar.tif", "palette8.tif"] {
      #expect(throws: ImageError.self) { try reader.read(Self.path(name)) }
    }
  }

  @Test func `the stretch can be another, of each band, or none`() throws {
    var reader = ImageReader()
    reader.conversion.stretch = nil
    let upper = try reader.read(Self.path("rgb16.png"))
    // 300 … 3300 of 65,535: nearly black.
    #expect((upper.pixels.bytes.max() ?? 255) < 20)
    #expect(upper.notes == ["16 bits a sample: the upper 8 are shown"])
    reader.conversion.stretch = try ImageConversion.stretch("0,100,each")
    let each = try reader.read(Self.path("rgb16.png"))
    for channel in 0..<3 {
      let values = stride(from: channel, to: each.pixels.bytes.count, by: 3)
        .map { each.pixels.bytes[$0] }
      #expect(values.max() == 255 && values.min() == 0)
    }
    #expect(each.notes[0].hasSuffix("(percentiles 0 and 100 of each band)"))
    reader.conversion.stretch = try ImageConversion.stretch("2,98")
    let full = try reader.read(Self.path("rgb16.png"))
    reader.conversion.stretch = try ImageConversion.stretch("natural")
    let natural = try reader.read(Self.path("rgb16.png"))
    // The brightest value that the full stretch does not clip is where the 98th percentile lies.
    let brightest = zip(full.pixels.bytes, natural.pixels.bytes).filter { $0.0 < 255 }.map(\.1)
    #expect(brightest.max().map { (193...195).contains($0) } == true)
    #expect(natural.notes[0].contains(" to 195 (percentiles 2 and 98 of all bands)"))
  }

  @Test func `the natural stretch keeps black at zero, and takes off haze beyond a level of 64`() {
    func natural(_ low: Double, _ high: Double) -> Double {
      let levels = StretchLevels.natural.levels(low: low, high: high)
      #expect(levels.high == 195)
      return levels.low
    }
    #expect(natural(100, 1950) == 10)
    #expect(natural(640, 1950) == 64)
    #expect(natural(1500, 1950) == 64)
    #expect(natural(0, 5) == 0 && natural(-20, -5) == 0 && natural(-1, 1) == 0)
    // What the levels are of: 0 and 255 lie on the same line.
    let black = StretchLevels.natural.bounds(low: 100, high: 1950)
    #expect(abs(black.low) < 1e-9 && abs(black.high - 2550) < 1e-9)
    let full = StretchLevels.full.bounds(low: 100, high: 1950)
    #expect(full.low == 100 && full.high == 1950)
  }

  @Test(arguments: [
    "", "exif-orientation", "bands=4,3,2", "stretch=none", "stretch=1.5,99,each",
    "stretch=2,98", "exif-orientation;bands=3,2,1;stretch=0,100",
  ])
  func `what differs from the default is told and understood again`(identity: String) throws {
    let conversion = try #require(ImageConversion(identity: identity))
    #expect(conversion.identity == identity)
    #expect((conversion == ImageConversion()) == identity.isEmpty)
  }

  @Test(arguments: [
    "bands=1,2", "bands=0,1,2", "bands", "stretch=5", "stretch=9,3", "turned", ";",
    "stretch=nan,3", "bands=1,2,x", "exif-orientation=1",
  ])
  func `no settings are made of other words`(identity: String) {
    #expect(ImageConversion(identity: identity) == nil)
  }

  @Test(
    .needs("data/scenes"),
    arguments: ["bridge_river_2048x2048", "islands_landsat_791x718"])
  func `GeoTIFFs are read`(name: String) throws {
    let path = Places.shared.appendingPathComponent("data/scenes/\(name).tif").path
    let picture = try ImageReader().read(path)
    let size = name.split(separator: "_").last?.split(separator: "x").compactMap { Int($0) }
    #expect([picture.pixels.width, picture.pixels.height] == size)
    #expect(Set(picture.pixels.bytes).count > 200)
    if name.hasPrefix("islands") {
      // Its strips follow each other, and nothing is packed.
      let file = try Data(contentsOf: URL(fileURLWithPath: path))
      #expect(file[3302..<3302 + 3 * 791 * 718].elementsEqual(picture.pixels.bytes))
    }
    let preview = try ImageReader().read(path, detail: .atLeast(100)).pixels
    #expect(min(preview.width, preview.height) >= 100 && preview.width < 150)
    let rough = try ImageReader().read(path, detail: .rough(16)).pixels
    #expect(min(rough.width, rough.height) >= 16)
  }
}
