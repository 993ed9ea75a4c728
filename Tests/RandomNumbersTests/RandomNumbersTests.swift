import RandomNumbers
import Testing

@Suite struct RandomNumbersTests {
  /// The first numbers of SplitMix64 with the seed 1234567, as its authors' C code prints them.
  @Test func `the generator is SplitMix64`() {
    var random = RandomNumbers(seed: 1_234_567)
    let found = (0..<5).map { _ in random.next() }
    #expect(
      found == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
        4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
      ])
  }

  @Test func `a chance is the share of draws that come true, and none leaves the stream alone`() {
    var random = RandomNumbers(seed: 1)
    let hits = (0..<10_000).count { _ in random.chance(0.2) }
    #expect((1_850...2_150).contains(hits))
    var same = random
    let none = random.chance(0)
    #expect(!none)
    let (left, right) = (random.next(), same.next())
    #expect(left == right)
    let certain = (0..<100).map { _ in random.chance(1) }
    #expect(!certain.contains(false))
  }

  @Test func `numbers fill their range and stay within it`() {
    var random = RandomNumbers(seed: 2)
    let numbers = (0..<10_000).map { _ in random.number(10...12) }
    #expect(numbers.allSatisfy { (10...12).contains($0) })
    #expect((numbers.min() ?? 0) < 10.01 && (numbers.max() ?? 0) > 11.99)
    let counts = (0..<6_000).reduce(into: [Int](repeating: 0, count: 6)) { counts, _ in
      counts[random.below(6)] += 1
    }
    #expect(counts.allSatisfy { (870...1_130).contains($0) })
    let normals = (0..<5_000).flatMap { _ -> [Double] in
      let (a, b) = random.normals()
      return [a, b]
    }
    let mean = normals.reduce(0, +) / 10_000
    let variance = normals.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 10_000
    #expect(abs(mean) < 0.04 && abs(variance - 1) < 0.06)
  }

  @Test func `every order of three comes as often as any other, and holds each place once`() {
    var random = RandomNumbers(seed: 3)
    var counts: [[Int]: Int] = [:]
    for _ in 0..<6_000 { counts[random.permutation(3), default: 0] += 1 }
    #expect(counts.count == 6 && counts.values.allSatisfy { (850...1_150).contains($0) })
    let order = random.permutation(50)
    #expect(order.sorted() == Array(0..<50) && order != Array(0..<50))
  }

  @Test func `streams of one seed differ`() {
    let firsts = (UInt64(0)..<100).map { stream -> UInt64 in
      var random = RandomNumbers(seed: 5, stream: stream)
      return random.next()
    }
    #expect(Set(firsts).count == 100)
  }
}
