/// What the two percentiles of a stretch become, in 0…255.
package enum StretchLevels: Sendable {
  /// 0 and 255, whatever lies between: the strongest contrast, as GIS programs show a scene.
  case full
  /// The levels that they have in photographs. In those of RSICD's training split the median of the 98th
  /// percentile is 195; zero is black there, and the 2nd percentile seldom above 64, so a brighter one,
  /// as haze or a sensor's offset makes it, is brought down to that.
  case natural

  private static let naturalHigh = 195.0
  private static let naturalLowLimit = 64.0

  /// - Parameters:
  ///   - low: the lower percentile, as a value of the sensor: zero means no light.
  ///   - high: the higher one, `low` ≤ `high`.
  package func levels(low: Double, high: Double) -> (low: Double, high: Double) {
    switch self {
    case .full: return (0, 255)
    case .natural:
      guard low > 0 else { return (0, Self.naturalHigh) }
      return (min(Self.naturalLowLimit, Self.naturalHigh * low / high), Self.naturalHigh)
    }
  }

  /// The values that become 0 and 255 where these percentiles become their ``levels(low:high:)``.
  package func bounds(low: Double, high: Double) -> (low: Double, high: Double) {
    let levels = levels(low: low, high: high)
    let step = (high - low) / (levels.high - levels.low)
    return (low - levels.low * step, high + (255 - levels.high) * step)
  }
}
