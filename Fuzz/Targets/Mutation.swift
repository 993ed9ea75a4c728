import RandomNumbers

/// Changes bytes as fuzzers do, the same way for the same seed (RandomNumbers).
package struct Mutation: RandomNumberGenerator {
  private var random: RandomNumbers
  package init(seed: UInt64) { random = RandomNumbers(seed: seed) }

  package mutating func next() -> UInt64 { random.next() }

  /// One to four changes: a bit, a byte, a number at a bound, a part left out, doubled or moved.
  package mutating func changed(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...4, using: &self) {
      guard !bytes.isEmpty else { return [UInt8.random(in: 0...255, using: &self)] }
      let place = Int.random(in: 0..<bytes.count, using: &self)
      let length = Int.random(in: 1...min(16, bytes.count - place), using: &self)
      let part = bytes[place..<place + length]
      switch Int.random(in: 0..<6, using: &self) {
      case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
      case 1: bytes[place] = UInt8.random(in: 0...255, using: &self)
      case 2: for index in part.indices { bytes[index] = [0, 0x7F, 0x80, 0xFF][length % 4] }
      case 3: bytes.removeSubrange(place..<place + length)
      case 4: bytes.insert(contentsOf: Array(part), at: place)
      default:
        bytes.insert(contentsOf: Array(part), at: Int.random(in: 0...bytes.count, using: &self))
      }
    }
    return bytes
  }
}
