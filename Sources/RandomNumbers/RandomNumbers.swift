import Foundation

/// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014): the same
/// numbers on every machine and whichever thread draws them.
package struct RandomNumbers: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// The generator's own seeding.
  package init(seed: UInt64) { state = seed }

  /// A stream of its own for each part of what a seed decides.
  package init(seed: UInt64, stream: UInt64) {
    var mixed = RandomNumbers(seed: seed ^ (stream &* 0xD134_2543_DE82_EF95))
    state = mixed.next()
  }

  /// A stream for every list of words, such as seed, epoch and sample.
  package init(_ words: UInt64...) {
    state = 0x6A09_E667_F3BC_C908
    for word in words { state = Self.mixed(state ^ Self.mixed(word &+ Self.step)) }
  }

  private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

  package mutating func next() -> UInt64 {
    state &+= Self.step
    return Self.mixed(state)
  }

  private static func mixed(_ word: UInt64) -> UInt64 {
    var z = word
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// 0 ..< 1
  package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
  package mutating func number(_ range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * unit()
  }
  /// 0 ..< count; `count` at least 1.
  package mutating func below(_ count: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(max(1, count))).high)
  }
  /// Draws only where the chance is above 0, so that a setting that is off leaves the stream alone.
  package mutating func chance(_ share: Double) -> Bool { share > 0 && unit() < share }

  /// Two standard normal numbers (Box and Muller 1958).
  package mutating func normals() -> (Double, Double) {
    let radius = (-2 * log(1 - unit())).squareRoot()
    let angle = 2 * Double.pi * unit()
    return (radius * cos(angle), radius * sin(angle))
  }

  /// Fisher–Yates: 0 ..< count in a random order.
  package mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) { order.swapAt(last, below(last + 1)) }
    return order
  }
}
