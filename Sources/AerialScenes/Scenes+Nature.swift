/// Bareland, desert, farmland, mountain.
extension Painter {
  mutating func bareland() -> [String] {
    let (color, soil): (String, Tone) = random.one(of: [
      ("red", Tone(0.60, 0.43, 0.32)), ("yellow", Tone(0.63, 0.55, 0.42)),
      ("grey", Tone(0.56, 0.54, 0.50)), ("brown", Tone(0.47, 0.39, 0.31)),
    ])
    ground(soil * 0.84, soil * 1.14, size: random.number(10, 26), fine: 0.1)
    for _ in 0..<random.integer(3...6) {
      let shape = blob(
        Place(random.number(0, 100), random.number(0, 100)), random.number(8, 22),
        random.number(6, 16), ragged: 0.7)
      raster.fill(shape, soil * random.number(0.75, 1.25), share: 0.5)
    }
    let layout = random.integer(0...2)
    let special: [String]
    switch layout {
    case 0: special = tyreTracks(soil)
    case 1: special = earthworks(soil)
    default: special = gullies(soil)
    }
    for _ in 0..<random.integer(14...40) {
      raster.disc(
        Place(random.number(0, 100), random.number(0, 100)), random.number(0.4, 1.1),
        Tone(0.34, 0.38, 0.22), share: 0.8)
    }
    let an = Speech.article(color)
    return say(
      [
        "it is a piece of \(color) bareland .", "\(an) \(color) bareland with a few small plants .",
        "the bareland is irregular and \(color) .", "\(special[0]) on the bareland .",
        "a large piece of bareland is \(color) .",
      ], ["\(special[0]) on the \(color) ground .", "few plants grow on the \(color) soil ."])
  }

  private mutating func tyreTracks(_ soil: Tone) -> [String] {
    let tracks = random.integer(1...3)
    for _ in 0..<tracks {
      let upright = random.chance(0.5)
      let path = Painter.smooth(
        (0...4).map { step in
          let (x, y) = (Float(step) * 29 - 8, random.number(18, 82))
          return upright ? Place(y, x) : Place(x, y)
        })
      for side in [Float(-0.9), 0.9] {
        raster.line(
          path.map { $0 + Place(side * 0.7, side * 0.7) }, width: 0.8, soil * 1.32)
      }
    }
    return [tracks == 1 ? "a wheel track is" : "some wheel tracks are"]
  }

  /// Dug and heaped earth: pits, piles, graded ground.
  private mutating func earthworks(_ soil: Tone) -> [String] {
    let f = Placement(Place(50, 50), direction: direction())
    let graded = f.centered(random.number(56, 74), random.number(34, 50))
    raster.fill(graded, soil * 1.18, share: 0.8)
    for line in stride(from: Float(-15), through: 15, by: 2.5) {
      raster.line([f.at(-26, line), f.at(26, line)], width: 0.4, soil * 0.95, share: 0.6)
    }
    for _ in 0..<random.integer(5...9) {
      let place = Place(random.number(10, 90), random.number(10, 90))
      let radius = random.number(3, 6)
      raster.disc(place + shadow * radius * 0.7, radius, Painter.dark, share: 0.4)
      raster.fill(blob(place, radius, radius * 0.8, ragged: 0.3), soil * 0.78)
      raster.disc(place - shadow * radius * 0.3, radius * 0.55, soil * 1.3, share: 0.8)
    }
    return ["several piles of soil are"]
  }

  private mutating func gullies(_ soil: Tone) -> [String] {
    for _ in 0..<random.integer(5...8) {
      let start = Place(random.number(0, 100), random.number(0, 100))
      var direction = direction()
      var path = [start]
      for _ in 0..<7 {
        direction = (direction + self.direction() * 0.6).unit
        path.append((path.last ?? start) + direction * 8)
      }
      let curve = Painter.smooth(path)
      raster.line(curve.map { $0 + shadow * 0.5 }, width: 1.5, soil * 0.62)
      raster.line(curve, width: 0.8, soil * 1.28)
    }
    return ["some dry gullies are"]
  }

  mutating func desert() -> [String] {
    let (color, low, high): (String, Tone, Tone) = random.one(of: [
      ("red", Tone(0.62, 0.38, 0.22), Tone(0.90, 0.62, 0.40)),
      ("yellow", Tone(0.70, 0.56, 0.36), Tone(0.93, 0.80, 0.57)),
      ("yellow", Tone(0.66, 0.56, 0.42), Tone(0.90, 0.83, 0.68)),
      ("orange", Tone(0.66, 0.45, 0.25), Tone(0.94, 0.72, 0.44)),
    ])
    let layout = random.integer(0...2)
    if layout == 2 { crescents(low, high) } else { dunes(low, high, isFine: layout == 1) }
    let an = Speech.article(color)
    return say(
      [
        "it is a piece of \(color) desert .",
        layout == 2
          ? "crescent shaped dunes are in the desert ." : "long wavy dunes are in the desert .",
        "\(an) \(color) desert without plants .",
        layout == 1 ? "fine ripples cover the desert ." : "many dunes are in the \(color) desert .",
        "a large desert with \(color) sand .",
      ],
      ["the \(color) sand has dark and light sides .", "there are no trees on the \(color) sand ."])
  }

  private mutating func dunes(_ low: Tone, _ high: Tone, isFine: Bool) {
    let along = direction()
    let size = isFine ? random.number(3.2, 5) : random.number(7, 13)
    let warps = plane(28, 28, octaves: 3)
    let ripples = plane(0.9, 2.6, shift: 40, octaves: 2)
    let strength: Float = isFine ? random.number(2, 4) : random.number(3, 6)
    raster.texture { place, index, _ in
      let wave = (place.x * along.x + place.y * along.y) / size + warps[index] * strength
      let slope = wave - wave.rounded(.down)
      let ridge = slope < 0.72 ? slope / 0.72 : (1 - slope) / 0.28 * 0.75
      return low.mixed(high, ridge) * (1 + (ripples[index] - 0.5) * 0.06)
    }
  }

  /// Barchans: crescents with a lit back and a dark slip face, all with the wind.
  private mutating func crescents(_ low: Tone, _ high: Tone) {
    let base = low.mixed(high, 0.62)
    ground(base * 0.95, base * 1.05, size: 18)
    let wind = direction()
    for _ in 0..<90 {
      let place = Place(random.number(-4, 104), random.number(-4, 104))
      let size = random.number(4.5, 10)
      guard isFree(place, size * 1.05) else { continue }
      let f = Placement(place, direction: wind)
      let outer = (0...20).map { step -> Place in
        let turn = Painter.turned(0.25 + Float(step) / 40)
        return f.at(turn.x * size * 0.9, turn.y * size)
      }
      func crescent(_ depth: Float) -> [Place] {
        outer
          + (0...20).map { step -> Place in
            let turn = Painter.turned(0.75 - Float(step) / 40)
            return f.at(turn.x * size * depth, turn.y * size)
          }
      }
      add(.field, [f.at(-size, 0), f.at(0, size), f.at(0, -size)]) { painter in
        painter.raster.fill(
          crescent(0.2).map { $0 + wind * (size * 0.1) }, low.mixed(high, 0.15))
        painter.raster.fill(crescent(0.34), high)
        painter.raster.fill(crescent(0.62), high.mixed(low, 0.35))
      }
    }
  }

  private static let crops = [
    Tone(0.34, 0.46, 0.20), Tone(0.45, 0.54, 0.24), Tone(0.66, 0.58, 0.34),
    Tone(0.52, 0.42, 0.28), Tone(0.26, 0.38, 0.17), Tone(0.74, 0.68, 0.42),
  ]

  mutating func farmland() -> [String] {
    ground(Painter.crops[0], Painter.crops[1], size: 20)
    let layout = random.integer(0...2)
    switch layout {
    case 0: rectangles()
    case 1: pivots()
    default: contours()
    }
    return say(
      [
        "many pieces of farmlands are together .",
        layout == 0
          ? "rectangular farmlands are divided by a narrow road ."
          : layout == 1
            ? "round fields are next to each other in the farmland ."
            : "curved strips of crops are in the farmland .",
        "it is a piece of farmland with green and yellow fields .",
        "the farmland is divided into fields of different colors .",
        layout == 1 ? "a farmland with round green fields ." : "farmlands with rows of crops .",
      ], ["green and yellow fields lie side by side .", "the fields have different colors ."])
  }

  private mutating func field(_ f: Placement, _ x: Float, _ y: Float, _ w: Float, _ d: Float) {
    let middle = f.at(x + w / 2, y + d / 2)
    guard abs(middle.x - 50) < 50 + (w + d) / 2, abs(middle.y - 50) < 50 + (w + d) / 2 else {
      return
    }
    let tone = random.one(of: Painter.crops) * random.number(0.9, 1.1)
    raster.fill(f.rectangle(x + 0.5, y + 0.5, w - 1, d - 1), tone)
    let across = random.chance(0.5)
    let spacing = random.number(1.2, 2.2)
    var row = spacing
    while row < (across ? d : w) - 1 {
      let ends =
        across
        ? [f.at(x + 1, y + row), f.at(x + w - 1, y + row)]
        : [f.at(x + row, y + 1), f.at(x + row, y + d - 1)]
      raster.line(ends, width: spacing * 0.34, tone * 0.84, share: 0.8)
      row += spacing
    }
  }

  private mutating func rectangles() {
    let f = Placement(Place(50, 50), direction: direction())
    let scale = random.number(0.7, 1.5)
    var y: Float = -75
    while y < 75 {
      let depth = random.number(14, 24) * scale
      var x: Float = -75 - random.number(0, 20)
      while x < 75 {
        let width = random.number(12, 34) * scale
        field(f, x, y, width, depth)
        x += width
      }
      y += depth
    }
    road([f.at(-90, 0), f.at(90, 0)], width: 1.8, tone: Painter.gravel, marked: false)
  }

  private mutating func pivots() {
    let radius = random.number(13, 21)
    let step = radius * 2.08
    let shift = Place(random.number(-6, 6), random.number(-6, 6))
    for row in -1...4 {
      for column in -1...4 {
        let middle = shift + Place((Float(column) + 0.5) * step, (Float(row) + 0.5) * step)
        let frame = Placement(middle)
        raster.fill(
          frame.centered(step - 0.8, step - 0.8), Tone(0.66, 0.58, 0.40) * random.number(0.9, 1.1))
        let tone = random.one(of: [Painter.crops[0], Painter.crops[4], Painter.crops[1]])
        raster.disc(middle, radius * 0.97, tone)
        for ring in 1..<9 {
          let size = radius * Float(ring) / 9
          raster.ellipse(middle, size, size, inner: 0.9, share: 0.35, tone * 0.78)
        }
        if random.chance(0.4) {
          let arm = direction()
          let wedge = (0...6).map { step -> Place in
            let turn = Painter.turned(Float(step) / 36)
            return middle + (arm * turn.x + arm.normal * turn.y) * (radius * 0.96)
          }
          raster.fill([middle] + wedge, Painter.crops[2])
        }
        raster.line([middle, middle + direction() * radius], width: 0.4, Tone(0.85, 0.85, 0.8))
      }
    }
  }

  private mutating func contours() {
    let along = direction()
    let tones = Painter.crops.map { $0 * random.number(0.9, 1.1) }
    let picks = (0..<64).map { _ in random.integer(0...tones.count - 1) }
    let warps = plane(34, 34, octaves: 2)
    let size = random.number(5, 9)
    raster.texture { place, index, _ in
      let wave = (place.x * along.x + place.y * along.y) / size + warps[index] * 9 + 20
      let strip = Int(wave.rounded(.down))
      let inside = wave - Float(strip)
      let furrow = wave * 6
      let tone = tones[picks[(strip % 64 + 64) % 64]]
      return inside < 0.07
        ? Tone(0.70, 0.66, 0.52) : tone * (furrow - furrow.rounded(.down) < 0.35 ? 0.86 : 1)
    }
  }

  mutating func mountain() -> [String] {
    let snow = random.chance(0.4)
    let (color, low, high): (String, Tone, Tone) = random.one(of: [
      ("brown", Tone(0.42, 0.36, 0.28), Tone(0.60, 0.53, 0.43)),
      ("green", Tone(0.18, 0.28, 0.13), Tone(0.36, 0.40, 0.24)),
      ("dark green", Tone(0.15, 0.24, 0.13), Tone(0.30, 0.38, 0.21)),
      ("yellow", Tone(0.52, 0.43, 0.29), Tone(0.74, 0.64, 0.46)),
      ("grey", Tone(0.38, 0.38, 0.38), Tone(0.60, 0.59, 0.57)),
    ])
    let size = random.number(20, 40)
    let heights = plane(size, size, octaves: 6).map { 1 - abs(2 * $0 - 1) }
    let broad = plane(45, 45, shift: 40, octaves: 2)
    let side = raster.side
    let reach = 0.55 * raster.scale
    let (stepX, stepY) = (shadow.unit.x * reach, shadow.unit.y * reach)
    /// Between pixels, so that the slope does not depend on the picture's size.
    func height(_ x: Float, _ y: Float) -> Float {
      let (x, y) = (max(0, min(Float(side) - 1.001, x)), max(0, min(Float(side) - 1.001, y)))
      let (i, j) = (Int(x), Int(y))
      let (u, v) = (x - Float(i), y - Float(j))
      let first = j * side + i
      let upper = heights[first] + (heights[first + 1] - heights[first]) * u
      let lower = heights[first + side] + (heights[first + side + 1] - heights[first + side]) * u
      return upper + (lower - upper) * v
    }
    let peak = broad.reduce(0, max)
    let strength = 15 * size / 28
    raster.texture { _, index, _ in
      let here = heights[index]
      let (x, y) = (Float(index % side), Float(index / side))
      let slope = (height(x - stepX, y - stepY) - height(x + stepX, y + stepY)) * strength * 0.5
      let light = max(0.35, min(1.5, 0.95 - slope))
      var tone = low.mixed(high, here * here)
      if snow {
        // Snow lies where the land is high as a whole, and further down along ridges.
        tone = tone.mixed(
          Tone(0.95, 0.96, 0.99), max(0, min(0.95, (broad[index] - peak + 0.02 + here * 0.28) * 9)))
      }
      return tone * light
    }
    let road = !snow && random.chance(0.35)
    if road {
      let path = Painter.smooth(
        (0...6).map { Place(Float($0) * 19 - 7, 50 + random.number(-20, 20)) }, steps: 14)
      raster.line(path.map { $0 + shadow * 0.6 }, width: 1.6, low * 0.6)
      raster.line(path, width: 1.3, Tone(0.72, 0.69, 0.62))
    }
    let an = Speech.article(color)
    return say(
      [
        snow
          ? "white snow is on the ridges of the mountain ."
          : "many ridges are in the \(color) mountain .",
        "it is a piece of \(color) mountain .",
        "\(an) \(color) mountain with ridges and dark valleys .",
        road ? "a winding road is on the mountain ." : "the mountain is \(color) and has no road .",
        "a large piece of \(color) mountains .",
      ],
      [
        "one side of each ridge is in the shadow .",
        snow
          ? "some of the land is covered with snow ." : "the ridges run in different directions .",
      ])
  }
}
