/// Forest, meadow.
extension Painter {
  mutating func forest() -> [String] {
    let dark = random.chance(0.5)
    let layout = random.integer(0...2)
    ground(Tone(0.07, 0.13, 0.06), Tone(0.12, 0.20, 0.08), size: 10)
    let scale = random.number(0.8, 1.35)
    let stands = random.number(10, 30)
    let autumn = season == .autumn
    for _ in 0..<Int(1400 / (scale * scale)) {
      let place = Place(random.number(-2, 102), random.number(-2, 102))
      let stand = noise.value(place.x / stands, place.y / stands)
      let radius = random.number(1.3, 2.6) * scale * (stand > 0.5 ? 1.1 : 0.8)
      let base = dark ? Tone(0.10, 0.21, 0.09) : Tone(0.18, 0.32, 0.12)
      let leaves = autumn && stand > 0.45 ? Tone(0.40, 0.29, 0.11) : base
      let green = leaves * random.number(0.7, 1.35)
      raster.disc(place + shadow * 1.1, radius, Tone(0.03, 0.05, 0.03), share: 0.6)
      raster.disc(place, radius, green)
      raster.disc(place - shadow * 0.7, radius * 0.55, green * 1.4, share: 0.7)
    }
    let y = random.number(32, 68)
    let path = Painter.smooth([
      Place(-6, y), Place(30, y + random.number(-14, 14)), Place(68, y + random.number(-14, 14)),
      Place(106, y + random.number(-10, 10)),
    ])
    let tint = autumn ? "green and brown" : dark ? "dark green" : "green"
    var special = "the forest is covered with \(tint) trees ."
    if layout == 1 {
      raster.line(path, width: random.number(1.4, 2.4), Tone(0.62, 0.57, 0.45))
      special = "a narrow path crosses the forest ."
    } else if layout == 2 {
      let clearing = blob(
        Place(random.number(38, 62), random.number(38, 62)), random.number(12, 20),
        random.number(9, 15), ragged: 0.5)
      raster.fill(clearing.map { $0 + shadow * 1.2 }, lawn * 0.75)
      raster.fill(clearing, lawn * 1.05)
      special = "a clearing is in the middle of the forest ."
    }
    return say(
      [
        "many \(tint) trees are in a piece of forest .", "it is a piece of \(tint) forest .",
        special, "lots of trees grow close together in the forest .", "a dense \(tint) forest .",
      ], ["many \(tint) trees grow densely .", "the trees stand very close together ."])
  }

  mutating func meadow() -> [String] {
    let (tint, green): (String, Tone) =
      switch season {
      case .spring: ("light green", Tone(0.42, 0.57, 0.27))
      case .summer: ("green", Tone(0.33, 0.48, 0.21))
      case .autumn: ("yellow green", Tone(0.50, 0.53, 0.28))
      case .dry: ("yellow", Tone(0.62, 0.57, 0.35))
      }
    ground(green * 0.92, green * 1.1, size: random.number(16, 34), fine: 0.06)
    let layout = random.integer(0...2)
    let strands = plane(1.2, 8, shift: 30, octaves: 2)
    let along = direction()
    let width = random.number(5, 10)
    raster.texture { place, index, tone in
      let shade = tone * (1 + (strands[index] - 0.5) * 0.1)
      guard layout == 1 else { return shade }
      let wave = (place.x * along.x + place.y * along.y) / width
      return shade * (Int(wave.rounded(.down)) & 1 == 0 ? 1.06 : 0.95)
    }
    let path = layout == 2
    if path {
      let curve = Painter.smooth([
        Place(-5, random.number(15, 85)), Place(34, random.number(30, 70)),
        Place(68, random.number(30, 70)), Place(105, random.number(15, 85)),
      ])
      raster.line(curve, width: random.number(1, 2), Tone(0.70, 0.66, 0.50))
      for place in curve { things.append(Thing(kind: .lawn, corners: [place])) }
    }
    if layout != 1 {
      for _ in 0..<random.integer(0...7) {
        let place = Place(random.number(6, 94), random.number(6, 94))
        let size = random.number(1.8, 3.2)
        if isFree(place, size + 1.5) { loneTree(place, size) }
      }
    }
    let trees = count(.tree)
    return say(
      [
        "it is a piece of \(tint) meadow .",
        trees > 0
          ? "\(Speech.someAre(trees, "tree")) on the \(tint) meadow ."
          : "there are no trees on the meadow .",
        path
          ? "a narrow path goes through the meadow ."
          : layout == 1 ? "the meadow is mown in stripes ." : "the \(tint) meadow is flat .",
        "the meadow is covered with \(tint) grass .", "a large piece of \(tint) meadow .",
      ], ["the grass is \(tint) .", "it is a large piece of \(tint) grassland ."])
  }
}
