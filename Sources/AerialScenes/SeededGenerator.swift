/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine.
struct SeededGenerator: Sendable {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// 0 ..< 1
  mutating func unit() -> Float { Float(next() >> 40) / Float(1 << 24) }
  mutating func number(_ low: Float, _ high: Float) -> Float { low + (high - low) * unit() }
  mutating func integer(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next() % UInt64(range.count))
  }
  mutating func chance(_ share: Float) -> Bool { unit() < share }
  mutating func one<Element>(of elements: [Element]) -> Element {
    elements[integer(0...elements.count - 1)]
  }
}

/// Value noise on a lattice, summed over octaves.
struct Noise: Sendable {
  let seed: UInt64

  private func corner(_ x: Int, _ y: Int) -> Float {
    var z = seed &+ UInt64(bitPattern: Int64(x)) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 29)) &+ UInt64(bitPattern: Int64(y)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 32)) &* 0x94D0_49BB_1331_11EB
    return Float((z ^ (z >> 29)) >> 40) / Float(1 << 24)
  }

  /// 0…1, smooth over cells of size 1.
  func value(_ x: Float, _ y: Float) -> Float {
    let (left, top) = (x.rounded(.down), y.rounded(.down))
    let (u, v) = (x - left, y - top)
    let (a, b) = (u * u * (3 - 2 * u), v * v * (3 - 2 * v))
    let (i, j) = (Int(left), Int(top))
    let first = corner(i, j) + (corner(i + 1, j) - corner(i, j)) * a
    let second = corner(i, j + 1) + (corner(i + 1, j + 1) - corner(i, j + 1)) * a
    return first + (second - first) * b
  }

  /// About 0…1: octaves of halving size and weight.
  func fractal(_ x: Float, _ y: Float, octaves: Int) -> Float {
    var (sum, weight, total, scale): (Float, Float, Float, Float) = (0, 1, 0, 1)
    for _ in 0..<octaves {
      sum += weight * value(x * scale, y * scale)
      total += weight
      weight *= 0.5
      scale *= 2.03
    }
    return sum / total
  }
}
