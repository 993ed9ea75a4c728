/// Church, center.
extension Painter {
  static let pavements = [
    Tone(0.70, 0.67, 0.62), Tone(0.64, 0.63, 0.61), Tone(0.74, 0.70, 0.60),
  ]

  /// Houses around the edge of the picture, none on what is there.
  private mutating func surrounding(_ count: Int, from near: Float, roofs: [Tone]) {
    for _ in 0..<count {
      let out = Painter.turned(random.unit())
      let place = Place(50, 50) + out * random.number(near, near + 18)
      let frame = Placement(place, direction: out.normal)
      let width = random.number(9, 14)
      guard isFree(place, width * 0.62) else { continue }
      gabled(frame, width, random.number(7, 9), roof: random.one(of: roofs), height: 4)
    }
  }

  mutating func church() -> [String] {
    let green = random.chance(0.5)
    if green { grass() } else { ground(Tone(0.48, 0.46, 0.43), Tone(0.40, 0.42, 0.34), size: 12) }
    let f = Placement(Place(50, 50), direction: direction())
    let roof = random.one(of: [
      Tone(0.34, 0.40, 0.42), Tone(0.62, 0.34, 0.26), Tone(0.42, 0.52, 0.47),
      Tone(0.50, 0.42, 0.36),
    ])
    let pavement = random.one(of: Painter.pavements)
    let layout = random.integer(0...2)
    let outline = blob(Place(50, 50), 39, 37, ragged: layout == 1 ? 0 : 0.15)
    raster.fill(outline, green ? lawn * 1.15 : pavement)
    switch layout {
    case 0: latinCross(f, roof)
    case 1: domed(f, roof, pavement)
    default: village(f, roof, pavement)
    }
    road([Place(-5, 3.5), Place(105, 3.5)], width: 4)
    surrounding(34, from: 46, roofs: Painter.roofs)
    for _ in 0..<40 {
      let place = Place(50, 50) + direction() * random.number(37, 45)
      let size = random.number(1.6, 2.6)
      if place.y > 8, isFree(place, size) { tree(place, size) }
    }
    let ground = green ? "a lawn" : "a square"
    return say(
      [
        layout == 1
          ? "a church with a large round dome in the middle ."
          : layout == 0
            ? "a church is shaped like a cross and has two towers ."
            : "a church with a long roof and a pointed tower .",
        "some houses and trees are around a church .", "a church is on \(ground) near a road .",
        layout == 1
          ? "four small domes are around the large dome of the church ."
          : "the church casts a shadow on \(ground) .",
        "a church is surrounded by several buildings .",
      ],
      layout == 2
        ? [
          "the building has a pointed tower .",
          "a long building with a tower is near some houses .",
        ]
        : ["a cross shaped building is near some houses ."])
  }

  private mutating func tower(_ f: Placement, _ width: Float, roof: Tone, height: Float) {
    castShadow(f.centered(width, width), height: height)
    raster.fill(f.centered(width, width), Tone(0.80, 0.74, 0.64))
    let corners = f.centered(width * 0.84, width * 0.84)
    for (a, b, light) in [(0, 1, Float(0.8)), (1, 2, 1.2), (2, 3, 1), (3, 0, 0.65)] {
      raster.fill([corners[a], corners[b], f.origin], roof * light)
    }
    // A golden cross on top.
    let gold = Tone(0.95, 0.84, 0.45)
    raster.line([f.at(-1.2, 0), f.at(1.2, 0)], width: 0.5, gold)
    raster.line([f.at(0, -0.9), f.at(0, 0.9)], width: 0.5, gold)
  }

  private mutating func latinCross(_ f: Placement, _ roof: Tone) {
    let length = random.number(48, 58)
    let crossing = f.at(length * 0.14, 0)
    let arms = Placement(crossing, direction: f.along.normal)
    let span = random.number(30, 38)
    add(.building, f.centered(length, 13)) { painter in
      painter.castShadow(f.centered(length, 13), height: 7)
      painter.castShadow(arms.centered(span, 11), height: 7)
      painter.slopes(f, length, 13, roof: roof)
      painter.slopes(arms, span, 11, roof: roof)
      painter.raster.ellipse(f.at(length / 2, 0), 6.4, 6.4, roof * 0.95)
      painter.raster.disc(crossing, 5, roof * 0.7)
      painter.raster.disc(crossing - painter.shadow, 3.6, roof * 1.4)
    }
    for side in [Float(-1), 1] {
      tower(
        Placement(f.at(-length / 2, side * 5.4), direction: f.along), 6.4, roof: roof, height: 16)
    }
  }

  /// A Greek cross under a great dome, with four small ones.
  private mutating func domed(_ f: Placement, _ roof: Tone, _ pavement: Tone) {
    let gilded = random.one(of: [
      Tone(0.45, 0.66, 0.60), Tone(0.82, 0.68, 0.34), Tone(0.55, 0.60, 0.68),
    ])
    let wall = Tone(0.84, 0.80, 0.72)
    let span = random.number(44, 52)
    let across = Placement(f.origin, direction: f.along.normal)
    raster.disc(f.origin, 35, pavement)
    add(.building, f.centered(span, span * 0.4)) { painter in
      painter.castShadow(f.centered(span, span * 0.4), height: 7)
      painter.castShadow(across.centered(span, span * 0.4), height: 7)
      painter.castShadow(f.centered(span * 0.72, span * 0.72), height: 5)
      painter.raster.fill(f.centered(span * 0.72, span * 0.72), wall * 0.9)
      painter.slopes(f, span, span * 0.4, roof: roof)
      painter.slopes(across, span, span * 0.4, roof: roof)
      let d = span * 0.27
      for (x, y, radius) in [
        (-d, -d, Float(4)), (d, -d, 4), (-d, d, 4), (d, d, 4), (0, 0, 11),
      ] as [(Float, Float, Float)] {
        let place = f.at(x, y)
        for step in 1...3 {
          painter.raster.disc(
            place + painter.shadow * (Float(step) * radius * 0.3), radius, Painter.dark, share: 0.2)
        }
        painter.raster.disc(place, radius * 1.12, wall)
        painter.raster.disc(place, radius, gilded * 0.78)
        painter.raster.disc(place - painter.shadow * (radius * 0.2), radius * 0.72, gilded * 1.05)
        painter.raster.disc(place - painter.shadow * (radius * 0.34), radius * 0.36, gilded * 1.3)
        painter.raster.disc(place, radius * 0.12, Tone(0.96, 0.92, 0.7))
      }
    }
  }

  /// A nave with one steeple, a yard and a path.
  private mutating func village(_ f: Placement, _ roof: Tone, _ pavement: Tone) {
    let length = random.number(34, 44)
    raster.line([f.at(-length / 2 - 4, 0), f.at(-70, 0)], width: 3, pavement * 1.08)
    add(.building, f.centered(length, 16)) { painter in
      painter.castShadow(f.centered(length, 16), height: 6)
      painter.slopes(f, length, 16, roof: roof)
      painter.raster.ellipse(f.at(length / 2, 0), 7, 7, roof * 0.9)
    }
    let steeple = Placement(f.at(-length / 2, 0), direction: f.along)
    tower(steeple, 9, roof: roof * 0.8, height: 22)
    // Graves in rows.
    for row in 0..<4 {
      for column in 0..<7 {
        let x = -length / 2 + 4 + Float(column) * 4.6
        raster.fill(
          f.rectangle(x, 13 + Float(row) * 3.6, 1.4, 0.8), Tone(0.82, 0.82, 0.80))
      }
    }
  }

  mutating func center() -> [String] {
    let base = random.one(of: Painter.pavements)
    ground(base * 0.86, base * 0.76, size: 14)
    let leafy = random.chance(0.6)
    road([Place(-5, 5), Place(105, 5)], width: 6)
    road([Place(95, -5), Place(95, 105)], width: 6)
    carsAlong(Place(2, 5), Place(90, 5), lane: 1.4, count: 10)
    carsAlong(Place(95, 10), Place(95, 98), lane: 1.4, count: 8)
    let middle = Place(46, 52)
    let pavement = random.one(of: Painter.pavements) * 1.08
    let shell = random.one(of: [
      Tone(0.84, 0.86, 0.88), Tone(0.62, 0.66, 0.72), Tone(0.80, 0.76, 0.66),
      Tone(0.90, 0.88, 0.84), Tone(0.55, 0.50, 0.47),
    ])
    let f = Placement(middle, direction: direction())
    let layout = random.integer(0...3)
    if leafy { raster.fill(Placement(middle).centered(84, 84), lawn * 1.1) }
    raster.disc(middle, 39, pavement)
    let shape: String
    switch layout {
    case 0: shape = petals(f, shell)
    case 1: shape = terraces(f, shell)
    case 2: shape = ringHall(f, shell)
    default: shape = shells(f, shell)
    }
    treesAlong(Place(6, 11), Place(86, 11), spacing: 5, radius: 1.7)
    treesAlong(Place(88, 14), Place(88, 94), spacing: 5, radius: 1.7)
    for _ in 0..<40 {
      let place = middle + direction() * random.number(40, 56)
      if leafy, place.x < 86, place.y > 13 { tree(place, random.number(1.5, 2.6)) }
    }
    let an = Speech.article(shape)
    return say(
      [
        "\(an) \(shape) center building is near two roads .",
        "a center building is surrounded by rows of trees and roads .",
        leafy
          ? "a large \(shape) building of the center is among trees ."
          : "a large \(shape) building of the center is on a paved ground .",
        "two roads with cars pass the center .", "a center has \(an) \(shape) roof .",
      ],
      [
        "\(an) \(shape) building is in the middle of a round place .",
        "some trees and cars are near a huge building .",
      ])
  }

  private mutating func ellipseShadow(_ f: Placement, _ a: Float, _ b: Float, height: Float) {
    for step in 1...4 {
      raster.ellipse(
        f.origin + shadow * (Float(step) * height / 4), a, b, direction: f.along, share: 0.24,
        Painter.dark)
    }
  }

  private mutating func petals(_ f: Placement, _ shell: Tone) -> String {
    let round = random.chance(0.5)
    let (a, b): (Float, Float) = round ? (29, 29) : (33, 22)
    ellipseShadow(f, a, b, height: 7)
    raster.ellipse(f.origin, a, b, direction: f.along, shell * 0.8)
    let count = random.integer(5...11) * 2
    for petal in 0..<count {
      let (p, q) = (
        Painter.turned(Float(petal) / Float(count)), Painter.turned(Float(petal + 1) / Float(count))
      )
      raster.fill(
        [f.at(p.x * a * 0.95, p.y * b * 0.95), f.at(q.x * a * 0.95, q.y * b * 0.95), f.origin],
        shell * (petal % 2 == 0 ? 1.08 : 0.9))
    }
    raster.ellipse(f.origin, a * 0.5, b * 0.5, direction: f.along, shell * 0.6)
    raster.ellipse(f.origin, a * 0.44, b * 0.44, direction: f.along, Tone(0.40, 0.52, 0.60))
    raster.ellipse(
      f.origin - shadow * 2, a * 0.2, b * 0.2, direction: f.along, Tone(0.62, 0.74, 0.80))
    return round ? "round" : "oval"
  }

  private mutating func terraces(_ f: Placement, _ shell: Tone) -> String {
    let (width, depth) = (random.number(46, 54), random.number(32, 42))
    castShadow(f.centered(width, depth), height: 8)
    for step in 0..<4 {
      let share = 1 - Float(step) * 0.2
      castShadow(f.centered(width * share, depth * share), height: 2)
      raster.fill(
        f.centered(width * share, depth * share), shell * (step % 2 == 0 ? 1 : 0.84))
      raster.closedLine(
        f.centered(width * share - 1, depth * share - 1), width: 0.4, shell * 1.15)
    }
    raster.fill(f.centered(width * 0.3, depth * 0.3), Tone(0.38, 0.50, 0.60))
    for line in -3...3 {
      let x = Float(line) * width * 0.045
      raster.line(
        [f.at(x, -depth * 0.15), f.at(x, depth * 0.15)], width: 0.35, Tone(0.75, 0.82, 0.86))
    }
    return "rectangular"
  }

  private mutating func ringHall(_ f: Placement, _ shell: Tone) -> String {
    let a = random.number(27, 32)
    ellipseShadow(f, a, a, height: 6)
    raster.disc(f.origin, a, shell)
    for step in 0..<36 {
      let out = Painter.turned(Float(step) / 36)
      raster.line(
        [f.at(out.x * a * 0.55, out.y * a * 0.55), f.at(out.x * a * 0.98, out.y * a * 0.98)],
        width: 0.3, shell * 0.75, share: 0.7)
    }
    raster.ellipse(f.origin, a * 0.8, a * 0.8, inner: 0.94, Tone(0.45, 0.55, 0.62))
    raster.disc(f.origin, a * 0.52, shell * 0.6)
    raster.disc(f.origin, a * 0.48, lawn * 1.1)
    raster.disc(f.origin, a * 0.16, Tone(0.35, 0.60, 0.66))
    for step in 0..<10 {
      tree(f.origin + Painter.turned(Float(step) / 10) * (a * 0.34), 2)
    }
    return "ring shaped"
  }

  /// Three shells side by side, as of a concert hall.
  private mutating func shells(_ f: Placement, _ shell: Tone) -> String {
    for (x, a, b) in [(Float(-17), Float(15), Float(20)), (17, 15, 20), (0, 18, 26)] {
      let part = Placement(f.at(x, 0), direction: f.along)
      ellipseShadow(part, a, b, height: 6)
      raster.ellipse(part.origin, a, b, direction: f.along, shell * 0.82)
      raster.ellipse(part.origin - shadow * 1.2, a * 0.9, b * 0.92, direction: f.along, shell)
      raster.ellipse(
        part.origin - shadow * 3, a * 0.55, b * 0.6, direction: f.along, share: 0.7, shell * 1.12)
      raster.line([part.at(0, -b), part.at(0, b)], width: 0.6, shell * 0.7)
      for rib in [Float(-0.6), -0.3, 0.3, 0.6] {
        let end = b * (1 - rib * rib).squareRoot()
        raster.line(
          [part.at(a * rib, -end), part.at(a * rib, end)], width: 0.3, shell * 0.75, share: 0.7)
      }
    }
    return "shell shaped"
  }
}
