import Foundation
import Imaging
import RandomNumbers
import TestSupport
import Testing

/// Rules whose results can be counted out by hand, on pictures in which each pixel tells its place.
@Suite struct RuleTests {
  @Test("quarter turns turn: each of the four is a rotation, none a reflection")
  func quarterTurns() throws {
    let picture = try AugmentationTests.chart(8, 8)
    var settings = Augmentation()
    settings.quarterTurns = true
    // 90° once more: the pixel at (x, y) comes from (y, 7 − x).
    func turned(_ bytes: [UInt8]) -> [UInt8] {
      (0..<64).flatMap { place in
        let (x, y) = (place % 8, place / 8)
        let from = 3 * ((7 - x) * 8 + y)
        return Array(bytes[from..<from + 3])
      }
    }
    var rotations = [picture.bytes]
    for _ in 0..<3 { rotations.append(turned(rotations[rotations.count - 1])) }
    var seen: Set<[UInt8]> = []
    for number in 0..<64 {
      var random = RandomNumbers(9, UInt64(number))
      seen.insert(picture.augmented(settings, side: 8, using: &random).bytes)
    }
    #expect(seen == Set(rotations))
  }

  @Test("a crop's side is a share of the shorter side")
  func cropSide() throws {
    let picture = try AugmentationTests.chart(60, 20)
    var settings = Augmentation()
    settings.crop = 0.5
    for number in 0..<20 {
      var random = RandomNumbers(3, UInt64(number))
      // A window of 10 × 10 in a picture of 10 × 10: nothing is resized.
      let made = picture.augmented(settings, side: 10, using: &random)
      let (left, top) = (Int(made.bytes[0]), Int(made.bytes[1]))
      let last = made.bytes.suffix(3).map { Int($0) }
      #expect(last[0] == left + 9 && last[1] == top + 9)
      #expect((0...50).contains(left) && (0...10).contains(top))
    }
  }

  @Test("colours are weakened as often as strengthened, within the strength")
  func jitter() throws {
    let picture = try Pixels(
      width: 4, height: 4, bytes: [UInt8](repeating: 100, count: 48))
    var settings = Augmentation()
    settings.jitter.brightness = 0.4
    var darker = 0
    for number in 0..<200 {
      var random = RandomNumbers(4, UInt64(number))
      let value = picture.augmented(settings, side: 4, using: &random).bytes[0]
      #expect((59...140).contains(value))
      if value < 100 { darker += 1 }
    }
    #expect((70...130).contains(darker))
  }

  @Test("torchvision's centre crop rounds the half pixel to even, transformers' down")
  func cropStart() throws {
    // 9, 11 and 13 columns, of which 8 are kept: half of 1, 3 and 5.
    for (side, torchvision, transformers) in [(9, 0, 0), (11, 2, 1), (13, 2, 2)] {
      let picture = try AugmentationTests.chart(side, side)
      for (library, wanted) in [
        (ImagePreprocessing.Library.torchvision, torchvision), (.transformers, transformers),
      ] {
        let settings = try ImagePreprocessing(
          resize: nil, crop: .init(width: 8, height: 8), normalization: nil, library: library)
        let values = picture.preprocessed(settings)
        #expect(Int((values[0] * 255).rounded()) == wanted, "\(side), \(library)")
        #expect(Int((values[64] * 255).rounded()) == wanted, "\(side), \(library)")
      }
    }
  }

  @Test("a* and b* count from 0 in ICC's L*a*b*, with a sign in CIE's")
  func lab() {
    let colours = LabColours.ofStandard
    // Middle gray, a red and a blue.
    for (lightness, a, b) in [(128, 0, 0), (120, 60, 40), (90, 20, -70)] as [(Int, Int, Int)] {
      let signed = colours.rgb(
        UInt8(lightness), UInt8(bitPattern: Int8(a)), UInt8(bitPattern: Int8(b)), isICC: false)
      let shifted = colours.rgb(UInt8(lightness), UInt8(a + 128), UInt8(b + 128), isICC: true)
      #expect(signed == shifted)
      if a == 0 { #expect(abs(Int(signed.0) - Int(signed.1)) <= 1) }
      if a == 60 { #expect(signed.0 > signed.1 + 80) }
      if b == -70 { #expect(signed.2 > signed.0 + 80) }
    }
  }

  @Test("\"no data\" is black also where it lies below the stretched values")
  func noDataBelow() throws {
    // Half 900, which is "no data", half 1000 to 1999.
    let words: [UInt16] = (0..<2000).map { $0 % 2 == 0 ? 900 : 1000 + $0 / 2 }
    var samples: [UInt8] = []
    for word in words { samples += [UInt8(word & 255), UInt8(word >> 8)] }
    let file = SceneTIFF(
      width: 50, height: 40, bands: 1, bits: 16, samples: samples,
      fields: [42_113: .text("900")])
    let pixels = try ImageReader().read(file.bytes, name: "x").pixels
    for (place, word) in words.enumerated() {
      let level = pixels.bytes[3 * place]
      if word == 900 { #expect(level == 0) } else { #expect(level >= 60) }
    }
  }

  @Test("a saturated band that is marked as alpha is a band all the same")
  func saturatedBand() throws {
    // Near infrared: 5 % saturated, the rest spread, none 0.
    var samples: [UInt8] = []
    for place in 0..<64 * 64 {
      let infrared = place % 20 == 0 ? 255 : 20 + place % 150
      samples += [UInt8(place % 200), 90, UInt8(place / 64), UInt8(infrared)]
    }
    let file = SceneTIFF(
      width: 64, height: 64, bands: 4, samples: samples,
      fields: SceneTIFF.utm.merging([338: .shorts([2])]) { $1 })
    let read = try ImageReader().read(file.bytes, name: "x")
    for place in 0..<(64 * 64) {
      let (found, wanted) = (read.pixels.bytes[(3 * place)...], samples[(4 * place)...])
      #expect(found.prefix(3).elementsEqual(wanted.prefix(3)))
    }
    #expect(read.notes.contains { $0.contains("marked as alpha") }, "\(read.notes)")
  }
}
