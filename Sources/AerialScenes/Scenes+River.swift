/// River.
extension Painter {
  mutating func river() -> [String] {
    let layout = random.integer(0...2)
    let sides = random.integer(0...2)
    let (side, low, high): (String, Tone, Tone) =
      switch sides {
      case 0: ("trees", lawn * 0.7, lawn * 0.95)
      case 1: ("farmlands", Tone(0.36, 0.44, 0.22), Tone(0.60, 0.54, 0.34))
      default: ("meadows", lawn * 0.95, lawn * 1.15)
      }
    ground(low, high, size: 12)
    if sides == 1 {
      let f = Placement(Place(50, 50), direction: direction())
      for row in -6...5 {
        for column in -5...4 {
          let tone = random.one(of: [
            Tone(0.34, 0.46, 0.20), Tone(0.45, 0.54, 0.24), Tone(0.66, 0.58, 0.34),
            Tone(0.52, 0.42, 0.28), Tone(0.74, 0.68, 0.42),
          ])
          let box = f.rectangle(Float(column) * 18 + 0.4, Float(row) * 13 + 0.4, 17.2, 12.2)
          raster.fill(box, tone)
          for line in 1..<8 {
            let x = Float(column) * 18 + Float(line) * 2.2
            raster.line(
              [f.at(x, Float(row) * 13 + 1), f.at(x, Float(row) * 13 + 12)], width: 0.5,
              tone * 0.85, share: 0.8)
          }
        }
      }
    }
    let (tint, tone): (String, Tone) = random.one(of: [
      ("yellow", Tone(0.46, 0.40, 0.26)), ("dark green", Tone(0.14, 0.28, 0.25)),
      ("blue", Tone(0.16, 0.32, 0.44)), ("green", Tone(0.24, 0.38, 0.27)),
    ])
    let width = random.number(9, 17)
    let swing = random.number(8, 15)
    let sign: Float = random.chance(0.5) ? 1 : -1
    // Bends that go from side to side, far enough apart for the width of the river.
    let bends = (0...4).map { step -> Place in
      let away = (step % 2 == 0 ? swing : -swing) * sign * random.number(0.5, 1)
      return Place(Float(step) * 36 - 22, 50 + away)
    }
    var paths = [(Painter.smooth(bends, steps: 16), width)]
    if layout == 1 {
      let joint = paths[0].0[30]
      let up = joint.y > 50
      paths.append(
        (
          Painter.smooth(
            [
              joint, Place(joint.x + 8, joint.y + (up ? -18 : 18)),
              Place(joint.x + 2, joint.y + (up ? -40 : 40)), Place(joint.x + 10, up ? -8 : 108),
            ], steps: 16), width * 0.6
        ))
    }
    let bank = Tone(0.62, 0.57, 0.46)
    for (path, width) in paths { raster.line(path, width: width + 2.5, bank) }
    for (path, width) in paths { raster.line(path, width: width, tone) }
    for (path, width) in paths { raster.line(path, width: width * 0.5, tone * 0.93) }
    if layout == 2 {
      for step in [14, 28, 40] {
        let place = paths[0].0[step]
        let along = paths[0].0[step + 1] - place
        let shape = blob(Place(0, 0), 5, width * 0.16, ragged: 0.4).map { corner in
          Placement(place, direction: along).at(corner.x, corner.y)
        }
        raster.fill(shape, Tone(0.78, 0.72, 0.56))
      }
    }
    for _ in 0..<(sides == 0 ? 900 : sides == 1 ? 60 : 90) {
      let place = Place(random.number(0, 100), random.number(0, 100))
      let size = random.number(1.1, 2.4)
      let isDry = paths.allSatisfy { path, width in
        path.allSatisfy { ($0 - place).length > width / 2 + size + 1 }
      }
      if isDry { tree(place, size) }
    }
    let special =
      layout == 1
      ? "a small river flows into the large river ."
      : layout == 2 ? "some sandbanks are in the river ." : "a \(tint) river has several bends ."
    return say(
      [
        "\(side) are on two sides of a curved river .",
        "a curved \(tint) river is between \(side) .", special,
        "a \(tint) river goes through \(side) .", "a long curved river with \(tint) water .",
      ],
      [
        "the water of the wide curve is \(tint) .",
        "some trees and \(tint) water are in the picture .",
      ])
  }
}
