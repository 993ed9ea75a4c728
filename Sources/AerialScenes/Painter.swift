/// One scene on its way: the raster, the dice and the light, with the things that scenes are made of.
struct Painter: Sendable {
  var raster: Raster
  var random: SeededGenerator
  let noise: Noise
  /// Where shadows fall, per unit of height; the light comes from the other side.
  let shadow: Place
  let season: Season
  /// What is in the picture, as far as it can be counted.
  private(set) var things: [Thing] = []

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
    var isInside: Bool { corners.allSatisfy(\.isInside) }
    var middle: Place {
      corners.reduce(Place(0, 0), +) * (1 / Float(max(1, corners.count)))
    }
    /// Of a circle around it.
    var reach: Float { corners.reduce(0) { max($0, ($1 - middle).length) } }
  }

  /// Draws a thing that can be counted, whole, inside of `corners`.
  mutating func add(_ kind: Kind, _ corners: [Place], _ draw: (inout Painter) -> Void) {
    things.append(Thing(kind: kind, corners: corners))
    let before = raster.owner
    raster.owner = UInt16(truncatingIfNeeded: things.count)
    draw(&self)
    raster.owner = before
  }

  /// How many of a kind are in the picture with all that belongs to them.
  func count(_ kind: Kind) -> Int { things.count { $0.kind == kind && $0.isInside } }

  /// Whether a circle touches nothing that is counted.
  func isFree(_ place: Place, _ radius: Float) -> Bool {
    things.allSatisfy { ($0.middle - place).length > $0.reach + radius }
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

  // MARK: Buildings

  static let roofs: [Tone] = [
    Tone(0.62, 0.36, 0.26), Tone(0.55, 0.30, 0.24), Tone(0.58, 0.56, 0.54), Tone(0.44, 0.43, 0.43),
    Tone(0.72, 0.70, 0.66), Tone(0.50, 0.40, 0.32),
  ]

  /// A shadow of a polygon of some height: swept along the sun.
  mutating func castShadow(_ corners: [Place], height: Float) {
    for step in 1...4 {
      let offset = shadow * (height * Float(step) / 4)
      raster.fill(
        corners.map { $0 + offset }, Tone(0.05, 0.06, 0.08), share: step == 4 ? 0.4 : 0.22)
    }
  }

  /// A house with a ridge: two slopes, one in the light.
  mutating func gabled(
    _ frame: Placement, _ width: Float, _ depth: Float, roof: Tone, height: Float = 2
  ) {
    let (x, y) = (-width / 2, -depth / 2)
    castShadow(frame.rectangle(x, y, width, depth), height: height)
    let lit = frame.along.normal.x * shadow.x + frame.along.normal.y * shadow.y < 0
    raster.fill(frame.rectangle(x, y, width, depth / 2), roof * (lit ? 0.78 : 1.12))
    raster.fill(frame.rectangle(x, 0, width, depth / 2), roof * (lit ? 1.12 : 0.78))
    raster.line([frame.at(x, 0), frame.at(-x, 0)], width: 0.25, roof * 1.35, share: 0.6)
  }

  /// A flat roof with a parapet and things on it.
  mutating func flat(_ frame: Placement, _ width: Float, _ depth: Float, roof: Tone, height: Float)
  {
    let (x, y) = (-width / 2, -depth / 2)
    castShadow(frame.rectangle(x, y, width, depth), height: height)
    raster.fill(frame.rectangle(x, y, width, depth), roof * 1.15)
    let edge = min(0.6, min(width, depth) * 0.1)
    raster.fill(
      frame.rectangle(x + edge, y + edge, width - 2 * edge, depth - 2 * edge), roof)
    for _ in 0..<Int(min(10, width * depth / 14)) {
      let place = (random.number(x + edge, -x - edge - 1), random.number(y + edge, -y - edge - 1))
      raster.fill(
        frame.rectangle(place.0, place.1, random.number(0.5, 1.2), random.number(0.5, 1.2)),
        roof * random.number(0.65, 1.3))
    }
  }

  /// A long hall with ribs across its roof.
  mutating func hall(_ frame: Placement, _ width: Float, _ depth: Float, roof: Tone) {
    flat(frame, width, depth, roof: roof, height: 3)
    for step in 1..<max(2, Int(width / 1.6)) {
      let x = -width / 2 + Float(step) * 1.6
      raster.line(
        [frame.at(x, -depth / 2), frame.at(x, depth / 2)], width: 0.25, roof * 0.8, share: 0.6)
    }
  }

  // MARK: Ways

  static let asphalt = Tone(0.40, 0.40, 0.41)

  mutating func road(_ points: [Place], width: Float, tone: Tone = asphalt, marked: Bool = true) {
    raster.line(points, width: width + 0.8, tone * 1.35)
    raster.line(points, width: width, tone)
    guard marked, width > 2 else { return }
    for index in 1..<max(1, points.count) {
      let (a, b) = (points[index - 1], points[index])
      let count = max(1, Int((b - a).length / 3))
      for dash in 0..<count {
        let start = a + (b - a) * (Float(dash) / Float(count))
        raster.line(
          [start, start + (b - a) * (0.5 / Float(count))], width: 0.3, Tone(0.9, 0.9, 0.85),
          share: 0.9)
      }
    }
  }

  mutating func car(_ place: Place, direction: Place, size: Float = 1) {
    let tones = [
      Tone(0.9, 0.9, 0.9), Tone(0.15, 0.15, 0.17), Tone(0.6, 0.1, 0.1), Tone(0.2, 0.3, 0.55),
      Tone(0.7, 0.7, 0.72), Tone(0.85, 0.85, 0.8),
    ]
    let frame = Placement(place, direction: direction)
    let tone = random.one(of: tones)
    raster.fill(
      Placement(place + shadow * 0.4, direction: direction).rectangle(
        -size, -size * 0.45, 2 * size, 0.9 * size), Tone(0.05, 0.05, 0.06), share: 0.5)
    raster.fill(frame.rectangle(-size, -size * 0.45, 2 * size, size * 0.9), tone)
    raster.fill(
      frame.rectangle(-size * 0.4, -size * 0.38, size * 0.7, size * 0.76), tone * 0.45, share: 0.8)
  }

  mutating func carsAlong(_ a: Place, _ b: Place, lane: Float, count: Int, size: Float = 0.9) {
    guard count > 0 else { return }
    let side = (b - a).unit.normal * lane
    for _ in 0..<count {
      let place = a + (b - a) * random.unit()
      car(place + side * (random.chance(0.5) ? 1 : -1), direction: b - a, size: size)
    }
  }

  /// Rows of parked cars in a frame, facing across.
  mutating func parkingLot(_ frame: Placement, _ width: Float, _ depth: Float, filled: Float) -> Int
  {
    raster.fill(frame.rectangle(0, 0, width, depth), Painter.asphalt * 1.05)
    var cars = 0
    var y: Float = 1.6
    while y < depth - 1 {
      var x: Float = 1
      while x < width - 1 {
        raster.line(
          [frame.at(x - 0.75, y - 1.2), frame.at(x - 0.75, y + 1.2)], width: 0.2,
          Tone(0.85, 0.85, 0.8), share: 0.7)
        if random.chance(filled) {
          car(frame.at(x, y), direction: frame.along.normal, size: 1)
          cars += 1
        }
        x += 1.5
      }
      y += y.truncatingRemainder(dividingBy: 2) < 1 ? 2.7 : 5
    }
    return cars
  }

  // MARK: Things

  mutating func plane(_ place: Place, direction: Place, size: Float) {
    let white = Tone(0.93, 0.94, 0.95)
    for (offset, tone, share) in [
      (shadow * size * 0.35, Tone(0.08, 0.08, 0.1), Float(0.5)), (Place(0, 0), white, 1),
    ] {
      let f = Placement(place + offset, direction: direction)
      func at(_ x: Float, _ y: Float) -> Place { f.at(x * size, y * size) }
      for side in [Float(1), -1] {
        raster.fill(
          [at(0.25, 0), at(-0.25, 0.95 * side), at(-0.42, 0.95 * side), at(-0.15, 0)], tone,
          share: share)
        raster.fill(
          [at(-0.75, 0), at(-0.95, 0.36 * side), at(-1.05, 0.36 * side), at(-0.95, 0)], tone,
          share: share)
        raster.line(
          [at(0.12, 0.36 * side), at(-0.08, 0.36 * side)], width: 0.13 * size, tone * 0.8,
          share: share)
      }
      raster.ellipse(f.origin, size, size * 0.12, direction: direction, share: share, tone)
    }
  }

  mutating func ship(_ place: Place, direction: Place, length: Float, deck: Tone) {
    let width = length * 0.26
    func hull(_ f: Placement) -> [Place] {
      [
        f.at(-length / 2, -width / 2), f.at(length * 0.25, -width / 2), f.at(length / 2, 0),
        f.at(length * 0.25, width / 2), f.at(-length / 2, width / 2),
      ]
    }
    let frame = Placement(place, direction: direction)
    raster.fill(
      hull(Placement(place + shadow * width * 0.4, direction: direction)), Tone(0.03, 0.07, 0.1),
      share: 0.5)
    raster.fill(hull(frame), deck * 0.75)
    raster.fill(
      hull(frame).map { place + ($0 - place) * 0.82 }, deck)
    raster.fill(
      frame.rectangle(-length * 0.42, -width * 0.3, length * 0.2, width * 0.6),
      Tone(0.92, 0.92, 0.9))
  }

  mutating func tank(_ place: Place, _ radius: Float, tone: Tone) {
    for step in 1...5 {
      raster.disc(
        place + shadow * (radius * 0.22 * Float(step)), radius, Tone(0.05, 0.05, 0.07), share: 0.25)
    }
    raster.disc(place, radius, tone * 0.7)
    raster.disc(place - shadow * 0.12 * radius, radius * 0.95, tone)
    raster.ellipse(
      place - shadow * 0.12 * radius, radius * 0.95, radius * 0.95, inner: 0.9, tone * 0.75)
    raster.disc(place - shadow * 0.12 * radius, radius * 0.12, tone * 0.6)
  }

  mutating func pool(_ frame: Placement, _ width: Float, _ depth: Float) {
    raster.fill(
      frame.rectangle(-width / 2 - 0.8, -depth / 2 - 0.8, width + 1.6, depth + 1.6),
      Tone(0.85, 0.82, 0.75))
    raster.fill(frame.rectangle(-width / 2, -depth / 2, width, depth), Tone(0.25, 0.68, 0.78))
  }

  /// A closed outline around a place with a ragged edge.
  mutating func blob(_ center: Place, _ width: Float, _ height: Float, ragged: Float) -> [Place] {
    let shift = random.number(0, 100)
    return (0..<72).map { step in
      let turn = Float(step) / 72
      let direction = Painter.turned(turn)
      let wave = noise.fractal(direction.x * 1.3 + shift, direction.y * 1.3, octaves: 3) - 0.5
      let reach = 1 + wave * 2 * ragged
      return center + Place(direction.x * width * reach, direction.y * height * reach)
    }
  }

  /// A point on the unit circle, `turn` 0…1, by a rational formula: exact on every machine, where
  /// sine and cosine differ between libraries.
  static func turned(_ turn: Float) -> Place {
    let quarter = (turn - turn.rounded(.down)) * 4
    let index = Int(quarter) % 4
    let t = (quarter - Float(Int(quarter))) * 0.83 / (1 - 0.17 * (quarter - Float(Int(quarter))))
    let (c, s) = ((1 - t * t) / (1 + t * t), 2 * t / (1 + t * t))
    return [Place(c, s), Place(-s, c), Place(-c, -s), Place(s, -c)][index]
  }

  mutating func direction() -> Place { Painter.turned(random.unit()) }
}
