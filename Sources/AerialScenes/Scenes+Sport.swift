/// Baseballfield, playground, stadium.
extension Painter {
  mutating func baseballfield() -> [String] {
    grass()
    trees(40, 0...100, 0...10, 2.2)
    let count = random.chance(0.4) ? 2 : 1
    for index in 0..<count {
      let size: Float = count == 1 ? random.number(52, 62) : 38
      let corner =
        count == 1 ? Place(50, 84) : Place(26 + Float(index) * 48, 80 - Float(index) * 32)
      diamond(Placement(corner, direction: Place(1, -1)), size)
    }
    if random.chance(0.6) {
      _ = parkingLot(Placement(Place(2, 88), direction: Place(1, 0)), 34, 10, filled: 0.6)
    }
    let number = count == 1 ? "a" : "two"
    let fields = count == 1 ? "baseball field" : "baseball fields"
    return [
      "\(number) \(fields) with brown infield and green grass .",
      "\(number) \(fields) near some green trees .",
      "the \(fields) \(count == 1 ? "is" : "are") shaped like a sector .",
      "a diamond of brown soil is in the baseball field .",
      "\(number) \(fields) surrounded by green lawn .",
    ]
  }

  private mutating func diamond(_ f: Placement, _ size: Float) {
    func sector(_ radius: Float) -> [Place] {
      [f.origin]
        + (0...20).map { step in
          let turn = Painter.turned(Float(step) / 80)
          return f.at(turn.x * radius, -turn.y * radius)
        }
    }
    let soil = Tone(0.66, 0.48, 0.33)
    raster.fill(sector(size * 1.04).map { $0 }, soil)
    raster.fill(sector(size).map { $0 }, Tone(0.33, 0.50, 0.22))
    for step in stride(from: 1, to: 10, by: 2) {
      raster.ellipse(
        f.origin, size * Float(step + 1) / 10, size * Float(step + 1) / 10,
        inner: Float(step) / Float(step + 1), share: 0.12, Tone(0.2, 0.4, 0.12))
    }
    raster.fill(sector(size * 0.52).map { $0 }, soil)
    let base = size * 0.36
    raster.fill(
      f.rectangle(size * 0.05, -base, base - size * 0.05, base - size * 0.05),
      Tone(0.35, 0.53, 0.24))
    raster.disc(f.at(base * 0.5, -base * 0.5), size * 0.045, soil)
    raster.disc(f.origin + (f.at(1, -1) - f.origin) * (size * 0.03), size * 0.09, soil)
    for end in [f.at(size, 0), f.at(0, -size)] {
      raster.line([f.origin, end], width: 0.45, Tone(0.95, 0.95, 0.92))
    }
    for place in [f.at(base, 0), f.at(0, -base), f.at(base, -base)] {
      raster.disc(place, 0.7, Tone(0.97, 0.97, 0.95))
    }
  }

  /// A running track around a field; `stands` 0 is none.
  mutating func track(_ f: Placement, _ length: Float, _ width: Float, tone: Tone, lawn: Tone) {
    func oval(_ grow: Float) -> [Place] {
      let (half, radius) = (length / 2 - width / 2, width / 2 + grow)
      return (0..<48).map { step in
        let turn = Painter.turned(Float(step) / 48)
        return f.at(turn.x * radius + (turn.x >= 0 ? half : -half), turn.y * radius)
      }
    }
    raster.fill(oval(0), tone)
    for lane in 1..<5 {
      let edge = oval(-Float(lane) * 0.9)
      raster.line(edge + [edge[0]], width: 0.16, Tone(0.92, 0.88, 0.85), share: 0.7)
    }
    raster.fill(oval(-4.8), lawn)
    let (l, w) = (length - width * 0.62, width - 13)
    for stripe in stride(from: 0, to: 8, by: 2) {
      raster.fill(f.rectangle(-l / 2 + Float(stripe) * l / 8, -w / 2, l / 8, w), lawn * 1.15)
    }
    let white = Tone(0.95, 0.96, 0.94)
    let frame = f.rectangle(-l / 2, -w / 2, l, w)
    raster.line(frame + [frame[0]], width: 0.4, white)
    raster.line([f.at(0, -w / 2), f.at(0, w / 2)], width: 0.4, white)
    raster.ellipse(f.origin, w * 0.2, w * 0.2, inner: 0.88, white)
    for end in [-l / 2, l / 2 - l * 0.14] {
      let box = f.rectangle(end, -w * 0.28, l * 0.14, w * 0.56)
      raster.line(box + [box[0]], width: 0.35, white)
    }
  }

  mutating func playground() -> [String] {
    grass()
    let f = Placement(
      Place(50, 46),
      direction: direction().x > 0
        ? Place(1, random.number(-0.2, 0.2)) : Place(random.number(-0.2, 0.2), 1))
    let red = random.chance(0.75)
    raster.fill(f.rectangle(-41, -24, 82, 48), Tone(0.45, 0.52, 0.33))
    track(
      f, 76, 42, tone: red ? Tone(0.66, 0.28, 0.22) : Tone(0.25, 0.42, 0.60),
      lawn: Tone(0.28, 0.48, 0.22))
    let courts = random.integer(2...4)
    for index in 0..<courts {
      let court = Placement(f.at(-34 + Float(index) * 19, 31), direction: f.along)
      raster.fill(
        court.rectangle(-8, -5, 16, 10),
        random.chance(0.5) ? Tone(0.25, 0.50, 0.38) : Tone(0.30, 0.42, 0.58))
      let inner = court.rectangle(-6.5, -3.8, 13, 7.6)
      raster.line(
        inner + [inner[0], court.at(0, -3.8), court.at(0, 3.8)], width: 0.3, Tone(0.95, 0.95, 0.95))
    }
    for index in 0..<6 {
      flat(
        Placement(f.at(-40 + Float(index) * 16, -35), direction: f.along), 12, 8,
        roof: random.one(of: Painter.roofs), height: 4)
    }
    treesAlong(f.at(-44, 26), f.at(44, 26), spacing: 5, radius: 1.7)
    let color = red ? "red" : "blue"
    return [
      "a playground with a \(color) track and a football field .",
      "\(courts) basketball courts are next to a playground .",
      "a football field surrounded by \(color) tracks is near some buildings .",
      "a playground with \(color) runway is near green trees .",
      "the playground has a green football field in a \(color) track .",
    ]
  }

  mutating func stadium() -> [String] {
    ground(Tone(0.55, 0.54, 0.50), Tone(0.48, 0.50, 0.42), size: 16)
    trees(50, 0...100, 0...8, 2)
    trees(50, 0...100, 92...100, 2)
    _ = parkingLot(Placement(Place(3, 80), direction: Place(1, 0)), 24, 16, filled: 0.6)
    let f = Placement(
      Place(50, 49),
      direction: random.chance(0.5)
        ? Place(1, random.number(-0.3, 0.3)) : Place(random.number(-0.3, 0.3), 1))
    let round = random.chance(0.4)
    let (a, b): (Float, Float) = round ? (40, 37) : (44, 34)
    for step in 1...4 {
      raster.ellipse(
        f.origin + shadow * Float(step) * 1.8, a, b, direction: f.along, share: 0.25,
        Tone(0.05, 0.05, 0.07))
    }
    let roof = random.one(of: [
      Tone(0.92, 0.92, 0.93), Tone(0.72, 0.75, 0.80), Tone(0.80, 0.72, 0.62),
    ])
    raster.ellipse(f.origin, a, b, direction: f.along, roof)
    for step in 0..<40 {
      let turn = Painter.turned(Float(step) / 40)
      raster.line(
        [f.at(turn.x * a * 0.72, turn.y * b * 0.72), f.at(turn.x * a * 0.98, turn.y * b * 0.98)],
        width: 0.35, roof * 0.75, share: 0.7)
    }
    let seats = random.one(of: [
      Tone(0.75, 0.30, 0.22), Tone(0.25, 0.40, 0.65), Tone(0.80, 0.66, 0.25),
    ])
    raster.ellipse(f.origin, a * 0.78, b * 0.78, direction: f.along, seats)
    for ring in 1..<5 {
      let grow = 0.78 - Float(ring) * 0.035
      raster.ellipse(
        f.origin, a * grow, b * grow, direction: f.along, inner: 0.975, share: 0.6, seats * 0.6)
    }
    raster.ellipse(f.origin, a * 0.62, b * 0.62, direction: f.along, Tone(0.6, 0.28, 0.22))
    raster.ellipse(f.origin, a * 0.55, b * 0.50, direction: f.along, Tone(0.27, 0.46, 0.22))
    let (l, w) = (a * 0.86, b * 0.62)
    for stripe in stride(from: 0, to: 8, by: 2) {
      raster.fill(
        f.rectangle(-l / 2 + Float(stripe) * l / 8, -w / 2, l / 8, w), Tone(0.32, 0.53, 0.26))
    }
    let frame = f.rectangle(-l / 2, -w / 2, l, w)
    raster.line(frame + [frame[0]], width: 0.45, Tone(0.95, 0.96, 0.95))
    raster.line([f.at(0, -w / 2), f.at(0, w / 2)], width: 0.4, Tone(0.95, 0.96, 0.95))
    raster.ellipse(f.origin, w * 0.18, w * 0.18, inner: 0.88, Tone(0.95, 0.96, 0.95))
    let shape = round ? "round" : "oval"
    return [
      "a large \(shape) stadium with a football field in it .",
      "an \(shape) stadium is near a parking lot and green trees .",
      "the football field is surrounded by the stands of a stadium .",
      "a \(shape) stadium with a white roof .", "a stadium with colored seats is beside a road .",
    ]
  }
}
