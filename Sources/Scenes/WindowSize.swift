/// How large windows are to be.
public enum WindowSize: Sendable, Equatable {
  /// ``WindowPlan/usualSides`` in pixels; where these would show less ground than ``usualMetres``, those, since
  /// models learn from pictures of some hundred metres.
  case usual
  /// Sides in pixels, each of ``WindowPlan/sideRange``.
  case pixels([Int])
  /// Sides in metres on the ground, each of ``metresRange``.
  case metres([Int])

  /// Sides on the ground: RSICD's 224 pixels are 70 to 670 m.
  public static let usualMetres = [100, 200, 400]
  public static let metresRange = 1...100_000

  /// The windows' sides in pixels of a scene, by the ground in its middle.
  /// - Throws: ``WindowSizeError``
  public func sides(of scene: Scene) throws(WindowSizeError) -> [Int] {
    switch self {
    case .pixels(let sides): return sides
    case .usual:
      let (least, sides) = (Self.usualMetres[0], WindowPlan.usualSides)
      guard let pixel = Self.metresOfPixel(scene), pixel * Double(sides[0]) < Double(least) else {
        return sides
      }
      return Self.usualMetres.map { Int((Double($0) / pixel).rounded()) }
    case .metres(let metres):
      guard let pixel = Self.metresOfPixel(scene) else { throw .noPlace }
      let sides = metres.map { Int((Double($0) / pixel).rounded()) }
      guard let least = sides.min(), least >= WindowPlan.sideRange.lowerBound else {
        throw .tooSmall(metresOfPixel: pixel)
      }
      return sides
    }
  }

  private static func metresOfPixel(_ scene: Scene) -> Double? {
    guard case .found(let place) = scene.place,
      let ground = place.groundMetres(
        column: Double(scene.width) / 2, row: Double(scene.height) / 2)
    else { return nil }
    return (ground.column * ground.row).squareRoot()
  }
}

/// Why windows cannot be of a size in metres.
public enum WindowSizeError: Error, Sendable, Equatable {
  /// The scene does not say where it lies.
  case noPlace
  /// They would be smaller than the least side that is taken.
  case tooSmall(metresOfPixel: Double)
}
