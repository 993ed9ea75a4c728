/// Square.
extension Painter {
  mutating func square() -> [String] {
    ground(Tone(0.50, 0.49, 0.47), Tone(0.44, 0.46, 0.40), size: 12)
    let (tint, stone): (String, Tone) = random.one(of: [
      ("grey", Tone(0.68, 0.66, 0.64)), ("yellow", Tone(0.80, 0.72, 0.56)),
      ("red", Tone(0.72, 0.56, 0.48)),
    ])
    switch random.integer(0...2) {
    case 0: return fourLawns(tint, stone)
    case 1: return roundSquare(tint, stone)
    default: return longSquare(tint, stone)
    }
  }

  private mutating func centerpiece(_ place: Place, _ radius: Float) -> String {
    let fountain = random.chance(0.6)
    raster.disc(place, radius * 1.25, Tone(0.80, 0.78, 0.74))
    raster.disc(place, radius, fountain ? Tone(0.30, 0.58, 0.66) : Tone(0.62, 0.50, 0.40))
    if fountain {
      raster.disc(place, radius * 0.3, Painter.white)
    } else {
      let base = Placement(place).centered(radius * 0.8, radius * 0.8)
      castShadow(base, height: 9)
      raster.fill(base, Tone(0.88, 0.86, 0.82))
    }
    return fountain ? "fountain" : "monument"
  }

  /// Roads on four sides and buildings behind them.
  private mutating func surroundings(_ half: Float) {
    for side in 0..<4 {
      let f = Placement(
        Place(50, 50), direction: [Place(1, 0), Place(0, 1), Place(-1, 0), Place(0, -1)][side])
      road([f.at(-60, half + 3.5), f.at(60, half + 3.5)], width: 5)
    }
    for side in 0..<4 {
      let f = Placement(
        Place(50, 50), direction: [Place(1, 0), Place(0, 1), Place(-1, 0), Place(0, -1)][side])
      carsAlong(f.at(-half, half + 3.5), f.at(half, half + 3.5), lane: 1.2, count: 6)
      for index in 0..<5 {
        flat(
          Placement(f.at(-40 + Float(index) * 20, half + 13), direction: f.along), 15, 10,
          roof: roof(), height: 6)
      }
    }
  }

  private mutating func paving(_ corners: [Place], _ f: Placement, _ half: Float, _ stone: Tone) {
    raster.fill(corners, stone)
    for step in -8...8 {
      let at = Float(step) * half / 8
      raster.line([f.at(at, -half), f.at(at, half)], width: 0.25, stone * 0.85)
      raster.line([f.at(-half, at), f.at(half, at)], width: 0.25, stone * 0.85)
    }
  }

  private mutating func fourLawns(_ tint: String, _ stone: Tone) -> [String] {
    let half = random.number(31, 35)
    surroundings(half)
    let f = Placement(Place(50, 50))
    paving(f.centered(2 * half, 2 * half), f, half, stone)
    let lawns = random.chance(0.7)
    let away = half * 0.65
    for (x, y) in [(-away, -away), (away, -away), (-away, away), (away, away)] {
      let bed = Placement(f.at(x, y))
      let width = half * 0.52
      add(.lawn, bed.centered(width, width)) { painter in
        painter.raster.fill(bed.centered(width, width), lawns ? painter.lawn : stone * 0.78)
      }
      for (dx, dy) in [(-1, -1), (1, 1), (-1, 1), (1, -1)] as [(Float, Float)] {
        tree(bed.at(dx * width * 0.3, dy * width * 0.3), 2)
      }
    }
    for ring in stride(from: Float(16), to: 6, by: -3) {
      raster.disc(
        Place(50, 50), ring,
        ring.truncatingRemainder(dividingBy: 2) < 1 ? stone * 0.74 : stone * 1.12)
    }
    let middle = centerpiece(Place(50, 50), 4.6)
    return say(
      [
        "a square with a \(middle) in the middle .",
        "a square is surrounded by roads and buildings .",
        lawns ? "four lawns with trees are in the square ." : "a \(tint) square with some trees .",
        "several buildings are around a \(tint) square .",
        "the square is symmetrical and has a \(middle) .",
      ], ["a \(middle) is in the middle of a paved place ."])
  }

  private mutating func roundSquare(_ tint: String, _ stone: Tone) -> [String] {
    let middle = Place(50, 50)
    let spokes = random.integer(4...6)
    let first = random.unit()
    for index in 0..<30 {
      let out = Painter.turned((Float(index) + 0.5) / 30)
      let spoke = ((Float(index) + 0.5) / 30 - first) * Float(spokes)
      guard abs(spoke - spoke.rounded()) > 0.1 else { continue }
      for away in [Float(46), 58] {
        let frame = Placement(middle + out * away, direction: out.normal)
        flat(frame, away * 0.17, 9.4, roof: roof(), height: 5)
      }
    }
    for index in 0..<spokes {
      let out = Painter.turned(first + Float(index) / Float(spokes))
      road([middle + out * 34, middle + out * 80], width: 5)
      carsAlong(middle + out * 42, middle + out * 70, lane: 1.2, count: 3)
    }
    raster.disc(middle, 38.6, Painter.asphalt * 1.3)
    raster.disc(middle, 38, Painter.asphalt)
    raster.disc(middle, 32, stone)
    for ring in stride(from: Float(29), to: 14, by: -5) {
      raster.ellipse(middle, ring, ring, inner: 0.9, stone * (Int(ring) % 2 == 0 ? 0.8 : 1.14))
    }
    for index in 0..<spokes {
      // Beds between the paths that lead to the middle.
      let (a, b) = (
        first + (Float(index) + 0.14) / Float(spokes), first + (Float(index) + 0.86) / Float(spokes)
      )
      let arc = (0...8).map { Painter.turned(a + (b - a) * Float($0) / 8) }
      raster.fill(
        arc.map { middle + $0 * 25 } + arc.reversed().map { middle + $0 * 15 }, lawn * 1.1)
      for out in arc where random.chance(0.7) { tree(middle + out * 20, random.number(1.4, 2)) }
    }
    let piece = centerpiece(middle, 6)
    for _ in 0..<16 {
      let out = direction()
      let place = middle + out * 35.2
      if isFree(place, 1.2) { car(place, direction: out.normal) }
    }
    return say(
      [
        "a round square with a \(piece) in the middle .",
        "a round square is surrounded by a road and buildings .",
        "\(Speech.some(spokes, "road")) lead to the round square .",
        "a circle shaped square with lawns and trees .",
        "a \(tint) square is inside of a circle of buildings .",
      ],
      [
        "a ring road is around a \(piece) .",
        "\(Speech.some(spokes, "road")) meet at a round place .",
      ])
  }

  private mutating func longSquare(_ tint: String, _ stone: Tone) -> [String] {
    let f = Placement(Place(50, 50), direction: Place(1, random.number(-0.12, 0.12)))
    for side in [Float(-1), 1] { road([f.at(-90, side * 28), f.at(90, side * 28)], width: 6) }
    for side in [Float(-1), 1] {
      carsAlong(f.at(-50, side * 28), f.at(50, side * 28), lane: 1.5, count: 10)
      for index in -3...3 {
        flat(
          Placement(f.at(Float(index) * 21, side * 42), direction: f.along), 17,
          random.number(14, 18), roof: roof(), height: 6)
      }
    }
    raster.fill(f.rectangle(-41, -23, 82, 46), stone)
    for step in 0...27 {
      let x = -41 + Float(step) * 3.04
      raster.line([f.at(x, -23), f.at(x, 23)], width: 0.25, stone * 0.85)
    }
    for step in 0...15 {
      let y = -23 + Float(step) * 3.06
      raster.line([f.at(-41, y), f.at(41, y)], width: 0.25, stone * 0.85)
    }
    for end in [Float(-1), 1] {
      flat(
        Placement(f.at(end * 52, 0), direction: f.along), 13, 40, roof: roof(), height: 7)
      let bed = Placement(f.at(end * 22, 0), direction: f.along)
      raster.fill(bed.centered(22, 18), lawn * 1.1)
      raster.closedLine(bed.centered(22, 18), width: 0.7, stone * 1.2)
    }
    for side in [Float(-1), 1] {
      treesAlong(f.at(-38, side * 19), f.at(38, side * 19), spacing: 5, radius: 1.9)
      treesAlong(f.at(-38, side * 14.5), f.at(38, side * 14.5), spacing: 5, radius: 1.9)
    }
    let piece = centerpiece(f.origin, 5)
    return say(
      [
        "a rectangular square with a \(piece) in the middle .",
        "rows of trees are in a square between two roads .",
        "a \(tint) square has two lawns in it .",
        "many buildings are around a rectangular square .",
        "a long square is between two parallel roads .",
      ], ["a \(piece) is between two lawns .", "two parallel roads with cars pass the buildings ."])
  }
}
