/// Dense, medium and sparse residential areas, resort, park, square, school.
extension Painter {
  /// Houses in rows along streets; returns how many were drawn.
  private mutating func houses(
    spacing: Float, depth: Float, size: Float, treesPerHouse: Float, roofs: [Tone]
  ) -> Int {
    let f = Placement(Place(50, 50), direction: Place(1, random.number(-0.5, 0.5)))
    let block = 2 * depth + 4
    var count = 0
    for line in -4...4 {
      let y = Float(line) * block
      road([f.at(-90, y), f.at(90, y)], width: 2.6, tone: Tone(0.56, 0.55, 0.54), marked: false)
      carsAlong(f.at(-70, y), f.at(70, y), lane: 0.7, count: 4, size: 0.8)
      for side in [Float(1), -1] {
        var x: Float = -80
        while x < 80 {
          let place = f.at(x + random.number(-0.4, 0.4), y + side * (depth * 0.62 + 1.6))
          if random.chance(0.95) {
            let turned = random.chance(0.3) ? f.along.normal : f.along
            gabled(
              Placement(place, direction: turned), size * random.number(0.85, 1.1),
              size * random.number(0.7, 0.9), roof: random.one(of: roofs))
            if place.x > 0, place.x < 100, place.y > 0, place.y < 100 { count += 1 }
          }
          var left = treesPerHouse
          while random.chance(min(1, left)) {
            tree(
              f.at(
                x + random.number(-spacing / 2, spacing / 2),
                y + side * random.number(depth * 0.9, depth * 1.2 + 1)), random.number(0.9, 1.9))
            left -= 1
          }
          x += spacing
        }
      }
    }
    road([f.at(-31, -90), f.at(-31, 90)], width: 2.8, tone: Tone(0.56, 0.55, 0.54), marked: false)
    return count
  }

  mutating func denseresidential() -> [String] {
    ground(Tone(0.46, 0.44, 0.40), Tone(0.38, 0.40, 0.32), size: 8)
    let orange = random.chance(0.5)
    let roofs =
      orange
      ? [Tone(0.66, 0.36, 0.25), Tone(0.60, 0.33, 0.25), Tone(0.70, 0.42, 0.3)] : Painter.roofs
    let count = houses(spacing: 5.2, depth: 4.6, size: 5, treesPerHouse: 0.3, roofs: roofs)
    let tint = orange ? "orange" : "different"
    return [
      "many houses with \(tint) roofs are densely arranged in the residential area .",
      "lots of houses are in a dense residential area .",
      "more than \(max(10, count / 10 * 10)) houses stand close together along narrow streets .",
      "dense houses with \(tint) roofs are divided by several roads .",
      "it is a dense residential area with many small houses .",
    ]
  }

  mutating func mediumresidential() -> [String] {
    grass()
    let count = houses(spacing: 11, depth: 9, size: 7.4, treesPerHouse: 1.6, roofs: Painter.roofs)
    return [
      "many houses and green trees are in a medium residential area .",
      "\(count) houses with trees and lawns are arranged along the roads .",
      "houses stand in rows with green trees in the medium residential area .",
      "some roads go through a medium residential area with trees .",
      "the medium residential area has houses with gardens .",
    ]
  }

  mutating func sparseresidential() -> [String] {
    let dry = random.chance(0.3)
    ground(
      dry ? Tone(0.56, 0.50, 0.36) : Tone(0.28, 0.38, 0.18),
      dry ? Tone(0.44, 0.44, 0.26) : Tone(0.38, 0.46, 0.24), size: 12)
    trees(dry ? 60 : 220, 0...100, 0...100, 2.2)
    road(
      [Place(-5, 70), Place(50, random.number(52, 66)), Place(105, 80)], width: 2.4,
      tone: Tone(0.60, 0.58, 0.54), marked: false)
    let count = random.integer(1...3)
    let pooled = random.chance(0.5)
    for index in 0..<count {
      let place = Place(22 + Float(index) * 28 + random.number(-4, 4), random.number(28, 44))
      raster.fill(blob(place, 13, 11, ragged: 0.4), Tone(0.42, 0.52, 0.28))
      road(
        [place, Place(place.x + 5, 64)], width: 1.4, tone: Tone(0.66, 0.64, 0.60), marked: false)
      gabled(
        Placement(place, direction: direction()), 11, 7.5, roof: random.one(of: Painter.roofs),
        height: 2.6)
      if pooled { pool(Placement(place + Place(9, 4), direction: Place(1, 0.4)), 4, 2.4) }
    }
    let number = ["a house is", "two houses are", "three houses are"][count - 1]
    return [
      "\(number) surrounded by many green trees in the sparse residential area .",
      "\(number) near a narrow road in a sparse residential area .",
      pooled
        ? "a swimming pool is next to a house among trees ."
        : "a road leads to a house among trees .",
      "it is a sparse residential area with lawn and trees .",
      "many trees are around \(count) house\(count == 1 ? "" : "s") .",
    ]
  }

  mutating func resort() -> [String] {
    grass()
    trees(160, 0...100, 0...100, 1.8)
    let noise = noise
    let seaside = random.chance(0.5)
    if seaside {
      raster.texture { place, _, tone in
        let out = place.y - 80 - (noise.fractal(place.x / 14, 2, octaves: 2) - 0.5) * 9
        if out > 0 { return Tone(0.18, 0.52, 0.58).mixed(Tone(0.08, 0.33, 0.45), min(1, out / 18)) }
        return out > -6 ? Painter.sand : tone
      }
    }
    let roof = random.one(of: [
      Tone(0.68, 0.38, 0.28), Tone(0.85, 0.82, 0.76), Tone(0.60, 0.46, 0.34),
    ])
    hall(Placement(Place(50, 15), direction: Place(1, 0)), 58, 11, roof: roof)
    for side in [Float(-1), 1] {
      hall(Placement(Place(50 + side * 26, 30), direction: Place(0, 1)), 24, 9, roof: roof)
    }
    raster.fill(blob(Place(50, 43), 22, 15, ragged: 0.3), Tone(0.80, 0.76, 0.66))
    raster.fill(blob(Place(47, 42), 11, 7, ragged: 0.7), Tone(0.22, 0.68, 0.80))
    pool(Placement(Place(63, 47), direction: Place(1, 0.3)), 10, 5)
    for _ in 0..<26 {
      let place = Place(50, 43) + Painter.turned(random.unit()) * random.number(15, 19)
      raster.disc(place, 0.9, random.one(of: [Tone(0.97, 0.97, 0.95), Tone(0.85, 0.3, 0.25)]))
    }
    let villas = random.integer(5...9)
    for index in 0..<villas {
      gabled(
        Placement(Place(9 + Float(index) * 10, 68 + random.number(-3, 3)), direction: direction()),
        6.5, 5.5, roof: roof)
    }
    return [
      "a resort with two swimming pools and many green trees .",
      "\(villas) villas and a large building are in the resort with blue pools .",
      seaside
        ? "a resort with swimming pools is near the beach and the ocean ."
        : "a resort with swimming pools is in the woods .",
      "a blue swimming pool is surrounded by buildings of the resort .",
      "many plants are around the pools in the resort .",
    ]
  }

  mutating func park() -> [String] {
    grass()
    trees(190, 0...100, 0...100, 2.2)
    let lawn = blob(Place(52, 52), 40, 36, ragged: 0.3)
    raster.fill(lawn, Tone(0.36, 0.50, 0.24))
    let path = Tone(0.82, 0.78, 0.68)
    raster.line(lawn + [lawn[0]], width: 2, path)
    let lake = blob(Place(36, 40), random.number(13, 18), random.number(9, 13), ragged: 0.8)
    raster.line(lake + [lake[0]], width: 2.6, path)
    raster.fill(lake, water(Tone(0.16, 0.32, 0.30)))
    for _ in 0..<random.integer(4...6) {
      let start = random.one(of: lawn)
      raster.line([start, Place(52, 52) + direction() * 14, Place(66, 62)], width: 1.3, path)
    }
    raster.disc(Place(66, 62), 8, path)
    raster.disc(Place(66, 62), 5, Tone(0.60, 0.35, 0.38))
    raster.disc(Place(66, 62), 2.4, Tone(0.35, 0.62, 0.68))
    for _ in 0..<34 {
      tree(
        Place(52, 52) + Painter.turned(random.unit()) * random.number(20, 36),
        random.number(1.4, 2.6))
    }
    let pavilions = random.integer(1...3)
    for index in 0..<pavilions {
      gabled(
        Placement(Place(30 + Float(index) * 22, 78), direction: direction()), 6, 6,
        roof: Tone(0.62, 0.34, 0.26))
    }
    road([Place(-5, 97), Place(105, 97)], width: 4)
    return [
      "a park with a lake and winding paths among green trees .",
      "a dark green lake is in the park with many trees .",
      "\(pavilions) small building\(pavilions == 1 ? "" : "s") and a round flower bed are in the park .",
      "many green trees and several paths are in a park near a road .",
      "a park with lawn and a pond .",
    ]
  }

  mutating func square() -> [String] {
    ground(Tone(0.50, 0.49, 0.47), Tone(0.44, 0.46, 0.40), size: 12)
    for side in 0..<4 {
      let f = Placement(
        Place(50, 50), direction: [Place(1, 0), Place(0, 1), Place(-1, 0), Place(0, -1)][side])
      road([f.at(-60, 37), f.at(60, 37)], width: 5)
      carsAlong(f.at(-50, 37), f.at(50, 37), lane: 1.2, count: 6)
      for index in 0..<5 {
        flat(
          Placement(f.at(-40 + Float(index) * 20, 46.5), direction: f.along), 15, 9,
          roof: random.one(of: Painter.roofs), height: 6)
      }
    }
    let stone = random.one(of: [
      Tone(0.78, 0.74, 0.68), Tone(0.70, 0.66, 0.64), Tone(0.80, 0.70, 0.58),
    ])
    raster.fill([Place(17, 17), Place(83, 17), Place(83, 83), Place(17, 83)], stone)
    for step in 0...16 {
      let at = 17 + Float(step) * 4.1
      raster.line([Place(at, 17), Place(at, 83)], width: 0.25, stone * 0.85)
      raster.line([Place(17, at), Place(83, at)], width: 0.25, stone * 0.85)
    }
    let lawns = random.chance(0.7)
    for corner in [Place(28, 28), Place(72, 28), Place(28, 72), Place(72, 72)] {
      raster.fill(
        Placement(corner, direction: Place(1, 0)).rectangle(-8, -8, 16, 16),
        lawns ? Tone(0.33, 0.48, 0.22) : stone * 0.8)
      for place in [
        corner + Place(-5, -5), corner + Place(5, 5), corner + Place(-5, 5), corner + Place(5, -5),
      ] { tree(place, 2) }
    }
    for ring in stride(from: Float(17), to: 4, by: -4) {
      raster.disc(
        Place(50, 50), ring,
        ring.truncatingRemainder(dividingBy: 8) < 2 ? stone * 0.7 : stone * 1.12)
    }
    let fountain = random.chance(0.6)
    raster.disc(Place(50, 50), 5, fountain ? Tone(0.30, 0.58, 0.66) : Tone(0.62, 0.50, 0.40))
    raster.disc(Place(50, 50), 1.4, Tone(0.95, 0.96, 0.97))
    let middle = fountain ? "fountain" : "monument"
    return [
      "a square with a round \(middle) in the center .",
      "a square is surrounded by roads and buildings .",
      lawns ? "four green lawns are in the square ." : "a stone square with some trees .",
      "the square has a \(middle) and symmetrical paths .",
      "many buildings are around a large square .",
    ]
  }

  mutating func school() -> [String] {
    grass()
    road([Place(-5, 5), Place(105, 5)], width: 4)
    road([Place(4, -5), Place(4, 105)], width: 4)
    trees(40, 8...100, 90...100, 2.2)
    raster.fill([Place(9, 10), Place(97, 10), Place(97, 92), Place(9, 92)], Tone(0.62, 0.60, 0.55))
    track(
      Placement(Place(68, 66), direction: Place(1, 0)), 54, 36, tone: Tone(0.66, 0.28, 0.22),
      lawn: Tone(0.28, 0.48, 0.22))
    let roof = random.one(of: [
      Tone(0.62, 0.36, 0.26), Tone(0.76, 0.75, 0.72), Tone(0.45, 0.50, 0.56),
    ])
    let wings = random.integer(3...4)
    for index in 0..<wings {
      flat(
        Placement(Place(58, 17 + Float(index) * 8.6), direction: Place(1, 0)), 62, 4.6, roof: roof,
        height: 3)
    }
    flat(
      Placement(Place(25, 15 + Float(wings) * 4.3), direction: Place(0, 1)), Float(wings) * 8.6, 5,
      roof: roof, height: 3)
    for index in 0..<3 {
      let court = Placement(Place(24, 56 + Float(index) * 13), direction: Place(1, 0))
      raster.fill(
        court.rectangle(-10, -5, 20, 10.5),
        random.chance(0.5) ? Tone(0.25, 0.50, 0.38) : Tone(0.55, 0.32, 0.28))
      let inner = court.rectangle(-8.5, -4, 17, 8.5)
      raster.line(
        inner + [inner[0], court.at(0, -4), court.at(0, 4.5)], width: 0.3, Tone(0.95, 0.95, 0.95))
    }
    treesAlong(Place(10, 50), Place(96, 47), spacing: 5, radius: 1.6)
    return [
      "a school with a playground and \(wings) long teaching buildings .",
      "several buildings and a red track are in the school .",
      "three basketball courts are next to a playground in the school .",
      "a school is near two roads with green trees .",
      "the school has buildings in rows and a football field .",
    ]
  }
}
