/// Airport, parking, railwaystation.
extension Painter {
  static let concrete = Tone(0.66, 0.66, 0.64)

  mutating func airport() -> [String] {
    grass()
    let f = Placement(Place(50, 50), direction: Place(1, random.number(-0.25, 0.25)))
    let size = random.number(4.6, 6.4)
    switch random.integer(0...3) {
    case 0: return linearTerminal(f, size)
    case 1: return roundTerminal(f, size)
    case 2: return crossingRunways(f, size)
    default: return pierTerminal(f, size)
    }
  }

  /// A runway along x in the middle of the placement, with its centre line and threshold.
  private mutating func runway(_ f: Placement, width: Float = 10, threshold: Float = -44) {
    raster.fill(f.rectangle(-90, -width / 2, 180, width), Tone(0.36, 0.36, 0.38))
    var x: Float = -88
    while x < 88 {
      raster.fill(f.rectangle(x, -0.35, 3.5, 0.7), Painter.white)
      x += 7
    }
    for bar in 0..<8 {
      raster.fill(
        f.rectangle(threshold, (Float(bar) - 3.8) * width / 9, 7, 0.6), Painter.white)
    }
    for edge in [-width / 2, width / 2] {
      raster.line([f.at(-90, edge), f.at(90, edge)], width: 0.3, Painter.white, share: 0.7)
    }
  }

  private mutating func taxiway(_ a: Place, _ b: Place) {
    raster.line([a, b], width: 5, Tone(0.52, 0.52, 0.52))
    raster.line([a, b], width: 0.35, Tone(0.9, 0.8, 0.3))
  }

  private mutating func apron(_ corners: [Place], _ f: Placement) {
    raster.fill(corners, Painter.concrete)
    for step in -14...14 {
      let x = Float(step) * 5
      // Slabs, seen only where the apron is: the first two corners lie on one long side.
      let (a, b) = (corners[0], corners[1])
      let share = (x + 70) / 140
      let foot = a + (b - a) * share
      raster.line(
        [foot, foot + (corners[3] - a)], width: 0.15, Painter.concrete * 0.85, share: 0.6)
    }
  }

  private mutating func terminalRoof() -> Tone {
    random.one(of: [
      Tone(0.80, 0.81, 0.83), Tone(0.60, 0.62, 0.66), Tone(0.74, 0.70, 0.62),
      Tone(0.50, 0.57, 0.66),
    ])
  }

  private mutating func linearTerminal(_ f: Placement, _ size: Float) -> [String] {
    runway(Placement(f.at(0, -29), direction: f.along))
    taxiway(f.at(-90, -13), f.at(90, -13))
    taxiway(f.at(-36, -24), f.at(-36, -10))
    taxiway(f.at(33, -24), f.at(33, -10))
    apron(f.rectangle(-62, -10, 124, 40), f)
    let length = random.number(60, 84)
    let roof = terminalRoof()
    hall(Placement(f.at(0, 22), direction: f.along), length, 11, roof: roof)
    var slot = -length / 2 + 6
    while slot < length / 2 - 3 {
      raster.line([f.at(slot - 1.6, 17), f.at(slot - 1.6, 10)], width: 1, Tone(0.75, 0.76, 0.78))
      if random.chance(0.82) {
        plane(f.at(slot, 14.5 - size * 1.1), direction: f.along.normal, size: size)
      }
      slot += size * 2.4
    }
    for wing in [-length * 0.3, length * 0.3] {
      flat(Placement(f.at(wing, 31), direction: f.along), 14, 6, roof: roof * 0.95, height: 3)
    }
    let moving = random.chance(0.7)
    if moving { plane(f.at(random.number(-30, 30), -29), direction: f.along, size: size) }
    parkingLot(Placement(f.at(-30, 35), direction: f.along), 60, 16, filled: 0.6)
    let planes = count(.plane)
    return say(
      [
        "\(Speech.someAre(planes, "white plane")) in the airport .",
        "an airport with a runway and \(Speech.some(planes, "plane")) .",
        "a long terminal and a runway are in the airport .",
        "a piece of lawn is between the runway and the taxiway of an airport .",
        "some planes stop beside a long terminal in an airport with a parking lot .",
      ],
      [
        "a long terminal building with planes is near a parking lot .",
        "a runway with white lines is beside the terminal .",
        "\(Speech.some(planes, "plane")) and a long building are near a runway .",
      ])
  }

  private mutating func roundTerminal(_ f: Placement, _ size: Float) -> [String] {
    runway(Placement(f.at(0, -36), direction: f.along))
    taxiway(f.at(-24, -32), f.at(-24, 0))
    taxiway(f.at(24, -32), f.at(24, 0))
    let middle = f.at(0, 8)
    raster.disc(middle, 32, Painter.concrete)
    raster.ellipse(middle, 31, 31, inner: 0.985, share: 0.7, Tone(0.9, 0.8, 0.3))
    let roof = terminalRoof()
    let radius = random.number(9, 12)
    hall(Placement(f.at(0, 8 + radius + 12), direction: f.along.normal), 24, 5, roof: roof * 0.9)
    hall(Placement(f.at(0, 46), direction: f.along), 70, 9, roof: roof)
    for step in 1...4 {
      raster.disc(middle + shadow * Float(step), radius, Painter.dark, share: 0.2)
    }
    raster.disc(middle, radius, roof * 0.85)
    raster.disc(middle, radius * 0.92, roof)
    for step in 0..<16 {
      let spoke = Painter.turned(Float(step) / 16)
      raster.line(
        [middle + spoke * (radius * 0.3), middle + spoke * (radius * 0.9)], width: 0.3,
        roof * 0.8, share: 0.6)
    }
    raster.disc(middle, radius * 0.3, roof * 0.7)
    let stands = Int(6.28 * (radius + size + 3) / (size * 2.3))
    for stand in 0..<stands {
      let out = Painter.turned(Float(stand) / Float(stands) + 0.04)
      let place = middle + out * (radius + size * 1.15 + 1.2)
      // One side belongs to the way to the long building.
      let toBuilding = out.x * f.along.normal.x + out.y * f.along.normal.y > 0.7
      guard random.chance(0.9), !toBuilding else { continue }
      raster.line(
        [middle + out * radius, middle + out * (radius + 2)], width: 1, Tone(0.75, 0.76, 0.78))
      plane(place, direction: out * -1, size: size)
    }
    let planes = count(.plane)
    return say(
      [
        "\(Speech.someAre(planes, "plane")) around a round terminal in the airport .",
        "a round terminal is in the airport with a runway .",
        "some planes stop around a round building in an airport .",
        "an airport has a round terminal and \(Speech.some(planes, "white plane")) .",
        "planes stop in a circle near a runway in the airport .",
      ],
      [
        "a round terminal is connected with a long building .",
        "\(Speech.some(planes, "plane")) and a round building are near a runway .",
      ])
  }

  private mutating func crossingRunways(_ f: Placement, _ size: Float) -> [String] {
    let parallel = random.chance(0.5)
    runway(Placement(f.at(0, -26), direction: f.along), width: 8)
    if parallel {
      runway(Placement(f.at(0, -6), direction: f.along), width: 8)
      taxiway(f.at(-20, -26), f.at(-8, -6))
      taxiway(f.at(30, -26), f.at(18, -6))
    } else {
      let tilted = f.along + f.along.normal * random.number(0.5, 0.9)
      runway(Placement(f.at(-12, -16), direction: tilted), width: 8, threshold: -24)
    }
    taxiway(f.at(12, -6), f.at(12, 20))
    let along = Placement(f.at(14, 30), direction: f.along)
    apron(along.rectangle(-34, -15, 68, 32), along)
    for row in 0..<2 {
      var x: Float = -28
      while x < 30 {
        if random.chance(0.7) {
          plane(
            along.at(x, Float(row) * 14.5 - 6.5), direction: f.along.normal * -1,
            size: min(5.4, size))
        }
        x += min(5.4, size) * 2.2
      }
    }
    hall(
      Placement(f.at(-32, 34), direction: f.along), 15, 15, roof: terminalRoof())
    plane(f.at(random.number(-26, 26), -26), direction: f.along, size: min(5, size))
    let planes = count(.plane)
    return say(
      [
        parallel
          ? "two parallel runways are in the airport ."
          : "two runways cross each other in the airport .",
        "\(Speech.someAre(planes, "plane")) in the airport with two runways .",
        "an airport with two runways and a hangar .",
        "planes stop on the apron of an airport .",
        "lawns lie between the runways of an airport .",
      ],
      [
        "two runways with white lines are on the grass .",
        "\(Speech.some(planes, "white plane")) and a square building are near the runways .",
      ])
  }

  private mutating func pierTerminal(_ f: Placement, _ size: Float) -> [String] {
    apron(f.rectangle(-70, -34, 140, 66), f)
    let roof = terminalRoof()
    runway(Placement(f.at(0, -41), direction: f.along), width: 8)
    hall(Placement(f.at(0, 32), direction: f.along), 96, 11, roof: roof)
    let piers = random.integer(2...3)
    for pier in 0..<piers {
      let x = (Float(pier) - Float(piers - 1) / 2) * (piers == 2 ? 42 : 30)
      hall(
        Placement(f.at(x, 5), direction: f.along.normal), 44, 4, roof: roof * 0.92, kind: .pier)
      let small = min(5, size)
      for side in [Float(-1), 1] {
        var y: Float = -12
        while y < 22 {
          if random.chance(0.8) {
            plane(
              f.at(x + side * (3 + small * 1.1), y), direction: f.along * -side, size: small)
          }
          y += small * 2.15
        }
      }
    }
    parkingLot(Placement(f.at(-32, 39), direction: f.along), 64, 9, filled: 0.6)
    let planes = count(.plane)
    return say(
      [
        "\(Speech.someAre(planes, "plane")) parked at the terminal of an airport .",
        "a terminal with \(piers == 2 ? "two" : "three") arms is in the airport .",
        "planes stop on both sides of long buildings in the airport .",
        "an airport with \(Speech.some(planes, "plane")) and a runway .",
        "a large airport with a comb shaped terminal is near a parking lot .",
      ],
      [
        "white planes stand along the arms of the terminal .",
        "\(Speech.someAre(planes, "white plane")) on the grey ground .",
      ])
  }

  mutating func parking() -> [String] {
    let tone = Painter.asphalt * random.number(0.85, 1.3)
    let turn = direction()
    let size = random.number(1.3, 2.3)
    let filled = random.number(0.55, 0.95)
    let layout = random.integer(0...2)
    let f = Placement(Place(50, 50), direction: turn)
    if layout == 0 {
      ground(tone * 1.1, tone * 0.95, size: 20)
      for column in -3...2 {
        let x = Float(column) * 36
        for row in -6...5 {
          let y = Float(row) * 13 * size / 1.6
          parkingLot(
            Placement(f.at(x + 1, y), direction: turn), 33, 8.4 * size, filled: filled,
            size: size, tone: tone)
        }
        if random.chance(0.7) {
          raster.fill(f.rectangle(x - 1.6, -80, 1.8, 160), lawn)
          treesAlong(f.at(x - 0.7, -70), f.at(x - 0.7, 70), spacing: 6, radius: 1.4)
        }
      }
      return say(
        [
          "many cars are parked in a parking lot .", "lots of cars are in the parking lot .",
          "a parking lot with many cars in rows .", "a big grey parking lot with white lines .",
          "cars of different colors stop in the parking lot .",
        ],
        [
          "many cars are parked neatly in rows .", "the cars stand close to each other in lines .",
        ])
    }
    grass()
    let wide = layout == 1
    let g = Placement(Place(50, 50), direction: Place(1, random.number(-0.12, 0.12)))
    road([g.at(-90, 42), g.at(90, 42)], width: 6)
    carsAlong(g.at(-44, 42), g.at(44, 42), lane: 1.5, count: 6, size: size * 0.8)
    if wide {
      parkingLot(
        Placement(g.at(-44, -12), direction: g.along), 88, 46, filled: filled, size: size,
        tone: tone)
      raster.fill(g.rectangle(-3, 30, 6, 12), tone)
      hall(
        Placement(g.at(0, -32), direction: g.along), 84, 28,
        roof: random.one(of: [Painter.roofs[4], Painter.roofs[2], Tone(0.45, 0.55, 0.68)]))
    } else {
      for side in [Float(-1), 1] {
        parkingLot(
          Placement(g.at(side < 0 ? -45 : 4, -36), direction: g.along), 41, 70, filled: filled,
          size: size, tone: tone)
        raster.fill(g.rectangle(side * 24 - 3, 33, 6, 9), tone)
      }
      treesAlong(g.at(-0.5, -40), g.at(-0.5, 36), spacing: 6, radius: 2.2)
      treesAlong(g.at(-44, -42), g.at(44, -42), spacing: 6, radius: 2.4)
    }
    return say(
      [
        "many cars are in \(wide ? "a parking lot" : "two parking lots") near a road .",
        wide
          ? "a parking lot with many cars is next to a large building ."
          : "two parking lots with cars are separated by a row of trees .",
        wide
          ? "a large building is near a parking lot ."
          : "some trees are between two parking lots .",
        "cars are parked in rows in the parking \(wide ? "lot" : "lots") .",
        "a road passes the parking \(wide ? "lot" : "lots") with many cars .",
      ],
      [
        "many cars of different colors are parked neatly .",
        "several rows of cars are near a road .",
      ])
  }

  mutating func railwaystation() -> [String] {
    ground(Tone(0.50, 0.48, 0.44), Tone(0.42, 0.42, 0.38), size: 10)
    let f = Placement(Place(50, 50), direction: Place(1, random.number(-0.6, 0.6)))
    let rails = random.integer(6...12)
    let spacing: Float = random.number(3.2, 3.8)
    let layout = random.integer(0...2)
    let depth = Float(rails) * spacing
    let top = -depth / 2 + (layout == 1 ? 6 : 0)
    let head: Float = layout == 2 ? 16 : 100
    raster.fill(f.rectangle(-100, top - 3, 100 + head, depth + 6), Tone(0.47, 0.42, 0.38))
    for index in 0..<rails {
      let y = top + (Float(index) + 0.5) * spacing
      var x: Float = -80
      while x < min(80, head) {
        if f.at(x, y).isInside {
          raster.fill(f.rectangle(x, y - 1.1, 0.35, 2.2), Tone(0.33, 0.28, 0.25))
        }
        x += 1.1
      }
      for rail in [y - 0.65, y + 0.65] {
        raster.line([f.at(-90, rail), f.at(head, rail)], width: 0.28, Tone(0.78, 0.76, 0.74))
      }
    }
    let roof = random.one(of: [
      Tone(0.68, 0.74, 0.80), Tone(0.82, 0.82, 0.80), Tone(0.55, 0.60, 0.66),
      Tone(0.36, 0.50, 0.66),
    ])
    for index in 0..<rails where random.chance(0.4) {
      let coaches = random.integer(3...7)
      let y = top + (Float(index) + 0.5) * spacing
      let start = layout == 2 ? 13 - Float(coaches) * 9 : random.number(-75, 10)
      train(Placement(f.at(start, y), direction: f.along), coaches: coaches)
    }
    let covered = layout == 0 && random.chance(0.6)
    for platform in stride(from: 1, to: rails, by: 3) {
      let length: Float = layout == 2 ? 46 : 60
      hall(
        Placement(
          f.at(layout == 2 ? -12 : -2, top + Float(platform) * spacing), direction: f.along),
        length, spacing * 0.42, roof: roof * 0.95, kind: .pier)
    }
    switch layout {
    case 0:
      hall(Placement(f.at(0, top - 11), direction: f.along), random.number(52, 70), 13, roof: roof)
      if covered {
        hall(
          Placement(f.at(0, 0), direction: f.along.normal), depth + 10, random.number(14, 22),
          roof: roof)
      }
    case 1:
      hall(Placement(f.at(0, top - 14), direction: f.along), 66, 20, roof: roof)
      hall(Placement(f.at(0, top - 14), direction: f.along), 20, 25, roof: roof * 1.08)
      raster.fill(f.rectangle(-34, top - 45, 68, 18), Tone(0.72, 0.69, 0.64))
      for index in 0..<7 {
        tree(f.at(-30 + Float(index) * 10, top - 30), random.number(1.6, 2.2))
      }
    default:
      hall(Placement(f.at(25, 0), direction: f.along.normal), depth + 14, 18, roof: roof)
      raster.fill(f.rectangle(35, -30, 12, 60), Tone(0.72, 0.69, 0.64))
    }
    for index in 0..<6 {
      flat(
        Placement(f.at(-55 + Float(index) * 22, top + depth + 12), direction: f.along), 15, 10,
        roof: self.roof(), height: 3)
    }
    let trains = count(.train)
    return say(
      [
        "a railway station with many parallel rails .",
        "several buildings are near a railway station .",
        layout == 2
          ? "the rails end at a long building of the railway station ."
          : covered
            ? "a long roof is across the rails of the railway station ."
            : "a long building is beside the rails of a railway station .",
        trains > 0
          ? "\(Speech.someAre(trains, "train")) in the railway station ."
          : "many rails go into the railway station .",
        "rails and platforms are in a railway station .",
      ],
      [
        "many rails are parallel to each other .", "the platforms are between the rails .",
        "some buildings are in a row beside the railway .",
      ])
  }
}
