/// One scene on its way: the raster, the dice and the light, with the things that scenes are made of.
struct Painter: Sendable {
  var raster: Raster
  var random: SeededGenerator
  let noise: Noise
  /// Where shadows fall, per unit of height; the light comes from the other side.
  let shadow: Place
  let season: Season
  /// What is in the picture, as far as it can be counted.
  var things: [Thing] = []

  /// - Parameter side: pixels along a side of the picture.
  init(side: Int, seed: UInt64, ground: Tone, isTraced: Bool = false) {
    var random = SeededGenerator(seed)
    raster = Raster(side: side, ground: ground, isTraced: isTraced)
    noise = Noise(seed: random.next())
    shadow = Painter.turned(random.unit()) * random.number(0.4, 0.95)
    season = random.one(of: [.spring, .summer, .summer, .autumn, .dry])
    self.random = random
  }

  enum Season: Sendable { case spring, summer, autumn, dry }

  // MARK: What is there

  /// What is countable in a picture.
  enum Kind: String, Sendable, CaseIterable {
    case plane, car, boat, ship, tank, house, building, train, railway, track, court, pool
    case umbrella, tree, ramp, pier, field, tower, lawn, pond
  }

  struct Thing: Sendable {
    let kind: Kind
    let corners: [Place]
    let middle: Place
    /// Of a circle around it.
    let reach: Float

    init(kind: Kind, corners: [Place]) {
      self.kind = kind
      self.corners = corners
      let middle = corners.reduce(Place(0, 0), +) * (1 / Float(max(1, corners.count)))
      self.middle = middle
      reach = corners.reduce(0) { max($0, ($1 - middle).length) }
    }

    var isInside: Bool { corners.allSatisfy(\.isInside) }

    /// Whether a circle neither touches its outline nor lies in it.
    func isAway(from place: Place, _ radius: Float) -> Bool {
      let far = reach + radius
      let offset = middle - place
      if offset.x * offset.x + offset.y * offset.y > far * far { return true }
      guard var a = corners.last else { return true }
      for b in corners {
        let side = b - a
        let square = max(1e-6, side.x * side.x + side.y * side.y)
        let along = ((place.x - a.x) * side.x + (place.y - a.y) * side.y) / square
        let gap = a + side * max(0, min(1, along)) - place
        if gap.x * gap.x + gap.y * gap.y < radius * radius { return false }
        a = b
      }
      return !Painter.contains(corners, place)
    }

    /// Whether a circle of `margin` around it, for its shadow, is out of the picture.
    func isOutside(margin: Float) -> Bool {
      let far = reach + margin
      return middle.x < -far || middle.y < -far || middle.x > 100 + far || middle.y > 100 + far
    }
  }

  /// Draws a thing that can be counted, whole, inside of `corners`; nothing where that is far outside
  /// of the picture.
  mutating func add(_ kind: Kind, _ corners: [Place], _ draw: (inout Painter) -> Void) {
    let thing = Thing(kind: kind, corners: corners)
    guard !thing.isOutside(margin: 16) else { return }
    things.append(thing)
    let before = raster.owner
    raster.owner = UInt16(truncatingIfNeeded: things.count)
    draw(&self)
    raster.owner = before
  }

  /// How many of a kind are in the picture with all that belongs to them.
  func count(_ kind: Kind) -> Int { things.count { $0.kind == kind && $0.isInside } }

  /// Whether a circle touches nothing that is counted.
  func isFree(_ place: Place, _ radius: Float) -> Bool {
    things.allSatisfy { $0.isAway(from: place, radius) }
  }

  // MARK: Grounds

  func plane(_ width: Float, _ height: Float, shift: Float = 0, octaves: Int) -> [Float] {
    noise.plane(side: raster.side, width: width, height: height, shift: shift, octaves: octaves)
  }

  /// Patches of a second tone and fine grain over everything.
  mutating func ground(_ first: Tone, _ second: Tone, size: Float, fine: Float = 0.05) {
    let patches = plane(size, size, octaves: 4)
    let grains = plane(0.6, 0.6, shift: 90, octaves: 1)
    raster.texture { _, index, _ in
      let share = max(0, min(1, (patches[index] - 0.3) * 2.5))
      return first.mixed(second, share) * (1 + (grains[index] - 0.5) * 2 * fine)
    }
  }

  /// Of grass at this time of the year.
  var lawn: Tone {
    switch season {
    case .spring: Tone(0.32, 0.47, 0.21)
    case .summer: Tone(0.29, 0.40, 0.19)
    case .autumn: Tone(0.42, 0.42, 0.23)
    case .dry: Tone(0.54, 0.50, 0.33)
    }
  }

  mutating func grass() {
    let green = lawn * random.number(0.88, 1.08)
    ground(green, green * random.number(1.14, 1.28), size: random.number(9, 20))
  }

  func water(_ deep: Tone = Tone(0.13, 0.27, 0.33)) -> Paint {
    Paint(tone: deep, plane: plane(3, 9, octaves: 3), contrast: 0.22)
  }

  // MARK: Plants

  mutating func treeTone() -> Tone {
    let light = random.number(0.8, 1.3)
    switch season {
    case .spring: return Tone(0.17, 0.31, 0.11) * light
    case .summer: return Tone(0.13, 0.25, 0.10) * light
    case .autumn:
      return random.one(of: [
        Tone(0.38, 0.27, 0.10), Tone(0.20, 0.27, 0.10), Tone(0.42, 0.33, 0.12),
        Tone(0.16, 0.25, 0.10),
      ]) * light
    case .dry: return Tone(0.22, 0.28, 0.13) * light
    }
  }

  mutating func tree(_ place: Place, _ radius: Float) {
    let tone = treeTone()
    raster.disc(place + shadow * radius * 0.9, radius * 0.95, Tone(0.06, 0.09, 0.06), share: 0.55)
    raster.disc(place, radius, tone)
    raster.disc(place - shadow * radius * 0.35, radius * 0.62, tone * 1.3, share: 0.8)
    raster.disc(place - shadow * radius * 0.6, radius * 0.28, tone * 1.6, share: 0.7)
  }

  /// Trees strewn inside a rectangle, none on what is counted.
  mutating func trees(
    _ count: Int, _ x: ClosedRange<Float>, _ y: ClosedRange<Float>, _ radius: Float
  ) {
    for _ in 0..<count {
      let place = Place(
        random.number(x.lowerBound, x.upperBound), random.number(y.lowerBound, y.upperBound))
      let size = radius * random.number(0.7, 1.3)
      if isFree(place, size) { tree(place, size) }
    }
  }

  mutating func treesAlong(_ a: Place, _ b: Place, spacing: Float, radius: Float) {
    let count = max(1, Int((b - a).length / spacing))
    for index in 0...count {
      let place = a + (b - a) * (Float(index) / Float(count))
      let size = radius * random.number(0.8, 1.2)
      if isFree(place, size) { tree(place, size) }
    }
  }
}
