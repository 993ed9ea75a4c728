/// Commercial, industrial.
extension Painter {
  private mutating func office() -> Tone {
    random.one(of: [
      Tone(0.72, 0.72, 0.73), Tone(0.50, 0.55, 0.62), Tone(0.60, 0.55, 0.50),
      Tone(0.82, 0.81, 0.78), Tone(0.36, 0.40, 0.46), Tone(0.58, 0.40, 0.34),
    ])
  }

  mutating func commercial() -> [String] {
    ground(Tone(0.46, 0.46, 0.45), Tone(0.40, 0.40, 0.38), size: 10)
    let f = Placement(Place(50, 50), direction: Place(1, random.number(-0.3, 0.3)))
    let layout = random.integer(0...2)
    switch layout {
    case 0: towerBlocks(f)
    case 1: mall(f)
    default: avenue(f)
    }
    let special =
      layout == 1
      ? "a large white mall is between two parking lots in a commercial area ."
      : layout == 0
        ? "crossing roads divide the commercial area into blocks ."
        : "tall buildings stand along a wide road in a commercial area ."
    return say(
      [
        "many buildings are in a commercial area .",
        "some roads with cars go through the commercial area .", special,
        "it is a busy commercial area with tall buildings .",
        "many buildings and some roads are in the commercial area .",
      ],
      [
        "tall buildings cast long shadows .", "many cars are on the roads between the buildings .",
        "the roofs of the buildings have different colors .",
      ])
  }

  private mutating func towerBlocks(_ f: Placement) {
    let step = random.number(28, 36)
    for line in -3...2 {
      let at = (Float(line) + 0.5) * step
      road([f.at(-90, at), f.at(90, at)], width: 6)
      road([f.at(at, -90), f.at(at, 90)], width: 6)
    }
    for line in -3...2 {
      let at = (Float(line) + 0.5) * step
      carsAlong(f.at(-60, at), f.at(60, at), lane: 1.5, count: 14)
      carsAlong(f.at(at, -60), f.at(at, 60), lane: 1.5, count: 14)
    }
    let half = (step - 8) / 4
    for row in -2...2 {
      for column in -2...2 {
        let corner = Place(Float(column) * step, Float(row) * step)
        if random.chance(0.2) {
          let frame = Placement(f.at(corner.x, corner.y), direction: f.along)
          flat(frame, step - 11, step - 11, roof: office(), height: random.number(8, 13))
          continue
        }
        for (dx, dy) in [(-half, -half), (half, -half), (-half, half), (half, half)] {
          let frame = Placement(f.at(corner.x + dx, corner.y + dy), direction: f.along)
          flat(
            frame, half * random.number(1.3, 1.75), half * random.number(1.3, 1.75),
            roof: office(), height: random.chance(0.45) ? random.number(9, 16) : 4)
        }
      }
    }
  }

  private mutating func mall(_ f: Placement) {
    road([f.at(-90, 40), f.at(90, 40)], width: 7)
    road([f.at(-43, -90), f.at(-43, 90)], width: 6)
    carsAlong(f.at(-60, 40), f.at(60, 40), lane: 1.7, count: 16)
    carsAlong(f.at(-43, -60), f.at(-43, 60), lane: 1.5, count: 14)
    parkingLot(Placement(f.at(-37, -46), direction: f.along), 90, 20, filled: 0.75)
    parkingLot(Placement(f.at(-37, 18), direction: f.along), 90, 17, filled: 0.75)
    let roof = random.one(of: [Tone(0.86, 0.86, 0.85), Tone(0.80, 0.81, 0.84)])
    flat(Placement(f.at(4, -4), direction: f.along), 68, 32, roof: roof, height: 4)
    for x in [Float(-20), 4, 28] {
      flat(
        Placement(f.at(x, -4), direction: f.along), 14, 20, roof: roof * random.number(0.8, 1.1),
        height: 3)
    }
    raster.fill(f.rectangle(-28, -6.5, 64, 5), Tone(0.45, 0.58, 0.68))
    for x in stride(from: Float(-78), to: 80, by: 16) {
      flat(
        Placement(f.at(x, 56), direction: f.along), 13, random.number(12, 18), roof: office(),
        height: random.number(7, 14))
    }
    for y in stride(from: Float(-50), to: 36, by: 17) {
      flat(
        Placement(f.at(-56, y), direction: f.along), 15, 13, roof: office(),
        height: random.number(5, 12))
    }
  }

  private mutating func avenue(_ f: Placement) {
    road([f.at(-90, -6), f.at(90, -6)], width: 8)
    road([f.at(-90, 6), f.at(90, 6)], width: 8)
    raster.fill(f.rectangle(-90, -1.4, 180, 2.8), lawn)
    let corner = random.number(-22, 22)
    road([f.at(corner, -90), f.at(corner, 90)], width: 7)
    for lane in [Float(-6), 6] {
      carsAlong(f.at(-60, lane), f.at(60, lane), lane: 2, count: 16)
    }
    carsAlong(f.at(corner, -60), f.at(corner, 60), lane: 1.7, count: 12)
    treesAlong(f.at(-60, 0), f.at(60, 0), spacing: 6, radius: 1.5)
    for side in [Float(-1), 1] {
      var x: Float = -70
      while x < 70 {
        let width = random.number(13, 22)
        let middle = x + width / 2
        x += width + 1.5
        guard abs(middle - corner) > width / 2 + 4.6 else { continue }
        let podium = Placement(f.at(middle, side * 24), direction: f.along)
        let roof = office()
        flat(podium, width - 1, 22, roof: roof * 0.85, height: 4)
        let high = random.number(10, 18)
        if random.chance(0.3) {
          for step in 1...4 {
            raster.disc(
              podium.origin + shadow * (high * Float(step) / 4), 6, Painter.dark, share: 0.25)
          }
          raster.disc(podium.origin, 6, roof * 1.1)
          raster.disc(podium.origin, 4.6, roof)
        } else {
          flat(podium, width * 0.6, 12, roof: roof * 1.1, height: high)
        }
        flat(
          Placement(f.at(middle, side * 46), direction: f.along), width - 2, 15, roof: office(),
          height: random.number(4, 10))
      }
    }
  }

  mutating func industrial() -> [String] {
    ground(Tone(0.55, 0.54, 0.51), Tone(0.48, 0.48, 0.44), size: 10)
    let f = Placement(Place(50, 50), direction: Place(1, random.number(-0.5, 0.5)))
    let blue = random.chance(0.5)
    let tones = [
      blue ? Tone(0.30, 0.48, 0.70) : Tone(0.64, 0.66, 0.68), Tone(0.75, 0.76, 0.77),
      Tone(0.62, 0.34, 0.28), Tone(0.62, 0.66, 0.70),
    ]
    let tint = blue ? "blue" : "grey"
    let layout = random.integer(0...2)
    switch layout {
    case 0: hallRows(f, tones)
    case 1: plant(f, tones)
    default: warehouses(f, tones)
    }
    return say(
      [
        "\(layout == 1 ? "some" : "many") buildings with \(tint) and other roofs are in an industrial area .",
        layout == 1
          ? "a factory with tanks and chimneys is in an industrial area ."
          : "some roads divide the industrial area with large workshops .",
        "several large factory buildings are in the industrial area .",
        layout == 2
          ? "trucks stop in front of the warehouses of an industrial area ."
          : layout == 0
            ? "long halls stand in rows in the industrial area ."
            : "pipes connect the tanks in an industrial area .",
        "it is an industrial area with large roofs .",
      ],
      ["the large roofs have \(tint) and other colors .", "a road is between large workshops ."])
  }

  private mutating func truck(_ f: Placement) {
    let tone = random.one(of: [Painter.white, Tone(0.3, 0.4, 0.6), Tone(0.7, 0.3, 0.2)])
    castShadow(f.rectangle(0, -0.65, 5, 1.3), height: 1)
    raster.fill(f.rectangle(0, -0.65, 3.7, 1.3), tone)
    raster.fill(f.rectangle(3.9, -0.6, 1.1, 1.2), tone * 0.7)
  }

  private mutating func hallRows(_ f: Placement, _ tones: [Tone]) {
    let step = random.number(22, 27)
    for row in -3...3 {
      let y = Float(row) * step
      road(
        [f.at(-90, y + step / 2), f.at(90, y + step / 2)], width: 3.4, tone: Tone(0.5, 0.5, 0.49))
      var x: Float = -75
      while x < 75 {
        let width = random.number(22, 40)
        hall(
          Placement(f.at(x + width / 2, y), direction: f.along), width - 3,
          random.number(step * 0.56, step * 0.7),
          roof: random.chance(0.5) ? tones[0] : random.one(of: tones))
        if random.chance(0.4) {
          tank(f.at(x + width - 0.5, y + step * 0.3), 2.2, tone: Tone(0.88, 0.88, 0.87))
        }
        x += width
      }
      for _ in 0..<6 {
        truck(Placement(f.at(random.number(-70, 70), y + step * 0.44), direction: f.along))
      }
    }
  }

  private mutating func plant(_ f: Placement, _ tones: [Tone]) {
    road([f.at(-90, 8), f.at(90, 8)], width: 5)
    carsAlong(f.at(-60, 8), f.at(60, 8), lane: 1.2, count: 5)
    hall(Placement(f.at(-20, -24), direction: f.along), 56, 34, roof: tones[0])
    hall(Placement(f.at(34, -24), direction: f.along), 30, 22, roof: tones[3])
    hall(Placement(f.at(-30, 32), direction: f.along), 34, 26, roof: random.one(of: tones))
    hall(Placement(f.at(-8, 60), direction: f.along), 60, 18, roof: tones[1])
    let rows = random.integer(2...3)
    for row in 0..<rows {
      for column in 0..<3 {
        let place = f.at(8 + Float(column) * 12.5, 22 + Float(row) * 12.5)
        tank(place, random.number(3.6, 5), tone: Tone(0.88, 0.88, 0.86))
      }
      let y = 22 + Float(row) * 12.5 + 6
      raster.line([f.at(-12, y), f.at(48, y)], width: 0.8, Tone(0.80, 0.78, 0.70))
    }
    raster.line([f.at(-10, 14), f.at(-10, 52)], width: 1, Tone(0.80, 0.78, 0.70))
    for chimney in 0..<2 {
      let place = f.at(24 + Float(chimney) * 12, -6)
      raster.line([place, place + shadow * 26], width: 2, Painter.dark, share: 0.45)
      raster.disc(place, 2, Tone(0.75, 0.36, 0.28))
      raster.disc(place, 1.1, Tone(0.15, 0.13, 0.13))
    }
  }

  private mutating func warehouses(_ f: Placement, _ tones: [Tone]) {
    let width = random.number(19, 24)
    for side in [Float(-1), 1] {
      for index in -4...4 {
        let x = Float(index) * (width + 5)
        raster.fill(f.rectangle(x - width / 2, side * 26 - 21, width, 42), Tone(0.62, 0.61, 0.58))
        hall(
          Placement(f.at(x, side * 29), direction: f.along.normal), 30, width - 2,
          roof: index % 2 == 0 ? tones[0] : random.one(of: tones))
        for bay in 0..<4 where random.chance(0.6) {
          truck(
            Placement(
              f.at(x - width / 2 + 3 + Float(bay) * 4.2, side * 13 - side * 4.5),
              direction: f.along.normal * side))
        }
      }
    }
    road([f.at(-90, 0), f.at(90, 0)], width: 6)
    road([f.at(-90, 51), f.at(90, 51)], width: 4)
    road([f.at(-90, -51), f.at(90, -51)], width: 4)
    carsAlong(f.at(-60, 0), f.at(60, 0), lane: 1.5, count: 6)
  }
}
