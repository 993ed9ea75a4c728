/// Beach, bridge, pond.
extension Painter {
  static let sand = Tone(0.84, 0.76, 0.58)

  mutating func beach() -> [String] {
    let (sandTint, sand): (String, Tone) = random.one(of: [
      ("yellow", Tone(0.84, 0.76, 0.58)), ("white", Tone(0.92, 0.89, 0.82)),
      ("grey", Tone(0.70, 0.67, 0.61)), ("yellow", Tone(0.80, 0.68, 0.47)),
    ])
    let (color, sea, deep): (String, Tone, Tone) = random.one(of: [
      ("turquoise", Tone(0.24, 0.64, 0.66), Tone(0.06, 0.36, 0.48)),
      ("dark green", Tone(0.20, 0.42, 0.42), Tone(0.08, 0.24, 0.27)),
      ("blue", Tone(0.22, 0.48, 0.66), Tone(0.07, 0.22, 0.42)),
    ])
    let bay = random.integer(0...2)
    let wide = random.number(13, 24)
    let shore = random.number(46, 62)
    let bend = random.number(3, 8)
    let wavy = random.number(12, 24)
    let tilt = random.number(-0.15, 0.15)
    // What the shore is at each height of the picture; a bay curves inwards, a headland outwards.
    let bow: Float = bay == 0 ? 0 : bay == 1 ? 0.011 : -0.011
    let edges = (0..<raster.side).map { row -> Float in
      let y = (Float(row) + 0.5) / raster.scale
      return shore + (y - 50) * tilt + (y - 50) * (y - 50) * bow
        + (noise.fractal(y / wavy, 3, octaves: 3) - 0.5) * 2 * bend
    }
    let swells = plane(2.2, 14, octaves: 3)
    let grains = plane(0.6, 0.6, octaves: 1)
    let patches = plane(5, 5, shift: 9, octaves: 3)
    let side = raster.side
    let built = random.chance(0.35)
    let land = lawn * 0.85
    raster.texture { place, index, _ in
      let out = place.x - edges[index / side]
      let inland = -out - wide
      if out > 0 {
        let foam = out < 9 && swells[index] > 0.56 + out * 0.02 ? Float(0.75) : 0
        return sea.mixed(deep, min(1, out / 40)).mixed(
          Tone(0.96, 0.97, 0.97), out < 1.6 ? 0.85 : foam)
      }
      if inland < (patches[index] - 0.5) * 6 {
        return (out > -2.5 ? sand * 0.82 : sand) * (1 + (grains[index] - 0.5) * 0.12)
      }
      return land * (0.8 + patches[index] * 0.5)
    }
    func edge(_ y: Float) -> Float {
      edges[max(0, min(edges.count - 1, Int(y * raster.scale)))]
    }
    if random.chance(0.6) {
      for _ in 0..<random.integer(6...30) {
        let y = random.number(4, 96)
        let place = Place(edge(y) - 4 - random.unit() * (wide - 8), y)
        if isFree(place, 1.2) { umbrella(place) }
      }
    }
    if random.chance(0.4) {
      for _ in 0..<random.integer(1...4) {
        let y = random.number(8, 92)
        let place = Place(edge(y) + random.number(14, 30), y)
        if isFree(place, 4) { boat(place, direction: direction(), length: random.number(4, 6)) }
      }
    }
    if built {
      for row in 0..<6 {
        let y = 8 + Float(row) * 17
        gabled(
          Placement(Place(edge(y) - wide - random.number(9, 16), y), direction: direction()),
          9, 6.5, roof: roof())
      }
    }
    for _ in 0..<90 {
      let y = random.number(0, 100)
      let place = Place(random.number(-1, max(0, edge(y) - wide - 3)), y)
      let size = random.number(1.4, 2.8)
      if isFree(place, size) { tree(place, size) }
    }
    let (umbrellas, boats) = (count(.umbrella), count(.boat))
    let back = built ? "buildings and trees" : "trees"
    return say(
      [
        "\(sandTint) beach is near a piece of \(color) ocean .",
        umbrellas > 0
          ? "\(Speech.someAre(umbrellas, "umbrella")) on the \(sandTint) beach ."
          : "an empty beach is near the \(color) sea .",
        "white waves roll onto the \(sandTint) beach .",
        "a beach is between \(back) and the \(color) ocean .",
        bay == 1
          ? "a beach curves around the land ."
          : bay == 2 ? "a curved beach is beside a bay ." : "a long beach is beside the sea .",
      ],
      [
        boats > 0
          ? "\(Speech.someAre(boats, "boat")) on the \(color) sea ."
          : "there are no boats on the \(color) sea .",
        "\(sandTint) sand is beside the sea with white waves .",
      ])
  }

  mutating func bridge() -> [String] {
    let built = random.chance(0.5)
    ground(
      built ? Tone(0.50, 0.48, 0.43) : lawn * 0.85, built ? Tone(0.42, 0.44, 0.34) : lawn * 1.1,
      size: 10)
    let f = Placement(Place(50, 50), direction: direction())
    let layout = random.integer(0...3)
    let twin = layout == 3
    let half = random.number(21, 31)
    raster.fill(f.rectangle(-half - 2, -90, 2 * half + 4, 180), Tone(0.58, 0.55, 0.46))
    let (tint, deep): (String, Tone) = random.one(of: [
      ("dark", Tone(0.14, 0.24, 0.28)), ("green", Tone(0.20, 0.36, 0.28)),
      ("yellow", Tone(0.48, 0.42, 0.28)), ("blue", Tone(0.16, 0.32, 0.46)),
    ])
    raster.fill(f.rectangle(-half, -90, 2 * half, 180), water(deep))
    let width = layout == 1 ? random.number(4, 5) : random.number(7, 10)
    let decks: [Float] = twin ? [-9, 9] : [0]
    for y in decks {
      span(Placement(f.at(0, y), direction: f.along), width: twin ? 7 : width, half, layout)
    }
    if random.chance(0.4) {
      for _ in 0..<random.integer(1...3) {
        let place = f.at(
          random.number(-half + 4, half - 4), (random.chance(0.5) ? 1 : -1) * random.number(24, 36))
        if isFree(place, 4) {
          boat(place, direction: f.along.normal, length: random.number(6, 9))
        }
      }
    }
    for _ in 0..<70 {
      let side: Float = random.chance(0.5) ? 1 : -1
      let (x, y) = (side * random.number(half + 6, 66), random.number(-66, 66))
      let place = f.at(x, y)
      guard abs(y) > (twin ? 18 : 11) else { continue }
      if built {
        if isFree(place, 5) {
          gabled(Placement(place, direction: f.along), random.number(6, 9), 5, roof: roof())
        }
      } else {
        let size = random.number(1.5, 3)
        if isFree(place, size) { tree(place, size) }
      }
    }
    let (cars, boats, trains) = (count(.car), count(.boat), count(.train))
    let sides = built ? "buildings" : "trees"
    let bridges = twin ? "two bridges are" : "a bridge is"
    let onto =
      trains > 0
      ? "a train is on the bridge ."
      : cars > 0
        ? "\(Speech.someAre(cars, "car")) on the \(twin ? "two bridges" : "bridge") ."
        : "\(bridges) over a \(tint) river ."
    return say(
      [
        "\(bridges) on a \(tint) river with \(sides) on both sides .", onto,
        twin
          ? "two parallel bridges cross a wide river ."
          : "a straight bridge crosses a wide river .",
        layout == 2
          ? "a bridge with two high towers is over the river ."
          : layout == 1
            ? "a railway bridge is over the river ." : "\(bridges) above the \(tint) water .",
        boats > 0
          ? "\(Speech.someAre(boats, "boat")) near the \(twin ? "two bridges" : "bridge") ."
          : "some \(sides) are near the \(twin ? "two bridges" : "bridge") .",
      ], ["the river is wide and \(tint) .", "\(sides) are on both sides of the \(tint) river ."])
  }

  /// One bridge along x: of girders, with trusses and rails, or hung from two towers.
  private mutating func span(_ f: Placement, width: Float, _ half: Float, _ layout: Int) {
    let deck = f.rectangle(-half - 3, -width / 2, 2 * half + 6, width)
    castShadow(deck, height: 5)
    let pale = Tone(0.85, 0.85, 0.83)
    let edges = { (painter: inout Painter, tone: Tone) in
      for y in [-width / 2, width / 2] {
        painter.raster.line([f.at(-half - 3, y), f.at(half + 3, y)], width: 0.9, tone)
      }
    }
    if layout == 1 {
      raster.fill(f.rectangle(-90, -width / 2, 180, width), Tone(0.47, 0.42, 0.38))
      raster.fill(deck, Tone(0.42, 0.40, 0.40))
      for rail in [Float(-0.7), 0.7] {
        raster.line([f.at(-90, rail), f.at(90, rail)], width: 0.3, Tone(0.78, 0.76, 0.74))
      }
      let steel = Tone(0.55, 0.34, 0.28)
      edges(&self, steel)
      if random.chance(0.6) {
        train(Placement(f.at(-22, 0), direction: f.along), coaches: 5)
      }
      var x = -half
      while x < half {
        raster.line([f.at(x, -width / 2), f.at(x + 2.6, width / 2)], width: 0.4, steel, share: 0.8)
        raster.line([f.at(x, width / 2), f.at(x + 2.6, -width / 2)], width: 0.4, steel, share: 0.8)
        x += 5.2
      }
      return
    }
    road([f.at(-90, 0), f.at(90, 0)], width: width - 1.6, tone: Tone(0.5, 0.5, 0.5))
    edges(&self, pale)
    if layout == 2 {
      for tower in [-half * 0.5, half * 0.5] {
        for side in [Float(-1), 1] {
          for reach in stride(from: Float(4), through: half * 0.48, by: 3) {
            for way in [Float(-1), 1] {
              raster.line(
                [
                  f.at(tower, side * width / 2),
                  f.at(tower + way * reach, side * width * 0.5 + side * 0.2),
                ],
                width: 0.3, Painter.white, share: 0.9)
            }
          }
        }
        let foot = Placement(f.at(tower, 0), direction: f.along)
        castShadow(foot.centered(1.8, width + 4), height: 12)
        for side in [Float(-1), 1] {
          raster.fill(
            Placement(foot.at(0, side * (width / 2 + 0.9)), direction: f.along).centered(3, 3), pale
          )
        }
        raster.fill(foot.centered(1, width + 3), pale * 0.95)
      }
    } else {
      for step in -3...3 {
        let x = Float(step) * half / 3.4
        for side in [Float(-1), 1] {
          raster.fill(
            Placement(f.at(x, side * (width / 2 + 0.7)), direction: f.along).centered(1.6, 1.4),
            Tone(0.75, 0.75, 0.73))
        }
      }
    }
    carsAlong(
      f.at(-half + 2, 0), f.at(half - 2, 0), lane: width * 0.18, count: random.integer(2...8))
  }

  mutating func pond() -> [String] {
    grass()
    let (tint, deep): (String, Tone) = random.one(of: [
      ("green", Tone(0.22, 0.36, 0.20)), ("dark", Tone(0.12, 0.20, 0.23)),
      ("blue", Tone(0.18, 0.36, 0.48)), ("brown", Tone(0.40, 0.34, 0.24)),
    ])
    let layout = random.integer(0...2)
    let bank = Tone(0.55, 0.52, 0.38)
    var outlines: [[Place]] = []
    switch layout {
    case 0:
      outlines = [
        blob(
          Place(50, 52) + direction() * 5, random.number(20, 32), random.number(16, 27),
          ragged: 0.5)
      ]
    case 1:
      let f = Placement(Place(50, 53), direction: Place(1, random.number(-0.3, 0.3)))
      let columns = random.integer(1...3)
      let (width, depth): (Float, Float) = columns == 1 ? (52, 36) : (66 / Float(columns), 48)
      for column in 0..<columns {
        let x = (Float(column) - Float(columns - 1) / 2) * (width + 4)
        outlines.append(
          Placement(f.at(x, 0), direction: f.along).centered(width, depth))
      }
    default:
      outlines = [blob(Place(50, 52), random.number(24, 30), random.number(24, 30), ragged: 0.05)]
    }
    let water = water(deep)
    for outline in outlines {
      raster.closedLine(outline, width: 3.2, bank)
      add(.pond, outline) { $0.raster.fill(outline, water) }
    }
    if layout == 2 {
      raster.disc(Place(50, 52), 6, bank)
      raster.disc(Place(50, 52), 5, lawn)
      tree(Place(50, 52), 2.6)
    }
    raster.line([Place(-1, 8), Place(101, random.number(6, 10))], width: 2.5, Painter.gravel)
    for index in 0..<random.integer(0...4) {
      gabled(Placement(Place(12 + Float(index) * 11, 92)), 8, 6, roof: roof())
    }
    func isDry(_ place: Place, _ size: Float) -> Bool {
      place.y > 13 && isFreeOfHouses(place, size)
        && outlines.allSatisfy { outline in
          !Painter.contains(outline, place)
            && outline.indices.allSatisfy { index in
              let (a, b) = (outline[index], outline[(index + 1) % outline.count])
              let share = max(
                0,
                min(
                  1,
                  ((place - a).x * (b - a).x + (place - a).y * (b - a).y)
                    / max(0.01, (b - a).length * (b - a).length)))
              return (a + (b - a) * share - place).length > size + 1.5
            }
        }
    }
    for _ in 0..<random.integer(90...260) {
      let place = Place(random.number(0, 100), random.number(0, 100))
      let size = random.number(1.5, 3)
      if isDry(place, size) { tree(place, size) }
    }
    let (houses, ponds) = (count(.house), count(.pond))
    let shape = layout == 0 ? "irregular" : layout == 1 ? "rectangular" : "round"
    return say(
      [
        "many trees are around \(Speech.some(ponds, "\(tint) pond")) .",
        "\(Speech.someAre(ponds, "\(shape) pond")) near a narrow road .",
        houses > 0
          ? "\(Speech.someAre(houses, "house")) near \(Speech.some(ponds, "pond")) ."
          : "\(Speech.someAre(ponds, "pond")) in the grass .",
        layout == 2
          ? "a small island with a tree is in the pond ."
          : "\(Speech.someAre(ponds, "\(tint) pond")) surrounded by trees .",
        "\(Speech.some(ponds, "pond")) with \(tint) water and trees nearby .",
      ], ["the water is \(tint) .", "many trees and a narrow road are near the water ."])
  }

  private func isFreeOfHouses(_ place: Place, _ size: Float) -> Bool {
    things.allSatisfy { $0.kind != .house || ($0.middle - place).length > $0.reach + size }
  }
}
