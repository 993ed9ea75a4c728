/// Port.
extension Painter {
  mutating func port() -> [String] {
    let (tint, deep): (String, Tone) = random.one(of: [
      ("dark", Tone(0.10, 0.20, 0.27)), ("green", Tone(0.16, 0.32, 0.30)),
      ("blue", Tone(0.13, 0.30, 0.44)),
    ])
    raster.fill(Placement(Place(50, 50)).centered(104, 104), water(deep))
    switch random.integer(0...2) {
    case 0: return piers(tint)
    case 1: return containerTerminal(tint)
    default: return basin(tint)
    }
  }

  private mutating func containers(_ count: Int, _ x: ClosedRange<Float>, _ y: ClosedRange<Float>) {
    for _ in 0..<count {
      let tone = random.one(of: [
        Tone(0.7, 0.2, 0.15), Tone(0.15, 0.35, 0.6), Tone(0.85, 0.6, 0.15), Tone(0.2, 0.5, 0.35),
      ])
      let place = Placement(
        Place(
          random.number(x.lowerBound, x.upperBound), random.number(y.lowerBound, y.upperBound)))
      castShadow(place.rectangle(0, 0, 3.2, 1.3), height: 1)
      raster.fill(place.rectangle(0, 0, 3.2, 1.3), tone)
    }
  }

  private mutating func warehouses(_ y: Float, _ depth: Float) {
    for index in 0..<4 {
      hall(
        Placement(Place(13 + Float(index) * 25, y)), 17, depth,
        roof: random.one(of: [Tone(0.72, 0.72, 0.74), Tone(0.45, 0.55, 0.65), Tone(0.62, 0.4, 0.3)])
      )
    }
  }

  private mutating func piers(_ tint: String) -> [String] {
    let quay = random.number(22, 32)
    raster.fill(
      [Place(0, 0), Place(100, 0), Place(100, quay), Place(0, quay)], Tone(0.62, 0.61, 0.58))
    raster.line([Place(0, quay), Place(100, quay)], width: 1.2, Tone(0.8, 0.8, 0.77))
    warehouses(quay * 0.32, quay * 0.4)
    containers(40, 3...94, (quay - 8)...(quay - 3))
    let marina = random.chance(0.5)
    let piers = random.integer(2...4)
    let gap = 96 / Float(piers)
    for pier in 0..<piers {
      let x = 2 + (Float(pier) + 0.5) * gap
      let box = [
        Place(x - 1.2, quay), Place(x + 1.2, quay), Place(x + 1.2, 93), Place(x - 1.2, 93),
      ]
      add(.pier, box) { painter in
        painter.castShadow(box, height: 1)
        painter.raster.fill(box, Painter.concrete)
      }
      var y = quay + (marina ? 4 : 13)
      while y < (marina ? 92 : 84) {
        for side in [Float(-1), 1] where random.chance(marina ? 0.85 : 0.7) {
          if marina {
            boat(Place(x + side * 6, y), direction: Place(side, 0), length: random.number(6.5, 8.5))
          } else {
            ship(
              Place(x + side * 4.6, y), direction: Place(0, 1), length: random.number(16, 21),
              deck: random.one(of: [
                Tone(0.92, 0.93, 0.93), Tone(0.72, 0.72, 0.70), Tone(0.55, 0.25, 0.2),
              ]))
          }
        }
        y += marina ? 4.6 : 23
      }
    }
    let vessels = marina ? count(.boat) : count(.ship)
    let noun = marina ? "boat" : "ship"
    return say(
      [
        "\(Speech.someAre(vessels, noun)) in a port with \(Speech.some(piers, "long pier")) .",
        "\(Speech.someAre(vessels, noun)) docked in the port near some buildings .",
        "\(noun)s stop at the piers in a port .",
        "some containers and warehouses are in a port .",
        "a port with \(tint) water and \(Speech.some(piers, "pier")) .",
      ],
      [
        "\(Speech.someAre(piers, "pier")) in the \(tint) water .",
        "some warehouses are near the \(tint) water .",
      ])
  }

  private mutating func containerTerminal(_ tint: String) -> [String] {
    let quay = random.number(50, 60)
    raster.fill(
      [Place(0, 0), Place(100, 0), Place(100, quay), Place(0, quay)], Tone(0.56, 0.55, 0.53))
    raster.line([Place(0, quay), Place(100, quay)], width: 1.4, Tone(0.8, 0.8, 0.77))
    warehouses(8, 11)
    let colors = [
      Tone(0.7, 0.2, 0.15), Tone(0.15, 0.35, 0.6), Tone(0.85, 0.6, 0.15), Tone(0.2, 0.5, 0.35),
      Tone(0.75, 0.75, 0.74),
    ]
    for block in 0..<4 {
      for stack in 0..<3 {
        let corner = Place(4 + Float(block) * 24, 19 + Float(stack) * (quay - 30) / 3)
        let depth = (quay - 30) / 3 - 2
        castShadow(Placement(corner).rectangle(0, 0, 20, depth), height: 1.5)
        for column in 0..<6 {
          for row in 0..<max(1, Int(depth / 1.5)) {
            raster.fill(
              Placement(corner).rectangle(
                Float(column) * 3.35, Float(row) * 1.5, 3.2, 1.36),
              random.chance(0.9) ? random.one(of: colors) : Tone(0.56, 0.55, 0.53))
          }
        }
      }
    }
    let cranes = random.integer(3...5)
    let ships = random.integer(1...2)
    for index in 0..<ships {
      let length = ships == 1 ? random.number(62, 78) : random.number(40, 46)
      let x = ships == 1 ? 50 : 26 + Float(index) * 49
      let y = quay + 2 + length * 0.1
      let width = length * 0.16
      let f = Placement(Place(x, y))
      let hull = [
        f.at(-length / 2, -width / 2), f.at(length * 0.36, -width / 2), f.at(length / 2, 0),
        f.at(length * 0.36, width / 2), f.at(-length / 2, width / 2),
      ]
      add(.ship, hull) { painter in
        painter.castShadow(hull, height: 3)
        painter.raster.fill(hull, Tone(0.45, 0.18, 0.16))
        for bay in 0..<Int(length * 0.7 / 3.6) {
          for row in 0..<Int(width * 0.8 / 1.5) {
            painter.raster.fill(
              f.rectangle(
                -length * 0.36 + Float(bay) * 3.6, -width * 0.4 + Float(row) * 1.5, 3.2, 1.36),
              painter.random.one(of: colors))
          }
        }
        painter.raster.fill(
          f.rectangle(-length * 0.47, -width * 0.42, length * 0.07, width * 0.84), Painter.white)
      }
    }
    for crane in 0..<cranes {
      let x = 14 + Float(crane) * 72 / Float(cranes - 1)
      let arm = [
        Place(x - 0.6, quay - 7), Place(x + 0.6, quay - 7), Place(x + 0.6, quay + 8),
        Place(x - 0.6, quay + 8),
      ]
      castShadow(arm, height: 5)
      raster.fill(arm, Tone(0.85, 0.45, 0.15))
      raster.closedLine(
        Placement(Place(x, quay - 3)).centered(4, 4), width: 0.6, Tone(0.85, 0.45, 0.15))
    }
    for _ in 0..<3 {
      let place = Place(random.number(8, 92), random.number(quay + 22, 94))
      if isFree(place, 5) { boat(place, direction: direction(), length: 6) }
    }
    return say(
      [
        "\(Speech.someAre(count(.ship), "large ship")) in a port with many containers .",
        "many containers of different colors are in the port .",
        "some cranes stand beside \(Speech.some(count(.ship), "ship")) in the port .",
        "a port with containers is near the \(tint) water .",
        "stacks of containers and some warehouses are in a port .",
      ],
      [
        "\(Speech.someAre(count(.ship), "large ship")) loaded with containers .",
        "some orange cranes are on the quay .",
      ])
  }

  private mutating func basin(_ tint: String) -> [String] {
    let stone = Tone(0.62, 0.61, 0.58)
    raster.fill([Place(0, 0), Place(100, 0), Place(100, 20), Place(0, 20)], stone)
    raster.fill([Place(0, 20), Place(14, 20), Place(14, 100), Place(0, 100)], stone)
    let wall = Painter.smooth([
      Place(106, 24), Place(90, 40), Place(84, 62), Place(66, 80), Place(44, 86),
    ])
    raster.line(wall, width: 4, Tone(0.50, 0.48, 0.45))
    raster.line(wall, width: 2, Tone(0.74, 0.72, 0.68))
    warehouses(8, 10)
    treesAlong(Place(5, 28), Place(5, 98), spacing: 5, radius: 2)
    for row in 0..<3 {
      let y: Float = 32 + Float(row) * 15
      let end: Float = [72, 68, 52][row]
      let box = [Place(14, y - 0.7), Place(end, y - 0.7), Place(end, y + 0.7), Place(14, y + 0.7)]
      add(.pier, box) { $0.raster.fill(box, Tone(0.78, 0.74, 0.66)) }
      var x: Float = 19
      while x < end - 2 {
        for side in [Float(-1), 1] where random.chance(0.8) {
          boat(Place(x, y + side * 4.2), direction: Place(0, side), length: random.number(4.4, 6))
        }
        x += 3.2
      }
    }
    for _ in 0..<3 {
      let place = Place(random.number(60, 92), random.number(88, 96))
      if isFree(place, 5) { boat(place, direction: direction(), length: 6) }
    }
    let boats = count(.boat)
    return say(
      [
        "\(Speech.someAre(boats, "boat")) in a port behind a curved breakwater .",
        "a port with \(Speech.some(count(.pier), "pier")) and \(Speech.some(boats, "boat")) .",
        "\(Speech.someAre(boats, "boat")) docked neatly in the port .",
        "some buildings are near a port with \(tint) water .",
        "a curved breakwater protects the port .",
      ],
      [
        "boats lie side by side at \(Speech.some(count(.pier), "pier")) .",
        "some buildings are near the \(tint) water .",
      ])
  }
}
