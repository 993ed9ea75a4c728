/// Airport, parking, railwaystation, storagetanks, viaduct.
extension Painter {
  mutating func airport() -> [String] {
    grass()
    let concrete = Tone(0.66, 0.66, 0.64)
    let f = Placement(Place(50, 50), direction: Place(1, random.number(-0.25, 0.25)))
    raster.fill(f.rectangle(-80, -34, 160, 11), Tone(0.36, 0.36, 0.38))
    var x: Float = -78
    while x < 78 {
      raster.fill(f.rectangle(x, -29, 3.5, 0.7), Tone(0.95, 0.95, 0.93))
      x += 7
    }
    for bar in 0..<8 {
      raster.fill(f.rectangle(-46, -33 + Float(bar) * 1.2, 7, 0.6), Tone(0.95, 0.95, 0.93))
    }
    raster.fill(f.rectangle(-80, -15, 160, 5), Tone(0.52, 0.52, 0.52))
    raster.line([f.at(-80, -12.5), f.at(80, -12.5)], width: 0.35, Tone(0.9, 0.8, 0.3))
    for link in [Float(-38), 30] {
      raster.fill(f.rectangle(link, -24, 6, 12), Tone(0.52, 0.52, 0.52))
    }
    raster.fill(f.rectangle(-60, -10, 120, 40), concrete)
    for step in 0..<24 {
      raster.line(
        [f.at(-60 + Float(step) * 5, -10), f.at(-60 + Float(step) * 5, 30)], width: 0.15,
        concrete * 0.85, share: 0.6)
    }
    let length = random.number(66, 86)
    let roof = random.one(of: [
      Tone(0.80, 0.81, 0.83), Tone(0.60, 0.62, 0.66), Tone(0.74, 0.70, 0.62),
    ])
    let size = random.number(5, 6.4)
    var planes = 0
    var slot = -length / 2 + 6
    while slot < length / 2 - 3 {
      let stand = f.at(slot, 14 - size * 1.1)
      raster.line([f.at(slot - 1.6, 18), f.at(slot - 1.6, 9)], width: 1, Tone(0.75, 0.76, 0.78))
      if random.chance(0.82) {
        plane(stand, direction: f.along.normal, size: size)
        planes += 1
      }
      slot += size * 2.5
    }
    hall(Placement(f.at(0, 22), direction: f.along), length, 11, roof: roof)
    for wing in [-length * 0.3, length * 0.3] {
      flat(Placement(f.at(wing, 31), direction: f.along), 14, 9, roof: roof * 0.95, height: 3)
    }
    if random.chance(0.7) {
      plane(f.at(random.number(-35, 35), -28.5), direction: f.along, size: size)
      planes += 1
    }
    _ = parkingLot(Placement(f.at(-30, 38), direction: f.along), 60, 16, filled: 0.6)
    return [
      "\(planes) planes are parked next to a long terminal building in an airport .",
      "many planes are parked near a terminal in the airport .",
      "white planes stand beside a long terminal and a runway .",
      "an airport with a runway and \(planes) white planes .",
      "some green lawn is next to the airport with planes .",
    ]
  }

  mutating func parking() -> [String] {
    ground(Painter.asphalt * 1.1, Painter.asphalt * 0.95, size: 20)
    let f = Placement(Place(50, 50), direction: direction())
    var cars = 0
    let filled = random.number(0.65, 0.95)
    for column in -2...1 {
      for row in -3...2 {
        let corner = f.at(Float(column) * 34 + 1, Float(row) * 22)
        cars += parkingLot(Placement(corner, direction: f.along), 32, 19, filled: filled)
      }
    }
    for column in -2...2 {
      let x = Float(column) * 34 - 0.5
      if random.chance(0.6) { treesAlong(f.at(x, -70), f.at(x, 70), spacing: 7, radius: 1.1) }
    }
    let building = random.chance(0.5)
    if building {
      hall(Placement(f.at(0, -44), direction: f.along), 90, 20, roof: Tone(0.75, 0.75, 0.74))
    }
    return [
      "many cars are parked in rows in a parking lot .",
      "lots of cars are orderly parked in the parking lot .",
      building
        ? "a parking lot with many cars is near a large building ."
        : "several rows of cars are in the parking lot .",
      "cars of different colors are parked neatly .", "a big parking lot is full of cars .",
    ]
  }

  mutating func railwaystation() -> [String] {
    ground(Tone(0.50, 0.48, 0.44), Tone(0.42, 0.42, 0.38), size: 10)
    let f = Placement(Place(50, 50), direction: Place(1, random.number(-0.6, 0.6)))
    let tracks = random.integer(8...12)
    let spacing: Float = 3.4
    let top = -Float(tracks) * spacing / 2
    raster.fill(f.rectangle(-90, top - 3, 180, Float(tracks) * spacing + 6), Tone(0.47, 0.42, 0.38))
    for index in 0..<tracks {
      let y = top + (Float(index) + 0.5) * spacing
      var x: Float = -80
      while x < 80 {
        raster.fill(f.rectangle(x, y - 1.1, 0.35, 2.2), Tone(0.33, 0.28, 0.25))
        x += 1.1
      }
      for rail in [y - 0.65, y + 0.65] {
        raster.line([f.at(-90, rail), f.at(90, rail)], width: 0.28, Tone(0.78, 0.76, 0.74))
      }
    }
    var trains = 0
    for index in 0..<tracks where random.chance(0.35) {
      let tone = random.one(of: [
        Tone(0.92, 0.93, 0.95), Tone(0.25, 0.45, 0.35), Tone(0.70, 0.25, 0.2),
        Tone(0.35, 0.45, 0.6),
      ])
      let start = random.number(-85, 10)
      for coach in 0..<random.integer(4...8) {
        let box = f.rectangle(
          start + Float(coach) * 9, top + (Float(index) + 0.5) * spacing - 1, 8.5, 2)
        castShadow(box, height: 1)
        raster.fill(box, tone)
        raster.line([(box[0] + box[3]) * 0.5, (box[1] + box[2]) * 0.5], width: 0.5, tone * 0.8)
      }
      trains += 1
    }
    let roof = random.one(of: [
      Tone(0.68, 0.74, 0.80), Tone(0.82, 0.82, 0.80), Tone(0.55, 0.60, 0.66),
    ])
    for platform in stride(from: 1, to: tracks, by: 3) {
      hall(
        Placement(f.at(-2, top + Float(platform) * spacing), direction: f.along), 56, 2.4,
        roof: roof * 0.95)
    }
    let depth: Float = 15
    hall(Placement(f.at(0, top - 6 - depth / 2), direction: f.along), 62, depth, roof: roof)
    let cross = random.chance(0.6)
    if cross {
      hall(
        Placement(f.at(0, 0), direction: f.along.normal), Float(tracks) * spacing + 12, 16,
        roof: roof)
    }
    for index in 0..<5 {
      flat(
        Placement(f.at(-48 + Float(index) * 24, -top + 12), direction: f.along), 16, 10,
        roof: random.one(of: Painter.roofs), height: 3)
    }
    return [
      "a railway station with \(tracks) railways and a large grey roof .",
      trains > 0
        ? "\(trains) trains stop at the railway station ."
        : "many rails go through the railway station .",
      "many railways pass the railway station near some buildings .",
      cross
        ? "a long building is across the railways of a station ."
        : "a station building is beside many railways .",
      "parallel rails and platforms are in the railway station .",
    ]
  }

  mutating func storagetanks() -> [String] {
    ground(Tone(0.60, 0.57, 0.50), Tone(0.48, 0.50, 0.38), size: 12)
    let f = Placement(Place(50, 50), direction: direction())
    let radius = random.number(7, 11)
    let step = radius * 2.7
    let white = random.chance(0.7)
    var count = 0
    for line in -3...3 {
      road(
        [f.at(-90, (Float(line) + 0.5) * step), f.at(90, (Float(line) + 0.5) * step)], width: 1.6,
        tone: Tone(0.66, 0.64, 0.60), marked: false)
    }
    for row in -2...2 {
      for column in -2...2 {
        let place = f.at(Float(column) * step, Float(row) * step)
        let dike = f.rectangle(
          Float(column) * step - step * 0.46, Float(row) * step - step * 0.42, step * 0.92,
          step * 0.84)
        raster.line(dike + [dike[0]], width: 0.6, Tone(0.76, 0.73, 0.66))
        guard random.chance(0.85) else { continue }
        tank(
          place, radius * random.number(0.8, 1),
          tone: white ? Tone(0.93, 0.93, 0.91) : Tone(0.70, 0.72, 0.70))
        if place.x > 0, place.x < 100, place.y > 0, place.y < 100 { count += 1 }
      }
    }
    raster.line(
      [f.at(-80, step / 2 - 1.8), f.at(80, step / 2 - 1.8)], width: 0.5, Tone(0.82, 0.82, 0.8))
    let tint = white ? "white" : "grey"
    return [
      "\(count) \(tint) storage tanks are in rows .",
      "many round storage tanks cast shadows on the bare ground .",
      "several \(tint) round storage tanks are near a road .",
      "\(tint) storage tanks with round tops stand in rows .",
      "many storage tanks are surrounded by low walls .",
    ]
  }

  mutating func viaduct() -> [String] {
    grass()
    trees(60, 0...100, 0...100, 2)
    for _ in 0..<8 {
      let corner = Place(
        random.chance(0.5) ? random.number(2, 14) : random.number(86, 98),
        random.chance(0.5) ? random.number(2, 14) : random.number(86, 98))
      flat(
        Placement(corner, direction: Place(1, 0)), 10, 8, roof: random.one(of: Painter.roofs),
        height: 4)
    }
    let tone = Tone(0.58, 0.58, 0.58)
    let f = Placement(Place(50, 50), direction: direction())
    road([f.at(-90, 0), f.at(90, 0)], width: 7, tone: tone * 0.85)
    carsAlong(f.at(-60, 0), f.at(60, 0), lane: 1.7, count: 12)
    let loops = random.integer(2...4)
    for index in 0..<loops {
      let (sx, sy): (Float, Float) = [(1, 1), (-1, -1), (-1, 1), (1, -1)][index]
      let ring = (0...30).map { step -> Place in
        let turn = Painter.turned(Float(step) / 40)
        return f.at(sx * (3 + 13 * (1 - turn.y)), sy * (3 + 13 * (1 - turn.x)))
      }
      raster.line(ring, width: 4.4, tone * 1.3)
      raster.line(ring, width: 3.4, tone)
      let slip = (0...20).map { step -> Place in
        let turn = Painter.turned(Float(step) / 80)
        return f.at(sx * (46 - 42 * turn.x), sy * (46 - 42 * turn.y))
      }
      raster.line(slip, width: 3.8, tone * 1.3)
      raster.line(slip, width: 2.8, tone * 0.95)
    }
    let upper = f.rectangle(-4.2, -90, 8.4, 180)
    castShadow(upper, height: 4)
    road([f.at(0, -90), f.at(0, 90)], width: 7.4, tone: tone * 1.05)
    raster.line([f.at(0, -90), f.at(0, 90)], width: 0.6, Tone(0.8, 0.8, 0.78))
    let cars = random.integer(8...16)
    carsAlong(f.at(0, -60), f.at(0, 60), lane: 1.9, count: cars)
    return [
      "a viaduct with \(loops) curved ramps is above a road .",
      "many cars are on the viaduct with green trees around .",
      "two roads cross each other in a viaduct with curves .",
      "a complicated viaduct with some green plants inside .",
      "\(cars) cars run on a viaduct surrounded by green lawn .",
    ]
  }
}
