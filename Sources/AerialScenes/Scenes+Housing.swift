/// Dense, medium and sparse residential areas.
extension Painter {
  private static let lane = Tone(0.56, 0.55, 0.54)

  /// Houses in rows along parallel streets, gardens between them.
  private mutating func rows(
    spacing: Float, depth: Float, size: Float, treesPerHouse: Float, roofs: [Tone], bend: Float = 0
  ) {
    let f = Placement(Place(50, 50), direction: Place(1, random.number(-0.5, 0.5)))
    let block = 2 * depth + 4
    func curve(_ x: Float, _ y: Float) -> Place { f.at(x, y + bend * x * x / 100) }
    let lines = Int(80 / block) + 1
    for line in -lines...lines {
      let y = Float(line) * block
      let street = stride(from: Float(-80), through: 80, by: bend == 0 ? 160 : 8).map {
        curve($0, y)
      }
      road(street, width: 2.6, tone: Painter.lane, marked: false)
    }
    let cross = random.number(-34, -20)
    for x in [cross, cross + random.number(56, 70)] {
      road([f.at(x, -90), f.at(x, 90)], width: 2.8, tone: Painter.lane, marked: false)
    }
    for line in -lines...lines {
      let y = Float(line) * block
      for side in [Float(1), -1] {
        var x: Float = -80
        while x < 80 {
          let place = curve(x + random.number(-0.4, 0.4), y + side * (depth * 0.62 + 1.6))
          let onCross = abs(x - cross) < size * 0.5 + 2 || abs(x - cross - 63) < size * 0.5 + 8
          if random.chance(0.95), !onCross {
            let along = curve(x + 1, y) - curve(x, y)
            gabled(
              Placement(place, direction: random.chance(0.3) ? along.normal : along),
              size * random.number(0.85, 1.1), size * random.number(0.7, 0.9),
              roof: random.one(of: roofs))
          }
          var left = treesPerHouse
          while random.chance(min(1, left)) {
            let green = curve(
              x + random.number(-spacing / 2, spacing / 2),
              y + side * random.number(depth * 0.9, depth * 1.2 + 1))
            let radius = random.number(0.9, 1.9)
            if isFree(green, radius * 0.6) { tree(green, radius) }
            left -= 1
          }
          x += spacing
        }
      }
      carsAlong(curve(-60, y), curve(60, y), lane: 0.7, count: bend == 0 ? 4 : 0, size: 0.8)
    }
  }

  private mutating func roofPalette() -> (tint: String, roofs: [Tone]) {
    random.one(of: [
      ("orange", [Tone(0.66, 0.36, 0.25), Tone(0.60, 0.33, 0.25), Tone(0.70, 0.42, 0.3)]),
      ("grey", [Tone(0.58, 0.56, 0.54), Tone(0.44, 0.43, 0.43), Tone(0.50, 0.50, 0.51)]),
      ("different", Painter.roofs),
    ])
  }

  mutating func denseresidential() -> [String] {
    ground(Tone(0.46, 0.44, 0.40), Tone(0.38, 0.40, 0.32), size: 8)
    let (tint, roofs) = roofPalette()
    let layout = random.integer(0...2)
    let size = random.number(4.6, 6.4)
    switch layout {
    case 0:
      rows(spacing: size * 1.04, depth: size * 0.9, size: size, treesPerHouse: 0.3, roofs: roofs)
    case 1: courtyards(roofs)
    default: oldTown(size, roofs)
    }
    let covered = tint == "different" ? "roofs of different colors" : "\(tint) roofs"
    return say(
      [
        "many houses with \(covered) are in a dense residential area .",
        "lots of houses are close to each other in the dense residential area .",
        layout == 1
          ? "the houses of a dense residential area stand around courtyards ."
          : layout == 2
            ? "small houses stand in disorder in a dense residential area ."
            : "houses stand in rows in a dense residential area .",
        "some roads go through a dense residential area .",
        "it is a dense residential area with many houses .",
      ],
      ["many houses are separated by narrow roads .", "the houses are arranged very densely ."])
  }

  private mutating func courtyards(_ roofs: [Tone]) {
    let f = Placement(Place(50, 50), direction: Place(1, random.number(-0.5, 0.5)))
    let step = random.number(22, 28)
    for line in -4...3 {
      let at = (Float(line) + 0.5) * step
      road([f.at(-90, at), f.at(90, at)], width: 2.6, tone: Painter.lane, marked: false)
      road([f.at(at, -90), f.at(at, 90)], width: 2.6, tone: Painter.lane, marked: false)
    }
    let outer = step - 4.6
    for row in -4...4 {
      for column in -4...4 {
        let block = Placement(f.at(Float(column) * step, Float(row) * step), direction: f.along)
        guard (block.origin - Place(50, 50)).length < 90 else { continue }
        for _ in 0..<3 {
          tree(block.at(random.number(-4, 4), random.number(-4, 4)), random.number(1.1, 2))
        }
        for (x, y, turn) in [(0, -1, 0), (0, 1, 0), (-1, 0, 1), (1, 0, 1)] as [(Float, Float, Int)]
        {
          let depth: Float = 5
          let long = turn == 0 ? outer : outer - 2 * depth
          let pieces = 3
          for piece in 0..<pieces {
            let shift = (Float(piece) + 0.5) / Float(pieces) * long - long / 2
            let away = (outer - depth) / 2
            let place =
              turn == 0 ? block.at(shift, y * away) : block.at(x * away, shift)
            gabled(
              Placement(place, direction: turn == 0 ? f.along : f.along.normal),
              long / Float(pieces), depth, roof: random.one(of: roofs), height: 3)
          }
        }
      }
    }
    for line in -2...2 {
      let at = (Float(line) + 0.5) * step
      carsAlong(f.at(-60, at), f.at(60, at), lane: 0.7, count: 5, size: 0.8)
    }
  }

  private mutating func oldTown(_ size: Float, _ roofs: [Tone]) {
    let lanes = (0..<3).map { index -> [Place] in
      let at = 18 + Float(index) * 32
      let path = [
        Place(-8, at + random.number(-8, 8)), Place(30, at + random.number(-8, 8)),
        Place(68, at + random.number(-8, 8)), Place(108, at + random.number(-8, 8)),
      ]
      return Painter.smooth(index == 1 ? path.map { Place($0.y, $0.x) } : path)
    }
    for lane in lanes { road(lane, width: 2.4, tone: Painter.lane, marked: false) }
    let near = lanes.flatMap { $0 }
    for _ in 0..<1500 {
      let place = Place(random.number(-3, 103), random.number(-3, 103))
      let (width, depth) = (size * random.number(0.7, 1.3), size * random.number(0.6, 0.9))
      let reach = (width * width + depth * depth).squareRoot() / 2
      guard isFree(place, reach * 0.8),
        near.allSatisfy({ ($0 - place).length > reach + 2.8 })
      else { continue }
      let turn = Painter.turned(noise.value(place.x / 30, place.y / 30))
      gabled(Placement(place, direction: turn), width, depth, roof: random.one(of: roofs))
    }
    for _ in 0..<120 {
      let place = Place(random.number(0, 100), random.number(0, 100))
      if isFree(place, 0.4), near.allSatisfy({ ($0 - place).length > 3.4 }) {
        tree(place, random.number(0.7, 1.5))
      }
    }
  }

  mutating func mediumresidential() -> [String] {
    grass()
    let (tint, roofs) = roofPalette()
    let layout = random.integer(0...2)
    let size = random.number(6.6, 8.6)
    switch layout {
    case 0:
      rows(
        spacing: size * 1.5, depth: size * 1.25, size: size, treesPerHouse: 1.7, roofs: roofs)
    case 1:
      rows(
        spacing: size * 1.5, depth: size * 1.25, size: size, treesPerHouse: 1.7, roofs: roofs,
        bend: random.number(0.4, 0.7))
    default: ringStreet(size, roofs)
    }
    let lawns = season == .dry ? "gardens" : "green lawns"
    return say(
      [
        "many houses and trees are in a medium residential area .",
        layout == 0
          ? "houses stand in rows along straight roads in the medium residential area ."
          : layout == 1
            ? "houses stand along curved roads in the medium residential area ."
            : "houses stand around a ring road in the medium residential area .",
        "houses with \(lawns) are in the medium residential area .",
        "some roads go through a medium residential area with trees .",
        "a medium residential area with houses and gardens .",
      ],
      [
        tint == "different"
          ? "the houses have roofs of different colors ." : "many houses have \(tint) roofs .",
        "trees grow between the houses .",
        "there are gardens around the houses .",
      ])
  }

  private mutating func ringStreet(_ size: Float, _ roofs: [Tone]) {
    let radius = random.number(26, 31)
    let middle = Place(50, 50)
    let ring = (0...48).map { middle + Painter.turned(Float($0) / 48) * radius }
    road([middle, Place(50, -5)], width: 2.8, tone: Painter.lane, marked: false)
    road([Place(50, 50 + radius), Place(50, 105)], width: 2.8, tone: Painter.lane, marked: false)
    road(ring, width: 2.8, tone: Painter.lane, marked: false)
    raster.disc(middle, 5, Painter.lane)
    raster.disc(middle, 2.6, lawn * 1.1)
    for (away, step) in [
      (radius - size * 1.05, size * 1.5), (radius + size * 1.05, size * 1.45),
      (radius + size * 2.9, size * 1.5),
    ] {
      let places = Int(6.28 * away / step)
      for index in 0..<places {
        let out = Painter.turned(Float(index) / Float(places))
        let place = middle + out * away
        guard abs(place.x - 50) > size * 0.6 + 2, isFree(place, size * 0.52) else { continue }
        gabled(
          Placement(place, direction: out.normal), size * random.number(0.85, 1.1), size * 0.75,
          roof: random.one(of: roofs))
      }
    }
    for _ in 0..<260 {
      let place = Place(random.number(0, 100), random.number(0, 100))
      let away = abs((place - middle).length - radius)
      if isFree(place, 1), away > 3.6, abs(place.x - 50) > 3.6 {
        tree(place, random.number(1, 2.2))
      }
    }
  }

  mutating func sparseresidential() -> [String] {
    let dry = season == .dry
    ground(
      dry ? Tone(0.56, 0.50, 0.36) : lawn * 0.85, dry ? Tone(0.44, 0.44, 0.26) : lawn * 1.1,
      size: 12)
    let layout = random.integer(0...2)
    let houses = layout == 1 ? 1 : random.integer(2...4)
    let pooled = random.chance(0.5)
    let tone = Tone(0.66, 0.64, 0.60)
    let street = Painter.smooth([
      Place(-8, random.number(66, 78)), Place(30, random.number(62, 74)),
      Place(70, random.number(62, 80)), Place(108, random.number(66, 84)),
    ])
    road(street, width: 2.4, tone: Tone(0.60, 0.58, 0.54), marked: false)
    for index in 0..<houses {
      let x =
        houses == 1 ? 50 : 16 + Float(index) * (70 / Float(houses - 1)) + random.number(-3, 3)
      let below = layout == 2 && index % 2 == 1
      let place = Place(min(86, max(14, x)), below ? random.number(90, 92) : random.number(28, 42))
      let size: Float = layout == 1 ? 17 : 10
      raster.fill(
        blob(place, size * 1.2, below ? 8 : size * 1.1, ragged: 0.3), lawn * 1.2)
      let meets = street.min { abs($0.x - place.x) < abs($1.x - place.x) } ?? place
      road(
        Painter.smooth([place, Place(place.x + 3, (place.y + meets.y) / 2), meets]), width: 1.3,
        tone: tone, marked: false)
      let turn = below ? Place(1, random.number(-0.15, 0.15)) : direction()
      let roof = self.roof()
      let f = Placement(place, direction: turn)
      if layout == 1 {
        let wing = Placement(f.at(size * 0.34, size * 0.32), direction: f.along.normal)
        add(.house, f.centered(size, size * 0.5)) { painter in
          painter.castShadow(f.centered(size, size * 0.5), height: 3)
          painter.castShadow(wing.centered(size * 0.6, size * 0.36), height: 3)
          painter.slopes(wing, size * 0.6, size * 0.36, roof: roof)
          painter.slopes(f, size, size * 0.5, roof: roof)
        }
      } else {
        gabled(f, size, size * 0.66, roof: roof, height: 2.6)
      }
      if pooled, !below {
        pool(Placement(place + Place(2, -size * 1.05), direction: Place(1, 0.2)), 5, 2.8)
      }
    }
    let pond = layout == 1 && random.chance(0.5)
    if pond {
      let shape = blob(Place(18, 24), 11, 9, ragged: 0.4)
      add(.pond, shape) { painter in
        painter.raster.fill(shape, Paint(tone: Tone(0.15, 0.26, 0.28)))
      }
    }
    for _ in 0..<(dry ? 90 : 280) {
      let place = Place(random.number(0, 100), random.number(0, 100))
      let size = random.number(1.4, 2.9)
      if isFree(place, size + 1), street.allSatisfy({ ($0 - place).length > size + 2.4 }) {
        tree(place, size)
      }
    }
    let pools = count(.pool)
    return say(
      [
        "\(Speech.someAre(houses, "house")) in a sparse residential area .",
        "\(Speech.someAre(houses, "house")) surrounded by trees in the sparse residential area .",
        pooled
          ? "\(Speech.someAre(pools, "swimming pool")) in the sparse residential area ."
          : "a narrow road is in a sparse residential area .",
        pond
          ? "a sparse residential area with a house and a pond ."
          : "a sparse residential area with many trees .",
      ],
      [
        "many trees are around \(Speech.some(houses, "house")) .",
        "\(Speech.someAre(houses, "house")) near a narrow curved road .",
        houses == 1
          ? "a narrow path leads from the road to the house ."
          : "narrow paths lead from the road to the houses .",
      ])
  }
}
