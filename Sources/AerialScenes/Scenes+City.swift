/// Church, center, commercial, industrial.
extension Painter {
  mutating func church() -> [String] {
    ground(Tone(0.48, 0.46, 0.43), Tone(0.36, 0.42, 0.28), size: 12)
    for _ in 0..<14 {
      let turn = random.unit()
      let place = Place(50, 50) + Painter.turned(turn) * random.number(46, 62)
      gabled(
        Placement(place, direction: direction()), random.number(10, 14), random.number(8, 10),
        roof: random.one(of: Painter.roofs), height: 4)
    }
    raster.fill(blob(Place(50, 50), 37, 35, ragged: 0.2), Tone(0.70, 0.67, 0.62))
    let f = Placement(Place(50, 50), direction: direction())
    let roof = random.one(of: [
      Tone(0.34, 0.40, 0.42), Tone(0.62, 0.34, 0.26), Tone(0.42, 0.52, 0.47),
    ])
    let length = random.number(50, 58)
    gabled(f, length, 13, roof: roof, height: 7)
    gabled(
      Placement(f.at(length * 0.14, 0), direction: f.along.normal), 33, 11, roof: roof, height: 7)
    gabled(f, length, 13, roof: roof, height: 0)
    raster.ellipse(f.at(length / 2, 0), 6.4, 6.4, roof * 0.95)
    let crossing = f.at(length * 0.14, 0)
    let domed = random.chance(0.5)
    raster.disc(crossing, 5.2, roof * 0.7)
    raster.disc(crossing - shadow, domed ? 4.6 : 3, domed ? Tone(0.45, 0.66, 0.60) : roof * 1.4)
    raster.disc(crossing - shadow * 2, 1.2, Tone(0.92, 0.85, 0.6))
    for side in [Float(-1), 1] {
      let tower = Placement(f.at(-length / 2, side * 5), direction: f.along)
      castShadow(tower.rectangle(-3, -3, 6, 6), height: 18)
      raster.fill(tower.rectangle(-3, -3, 6, 6), Tone(0.80, 0.74, 0.64))
      for (a, b, light) in [(0, 1, Float(0.8)), (1, 2, 1.2), (2, 3, 1), (3, 0, 0.65)] {
        let corners = tower.rectangle(-2.5, -2.5, 5, 5)
        raster.fill([corners[a], corners[b], tower.origin], roof * light)
      }
    }
    trees(14, 12...88, 84...96, 2.2)
    return [
      "a church with a cross shaped roof and two towers .",
      "a large church is surrounded by some buildings .",
      domed
        ? "a church with a green dome is near a square ."
        : "a church with a pointed tower is near a square .",
      "the church has a long nave and casts a shadow .",
      "a cross shaped church is near several houses and trees .",
    ]
  }

  mutating func center() -> [String] {
    ground(Tone(0.60, 0.59, 0.56), Tone(0.52, 0.52, 0.48), size: 14)
    road([Place(-5, 6), Place(105, 6)], width: 6)
    road([Place(94, -5), Place(94, 105)], width: 6)
    carsAlong(Place(0, 6), Place(100, 6), lane: 1.4, count: 10)
    for _ in 0..<5 {
      flat(
        Placement(Place(random.number(4, 84), random.number(90, 96)), direction: Place(1, 0)), 13,
        8, roof: random.one(of: Painter.roofs), height: 6)
    }
    let middle = Place(47, 50)
    raster.disc(middle, 39, Tone(0.74, 0.72, 0.67))
    let round = random.chance(0.5)
    let shell = random.one(of: [
      Tone(0.84, 0.86, 0.88), Tone(0.62, 0.66, 0.72), Tone(0.80, 0.76, 0.66),
    ])
    let (a, b): (Float, Float) = round ? (29, 29) : (33, 23)
    let along = direction()
    for step in 1...4 {
      raster.ellipse(
        middle + shadow * Float(step) * 1.7, a, b, direction: along, share: 0.25,
        Tone(0.05, 0.05, 0.07))
    }
    raster.ellipse(middle, a, b, direction: along, shell * 0.8)
    let frame = Placement(middle, direction: along)
    for petal in 0..<16 {
      let (p, q) = (Painter.turned(Float(petal) / 16), Painter.turned(Float(petal + 1) / 16))
      raster.fill(
        [
          frame.at(p.x * a * 0.95, p.y * b * 0.95), frame.at(q.x * a * 0.95, q.y * b * 0.95),
          middle,
        ], shell * (petal % 2 == 0 ? 1.08 : 0.9))
    }
    raster.ellipse(middle, a * 0.5, b * 0.5, direction: along, shell * 0.6)
    raster.ellipse(middle, a * 0.44, b * 0.44, direction: along, Tone(0.40, 0.52, 0.60))
    raster.ellipse(middle - shadow * 2, a * 0.2, b * 0.2, direction: along, Tone(0.62, 0.74, 0.80))
    treesAlong(Place(6, 12), Place(88, 12), spacing: 5, radius: 1.7)
    treesAlong(Place(88, 14), Place(88, 90), spacing: 5, radius: 1.7)
    let shape = round ? "round" : "oval"
    return [
      "a large \(shape) center building is near two roads .",
      "the center building with a \(shape) roof is surrounded by trees .",
      "a big building in the center has a blue glass roof .",
      "a \(shape) center is in a grey square near roads .",
      "many cars are on the road near the \(shape) center building .",
    ]
  }

  mutating func commercial() -> [String] {
    ground(Tone(0.46, 0.46, 0.45), Tone(0.40, 0.40, 0.38), size: 10)
    let f = Placement(Place(50, 50), direction: Place(1, random.number(-0.3, 0.3)))
    for line in -2...2 {
      let at = Float(line) * 32 + 16
      road([f.at(-90, at), f.at(90, at)], width: 6)
      road([f.at(at, -90), f.at(at, 90)], width: 6)
      carsAlong(f.at(-60, at), f.at(60, at), lane: 1.5, count: 14)
      carsAlong(f.at(at, -60), f.at(at, 60), lane: 1.5, count: 14)
    }
    var towers = 0
    for row in -2...2 {
      for column in -2...2 {
        let corner = Place(Float(column) * 32, Float(row) * 32)
        for (dx, dy) in [(Float(-6), Float(-6)), (6, -6), (-6, 6), (6, 6)] {
          let high = random.chance(0.45)
          let tone = random.one(of: [
            Tone(0.72, 0.72, 0.73), Tone(0.50, 0.55, 0.62), Tone(0.60, 0.55, 0.50),
            Tone(0.82, 0.81, 0.78), Tone(0.36, 0.40, 0.46),
          ])
          let frame = Placement(f.at(corner.x + dx, corner.y + dy), direction: f.along)
          flat(
            frame, random.number(8, 11), random.number(8, 11), roof: tone,
            height: high ? random.number(9, 16) : 4)
          if high { towers += 1 }
        }
      }
    }
    return [
      "many tall buildings are close to each other in a commercial area .",
      "several roads go through the commercial area with tall buildings .",
      "many cars are on the roads in the commercial area .",
      "tall buildings with long shadows stand in the commercial area .",
      "a prosperous commercial area with \(min(towers, 30)) tall buildings .",
    ]
  }

  mutating func industrial() -> [String] {
    ground(Tone(0.55, 0.54, 0.51), Tone(0.48, 0.48, 0.44), size: 10)
    let f = Placement(Place(50, 50), direction: Place(1, random.number(-0.5, 0.5)))
    let tones = [
      Tone(0.30, 0.48, 0.70), Tone(0.75, 0.76, 0.77), Tone(0.62, 0.34, 0.28),
      Tone(0.62, 0.66, 0.70),
    ]
    let blue = random.chance(0.6)
    var halls = 0
    for row in -2...2 {
      let y = Float(row) * 25
      road([f.at(-90, y + 12.5), f.at(90, y + 12.5)], width: 3.4, tone: Tone(0.50, 0.50, 0.49))
      var x: Float = -75
      while x < 75 {
        let width = random.number(22, 40)
        hall(
          Placement(f.at(x + width / 2, y), direction: f.along), width - 3, random.number(14, 18),
          roof: blue && random.chance(0.6) ? tones[0] : random.one(of: tones))
        halls += 1
        if random.chance(0.4) {
          tank(f.at(x + width - 0.5, y + 8), 2.2, tone: Tone(0.88, 0.88, 0.87))
        }
        x += width
      }
      for _ in 0..<8 {
        let place = Placement(f.at(random.number(-70, 70), y + 10.3), direction: f.along)
        raster.fill(
          place.rectangle(0, 0, 4, 1.3),
          random.one(of: [Tone(0.9, 0.9, 0.9), Tone(0.3, 0.4, 0.6), Tone(0.7, 0.3, 0.2)]))
      }
    }
    let tint = blue ? "blue" : "grey"
    return [
      "many large factory halls with \(tint) roofs are in an industrial area .",
      "several roads divide the industrial area with large workshops .",
      "long workshops with \(tint) and white roofs stand in rows .",
      "trucks and tanks are near the buildings of an industrial area .",
      "an industrial area with many \(tint) factory buildings .",
    ]
  }
}
