import CNcurses
import Frame

/// The colour pairs of curses, a limited resource: made when first asked for, and the one longest out
/// of use made anew when all are taken. Within one frame no pair changes its meaning; if even that is
/// not enough, the nearest pair of the frame stands in.
package struct ColorPairs {
  package struct Key: Hashable {
    /// Colour numbers of curses, −1 for the terminal's own.
    package let foreground: Int32
    package let background: Int32

    package init(foreground: Int32, background: Int32) {
      self.foreground = foreground
      self.background = background
    }
  }
  /// Defines a pair: curses in a terminal, a record in a test.
  package typealias Define = (_ pair: Int32, Key) -> Bool

  /// Pairs that there can be, pair 0 included.
  package let limit: Int
  private var pairs: [Key: Int32] = [:]
  /// Key and last frame of use of each pair made; pair 0 is the terminal's own colours.
  private var made: [(key: Key, frame: Int)]
  private var frame = 0
  /// Pairs by their last use, the oldest last, as they were when somebody looked: looking sorts tens
  /// of thousands, so it is done again only when all have been given away or used since.
  private var reusable: [(pair: Int32, frame: Int)] = []
  /// Whether all that this frame uses is marked as used.
  private var isMarked = false
  /// Whether the pair given last has other colours than were asked for, since none was free.
  package private(set) var gaveStandIn = false

  /// - Parameter limit: `COLOR_PAIRS`, pair 0 included.
  package init(limit: Int) {
    self.limit = min(max(1, limit), 65_536)
    let own = Key(foreground: -1, background: -1)
    made = [(own, 0)]
    pairs = [own: 0]
  }

  package mutating func beginFrame() {
    frame += 1
    isMarked = false
  }

  /// - Parameter inUse: all the colours of this frame, none of whose pairs is given away. Asked only
  ///   when all pairs are taken.
  package mutating func pair(for key: Key, inUse: () -> Set<Key>, define: Define) -> Int32 {
    gaveStandIn = false
    if let pair = pairs[key] {
      made[Int(pair)].frame = frame
      return pair
    }
    if made.count < limit {
      let pair = Int32(made.count)
      guard define(pair, key) else { return nearest(to: key) }
      made.append((key, frame))
      pairs[key] = pair
      return pair
    }
    if !isMarked {
      for key in inUse() { if let pair = pairs[key] { made[Int(pair)].frame = frame } }
      isMarked = true
    }
    guard let pair = longestOutOfUse(), define(pair, key) else { return nearest(to: key) }
    pairs[made[Int(pair)].key] = nil
    made[Int(pair)] = (key, frame)
    pairs[key] = pair
    return pair
  }

  private mutating func longestOutOfUse() -> Int32? {
    for isSecondLook in [false, true] {
      while let candidate = reusable.popLast() {
        if made[Int(candidate.pair)].frame == candidate.frame { return candidate.pair }
      }
      if isSecondLook { break }
      reusable = made.indices.dropFirst().filter { made[$0].frame < frame }
        .map { (Int32($0), made[$0].frame) }.sorted { $0.1 > $1.1 }
    }
    return nil
  }

  private mutating func nearest(to key: Key) -> Int32 {
    gaveStandIn = true
    var best: (pair: Int32, distance: Int) = (0, .max)
    for (index, candidate) in made.enumerated() where candidate.frame == frame || index == 0 {
      let distance =
        Self.distance(candidate.key.foreground, key.foreground)
        + Self.distance(candidate.key.background, key.background)
      if distance < best.distance { best = (Int32(index), distance) }
    }
    return best.pair
  }

  private static func distance(_ a: Int32, _ b: Int32) -> Int {
    if a == b { return 0 }
    guard a >= 0, b >= 0 else { return 200_000 }
    return Palette.distance(color(a), color(b))
  }

  /// Red, green and blue of a colour number; numbers above 255 are direct.
  private static func color(_ number: Int32) -> (Int, Int, Int) {
    let n = Int(number)
    if n < 16 { return Palette.named[n] }
    if n > 255 { return (n >> 16 & 255, n >> 8 & 255, n & 255) }
    if n >= 232 { return (8 + 10 * (n - 232), 8 + 10 * (n - 232), 8 + 10 * (n - 232)) }
    let steps = [0, 95, 135, 175, 215, 255]
    return (steps[(n - 16) / 36], steps[(n - 16) / 6 % 6], steps[(n - 16) % 6])
  }
}

extension ColorDepth {
  /// The colour number of curses for a colour, −1 for the terminal's own.
  func number(_ color: Color, colors: Int) -> Int32 {
    switch (color, self) {
    case (.standard, _), (_, .mono): return -1
    case (.named(let n), .direct):
      // A direct terminal keeps numbers below 8 for the named colours and has none for 8…15.
      let named = Palette.named[Int(n & 15)]
      return n & 15 < 8 ? Int32(n & 15) : Int32(named.0 << 16 | named.1 << 8 | named.2)
    case (.named(let n), _): return Int32(Int(n & 15) % max(1, min(16, colors)))
    case (.rgb(let r, let g, let b), .direct):
      // Thirty-two levels, which no eye tells from all in a picture of cells: neighbours then share
      // their pair, and a pair given away costs curses a look at the whole screen.
      func level(_ value: UInt8) -> Int32 { Int32(value & 0xF8 | value >> 5) }
      return max(8, level(r) << 16 | level(g) << 8 | level(b))
    case (.rgb(let r, let g, let b), .colors256): return Int32(Palette.index256(r, g, b))
    case (.rgb(let r, let g, let b), .colors16):
      return Int32(Palette.index16(r, g, b) % max(1, min(16, colors)))
    }
  }
}
