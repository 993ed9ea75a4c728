/// Resort.
extension Painter {
  mutating func resort() -> [String] {
    grass()
    let roof = random.one(of: [
      Tone(0.68, 0.38, 0.28), Tone(0.85, 0.82, 0.76), Tone(0.60, 0.46, 0.34),
      Tone(0.50, 0.42, 0.32),
    ])
    let layout = random.integer(0...2)
    let place: String
    switch layout {
    case 0: place = courtHotel(roof)
    case 1: place = overWater(roof)
    default: place = lagoon(roof)
    }
    let (houses, pools) = (count(.house), count(.pool))
    return say(
      [
        "\(Speech.someAre(pools, "swimming pool")) in the resort .",
        "a resort with \(Speech.some(houses, "villa")) and \(Speech.some(pools, "swimming pool")) .",
        "a resort with many trees is \(place) .",
        "umbrellas of different colors are near a pool of the resort .",
        "many trees and some buildings are in a resort .",
      ],
      layout == 1
        ? [
          "villas stand in rows on piers in the water .",
          "the water near the villas is light blue .",
        ]
        : ["a blue pool is near a large building .", "many trees are around the buildings ."])
  }

  private mutating func sea(_ from: Float) {
    let edges = (0..<raster.side).map { column in
      (noise.fractal((Float(column) + 0.5) / raster.scale / 14, 2, octaves: 2) - 0.5) * 9
    }
    let side = raster.side
    raster.texture { place, index, tone in
      let out = place.y - from - edges[index % side]
      if out > 0 { return Tone(0.20, 0.60, 0.64).mixed(Tone(0.08, 0.33, 0.45), min(1, out / 26)) }
      return out > -6 ? Painter.sand : tone
    }
  }

  private mutating func umbrellas(_ around: Place, _ near: Float, _ far: Float, count: Int) {
    for _ in 0..<count {
      let place = around + direction() * random.number(near, far)
      if isFree(place, 1) { umbrella(place) }
    }
  }

  private mutating func courtHotel(_ roof: Tone) -> String {
    let seaside = random.chance(0.6)
    if seaside { sea(82) }
    hall(Placement(Place(50, 14)), 58, 11, roof: roof)
    for side in [Float(-1), 1] {
      hall(Placement(Place(50 + side * 26, 32), direction: Place(0, 1)), 22, 9, roof: roof)
    }
    raster.fill(blob(Place(50, 43), 23, 16, ragged: 0.2), Tone(0.80, 0.76, 0.66))
    let shape = blob(Place(45, 42), 10, 6, ragged: 0.5)
    add(.pool, shape) { $0.raster.fill(shape, Tone(0.22, 0.68, 0.80)) }
    pool(Placement(Place(62, 46), direction: Place(1, 0.3)), 9, 4.6)
    umbrellas(Place(50, 43), 13, 19, count: 40)
    for index in 0..<random.integer(5...9) {
      gabled(
        Placement(Place(9 + Float(index) * 10, 66 + random.number(-2, 2)), direction: direction()),
        6.5, 5.5, roof: roof)
    }
    for _ in 0..<240 {
      let place = Place(random.number(0, 100), random.number(0, seaside ? 70 : 100))
      let inCourt = abs(place.x - 50) < 24 && abs(place.y - 40) < 22
      if !inCourt, isFree(place, 1.8) { tree(place, random.number(1.2, 2.3)) }
    }
    return seaside ? "near the beach and the sea" : "in a wood"
  }

  private mutating func overWater(_ roof: Tone) -> String {
    sea(38)
    flat(Placement(Place(50, 9)), 40, 9, roof: roof, height: 4)
    pool(Placement(Place(40, 19)), 13, 5)
    umbrellas(Place(40, 19), 7.5, 10, count: 30)
    let piers = random.integer(2...3)
    for pier in 0..<piers {
      let x = piers == 2 ? 28 + Float(pier) * 44 : 20 + Float(pier) * 30
      let end: Float = random.number(84, 92)
      let wood = Tone(0.62, 0.50, 0.36)
      castShadow(
        [Place(x - 0.8, 30), Place(x + 0.8, 30), Place(x + 0.8, end), Place(x - 0.8, end)],
        height: 1)
      raster.line([Place(x, 30), Place(x, end)], width: 1.6, wood)
      for y in stride(from: Float(50), to: end - 2, by: 8.5) {
        for side in [Float(-1), 1] {
          raster.line([Place(x, y), Place(x + side * 5, y)], width: 0.9, wood)
          gabled(Placement(Place(x + side * 6.4, y)), 5, 5, roof: roof)
        }
      }
    }
    for _ in 0..<160 {
      let place = Place(random.number(0, 100), random.number(0, 27))
      let atPool = abs(place.x - 40) < 13 && abs(place.y - 19) < 9
      if !atPool, isFree(place, 1.6) { tree(place, random.number(1.2, 2.3)) }
    }
    return "near the beach with villas over the sea"
  }

  private mutating func lagoon(_ roof: Tone) -> String {
    raster.fill(blob(Place(50, 50), 32, 27, ragged: 0.15), Tone(0.80, 0.76, 0.66))
    let shape = blob(Place(50, 50), 20, 15, ragged: 0.7)
    add(.pool, shape) { $0.raster.fill(shape, Tone(0.24, 0.68, 0.78)) }
    raster.disc(Place(50, 50), 4, Tone(0.80, 0.76, 0.66))
    for _ in 0..<6 { tree(Place(50, 50) + direction() * 2, 1.6) }
    let (bars, first) = (9, random.unit())
    for step in 0..<bars {
      let out = Painter.turned(first + Float(step) / 22)
      hall(
        Placement(Place(50, 50) + out * 39, direction: out.normal), 12, 9, roof: roof)
    }
    for step in 0..<7 {
      let out = Painter.turned(first + 0.47 + Float(step) / 14)
      gabled(Placement(Place(50, 50) + out * 40, direction: out.normal), 7, 5.5, roof: roof)
    }
    umbrellas(Place(50, 50), 19, 27, count: 60)
    for _ in 0..<340 {
      let place = Place(random.number(0, 100), random.number(0, 100))
      if (place - Place(50, 50)).length > 33, isFree(place, 1.4) {
        tree(place, random.number(1.2, 2.4))
      }
    }
    return "around a large pool"
  }
}
