import Imaging

/// A drawn aerial scene and what is in it.
public struct AerialScene: Sendable {
  /// e.g. `airport_12.jpg`
  public let filename: String
  public let category: String
  /// Five sentences that say what was drawn.
  public let captions: [String]
  public let pixels: Pixels
}

/// Draws aerial scenes procedurally, seen from straight above, in the thirty categories of RSICD; the
/// same seed, category and number give the same bytes anywhere.
public struct SceneGenerator: Sendable {
  public let seed: UInt64
  /// Sides of a picture in pixels, 16…2048.
  public let side: Int

  public init(seed: UInt64 = 1, side: Int = 256) {
    self.seed = seed
    self.side = min(2048, max(16, side))
  }

  private static let gray = Tone(0.5, 0.5, 0.5)
  private static let scenes: [(name: String, draw: @Sendable (inout Painter) -> [String])] = [
    ("airport", { $0.airport() }), ("bareland", { $0.bareland() }),
    ("baseballfield", { $0.baseballfield() }), ("beach", { $0.beach() }),
    ("bridge", { $0.bridge() }), ("center", { $0.center() }), ("church", { $0.church() }),
    ("commercial", { $0.commercial() }), ("denseresidential", { $0.denseresidential() }),
    ("desert", { $0.desert() }), ("farmland", { $0.farmland() }), ("forest", { $0.forest() }),
    ("industrial", { $0.industrial() }), ("meadow", { $0.meadow() }),
    ("mediumresidential", { $0.mediumresidential() }), ("mountain", { $0.mountain() }),
    ("park", { $0.park() }), ("parking", { $0.parking() }), ("playground", { $0.playground() }),
    ("pond", { $0.pond() }), ("port", { $0.port() }),
    ("railwaystation", { $0.railwaystation() }), ("resort", { $0.resort() }),
    ("river", { $0.river() }), ("school", { $0.school() }),
    ("sparseresidential", { $0.sparseresidential() }), ("square", { $0.square() }),
    ("stadium", { $0.stadium() }), ("storagetanks", { $0.storagetanks() }),
    ("viaduct", { $0.viaduct() }),
  ]

  /// The categories that can be drawn, in alphabetical order: RSICD's thirty.
  public static let categories = scenes.map(\.name)

  /// Scene `number` (from 1) of a category; `nil` where the category is unknown.
  public func scene(category: String, number: Int) -> AerialScene? {
    guard let (painter, captions, own) = paint(category, number, isTraced: false) else {
      return nil
    }
    var random = painter.random
    let orientation = random.integer(0...7)
    let warmth = random.number(-0.05, 0.05)
    let light = Tone(1 + warmth, 1, 1 - warmth) * random.number(0.9, 1.1)
    let haze = random.chance(0.4) ? random.number(0, 0.16) : 0
    let pixels = try? painter.raster.pixels(
      grain: 0.016, seed: own, orientation: orientation, light: light, haze: haze)
    guard let pixels else { return nil }
    return AerialScene(
      filename: "\(category)_\(number).jpg", category: category, captions: captions, pixels: pixels)
  }

  private func paint(
    _ category: String, _ number: Int, isTraced: Bool
  ) -> (painter: Painter, captions: [String], seed: UInt64)? {
    guard let place = Self.scenes.firstIndex(where: { $0.name == category }), number >= 1 else {
      return nil
    }
    var mix = SeededGenerator(seed &* 31 &+ UInt64(place))
    let own = mix.next() ^ (UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
    var painter = Painter(side: side, seed: own, ground: Self.gray, isTraced: isTraced)
    let captions = Self.scenes[place].draw(&painter)
    return (painter, captions, own)
  }

  /// What a scene says and what can be seen in it, for tests.
  package struct Inventory: Sendable {
    package let captions: [String]
    /// How many of each kind lie in the picture as a whole, by the kind's name.
    package let counts: [String: Int]
    /// Of those, how many still own a third of their area: most of them is not painted over.
    package let visible: [String: Int]
  }

  /// Draws a scene and looks who painted the pixels last.
  package func inventory(category: String, number: Int) -> Inventory? {
    guard let (painter, captions, _) = paint(category, number, isTraced: true) else { return nil }
    var owned = [Int](repeating: 0, count: painter.things.count + 1)
    for owner in painter.raster.owners where Int(owner) < owned.count { owned[Int(owner)] += 1 }
    var counts: [String: Int] = [:]
    var visible: [String: Int] = [:]
    let scale = painter.raster.scale
    for (index, thing) in painter.things.enumerated() where thing.isInside {
      counts[thing.kind.rawValue, default: 0] += 1
      // A third of the outline's area, by the shoelace formula, or a pixel of what is smaller.
      var doubled: Float = 0
      for (a, b) in zip(thing.corners, thing.corners.dropFirst() + thing.corners.prefix(1)) {
        doubled += a.x * b.y - b.x * a.y
      }
      if Float(owned[index + 1]) >= max(1, abs(doubled) / 2 * scale * scale * 0.35) {
        visible[thing.kind.rawValue, default: 0] += 1
      }
    }
    return Inventory(captions: captions, counts: counts, visible: visible)
  }
}
