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

/// Draws aerial scenes procedurally; the same seed, category and number give the same bytes anywhere.
public struct SceneGenerator: Sendable {
  public let seed: UInt64
  /// Sides of a picture in pixels.
  public let side: Int

  public init(seed: UInt64 = 1, side: Int = 256) {
    self.seed = seed
    self.side = side
  }

  /// The categories that can be drawn, in alphabetical order: RSICD's thirty.
  public static let categories: [String] = []

  /// Scene `number` (from 1) of a category; `nil` where the category is unknown.
  public func scene(category: String, number: Int) -> AerialScene? { nil }
}
