import RandomNumbers
import Foundation
import Imaging
import TestSupport
import Testing

@Suite struct AugmentationTests {
  struct Fixture: Decodable {
    let side: Int
    let picture: [UInt8]
    let cases: [String: [UInt8]]
  }

  static func fixture() throws -> Fixture {
    try JSONDecoder().decode(
      Fixture.self,
      from: Data(
        contentsOf: Places.fixtures.appendingPathComponent("augmentation/expected.json")))
  }

  /// A picture in which every pixel tells where it was.
  static func chart(_ width: Int, _ height: Int) throws -> Pixels {
    try Pixels(
      width: width, height: height,
      bytes: (0..<width * height).flatMap { [UInt8($0 % width), UInt8($0 / width), 128] })
  }

  @Test(
    "colours change as in torchvision",
    arguments: [
      "brightness 1.3", "brightness 0.6", "contrast 1.4", "contrast 0.5", "saturation 1.7",
      "saturation 0.0", "hue 0.1", "hue -0.35",
    ])
  func colours(_ name: String) throws {
    let fixture = try Self.fixture()
    let expected = try #require(fixture.cases[name])
    var picture = try Pixels(
      width: fixture.side, height: fixture.side, bytes: fixture.picture)
    let words = name.split(separator: " ")
    let factor = try #require(Double(words[1]))
    switch words[0] {
    case "brightness": picture.adjustBrightness(factor)
    case "contrast": picture.adjustContrast(factor)
    case "saturation": picture.adjustSaturation(factor)
    default: picture.adjustHue(Float(factor))
    }
    // Both cut off instead of rounding: a difference in the last bit of a float is one level, and hue
    // goes there and back.
    let allowed = words[0] == "hue" ? 2 : 1
    let worst = zip(picture.bytes, expected).map { abs(Int($0) - Int($1)) }.max()
    #expect(try #require(worst) <= allowed)
    let equal = zip(picture.bytes, expected).count { $0 == $1 }
    #expect(equal > expected.count * 98 / 100)
  }

  @Test("the same words give the same picture, others another")
  func deterministic() throws {
    let picture = try Self.chart(60, 50)
    var settings = Augmentation()
    settings.crop = 0.8
    settings.resizedCrop = .init(scale: 0.5...1, ratio: 0.8...1.25)
    settings.jitter.brightness = 0.3
    settings.jitter.hue = 0.1
    settings.quarterTurns = true
    settings.blur = 0.5
    settings.erasing = 0.5
    func made(_ epoch: UInt64) -> Pixels {
      var random = RandomNumbers(1, epoch, 7)
      return picture.augmented(settings, side: 32, using: &random)
    }
    #expect(made(3) == made(3))
    #expect(Set((0..<20).map { made($0).bytes }).count == 20)
    #expect(made(3).width == 32 && made(3).height == 32)
  }

  @Test("without augmentation it is resize and centre crop, whatever the numbers")
  func nothing() throws {
    let picture = try Self.chart(60, 40)
    var random = RandomNumbers(1)
    let made = picture.augmented(Augmentation(), side: 20, using: &random)
    #expect(
      made == picture.resized(width: 30, height: 20).cropped(x: 5, y: 0, width: 20, height: 20))
    #expect(
      try Self.chart(20, 20).augmented(Augmentation(), side: 20, using: &random)
        == Self.chart(20, 20))
  }

  @Test("flips and quarter turns reach all eight orientations, each as often")
  func orientations() throws {
    let picture = try Self.chart(8, 8)
    var settings = Augmentation()
    settings.horizontalFlip = 0.5
    settings.quarterTurns = true
    var counts: [[UInt8]: Int] = [:]
    for number in 0..<800 {
      var random = RandomNumbers(2, UInt64(number))
      counts[picture.augmented(settings, side: 8, using: &random).bytes, default: 0] += 1
    }
    #expect(counts.count == 8)
    #expect(counts.values.allSatisfy { (60...145).contains($0) })
    // Every one of them is a rotation or reflection: its corners are the picture's corners.
    for bytes in counts.keys {
      let corners = [0, 7, 56, 63].map { Int(bytes[3 * $0]) * 8 + Int(bytes[3 * $0 + 1]) }
      #expect(Set(corners) == [0, 7, 56, 63])
    }
  }

  @Test("a crop's scale is that of the area, and one that never fits is the whole")
  func crops() throws {
    var pixels = try Self.chart(100, 100)
    for place in 0..<10_000 { pixels.bytes[3 * place + 2] = 255 }
    var settings = Augmentation()
    settings.resizedCrop = .init(scale: 0.25...0.25)
    var starts: Set<Int> = []
    for number in 0..<50 {
      var random = RandomNumbers(5, UInt64(number))
      let made = pixels.augmented(settings, side: 50, using: &random)
      // A quarter of the area is half the side, so nothing was resized.
      let left = Int(made.bytes[0])
      #expect((0...50).contains(left))
      #expect(Int(made.bytes[3 * 49]) == left + 49)
      starts.insert(left)
    }
    #expect(starts.count > 20)
    settings.resizedCrop = .init(scale: 1.1...1.2)
    var random = RandomNumbers(1)
    #expect(pixels.augmented(settings, side: 100, using: &random) == pixels)
  }

  @Test("normalising gives what the vision tower is given elsewhere")
  func normalized() throws {
    let settings = try ImagePreprocessing(
      resize: .shortestEdge(24), crop: .init(width: 24, height: 24),
      normalization: .init(mean: [0.48, 0.46, 0.41], standardDeviation: [0.27, 0.26, 0.28]))
    let picture = try Self.chart(24, 24)
    var values: [Float] = [1]
    picture.appendNormalized(settings, to: &values)
    #expect(Array(values.dropFirst()) == picture.preprocessed(settings))
  }

  @Test("a strip of pixels is trained on without costing memory")
  func strip() throws {
    let strip = try Pixels(width: 20_000, height: 1, bytes: .init(repeating: 9, count: 60_000))
    let scaled = strip.shortestEdge(64)
    #expect(scaled.height == 64 && scaled.width == 256)
    var random = RandomNumbers(1)
    var settings = Augmentation()
    settings.crop = 0.8
    #expect(strip.augmented(settings, side: 64, using: &random).bytes.count == 3 * 64 * 64)
  }
}
