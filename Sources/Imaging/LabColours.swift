import Foundation

/// CIE L*a*b* as TIFF stores it → sRGB, as Pillow converts it with LittleCMS: the white of D50 becomes that
/// of D65 (Bradford). libtiff's own conversion leaves that step out, which turns pictures yellow by up to 49
/// of 255.
package struct LabColours: Sendable {
  package static let ofStandard = LabColours()

  /// 8 bits of sRGB for linear light, 16,385 steps.
  private let gamma: [UInt8]
  private static let steps = 16_384.0

  private init() {
    gamma = (0...Int(Self.steps)).map { step in
      let light = Double(step) / Self.steps
      let value = light <= 0.003_130_8 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055
      return UInt8(max(0, min(255, (value * 255).rounded())))
    }
  }

  /// - Parameter isICC: a* and b* from 0 on, as ICC's profiles have them; else with a sign.
  package func rgb(_ first: UInt8, _ second: UInt8, _ third: UInt8, isICC: Bool) -> (
    UInt8, UInt8, UInt8
  ) {
    func axis(_ byte: UInt8) -> Double {
      isICC ? Double(byte) - 128 : Double(Int8(bitPattern: byte))
    }
    return rgb(lightness: Double(first) / 2.55, axis(second), axis(third))
  }

  func rgb(_ first: UInt16, _ second: UInt16, _ third: UInt16, isICC: Bool) -> (
    UInt8, UInt8, UInt8
  ) {
    func axis(_ word: UInt16) -> Double {
      isICC ? Double(word) / 256 - 128 : Double(Int16(bitPattern: word)) / 256
    }
    return rgb(
      lightness: Double(first) / (isICC ? 652.8 : 655.35), axis(second), axis(third))
  }

  private func rgb(lightness: Double, _ a: Double, _ b: Double) -> (UInt8, UInt8, UInt8) {
    func linear(_ t: Double) -> Double { t > 6.0 / 29 ? t * t * t : (t - 4.0 / 29) * 108 / 841 }
    let middle = (lightness + 16) / 116
    let x = 0.964_22 * linear(middle + a / 500)
    let y = linear(middle)
    let z = 0.825_21 * linear(middle - b / 200)
    func eight(_ light: Double) -> UInt8 {
      gamma[Int((max(0, min(1, light)) * Self.steps).rounded())]
    }
    return (
      eight(3.133_856_1 * x - 1.616_866_7 * y - 0.490_614_6 * z),
      eight(-0.978_768_4 * x + 1.916_141_5 * y + 0.033_454_0 * z),
      eight(0.071_945_3 * x - 0.228_991_4 * y + 1.405_242_7 * z)
    )
  }
}
