/// Bareland, desert, farmland, forest, meadow, mountain.
extension Painter {
  mutating func bareland() -> [String] {
    let red = random.chance(0.4)
    let soil = red ? Tone(0.60, 0.45, 0.33) : Tone(0.63, 0.57, 0.47)
    ground(soil * 0.85, soil * 1.15, size: 20, fine: 0.09)
    for _ in 0..<random.integer(2...4) {
      let shape = blob(
        Place(random.number(0, 100), random.number(0, 100)), random.number(8, 20),
        random.number(6, 14), ragged: 0.7)
      raster.fill(shape, soil * random.number(0.75, 1.25), share: 0.5)
    }
    let tracks = random.integer(1...3)
    for _ in 0..<tracks {
      let (a, b) = (Place(random.number(-10, 110), -5), Place(random.number(-10, 110), 105))
      let middle = (a + b) * 0.5 + direction() * 12
      raster.line([a, middle, b], width: 1.4, soil * 1.3, share: 0.7)
    }
    for _ in 0..<30 {
      raster.disc(
        Place(random.number(0, 100), random.number(0, 100)), random.number(0.4, 1),
        Tone(0.36, 0.40, 0.24), share: 0.8)
    }
    let color = red ? "red" : "yellow"
    return [
      "a piece of \(color) bare land with some tracks .",
      "it is a large piece of \(color) bareland .",
      "\(tracks) narrow tracks run over the bare land .",
      "a few small plants grow on the \(color) bareland .",
      "the bareland is irregular and \(color) .",
    ]
  }

  mutating func desert() -> [String] {
    let red = random.chance(0.4)
    let low = red ? Tone(0.62, 0.38, 0.22) : Tone(0.70, 0.56, 0.36)
    let high = red ? Tone(0.90, 0.62, 0.40) : Tone(0.93, 0.80, 0.57)
    let noise = noise
    let along = direction()
    let size = random.number(7, 12)
    raster.texture { place, _, _ in
      let x = place.x * along.x + place.y * along.y
      let y = place.y * along.x - place.x * along.y
      let warp = noise.fractal(x / 28, y / 28, octaves: 3) * 5
      let wave = x / size + warp
      let slope = wave - wave.rounded(.down)
      let ridge = slope < 0.72 ? slope / 0.72 : (1 - slope) / 0.28 * 0.75
      let ripple = noise.value(x * 1.2, y * 0.25) - 0.5
      return low.mixed(high, ridge) * (1 + ripple * 0.05)
    }
    let color = red ? "red" : "yellow"
    return [
      "a \(color) desert with many wavy dunes .", "ripples of sand lie in the \(color) desert .",
      "it is a piece of \(color) desert .", "many sand dunes are in the desert .",
      "the \(color) desert has long ridges of sand .",
    ]
  }

  mutating func farmland() -> [String] {
    let frame = Placement(Place(50, 50), direction: direction())
    let tones = [
      Tone(0.34, 0.46, 0.20), Tone(0.45, 0.54, 0.24), Tone(0.66, 0.58, 0.34),
      Tone(0.52, 0.42, 0.28),
      Tone(0.26, 0.38, 0.17), Tone(0.74, 0.68, 0.42),
    ]
    ground(tones[0], tones[1], size: 20)
    var count = 0
    var y: Float = -75
    while y < 75 {
      let depth = random.number(16, 28)
      var x: Float = -75 - random.number(0, 20)
      while x < 75 {
        let width = random.number(14, 40)
        let tone = random.one(of: tones)
        raster.fill(frame.rectangle(x + 0.5, y + 0.5, width - 1, depth - 1), tone)
        var row = x + 1.2
        while row < x + width - 1 {
          raster.line(
            [frame.at(row, y + 1), frame.at(row, y + depth - 1)], width: 0.5, tone * 0.84,
            share: 0.8)
          row += 1.5
        }
        count += 1
        x += width
      }
      y += depth
    }
    let pivot = random.chance(0.3)
    if pivot {
      raster.disc(Place(50, 50), 22, Tone(0.28, 0.45, 0.2))
      for ring in 1..<11 {
        raster.ellipse(
          Place(50, 50), Float(ring) * 2, Float(ring) * 2, inner: 0.93, share: 0.5,
          Tone(0.2, 0.33, 0.14))
      }
    }
    road(
      [frame.at(-90, 0), frame.at(90, 0)], width: 1.8, tone: Tone(0.72, 0.68, 0.58), marked: false)
    return [
      "many pieces of green and yellow farmlands are together .",
      "rectangular farmlands are divided by a narrow road .",
      pivot
        ? "a round green field is between rectangular farmlands ."
        : "rows of crops stand on the farmland .",
      "the farmland is divided into many fields of several colors .",
      "green and brown fields form a farmland .",
    ]
  }

  mutating func forest() -> [String] {
    let dark = random.chance(0.5)
    ground(Tone(0.07, 0.13, 0.06), Tone(0.12, 0.20, 0.08), size: 10)
    let count = 1500
    for _ in 0..<count {
      let place = Place(random.number(-2, 102), random.number(-2, 102))
      let radius = random.number(1.3, 2.6)
      let green =
        (dark ? Tone(0.10, 0.21, 0.09) : Tone(0.18, 0.32, 0.12)) * random.number(0.7, 1.35)
      raster.disc(place + shadow * 1.1, radius, Tone(0.03, 0.05, 0.03), share: 0.6)
      raster.disc(place, radius, green)
      raster.disc(place - shadow * 0.7, radius * 0.55, green * 1.4, share: 0.7)
    }
    let path = random.chance(0.3)
    if path {
      let y = random.number(25, 75)
      raster.line(
        [Place(-5, y), Place(45, y + 8), Place(105, y - 10)], width: 1.6, Tone(0.62, 0.57, 0.45))
    }
    let tint = dark ? "dark green" : "green"
    return [
      "many \(tint) trees form a dense forest .", "it is a piece of \(tint) forest .",
      path
        ? "a narrow path crosses the \(tint) forest ."
        : "the forest is covered with \(tint) trees .",
      "lots of trees grow close together in the forest .", "a dense \(tint) forest .",
    ]
  }

  mutating func meadow() -> [String] {
    let fresh = random.chance(0.6)
    let green = fresh ? Tone(0.36, 0.52, 0.24) : Tone(0.52, 0.55, 0.30)
    ground(green * 0.92, green * 1.1, size: 26, fine: 0.06)
    let noise = noise
    raster.texture { place, _, tone in
      tone * (1 + (noise.value(place.x / 1.2, place.y / 8) - 0.5) * 0.08)
    }
    let count = random.integer(0...6)
    for _ in 0..<count {
      tree(Place(random.number(5, 95), random.number(5, 95)), random.number(1.8, 3))
    }
    let path = random.chance(0.5)
    if path {
      raster.line(
        [
          Place(-5, random.number(10, 90)), Place(50, random.number(30, 70)),
          Place(105, random.number(10, 90)),
        ], width: 1.1, Tone(0.68, 0.66, 0.48), share: 0.8)
    }
    let tint = fresh ? "green" : "yellow green"
    return [
      "it is a piece of \(tint) meadow .",
      count > 0
        ? "\(count) trees are on a \(tint) meadow ." : "a flat \(tint) meadow without trees .",
      path ? "a narrow path goes through the meadow ." : "the \(tint) meadow is smooth .",
      "the meadow is covered with \(tint) grass .", "a large piece of \(tint) grassland .",
    ]
  }

  mutating func mountain() -> [String] {
    let noise = noise
    let snow = random.chance(0.45)
    let bare = random.chance(0.5)
    let low = bare ? Tone(0.42, 0.36, 0.28) : Tone(0.20, 0.29, 0.14)
    let high = bare ? Tone(0.60, 0.53, 0.43) : Tone(0.40, 0.40, 0.28)
    let sun = shadow
    let size = random.number(22, 32)
    func height(_ x: Float, _ y: Float) -> Float {
      let value = noise.fractal(x / size, y / size, octaves: 6)
      return 1 - abs(2 * value - 1)
    }
    raster.texture { place, _, _ in
      let here = height(place.x, place.y)
      let slope = (here - height(place.x + sun.x * 1.2, place.y + sun.y * 1.2)) * 7
      let light = max(0.35, min(1.5, 0.95 - slope))
      var tone = low.mixed(high, here * here)
      if snow {
        // Snow lies where the land is high as a whole, and further down along ridges.
        let altitude = noise.fractal(place.x / 45 + 40, place.y / 45, octaves: 2)
        let cover = (altitude - 0.74 + here * 0.28) * 9
        tone = tone.mixed(Tone(0.95, 0.96, 0.99), max(0, min(0.95, cover)))
      }
      return tone * light
    }
    let color = bare ? "brown" : "green"
    return [
      snow
        ? "snow lies on the ridges of a \(color) mountain ."
        : "many ridges are in the \(color) mountain .",
      "the mountain is \(color) with dark valleys .",
      "a \(color) mountain with sharp ridges and valleys .",
      "it is a piece of \(color) mountains .",
      snow
        ? "white snow covers the top of the mountains ."
        : "the ridges of the mountain run in several directions .",
    ]
  }
}
