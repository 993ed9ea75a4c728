/// Storagetanks, viaduct.
extension Painter {
  mutating func storagetanks() -> [String] {
    let soil = random.one(of: [Tone(0.60, 0.57, 0.50), Tone(0.52, 0.52, 0.50), lawn])
    ground(soil, soil.mixed(Tone(0.48, 0.50, 0.38), 0.6), size: 12)
    let white = random.chance(0.7)
    let tone = white ? Tone(0.93, 0.93, 0.91) : Tone(0.62, 0.65, 0.66)
    let tint = white ? "white" : "grey"
    let wall = Tone(0.76, 0.73, 0.66)
    let f = Placement(Place(50, 50), direction: direction())
    switch random.integer(0...2) {
    case 0:
      let radius = random.number(6.5, 11)
      let step = radius * 2.7
      for line in -3...3 {
        let y = (Float(line) + 0.5) * step
        road([f.at(-90, y), f.at(90, y)], width: 1.6, tone: Painter.gravel, marked: false)
      }
      for row in -3...3 {
        for column in -3...3 {
          let place = f.at(Float(column) * step, Float(row) * step)
          raster.closedLine(
            Placement(place, direction: f.along).centered(step * 0.9, step * 0.8), width: 0.6, wall)
          guard random.chance(0.85) else { continue }
          tank(place, radius * random.number(0.8, 1), tone: tone)
        }
      }
    case 1:
      // A few large ones, each in the middle of its own wall, and pipes between them.
      let tanks = random.integer(2...5)
      for index in 0..<tanks {
        let out = f.at(0, 0) + Painter.turned(Float(index) / Float(tanks) + 0.09) * 26
        let radius: Float = tanks < 4 ? random.number(13, 17) : random.number(10, 12)
        raster.line([out, Place(50, 50)], width: 0.7, Tone(0.85, 0.85, 0.84))
        raster.ellipse(out, radius * 1.3, radius * 1.3, soil * 0.82)
        raster.ellipse(out, radius * 1.3, radius * 1.3, inner: 0.96, wall)
        tank(out, radius, tone: tone)
      }
      road([Place(-5, 4), Place(105, 6)], width: 4)
      trees(30, 0...100, 92...100, 2)
    default:
      // Two sizes along a road, beside water.
      raster.fill(Placement(Place(50, -8)).centered(110, 40), water())
      raster.line([Place(-5, 12), Place(105, 12)], width: 2, Painter.gravel)
      let radius = random.number(8, 10)
      for index in 0..<Int(92 / (radius * 2.3)) {
        tank(Place(radius + 5 + Float(index) * radius * 2.3, 30), radius, tone: tone)
      }
      road([Place(-5, 47), Place(105, 47)], width: 4)
      carsAlong(Place(2, 47), Place(98, 47), lane: 1, count: 4)
      let small = random.number(4, 5.4)
      for row in 0..<3 {
        for column in 0..<Int(90 / (small * 2.5)) where random.chance(0.88) {
          tank(
            Place(small + 4 + Float(column) * small * 2.5, 60 + Float(row) * small * 2.5), small,
            tone: tone)
        }
      }
    }
    let tanks = count(.tank)
    return say(
      [
        "\(Speech.someAre(tanks, "\(tint) storage tank")) in the picture .",
        "\(tint) round storage tanks cast shadows on the ground .",
        "\(tanks > 2 ? "several \(tint)" : tint) storage tanks are near a road .",
        "storage tanks with round \(tint) tops stand side by side .",
        "\(Speech.some(tanks, "storage tank")) near a road .",
      ])
  }

  mutating func viaduct() -> [String] {
    grass()
    let tone = Tone(0.58, 0.58, 0.58) * random.number(0.85, 1.1)
    let f = Placement(Place(50, 50), direction: direction())
    let layout = random.integer(0...2)
    let ramps: Int
    switch layout {
    case 0: ramps = cloverleaf(f, tone)
    case 1: ramps = roundabout(f, tone)
    default: ramps = parallelViaduct(f, tone)
    }
    for _ in 0..<90 {
      let place = Place(random.number(0, 100), random.number(0, 100))
      let offset = place - f.origin
      let x = offset.x * f.along.x + offset.y * f.along.y
      let y = offset.y * f.along.x - offset.x * f.along.y
      // Trees stand away from the roads and inside of the loops.
      let away = min(abs(x), abs(y)) > 46 || (abs(x) > 37 && abs(y) > 37)
      let loop = layout == 0 && (Place(abs(x), abs(y)) - Place(16, 16)).length < 7
      let field = layout == 2 && abs(y) > 26 && abs(x) > 9
      if away || loop || field { tree(place, random.number(1.4, 2.6)) }
    }
    let cars = count(.car)
    return say(
      [
        layout == 0
          ? "a viaduct with \(Speech.some(ramps, "round ramp")) is above a road ."
          : layout == 1
            ? "a viaduct crosses a round road ."
            : "a viaduct is above a road with a curved ramp on one side .",
        "some trees are near a viaduct .", "two roads cross each other at a viaduct .",
        layout == 0
          ? "the viaduct has loops like a clover leaf ."
          : "a viaduct with curves is on the grass .",
        cars > 4 ? "many cars are on the viaduct and the roads ." : "few cars run near a viaduct .",
      ],
      ["a wide road passes over another road .", "the roads are connected by curved ramps ."])
  }

  private mutating func bands(_ paths: [[Place]], width: Float, _ tone: Tone) {
    for path in paths { raster.line(path, width: width + 1, tone * 1.3) }
    for path in paths { raster.line(path, width: width, tone) }
  }

  private mutating func deck(_ f: Placement, width: Float, _ tone: Tone, cars: Int) {
    castShadow(f.rectangle(-90, -width / 2 - 0.5, 180, width + 1), height: 4)
    road([f.at(-90, 0), f.at(90, 0)], width: width, tone: tone * 1.05)
    raster.line([f.at(-90, 0), f.at(90, 0)], width: 0.6, Tone(0.8, 0.8, 0.78))
    carsAlong(f.at(-60, 0), f.at(60, 0), lane: width * 0.26, count: cars)
  }

  /// Two roads with up to four loops: each leaves one road, turns three quarters and joins the other.
  private mutating func cloverleaf(_ f: Placement, _ tone: Tone) -> Int {
    let loops = random.integer(2...4)
    let radius = random.number(11, 14)
    var paths: [[Place]] = []
    for index in 0..<loops {
      let (sx, sy): (Float, Float) = [(1, 1), (-1, -1), (-1, 1), (1, -1)][index]
      // A circle that touches both middle lines: from the one it goes around the far side.
      let lane: Float = 2.4
      paths.append(
        (0...36).map { step in
          let turn = Painter.turned(Float(step) / 48 - 0.25)
          return f.at(
            sx * (lane + radius + radius * turn.x), sy * (lane + radius + radius * turn.y))
        })
      // The outer slip from road to road, a curve that leaves each road along it.
      paths.append(
        Painter.smooth(
          [
            f.at(sx * 60, sy * 3), f.at(sx * 46, sy * 4.5), f.at(sx * 34, sy * 34 * 0.52 + sy * 4),
            f.at(sx * (34 * 0.52 + 4), sy * 34), f.at(sx * 4.5, sy * 46), f.at(sx * 3, sy * 60),
          ].map { $0 }))
    }
    bands(paths, width: 2.8, tone * 0.96)
    road([f.at(-90, 0), f.at(90, 0)], width: 7, tone: tone * 0.85)
    carsAlong(f.at(-60, 0), f.at(60, 0), lane: 1.7, count: random.integer(4...10))
    deck(Placement(f.origin, direction: f.along.normal), width: 7.4, tone, cars: 9)
    return loops
  }

  /// A viaduct over a roundabout, with slips at its sides.
  private mutating func roundabout(_ f: Placement, _ tone: Tone) -> Int {
    let radius = random.number(19, 24)
    let across = Placement(f.origin, direction: f.along.normal)
    road([across.at(-90, 0), across.at(90, 0)], width: 6, tone: tone * 0.85)
    raster.disc(f.origin, radius + 3, tone * 1.15)
    raster.disc(f.origin, radius + 2.4, tone * 0.85)
    raster.disc(f.origin, radius - 2.4, tone * 1.15)
    raster.disc(f.origin, radius - 3, lawn * 1.05)
    for _ in 0..<24 {
      let place = f.origin + direction() * random.number(7, radius - 6)
      let offset = place - f.origin
      if abs(offset.y * f.along.x - offset.x * f.along.y) > 7 { tree(place, 1.8) }
    }
    var slips: [[Place]] = []
    for side in [Float(-1), 1] {
      for end in [Float(-1), 1] {
        slips.append(
          Painter.smooth([
            f.at(end * 75, side * 3), f.at(end * 52, side * 5),
            f.at(end * (radius + 6), side * 10), f.at(end * radius * 0.88, side * radius * 0.5),
          ]))
      }
    }
    bands(slips, width: 2.8, tone * 0.96)
    deck(f, width: 8, tone, cars: 10)
    return slips.count
  }

  /// Two elevated roads side by side over a third, and a ramp down from one of them.
  private mutating func parallelViaduct(_ f: Placement, _ tone: Tone) -> Int {
    let across = Placement(f.origin, direction: f.along.normal)
    road([across.at(-90, 0), across.at(90, 0)], width: 7, tone: tone * 0.8)
    carsAlong(across.at(-60, 0), across.at(60, 0), lane: 1.7, count: 8)
    bands(
      [
        Painter.smooth([
          f.at(-90, 7), f.at(-40, 8), f.at(-18, 14), f.at(-6, 28), f.at(-2.4, 46), f.at(-1.6, 90),
        ])
      ], width: 3.4, tone)
    for side in [Float(-6), 6] {
      deck(
        Placement(f.at(0, side), direction: f.along), width: 7, tone, cars: random.integer(4...7))
    }
    return 1
  }
}
