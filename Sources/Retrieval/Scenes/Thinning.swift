import ImageCollections
import Imaging

/// Keeps the best of places that show the same: of two windows of a scene that overlap by more than 0.3 of the
/// smaller one, across sizes, the better stays. Pictures are kept.
public struct Thinning {
  private var kept: [String: [PixelRegion]] = [:]

  public init() {}

  /// Whether a window, which comes after all better ones, is kept.
  public mutating func keeps(_ region: PixelRegion, of scene: String) -> Bool {
    let others = kept[scene, default: []]
    if others.contains(where: { Self.overlap($0, region) > 0.3 }) { return false }
    kept[scene, default: []].append(region)
    return true
  }

  static func overlap(_ one: PixelRegion, _ other: PixelRegion) -> Double {
    guard let both = one.intersection(other) else { return 0 }
    let smaller = min(one.width * one.height, other.width * other.height)
    return Double(both.width * both.height) / Double(smaller)
  }
}
