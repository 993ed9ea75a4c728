/// Beach, bridge, pond, port, river: each paints its scene and says what it painted.
extension Painter {
  static let sand = Tone(0.84, 0.76, 0.58)

  mutating func beach() -> [String] {
    let shore = random.number(42, 60)
    let tilt = random.number(-0.15, 0.15)
    let bend = random.number(3, 8)
    let noise = noise
    let wavy = random.number(12, 24)
    let turquoise = random.chance(0.5)
    let sea = turquoise ? Tone(0.20, 0.58, 0.62) : Tone(0.20, 0.42, 0.50)
    let deep = turquoise ? Tone(0.06, 0.32, 0.45) : Tone(0.08, 0.24, 0.33)
    let flipped = random.chance(0.5)
    let land = shore - random.number(16, 24)
    raster.texture { place, _, _ in
      let along = place.y
      let x = flipped ? 100 - place.x : place.x
      let edge =
        shore + (along - 50) * tilt + (noise.fractal(along / wavy, 3, octaves: 3) - 0.5) * 2 * bend
      let out = x - edge
      if out > 0 {
        let swell = noise.fractal(out / 2.2 + noise.value(along / 9, 1) * 4, along / 14, octaves: 3)
        let foam = out < 9 && swell > 0.56 + out * 0.02 ? Float(0.75) : 0
        return sea.mixed(deep, min(1, out / 40)).mixed(
          Tone(0.96, 0.97, 0.97), out < 1.6 ? 0.85 : foam)
      }
      if x > land + (noise.value(along / 7, 7) - 0.5) * 5 {
        let grain = noise.value(place.x * 1.6, place.y * 1.6) - 0.5
        return (out > -2.5 ? Painter.sand * 0.82 : Painter.sand) * (1 + grain * 0.12)
      }
      let patch = noise.fractal(place.x / 5, place.y / 5, octaves: 3)
      return Tone(0.26, 0.36, 0.17) * (0.8 + patch * 0.5)
    }
    let umbrellas = random.chance(0.6) ? random.integer(8...24) : 0
    for _ in 0..<umbrellas {
      let x = land + 4 + random.unit() * max(1, shore - land - 12)
      let place = Place(flipped ? 100 - x : x, random.number(8, 92))
      raster.disc(place + shadow * 0.9, 1, Tone(0.1, 0.1, 0.1), share: 0.4)
      raster.disc(
        place, 1, random.one(of: [Tone(0.9, 0.2, 0.2), Tone(0.95, 0.95, 0.9), Tone(0.2, 0.4, 0.8)]))
    }
    for _ in 0..<40 {
      let x = random.number(0, land - 3)
      tree(Place(flipped ? 100 - x : x, random.number(0, 100)), random.number(1.4, 2.6))
    }
    let color = turquoise ? "turquoise" : "dark green"
    return [
      "the \(color) sea meets a yellow beach with white waves .",
      umbrellas > 0
        ? "\(umbrellas) umbrellas stand on the yellow beach near the ocean ."
        : "an empty yellow beach is near a piece of \(color) ocean .",
      "white waves roll on to the sand beach and green trees grow behind it .",
      "a beach is between green trees and the \(color) ocean .",
      "yellow sand lies beside the sea with white waves .",
    ]
  }

  mutating func bridge() -> [String] {
    let banks = random.chance(0.5)
    ground(Tone(0.34, 0.38, 0.24), Tone(0.42, 0.42, 0.30), size: 10)
    let across = Placement(Place(50, 50), direction: direction())
    let half = random.number(20, 30)
    raster.fill(across.rectangle(-half - 2, -90, 2 * half + 4, 180), Tone(0.55, 0.52, 0.42))
    let tint = random.chance(0.5) ? Tone(0.16, 0.30, 0.34) : Tone(0.20, 0.34, 0.30)
    raster.fill(across.rectangle(-half, -90, 2 * half, 180), water(tint))
    for _ in 0..<26 {
      let side: Float = random.chance(0.5) ? 1 : -1
      let place = across.at(side * random.number(half + 5, 55), random.number(-60, 60))
      banks
        ? tree(place, random.number(1.5, 2.6))
        : gabled(
          Placement(place, direction: across.along), 6, 4, roof: random.one(of: Painter.roofs))
    }
    let width = random.number(6, 9)
    let deck = across.rectangle(-half - 3, -width / 2, 2 * half + 6, width)
    castShadow(deck, height: 5)
    road([across.at(-90, 0), across.at(90, 0)], width: width - 1.6, tone: Tone(0.5, 0.5, 0.5))
    raster.line(
      [across.at(-half - 3, -width / 2), across.at(half + 3, -width / 2)], width: 0.9,
      Tone(0.85, 0.85, 0.83))
    raster.line(
      [across.at(-half - 3, width / 2), across.at(half + 3, width / 2)], width: 0.9,
      Tone(0.85, 0.85, 0.83))
    for step in -2...2 {
      let x = Float(step) * half / 2.4
      raster.line(
        [across.at(x, -width / 2 - 1), across.at(x, width / 2 + 1)], width: 0.9,
        Tone(0.75, 0.75, 0.73))
    }
    let cars = random.integer(3...9)
    carsAlong(across.at(-60, 0), across.at(60, 0), lane: width * 0.18, count: cars)
    let sides = banks ? "green trees" : "buildings"
    return [
      "a bridge is over a river with \(sides) on both sides .",
      "\(cars) cars are on a straight bridge over the river .",
      "a grey bridge crosses a wide river .",
      "the river with a bridge over it flows between \(sides) .",
      "a long bridge with white edges is across the water .",
    ]
  }

  mutating func pond() -> [String] {
    grass()
    let shape = blob(
      Place(50, 50) + direction() * 6, random.number(22, 31), random.number(17, 27), ragged: 0.5)
    raster.line(
      [Place(0, random.number(5, 20)), Place(100, random.number(5, 25))], width: 2.5,
      Tone(0.72, 0.68, 0.58))
    raster.line(shape + [shape[0]], width: 3.4, Tone(0.55, 0.52, 0.38))
    let green = random.chance(0.5)
    raster.fill(shape, water(green ? Tone(0.22, 0.33, 0.20) : Tone(0.14, 0.24, 0.28)))
    for corner in shape where random.chance(0.5) {
      let out = (corner - Place(50, 50)).unit
      tree(corner + out * random.number(2.5, 6), random.number(1.6, 3))
    }
    trees(16, 0...100, 0...12, 2.4)
    trees(16, 0...100, 88...100, 2.4)
    let houses = random.integer(0...3)
    for index in 0..<houses {
      gabled(
        Placement(Place(12 + Float(index) * 9, 91), direction: Place(1, 0)), 7, 5,
        roof: Painter.roofs[0])
    }
    let tint = green ? "green" : "dark"
    return [
      "a pond with \(tint) water is surrounded by many green trees .",
      "many green trees are around an irregular pond .",
      houses > 0
        ? "\(houses) houses are near a \(tint) pond with trees ."
        : "a \(tint) pond is in a green meadow .",
      "a small pond is in the middle of grass and trees .",
      "the \(tint) pond lies near a narrow road .",
    ]
  }

  mutating func port() -> [String] {
    let sea = water(random.chance(0.5) ? Tone(0.10, 0.22, 0.30) : Tone(0.14, 0.28, 0.28))
    raster.fill(Placement(Place(50, 50)).centered(102, 102), sea)
    let quay = random.number(24, 34)
    let concrete = Tone(0.62, 0.61, 0.58)
    raster.fill([Place(0, 0), Place(100, 0), Place(100, quay), Place(0, quay)], concrete)
    raster.line([Place(0, quay), Place(100, quay)], width: 1.2, Tone(0.8, 0.8, 0.77))
    for index in 0..<4 {
      let frame = Placement(Place(13 + Float(index) * 25, quay * 0.32), direction: Place(1, 0))
      hall(
        frame, 17, quay * 0.4,
        roof: random.one(of: [Tone(0.72, 0.72, 0.74), Tone(0.45, 0.55, 0.65), Tone(0.62, 0.4, 0.3)])
      )
    }
    for _ in 0..<46 {
      let tone = random.one(of: [
        Tone(0.7, 0.2, 0.15), Tone(0.15, 0.35, 0.6), Tone(0.85, 0.6, 0.15), Tone(0.2, 0.5, 0.35),
      ])
      let place = Placement(
        Place(random.number(3, 94), quay - random.number(3, 8)), direction: Place(1, 0))
      castShadow(place.rectangle(0, 0, 3.2, 1.3), height: 1)
      raster.fill(place.rectangle(0, 0, 3.2, 1.3), tone)
    }
    var boats = 0
    let marina = random.chance(0.5)
    for pier in 0..<3 {
      let x = 18 + Float(pier) * 32
      castShadow(
        [Place(x - 1.4, quay), Place(x + 1.4, quay), Place(x + 1.4, 92), Place(x - 1.4, 92)],
        height: 1)
      raster.fill(
        [Place(x - 1.4, quay), Place(x + 1.4, quay), Place(x + 1.4, 92), Place(x - 1.4, 92)],
        concrete)
      let step: Float = marina ? 4.6 : 21
      var y = quay + (marina ? 4 : 12)
      while y < 90 {
        for side in [Float(-1), 1] where random.chance(marina ? 0.85 : 0.7) {
          let deck = random.one(of: [
            Tone(0.92, 0.93, 0.93), Tone(0.8, 0.8, 0.78), Tone(0.55, 0.25, 0.2),
          ])
          if marina {
            ship(
              Place(x + side * 6, y), direction: Place(side, 0), length: random.number(6.5, 8.5),
              deck: deck)
          } else {
            ship(
              Place(x + side * 5.2, y), direction: Place(0, 1), length: random.number(16, 21),
              deck: deck)
          }
          boats += 1
        }
        y += step
      }
    }
    let kind = marina ? "boats" : "ships"
    return [
      "\(boats) \(kind) are docked in a port beside three long piers .",
      "many \(kind) are in a port near some buildings .",
      "many white \(kind) are orderly docked in the port with dark water .",
      "some containers and warehouses are near a port with \(kind) .",
      "a port with three piers and many \(kind) .",
    ]
  }

  mutating func river() -> [String] {
    let fields = random.chance(0.4)
    ground(
      Tone(0.24, 0.34, 0.18), fields ? Tone(0.52, 0.48, 0.30) : Tone(0.32, 0.42, 0.22), size: 12)
    if !fields { trees(420, 0...100, 0...100, 1.7) } else { trees(90, 0...100, 0...100, 1.7) }
    let width = random.number(10, 16)
    let swing = random.number(10, 24)
    let noise = noise
    let shift = random.number(0, 50)
    let turned = random.chance(0.5)
    let path = (0...50).map { step -> Place in
      let y = Float(step) * 2.4 - 10
      let x = 50 + (noise.fractal(y / 30 + shift, 5, octaves: 2) - 0.5) * 3 * swing
      return turned ? Place(y, x) : Place(x, y)
    }
    raster.line(path, width: width + 2.5, Tone(0.60, 0.56, 0.44))
    let brown = random.chance(0.4)
    let tone = brown ? Tone(0.44, 0.38, 0.26) : Tone(0.14, 0.28, 0.28)
    raster.line(path, width: width, tone)
    raster.line(path.map { $0 + Place(0.8, 0.8) }, width: width * 0.5, tone * 0.9, share: 0.5)
    let side = fields ? "farmlands" : "green trees"
    let tint = brown ? "yellow" : "dark green"
    return [
      "a curved \(tint) river flows between \(side) .",
      "\(side) are on two sides of a curved river .",
      "a \(tint) river bends through \(side) .",
      "the river is curved and many plants grow on its banks .",
      "a long winding river with \(tint) water .",
    ]
  }
}
