import RandomNumbers

/// What scenes draw from ``RandomNumbers``, in single precision.
struct SeededGenerator: Sendable {
  private var random: RandomNumbers

  init(_ seed: UInt64) { random = RandomNumbers(seed: seed) }

  mutating func next() -> UInt64 { random.next() }

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

/// Value noise on a lattice, summed over octaves. The lattice repeats after 256 cells, which is more
/// than a picture shows, so that its corners are two tables instead of a hash for each.
struct Noise: Sendable {
  private let values: [Float]
  private let shuffle: [UInt8]

  init(seed: UInt64) {
    var random = SeededGenerator(seed)
    values = (0..<256).map { _ in random.unit() }
    var order = (0...255).map { UInt8($0) }
    for last in stride(from: 255, to: 0, by: -1) {
      order.swapAt(last, random.integer(0...last))
    }
    shuffle = order
  }

  private func corner(_ x: Int, _ y: Int) -> Float {
    values[Int(shuffle[x & 255] &+ UInt8(truncatingIfNeeded: y))]
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

  /// ``fractal(_:_:octaves:)`` at every pixel of a picture of `side` pixels that shows 100 units, with
  /// cells of `width` × `height` units: `side · side` values by rows. What depends on the column
  /// alone is worked out once, and the lattice once a row.
  func plane(
    side: Int, width: Float, height: Float, shift: Float = 0, octaves: Int
  ) -> [Float] {
    var plane = [Float](repeating: 0, count: side * side)
    var total: Float = 0
    for octave in 0..<octaves { total += 1 / Float(1 << octave) }
    var scale: Float = 1
    var cells = [Int](repeating: 0, count: side)
    var eases = [Float](repeating: 0, count: side)
    for octave in 0..<octaves {
      let weight = 1 / Float(1 << octave) / total
      let unit = 100 / Float(side)
      let origin = Int((shift * scale).rounded(.down))
      for column in 0..<side {
        let x = ((Float(column) + 0.5) * unit / width + shift) * scale
        let left = x.rounded(.down)
        let u = x - left
        cells[column] = Int(left) - origin
        eases[column] = u * u * (3 - 2 * u)
      }
      var lattice = [Float](repeating: 0, count: (cells.last ?? 0) + 2)
      for row in 0..<side {
        let y = (Float(row) + 0.5) * unit / height * scale
        let top = y.rounded(.down)
        let v = y - top
        let b = v * v * (3 - 2 * v)
        let j = Int(top)
        for cell in lattice.indices {
          let (upper, lower) = (corner(origin + cell, j), corner(origin + cell, j + 1))
          lattice[cell] = (upper + (lower - upper) * b) * weight
        }
        let start = row * side
        for column in 0..<side {
          let cell = cells[column]
          plane[start + column] +=
            lattice[cell] + (lattice[cell + 1] - lattice[cell]) * eases[column]
        }
      }
      scale *= 2.03
    }
    return plane
  }
}
