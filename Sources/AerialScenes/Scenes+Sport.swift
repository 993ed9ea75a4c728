/// Baseballfield, playground, stadium.
extension Painter {
  mutating func baseballfield() -> [String] {
    grass()
    let soil = random.one(of: [
      Tone(0.66, 0.48, 0.33), Tone(0.60, 0.38, 0.27), Tone(0.74, 0.62, 0.45),
    ])
    let layout = random.integer(0...2)
    switch layout {
    case 0: diamond(Placement(Place(50, 86), direction: Place(1, -1)), random.number(56, 66), soil)
    case 1:
      diamond(Placement(Place(27, 88), direction: Place(1, -1)), 38, soil)
      diamond(Placement(Place(72, 12), direction: Place(-1, 1)), 38, soil)
    default:
      // Four that meet with their corners, as in many parks.
      let gap = random.number(4, 8)
      for (x, y, direction) in [
        (1, -1, Place(1, 0)), (-1, -1, Place(0, -1)), (-1, 1, Place(-1, 0)), (1, 1, Place(0, 1)),
      ] as [(Float, Float, Place)] {
        diamond(
          Placement(Place(50 + x * gap, 50 + y * gap), direction: direction),
          random.number(34, 38), soil)
      }
      raster.disc(Place(50, 50), 3, Tone(0.70, 0.66, 0.60))
    }
    let parked = layout == 0 && random.chance(0.6)
    if parked {
      parkingLot(Placement(Place(4, 86)), 30, 11, filled: 0.6)
    }
    for _ in 0..<170 {
      let place = Place(random.number(0, 100), random.number(0, 100))
      let inField = things.contains { $0.kind == .field && Painter.contains($0.corners, place) }
      let size = random.number(1.5, 2.8)
      let middle = Place(50, 50) - place
      let away = max(abs(middle.x), abs(middle.y)) > 40
      if away, !inField, !(parked && place.y > 80 && place.x < 40),
        things.allSatisfy({ thing in
          thing.kind != .field
            || thing.corners.allSatisfy { ($0 - place).length > size + 2 }
        })
      {
        tree(place, size)
      }
    }
    let fields = count(.field)
    return say(
      [
        "\(Speech.someAre(fields, "baseball field")) near some trees .",
        "\(Speech.someAre(fields, "baseball field")) surrounded by grass and trees .",
        "\(Speech.some(fields, "baseball field")) with brown soil and white lines .",
        parked
          ? "a parking lot is near the baseball field ."
          : fields == 4
            ? "four baseball fields meet at their corners ."
            : "the baseball \(fields == 1 ? "field is" : "fields are") shaped like a fan .",
        "there \(fields == 1 ? "is" : "are") \(Speech.some(fields, "baseball field")) on the grass .",
      ],
      [
        "each fan shaped piece of grass has a diamond of soil in it ."
      ])
  }

  private mutating func diamond(_ f: Placement, _ size: Float, _ soil: Tone) {
    func sector(_ radius: Float) -> [Place] {
      [f.origin]
        + (0...20).map { step in
          let turn = Painter.turned(Float(step) / 80)
          return f.at(turn.x * radius, -turn.y * radius)
        }
    }
    let green = Tone(0.33, 0.50, 0.22)
    add(.field, sector(size)) { painter in
      painter.raster.fill(sector(size * 1.04), soil)
      painter.raster.fill(sector(size), green)
      for step in stride(from: 1, to: 10, by: 2) {
        let (inner, outer) = (sector(size * Float(step) / 10), sector(size * Float(step + 1) / 10))
        painter.raster.fill(
          Array(outer.dropFirst()) + inner.dropFirst().reversed(), green * 0.86, share: 0.5)
      }
      painter.raster.fill(sector(size * 0.52), soil)
      let base = size * 0.36
      painter.raster.fill(
        f.rectangle(size * 0.05, -base, base - size * 0.05, base - size * 0.05), green * 1.05)
      painter.raster.disc(f.at(base * 0.5, -base * 0.5), size * 0.045, soil)
      painter.raster.disc(
        f.origin + (f.at(1, -1) - f.origin) * (size * 0.03), size * 0.09, soil)
      for end in [f.at(size, 0), f.at(0, -size)] {
        painter.raster.line([f.origin, end], width: 0.45, Painter.white)
      }
      for place in [f.at(base, 0), f.at(0, -base), f.at(base, -base)] {
        painter.raster.disc(place, 0.7, Painter.white)
      }
    }
  }

  /// A running track around a football field.
  mutating func track(
    _ f: Placement, _ length: Float, _ width: Float, tone: Tone, lawn: Tone
  ) {
    func oval(_ grow: Float) -> [Place] {
      let (half, radius) = (length / 2 - width / 2, width / 2 + grow)
      return (0..<48).map { step in
        let turn = Painter.turned((Float(step) + 0.5) / 48)
        return f.at(turn.x * radius + (turn.x >= 0 ? half : -half), turn.y * radius)
      }
    }
    let lane = width * 0.022
    add(.track, f.centered(length, width)) { painter in
      painter.raster.fill(oval(0), tone)
      for index in 1..<5 {
        painter.raster.closedLine(
          oval(-Float(index) * lane), width: 0.18, Tone(0.92, 0.88, 0.85), share: 0.7)
      }
      painter.raster.fill(oval(-5.2 * lane), lawn)
      painter.football(f, length - width * 0.62, width * 0.69, lawn)
    }
  }

  /// A football field with its lines, mown in stripes.
  mutating func football(_ f: Placement, _ l: Float, _ w: Float, _ lawn: Tone) {
    raster.fill(f.centered(l, w), lawn)
    for stripe in stride(from: 0, to: 8, by: 2) {
      raster.fill(f.rectangle(-l / 2 + Float(stripe) * l / 8, -w / 2, l / 8, w), lawn * 1.15)
    }
    let white = Painter.white
    raster.closedLine(f.centered(l * 0.98, w * 0.97), width: 0.4, white)
    raster.line([f.at(0, -w / 2), f.at(0, w / 2)], width: 0.4, white)
    raster.ellipse(f.origin, w * 0.2, w * 0.2, inner: 0.88, white)
    for end in [-l * 0.49, l * 0.35] {
      raster.closedLine(
        f.rectangle(end, -w * 0.28, l * 0.14, w * 0.56), width: 0.35, white)
    }
  }

  mutating func trackTone() -> (color: String, tone: Tone) {
    random.one(of: [
      ("red", Tone(0.66, 0.28, 0.22)), ("red", Tone(0.70, 0.36, 0.27)),
      ("blue", Tone(0.25, 0.42, 0.60)),
    ])
  }

  mutating func playground() -> [String] {
    grass()
    let upright = random.chance(0.5)
    let tilt = random.number(-0.2, 0.2)
    let f = Placement(Place(50, 47), direction: upright ? Place(tilt, 1) : Place(1, tilt))
    let (color, tone) = trackTone()
    let pitch = Tone(0.28, 0.48, 0.22) * random.number(0.9, 1.2)
    let layout = random.integer(0...2)
    switch layout {
    case 0:
      raster.fill(f.centered(86, 50), lawn * 1.12)
      track(f, random.number(68, 78), random.number(38, 43), tone: tone, lawn: pitch)
    case 1:
      track(
        Placement(f.at(0, 4), direction: f.along), random.number(70, 80), 42, tone: tone,
        lawn: pitch)
      // A covered stand along one side.
      let stand = Placement(f.at(0, -24), direction: f.along)
      add(.building, stand.centered(46, 7)) { painter in
        painter.castShadow(stand.centered(46, 7), height: 4)
        for row in 0..<7 {
          painter.raster.fill(
            stand.rectangle(-23, -3.5 + Float(row), 46, 0.9),
            Tone(0.72, 0.73, 0.76) * (row % 2 == 0 ? 1.1 : 0.85))
        }
      }
    default:
      raster.fill(f.centered(84, 50), Tone(0.60, 0.58, 0.54))
      football(Placement(f.at(-14, 0), direction: f.along), 52, 34, pitch)
      things.append(
        Thing(kind: .field, corners: Placement(f.at(-14, 0), direction: f.along).centered(52, 34)))
    }
    let courts = random.integer(2...4)
    for index in 0..<courts {
      let spot =
        layout == 2
        ? Placement(f.at(27, -18 + Float(index) * 12), direction: f.along)
        : Placement(f.at(-30 + Float(index) * 19, 31.5), direction: f.along)
      court(spot, layout == 2 ? 17 : 16, 9.6)
    }
    for index in 0..<6 {
      flat(
        Placement(f.at(-40 + Float(index) * 16, -37), direction: f.along), 12, 8, roof: roof(),
        height: 4)
    }
    treesAlong(f.at(-44, -30.5), f.at(44, -30.5), spacing: 5, radius: 1.7)
    treesAlong(f.at(-44, 40), f.at(44, 40), spacing: 4, radius: 2.1)
    let seen = count(.court)
    let hasTrack = layout != 2
    return say(
      [
        hasTrack
          ? "a playground with a \(color) track and a football field ."
          : "a playground with a football field and some courts .",
        "\(Speech.someAre(seen, "basketball court")) next to a playground .",
        "a playground is near some buildings and trees .",
        hasTrack
          ? "the playground has a green football field in a \(color) track ."
          : "a green football field is in the playground .",
        "a row of trees is beside the playground .",
      ],
      [
        hasTrack
          ? "a football field is surrounded by a \(color) track ."
          : "a football field is beside \(Speech.some(seen, "basketball court")) .",
        "several buildings are in a row near a football field .",
      ])
  }

  mutating func stadium() -> [String] {
    ground(Tone(0.55, 0.54, 0.50), lawn, size: 16)
    let f = Placement(
      Place(50, 49),
      direction: random.chance(0.5)
        ? Place(1, random.number(-0.3, 0.3)) : Place(random.number(-0.3, 0.3), 1))
    let (roofTint, roof): (String, Tone) = random.one(of: [
      ("white", Tone(0.92, 0.92, 0.93)), ("grey", Tone(0.62, 0.65, 0.69)),
      ("yellow", Tone(0.82, 0.74, 0.56)),
    ])
    let (seatTint, seats): (String, Tone) = random.one(of: [
      ("red", Tone(0.75, 0.28, 0.22)), ("blue", Tone(0.25, 0.40, 0.65)),
      ("yellow", Tone(0.85, 0.70, 0.25)),
    ])
    let layout = random.integer(0...2)
    let shape: String
    switch layout {
    case 0: shape = bowl(f, roof, seats)
    case 1: shape = fourStands(f, roof, seats)
    default: shape = openStands(f, roof, seats)
    }
    for _ in 0..<140 {
      let place = Place(random.number(0, 100), random.number(0, 100))
      if (place - Place(50, 49)).length > 54 { tree(place, random.number(1.5, 2.6)) }
    }
    let an = Speech.article(shape)
    return say(
      [
        "\(an) \(shape) stadium with a football field in it .",
        "some trees are around a stadium with \(seatTint) seats .",
        "\(an) \(shape) stadium has a \(roofTint) roof .",
        layout == 1
          ? "four stands are around the football field of a stadium ."
          : "a red track is around the football field in the stadium .",
        "a large stadium is near some trees .",
      ],
      [
        "a green football field is between \(seatTint) seats .",
        "the \(roofTint) roof is \(layout == 2 ? "beside" : "around") a green field .",
      ])
  }

  private mutating func bowl(_ f: Placement, _ roof: Tone, _ seats: Tone) -> String {
    let round = random.chance(0.4)
    let (a, b): (Float, Float) = round ? (40, 38) : (44, 33)
    for step in 1...4 {
      raster.ellipse(
        f.origin + shadow * Float(step) * 1.8, a, b, direction: f.along, share: 0.25, Painter.dark)
    }
    raster.ellipse(f.origin, a, b, direction: f.along, roof)
    for step in 0..<40 {
      let turn = Painter.turned(Float(step) / 40)
      raster.line(
        [f.at(turn.x * a * 0.72, turn.y * b * 0.72), f.at(turn.x * a * 0.98, turn.y * b * 0.98)],
        width: 0.35, roof * 0.75, share: 0.7)
    }
    raster.ellipse(f.origin, a * 0.78, b * 0.78, direction: f.along, seats)
    for ring in 1..<5 {
      let grow = 0.78 - Float(ring) * 0.035
      raster.ellipse(
        f.origin, a * grow, b * grow, direction: f.along, inner: 0.975, share: 0.6, seats * 0.6)
    }
    raster.ellipse(f.origin, a * 0.64, b * 0.64, direction: f.along, Tone(0.62, 0.28, 0.22))
    raster.ellipse(f.origin, a * 0.54, b * 0.52, direction: f.along, Tone(0.27, 0.46, 0.22))
    football(f, a * 0.82, b * 0.66, Tone(0.28, 0.48, 0.23))
    return round ? "round" : "oval"
  }

  private mutating func fourStands(_ f: Placement, _ roof: Tone, _ seats: Tone) -> String {
    let (l, w) = (random.number(46, 54), random.number(30, 35))
    raster.fill(f.centered(l + 32, w + 32), Tone(0.62, 0.61, 0.58))
    raster.fill(f.centered(l + 4, w + 4), Tone(0.36, 0.52, 0.28))
    football(f, l, w, Tone(0.28, 0.48, 0.23))
    for side in 0..<4 {
      let along = [f.along, f.along.normal, f.along * -1, f.along.normal * -1][side]
      let long = side % 2 == 0 ? l + 4 : w + 4
      let away = (side % 2 == 0 ? w : l) / 2 + 3
      let stand = Placement(f.origin, direction: along)
      castShadow(stand.rectangle(-long / 2, away + 4, long, 9), height: 7)
      for row in 0..<5 {
        raster.fill(
          stand.rectangle(-long / 2, away + Float(row) * 1.1, long, 0.95),
          seats * (row % 2 == 0 ? 1.05 : 0.82))
      }
      raster.fill(stand.rectangle(-long / 2, away + 5.4, long, 7.6), roof)
      for rib in 0..<Int(long / 3) {
        let x = -long / 2 + Float(rib) * 3
        raster.line(
          [stand.at(x, away + 5.4), stand.at(x, away + 13)], width: 0.3, roof * 0.78, share: 0.7)
      }
    }
    return "rectangular"
  }

  /// A track with terraces all around and a roof over one side.
  private mutating func openStands(_ f: Placement, _ roof: Tone, _ seats: Tone) -> String {
    let (length, width) = (random.number(58, 64), random.number(34, 37))
    func oval(_ grow: Float) -> [Place] {
      let (half, radius) = (length / 2 - width / 2, width / 2 + grow)
      return (0..<48).map { step in
        let turn = Painter.turned((Float(step) + 0.5) / 48)
        return f.at(turn.x * radius + (turn.x >= 0 ? half : -half), turn.y * radius)
      }
    }
    castShadow(oval(12), height: 4)
    raster.fill(oval(12), Tone(0.66, 0.65, 0.62))
    for row in 0..<7 {
      raster.fill(oval(10.5 - Float(row) * 1.4), seats * (row % 2 == 0 ? 1 : 0.8))
    }
    track(f, length, width, tone: Tone(0.66, 0.28, 0.22), lawn: Tone(0.28, 0.48, 0.22))
    let stand = Placement(f.at(0, -width / 2 - 9), direction: f.along)
    castShadow(stand.centered(length * 0.62, 10), height: 5)
    raster.fill(stand.centered(length * 0.62, 10), roof)
    for rib in 0..<10 {
      let x = length * (Float(rib) * 0.062 - 0.28)
      raster.line([stand.at(x, -5), stand.at(x, 5)], width: 0.35, roof * 0.78)
    }
    return "oval"
  }
}
