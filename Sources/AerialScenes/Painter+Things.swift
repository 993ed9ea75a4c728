/// The things that scenes are made of. What can be counted is added to the painter's list.
extension Painter {
  // MARK: Buildings

  static let roofs: [Tone] = [
    Tone(0.62, 0.36, 0.26), Tone(0.55, 0.30, 0.24), Tone(0.58, 0.56, 0.54), Tone(0.44, 0.43, 0.43),
    Tone(0.72, 0.70, 0.66), Tone(0.50, 0.40, 0.32),
  ]
  static let white = Tone(0.94, 0.95, 0.94)
  static let dark = Tone(0.05, 0.06, 0.08)

  mutating func roof() -> Tone { random.one(of: Painter.roofs) }

  /// A shadow of a polygon of some height: swept along the sun.
  mutating func castShadow(_ corners: [Place], height: Float) {
    let owner = raster.owner
    raster.owner = 0
    for step in 1...4 {
      let offset = shadow * (height * Float(step) / 4)
      raster.fill(corners.map { $0 + offset }, Painter.dark, share: step == 4 ? 0.4 : 0.22)
    }
    raster.owner = owner
  }

  /// A house with a ridge: two slopes, one in the light.
  mutating func gabled(
    _ frame: Placement, _ width: Float, _ depth: Float, roof: Tone, height: Float = 2,
    kind: Kind = .house
  ) {
    add(kind, frame.centered(width, depth)) { painter in
      painter.castShadow(frame.centered(width, depth), height: height)
      painter.slopes(frame, width, depth, roof: roof)
    }
  }

  /// The two slopes alone, for a part of a building.
  mutating func slopes(_ frame: Placement, _ width: Float, _ depth: Float, roof: Tone) {
    let x = -width / 2
    let lit = frame.along.normal.x * shadow.x + frame.along.normal.y * shadow.y < 0
    raster.fill(frame.rectangle(x, -depth / 2, width, depth / 2), roof * (lit ? 0.78 : 1.12))
    raster.fill(frame.rectangle(x, 0, width, depth / 2), roof * (lit ? 1.12 : 0.78))
    raster.line([frame.at(x, 0), frame.at(-x, 0)], width: 0.25, roof * 1.35, share: 0.6)
  }

  /// A flat roof with a parapet and things on it.
  mutating func flat(
    _ frame: Placement, _ width: Float, _ depth: Float, roof: Tone, height: Float,
    kind: Kind = .building
  ) {
    add(kind, frame.centered(width, depth)) { painter in
      painter.castShadow(frame.centered(width, depth), height: height)
      painter.flatRoof(frame, width, depth, roof: roof)
    }
  }

  private mutating func flatRoof(
    _ frame: Placement, _ width: Float, _ depth: Float, roof: Tone
  ) {
    let edge = min(0.6, min(width, depth) * 0.1)
    raster.fill(frame.centered(width, depth), roof * 1.15)
    raster.fill(frame.centered(width - 2 * edge, depth - 2 * edge), roof)
    let (x, y) = (width / 2 - edge - 1, depth / 2 - edge - 1)
    guard x > 0, y > 0 else { return }
    for _ in 0..<Int(min(10, width * depth / 14)) {
      let place = (random.number(-x, x), random.number(-y, y))
      raster.fill(
        frame.rectangle(place.0, place.1, random.number(0.5, 1.2), random.number(0.5, 1.2)),
        roof * random.number(0.65, 1.3))
    }
  }

  /// A long hall with ribs across its roof.
  mutating func hall(
    _ frame: Placement, _ width: Float, _ depth: Float, roof: Tone, kind: Kind = .building
  ) {
    add(kind, frame.centered(width, depth)) { painter in
      painter.castShadow(frame.centered(width, depth), height: 3)
      painter.flatRoof(frame, width, depth, roof: roof)
      for step in 1..<max(2, Int(width / 1.6)) {
        let x = -width / 2 + Float(step) * 1.6
        painter.raster.line(
          [frame.at(x, -depth / 2), frame.at(x, depth / 2)], width: 0.25, roof * 0.8, share: 0.6)
      }
    }
  }

  // MARK: Ways

  static let asphalt = Tone(0.40, 0.40, 0.41)
  static let gravel = Tone(0.66, 0.63, 0.57)

  /// A curve through points (Catmull and Rom 1974), that ends at the first and the last.
  static func smooth(_ points: [Place], steps: Int = 10) -> [Place] {
    guard points.count > 2, let last = points.last else { return points }
    var curve: [Place] = []
    for index in 0..<points.count - 1 {
      let (b, c) = (points[index], points[index + 1])
      let a = index > 0 ? points[index - 1] : b
      let d = index + 2 < points.count ? points[index + 2] : c
      for step in 0..<steps {
        let t = Float(step) / Float(steps)
        let (linear, square, cube) = (c - a, a * 2 - b * 5 + c * 4 - d, b * 3 - a - c * 3 + d)
        curve.append(b + (linear * t + square * (t * t) + cube * (t * t * t)) * 0.5)
      }
    }
    return curve + [last]
  }

  mutating func road(
    _ points: [Place], width: Float, tone: Tone = asphalt, marked: Bool = true
  ) {
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

  static let cars = [
    Tone(0.9, 0.9, 0.9), Tone(0.15, 0.15, 0.17), Tone(0.6, 0.1, 0.1), Tone(0.2, 0.3, 0.55),
    Tone(0.7, 0.7, 0.72), Tone(0.85, 0.85, 0.8),
  ]

  mutating func car(_ place: Place, direction: Place, size: Float = 1) {
    let frame = Placement(place, direction: direction)
    add(.car, frame.centered(2 * size, 0.9 * size)) { painter in
      let tone = painter.random.one(of: Painter.cars)
      painter.castShadow(frame.centered(2 * size, 0.9 * size), height: 0.5 * size)
      painter.raster.fill(frame.centered(2 * size, 0.9 * size), tone)
      painter.raster.fill(
        frame.rectangle(-size * 0.4, -size * 0.38, size * 0.7, size * 0.76), tone * 0.45,
        share: 0.8)
    }
  }

  mutating func carsAlong(_ a: Place, _ b: Place, lane: Float, count: Int, size: Float = 0.9) {
    guard count > 0 else { return }
    let side = (b - a).unit.normal * lane
    for _ in 0..<count {
      let place = a + (b - a) * random.unit() + side * (random.chance(0.5) ? 1 : -1)
      if isFree(place, size * 1.15) { car(place, direction: b - a, size: size) }
    }
  }

  /// Rows of parked cars in a frame, facing across, two rows to an aisle; one unit of `size` is half
  /// the length of a car.
  mutating func parkingLot(
    _ frame: Placement, _ width: Float, _ depth: Float, filled: Float, size: Float = 1,
    tone: Tone = asphalt
  ) {
    raster.fill(frame.rectangle(0, 0, width, depth), tone * 1.05)
    var (y, row) = (1.5 * size, 0)
    while y < depth - 1.3 * size {
      var x = 1.1 * size
      while x < width - 0.6 * size {
        raster.line(
          [frame.at(x - 0.8 * size, y - 1.2 * size), frame.at(x - 0.8 * size, y + 1.2 * size)],
          width: 0.16 * size, Painter.white, share: 0.7)
        if random.chance(filled) {
          car(frame.at(x, y), direction: frame.along.normal, size: size)
        }
        x += 1.6 * size
      }
      y += (row % 2 == 0 ? 5.2 : 2.6) * size
      row += 1
    }
  }

  // MARK: Vehicles

  mutating func plane(_ place: Place, direction: Place, size: Float) {
    let frame = Placement(place, direction: direction)
    let corners = [
      frame.at(size, 0), frame.at(-0.42 * size, 0.95 * size), frame.at(-1.05 * size, 0.36 * size),
      frame.at(-1.05 * size, -0.36 * size), frame.at(-0.42 * size, -0.95 * size),
    ]
    add(.plane, corners) { painter in
      let owner = painter.raster.owner
      painter.raster.owner = 0
      painter.planeShape(place + painter.shadow * size * 0.3, direction, size, Painter.dark, 0.5)
      painter.raster.owner = owner
      painter.planeShape(place, direction, size, Tone(0.93, 0.94, 0.95), 1)
    }
  }

  private mutating func planeShape(
    _ place: Place, _ direction: Place, _ size: Float, _ tone: Tone, _ share: Float
  ) {
    let f = Placement(place, direction: direction)
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

  mutating func ship(
    _ place: Place, direction: Place, length: Float, deck: Tone, kind: Kind = .ship
  ) {
    let width = length * 0.26
    let frame = Placement(place, direction: direction)
    let hull = [
      frame.at(-length / 2, -width / 2), frame.at(length * 0.25, -width / 2),
      frame.at(length / 2, 0), frame.at(length * 0.25, width / 2),
      frame.at(-length / 2, width / 2),
    ]
    add(kind, hull) { painter in
      painter.castShadow(hull, height: width * 0.5)
      painter.raster.fill(hull, deck * 0.75)
      painter.raster.fill(hull.map { place + ($0 - place) * 0.82 }, deck)
      painter.raster.fill(
        frame.rectangle(-length * 0.42, -width * 0.3, length * 0.2, width * 0.6), Painter.white)
    }
  }

  mutating func boat(_ place: Place, direction: Place, length: Float) {
    let deck = random.one(of: [
      Tone(0.92, 0.93, 0.93), Tone(0.8, 0.8, 0.78), Tone(0.93, 0.93, 0.92), Tone(0.55, 0.25, 0.2),
    ])
    ship(place, direction: direction, length: length, deck: deck, kind: .boat)
  }

  /// Coaches one behind the other from `start` along x.
  mutating func train(_ frame: Placement, coaches: Int, length: Float = 9, width: Float = 2) {
    let tone = random.one(of: [
      Tone(0.92, 0.93, 0.95), Tone(0.25, 0.45, 0.35), Tone(0.70, 0.25, 0.2),
      Tone(0.35, 0.45, 0.6),
    ])
    let whole = frame.rectangle(0, -width / 2, Float(coaches) * length - 0.5, width)
    add(.train, whole) { painter in
      for coach in 0..<coaches {
        let box = frame.rectangle(Float(coach) * length, -width / 2, length - 0.5, width)
        painter.castShadow(box, height: 1)
        painter.raster.fill(box, tone)
        painter.raster.line(
          [(box[0] + box[3]) * 0.5, (box[1] + box[2]) * 0.5], width: 0.5, tone * 0.8)
      }
    }
  }

  // MARK: Other things

  private static func round(_ place: Place, _ radius: Float) -> [Place] {
    (0..<8).map { place + turned(Float($0) / 8) * radius }
  }

  mutating func tank(_ place: Place, _ radius: Float, tone: Tone) {
    let owner = raster.owner
    for step in 1...5 {
      raster.disc(
        place + shadow * (radius * 0.16 * Float(step)), radius, Painter.dark, share: 0.25)
    }
    add(.tank, Painter.round(place, radius)) { painter in
      let top = place - painter.shadow * (0.1 * radius)
      painter.raster.disc(place, radius, tone * 0.7)
      painter.raster.disc(top, radius * 0.95, tone)
      painter.raster.ellipse(top, radius * 0.95, radius * 0.95, inner: 0.9, tone * 0.75)
      painter.raster.disc(top, radius * 0.12, tone * 0.6)
    }
    raster.owner = owner
  }

  mutating func pool(_ frame: Placement, _ width: Float, _ depth: Float) {
    add(.pool, frame.centered(width, depth)) { painter in
      painter.raster.fill(frame.centered(width + 1.6, depth + 1.6), Tone(0.85, 0.82, 0.75))
      painter.raster.fill(frame.centered(width, depth), Tone(0.25, 0.68, 0.78))
    }
  }

  mutating func umbrella(_ place: Place, _ radius: Float = 1) {
    add(.umbrella, Painter.round(place, radius)) { painter in
      painter.raster.disc(place + painter.shadow, radius, Painter.dark, share: 0.4)
      painter.raster.disc(
        place, radius,
        painter.random.one(of: [
          Tone(0.9, 0.2, 0.2), Tone(0.97, 0.97, 0.95), Tone(0.2, 0.4, 0.8), Tone(0.95, 0.75, 0.2),
        ]))
    }
  }

  /// A tree that is counted.
  mutating func loneTree(_ place: Place, _ radius: Float) {
    add(.tree, Painter.round(place, radius)) { $0.tree(place, radius) }
  }

  /// A court for basketball or tennis.
  mutating func court(_ frame: Placement, _ width: Float = 16, _ depth: Float = 10) {
    add(.court, frame.centered(width, depth)) { painter in
      let tone = painter.random.one(of: [
        Tone(0.25, 0.50, 0.38), Tone(0.30, 0.42, 0.58), Tone(0.58, 0.33, 0.28),
      ])
      let (w, d) = (width * 0.8, depth * 0.76)
      painter.raster.fill(frame.centered(width, depth), tone)
      painter.raster.closedLine(frame.centered(w, d), width: 0.3, Painter.white)
      painter.raster.line([frame.at(0, -d / 2), frame.at(0, d / 2)], width: 0.3, Painter.white)
      painter.raster.ellipse(frame.origin, d * 0.2, d * 0.2, inner: 0.8, Painter.white)
      for end in [-w / 2, w / 2 - w * 0.18] {
        painter.raster.closedLine(
          frame.rectangle(end, -d * 0.2, w * 0.18, d * 0.4), width: 0.25, Painter.white)
      }
    }
  }

  /// A closed outline around a place with a ragged edge.
  mutating func blob(_ center: Place, _ width: Float, _ height: Float, ragged: Float) -> [Place] {
    let shift = random.number(0, 100)
    return (0..<72).map { step in
      let direction = Painter.turned(Float(step) / 72)
      let wave =
        noise.fractal(direction.x * 1.3 + shift, direction.y * 1.3 + 3, octaves: 3) - 0.5
      let reach = 1 + wave * 2 * ragged
      return center + Place(direction.x * width * reach, direction.y * height * reach)
    }
  }

  /// Whether a place is within a closed outline.
  static func contains(_ outline: [Place], _ place: Place) -> Bool {
    guard var a = outline.last else { return false }
    var isInside = false
    for b in outline {
      if (a.y <= place.y) != (b.y <= place.y),
        place.x < a.x + (place.y - a.y) / (b.y - a.y) * (b.x - a.x)
      {
        isInside.toggle()
      }
      a = b
    }
    return isInside
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
