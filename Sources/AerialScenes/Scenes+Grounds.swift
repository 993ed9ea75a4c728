/// Park, school.
extension Painter {
  private static let gravelPath = Tone(0.82, 0.78, 0.68)

  /// The parts of a path that lie outside of an outline, so that none goes through the water.
  private mutating func path(_ points: [Place], width: Float, around water: [Place]) {
    for (a, b) in zip(points, points.dropFirst())
    where !Painter.contains(water, a) && !Painter.contains(water, b) {
      raster.line([a, b], width: width, Painter.gravelPath)
      raster.disc(b, width / 2, Painter.gravelPath)
    }
  }

  mutating func park() -> [String] {
    grass()
    let layout = random.integer(0...2)
    road([Place(-5, 96.5), Place(105, 96.5)], width: 4)
    carsAlong(Place(4, 96.5), Place(96, 96.5), lane: 1, count: 5)
    let special: [String]
    switch layout {
    case 0: special = lakePark()
    case 1: special = formalGarden()
    default: special = lawnPark()
    }
    return say(
      [
        "many trees are in a park near a road .", special[0], special[1],
        "a park with paths and many trees .", "a park is beside a road with trees .",
      ],
      [
        "\(layout == 1 ? "straight" : "winding") paths go through the trees .", special[2],
      ])
  }

  private mutating func parkTrees(_ count: Int, away: (Place) -> Bool) {
    for _ in 0..<count {
      let place = Place(random.number(0, 100), random.number(0, 91))
      let size = random.number(1.4, 2.8)
      if away(place), isFree(place, size + 0.5) { tree(place, size) }
    }
  }

  private mutating func lakePark() -> [String] {
    let deep = random.one(of: [
      Tone(0.16, 0.32, 0.30), Tone(0.18, 0.30, 0.20), Tone(0.16, 0.32, 0.42),
    ])
    let middle = Place(random.number(34, 44), random.number(36, 46))
    let lake = blob(middle, random.number(16, 22), random.number(12, 17), ragged: 0.6)
    let ring = blob(middle, 30, 25, ragged: 0.12)
    let flowers = Place(76, 70)
    raster.fill(ring, lawn * 1.15)
    var ways: [[Place]] = [ring + [ring[0]]]
    for _ in 0..<3 {
      let start = random.one(of: ring)
      let out = (start - middle).unit
      ways.append(
        Painter.smooth([
          start, start + out * 10 + out.normal * random.number(-8, 8),
          start + out * 24 + out.normal * random.number(-10, 10), start + out * 70,
        ]))
    }
    ways.append(
      Painter.smooth([ring[9], Place(66, 62), flowers, Place(84, 84), Place(86, 95)]))
    for way in ways { path(way, width: 1.8, around: lake) }
    raster.closedLine(lake, width: 1.4, Tone(0.66, 0.64, 0.56))
    let water = water(deep)
    add(.pond, lake) { $0.raster.fill(lake, water) }
    raster.disc(flowers, 8, Painter.gravelPath)
    raster.disc(flowers, 6, random.one(of: [Tone(0.70, 0.30, 0.36), Tone(0.80, 0.66, 0.28)]))
    raster.disc(flowers, 3.6, lawn * 1.1)
    raster.disc(flowers, 1.6, Tone(0.90, 0.90, 0.88))
    let points = ways.flatMap { $0 }
    parkTrees(420) { place in
      !Painter.contains(lake, place) && (place - flowers).length > 11
        && points.allSatisfy { ($0 - place).length > 3.4 }
        && lake.allSatisfy { ($0 - place).length > 3.4 }
    }
    return [
      "a park with a pond and winding paths .", "many trees are around a pond in the park .",
      "a round flower bed and a pond are among the trees .",
    ]
  }

  private mutating func formalGarden() -> [String] {
    let f = Placement(Place(50, 46))
    raster.fill(f.centered(90, 82), Painter.gravelPath)
    let columns = random.integer(2...3) * 2
    let (width, depth) = (86 / Float(columns), Float(38))
    let flower = random.one(of: [
      Tone(0.72, 0.28, 0.34), Tone(0.82, 0.66, 0.25), Tone(0.58, 0.38, 0.62),
    ])
    for column in 0..<columns {
      for row in 0..<2 {
        let bed = Placement(
          f.at(
            (Float(column) - Float(columns - 1) / 2) * width, (Float(row) - 0.5) * 40))
        raster.fill(bed.centered(width - 3, depth - 3), lawn * 1.15)
        raster.closedLine(bed.centered(width - 4, depth - 4), width: 0.9, lawn * 0.62)
        raster.fill(bed.centered(width * 0.42, depth * 0.42), flower)
        raster.fill(bed.centered(width * 0.26, depth * 0.28), lawn * 1.1)
        for x in [-width * 0.33, width * 0.33] {
          for y in [-depth * 0.36, 0, depth * 0.36] { tree(bed.at(x, y), random.number(1.5, 2)) }
        }
      }
    }
    raster.disc(f.origin, 13, Painter.gravelPath * 1.06)
    raster.disc(f.origin, 9, Tone(0.78, 0.76, 0.72))
    raster.disc(f.origin, 8.2, Tone(0.28, 0.54, 0.60))
    raster.disc(f.origin, 1.8, Painter.white)
    for edge in [Float(2.4), 89.4] {
      treesAlong(Place(3, edge), Place(97, edge), spacing: 4.4, radius: 2.2)
    }
    return [
      "a park with a round fountain and straight paths .",
      "flower beds and lawns are arranged symmetrically in the park .",
      "a round fountain is in the middle of the lawns .",
    ]
  }

  private mutating func lawnPark() -> [String] {
    let glade = blob(Place(50, 46), random.number(28, 34), random.number(22, 27), ragged: 0.3)
    raster.fill(glade, lawn * 1.22)
    let ways = [
      Painter.smooth([Place(-5, 20), Place(26, 34), Place(50, 46), Place(76, 40), Place(105, 62)]),
      Painter.smooth([Place(18, 95), Place(30, 66), Place(50, 46), Place(60, 22), Place(56, -5)]),
      glade + [glade[0]],
    ]
    for way in ways { path(way, width: 1.8, around: []) }
    raster.disc(Place(50, 46), 5, Painter.gravelPath)
    let pavilions = random.integer(1...3)
    for index in 0..<pavilions {
      let place = [Place(50, 46), Place(31, 50), Place(68, 54)][index]
      let f = Placement(place, direction: direction())
      add(.house, f.centered(6.4, 6.4)) { painter in
        painter.castShadow(f.centered(6.4, 6.4), height: 3)
        let corners = f.centered(6.4, 6.4)
        for (a, light) in [(0, Float(0.8)), (1, 1.15), (2, 1), (3, 0.68)] {
          painter.raster.fill(
            [corners[a], corners[(a + 1) % 4], f.origin], Tone(0.62, 0.34, 0.26) * light)
        }
      }
    }
    court(Placement(Place(80, 80), direction: Place(1, -0.1)), 18, 11)
    let points = ways.flatMap { $0 }
    parkTrees(520) { place in
      points.allSatisfy { ($0 - place).length > 3.2 }
        && (!Painter.contains(glade, place) || (Int(place.x * 7) % 9 == 0))
    }
    return [
      "a lawn and \(Speech.some(pavilions, "pavilion")) are in the park .",
      "a park with a large lawn and a sports court .",
      "\(Speech.someAre(pavilions, "pavilion")) on the lawn .",
    ]
  }

  mutating func school() -> [String] {
    grass()
    road([Place(-5, 4), Place(105, 4)], width: 4)
    road([Place(4, -5), Place(4, 105)], width: 4)
    carsAlong(Place(10, 4), Place(98, 4), lane: 1, count: 5)
    let yard = random.one(of: [Tone(0.62, 0.60, 0.55), Tone(0.66, 0.58, 0.52)])
    raster.fill([Place(8, 9), Place(98, 9), Place(98, 97), Place(8, 97)], yard)
    let roof = random.one(of: [
      Tone(0.62, 0.36, 0.26), Tone(0.76, 0.75, 0.72), Tone(0.45, 0.50, 0.56),
      Tone(0.40, 0.52, 0.64),
    ])
    let (color, tone) = trackTone()
    let layout = random.integer(0...2)
    switch layout {
    case 0: comb(roof, tone)
    case 1: quadrangle(roof, tone)
    default: campus(roof, tone)
    }
    let courts = count(.court)
    let special =
      layout == 0
      ? "the buildings of the school stand in rows ."
      : layout == 1
        ? "a school with a rectangular building around a courtyard ."
        : "a school with several buildings among lawns ."
    return say(
      [
        "a school with buildings and a playground .",
        "a \(color) track and a football field are in the school .",
        "\(Speech.someAre(courts, "basketball court")) in the school .", special,
        "a school is near two roads .",
      ],
      [
        "a playground with a \(color) track is near \(Speech.some(courts, "basketball court")) .",
        "some trees and buildings are beside a football field .",
      ])
  }

  private mutating func comb(_ roof: Tone, _ tone: Tone) {
    track(Placement(Place(67, 69)), 54, 36, tone: tone, lawn: Tone(0.28, 0.48, 0.22))
    let wings = random.integer(3...4)
    for index in 0..<wings {
      flat(
        Placement(Place(61, 16 + Float(index) * 8.4)), 60, 4.6, roof: roof, height: 3)
    }
    flat(
      Placement(Place(28, 12 + Float(wings) * 4.3), direction: Place(0, 1)), Float(wings) * 8, 5,
      roof: roof, height: 3)
    for index in 0..<random.integer(2...3) {
      court(Placement(Place(23, 58 + Float(index) * 13)), 22, 11)
    }
    treesAlong(Place(12, 47), Place(95, 47), spacing: 5, radius: 1.6)
    treesAlong(Place(11, 14), Place(11, 94), spacing: 5, radius: 1.7)
  }

  private mutating func quadrangle(_ roof: Tone, _ tone: Tone) {
    track(
      Placement(Place(80, 54), direction: Place(0, 1)), 74, 30, tone: tone,
      lawn: Tone(0.28, 0.48, 0.22))
    let f = Placement(Place(36, 36))
    raster.fill(f.centered(40, 38), lawn * 1.12)
    for (x, y, width, depth) in [
      (0, -18.5, 44, 7), (0, 18.5, 44, 7), (-18.5, 0, 7, 30), (18.5, 0, 7, 30),
    ] as [(Float, Float, Float, Float)] {
      flat(Placement(f.at(x, y)), width, depth, roof: roof, height: 4)
    }
    raster.fill(f.centered(30, 2), Painter.gravelPath)
    raster.fill(f.centered(2, 30), Painter.gravelPath)
    for _ in 0..<12 {
      let place = f.at(random.number(-12, 12), random.number(-12, 12))
      if abs(place.x - 36) > 3, abs(place.y - 36) > 3 { tree(place, 1.7) }
    }
    for index in 0..<random.integer(1...2) {
      court(Placement(Place(24 + Float(index) * 25, 72)), 21, 12)
    }
    flat(Placement(Place(36, 89)), 46, 9, roof: roof * 0.9, height: 4)
    treesAlong(Place(12, 63), Place(60, 63), spacing: 5, radius: 1.5)
    treesAlong(Place(12, 81), Place(60, 81), spacing: 5, radius: 1.5)
  }

  private mutating func campus(_ roof: Tone, _ tone: Tone) {
    raster.fill([Place(9, 10), Place(97, 10), Place(97, 52), Place(9, 52)], lawn * 1.1)
    for way in [[Place(9, 31), Place(97, 31)], [Place(53, 10), Place(53, 96)]] {
      raster.line(way, width: 2.6, Painter.gravelPath)
    }
    for (x, y) in [(30, 18), (76, 18), (30, 42), (76, 42)] as [(Float, Float)] {
      let f = Placement(Place(x, y))
      let wing: Float = x < 50 ? -1 : 1
      add(.building, f.centered(32, 5.4)) { painter in
        let whole = [f.rectangle(-16, -7, 32, 5.4), f.rectangle(wing * 13 - 3, -7, 6, 15)]
        for part in whole { painter.castShadow(part, height: 4) }
        for part in whole { painter.raster.fill(part, roof) }
        painter.raster.line([f.at(-16, -4.3), f.at(16, -4.3)], width: 0.5, roof * 1.2)
      }
    }
    track(Placement(Place(32, 75)), 40, 27, tone: tone, lawn: Tone(0.28, 0.48, 0.22))
    for index in 0..<random.integer(2...3) {
      court(Placement(Place(76, 61 + Float(index) * 13.2)), 26, 11.4)
    }
    for _ in 0..<70 {
      let place = Place(random.number(10, 96), random.number(11, 51))
      let size = random.number(1.3, 2.3)
      let onWay = abs(place.x - 53) < 4 || abs(place.y - 31) < 4
      let nearBuilding = [Float(18), 42].contains {
        place.y > $0 - 9 - size && place.y < $0 + 9 + size && abs(place.x - 53) > 5
          && abs(abs(place.x - 53) - 23) < 19 + size
      }
      if !onWay, !nearBuilding { tree(place, size) }
    }
    treesAlong(Place(12, 55), Place(60, 55), spacing: 5, radius: 1.6)
  }
}
