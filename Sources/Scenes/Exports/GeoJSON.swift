import Texts

/// Features after RFC 7946: WGS 84, seven decimals (a centimetre), rings counter-clockwise, split where they
/// cross the antimeridian.
public enum GeoJSON {
  /// A value of a feature's properties.
  public enum Property: Sendable {
    case text(String)
    case number(Double)
    case integer(Int)
  }

  /// One feature, on one line.
  /// - Parameters:
  ///   - corners: of a quadrangle, at least three points in order, either way round.
  ///   - properties: in this order.
  public static func feature(
    _ corners: [GeographicPosition], _ properties: [(String, Property)]
  ) -> String {
    let parts = parts(of: corners)
    let rings = parts.map { part -> String in
      let ring = part + [part[0]]
      return "[[" + ring.map { "[\(decimal($0.x)),\(decimal($0.y))]" }.joined(separator: ",") + "]]"
    }
    let geometry =
      rings.count == 1
      ? "{\"type\":\"Polygon\",\"coordinates\":\(rings[0])}"
      : "{\"type\":\"MultiPolygon\",\"coordinates\":[\(rings.joined(separator: ","))]}"
    let fields = properties.map { "\(quoted($0)):\(text($1))" }.joined(separator: ",")
    return "{\"type\":\"Feature\",\"geometry\":\(geometry),\"properties\":{\(fields)}}"
  }

  /// The rings of a quadrangle: two where it crosses the antimeridian.
  package static func parts(of corners: [GeographicPosition]) -> [[(x: Double, y: Double)]] {
    Polygon(corners).parts
  }

  /// A score as it is shown.
  static func rounded(_ score: Float) -> String {
    let thousandths = Int((score.magnitude * 1000).rounded())
    let digits = String(thousandths % 1000)
    return (score < 0 ? "-" : "") + "\(thousandths / 1000)."
      + String(repeating: "0", count: 3 - digits.count) + digits
  }

  /// A file of features.
  public static func collection(_ features: [String]) -> String {
    "{\"type\":\"FeatureCollection\",\"features\":[\n" + features.joined(separator: ",\n")
      + "\n]}\n"
  }

  /// Seven decimals, without zeros at the end.
  static func decimal(_ value: Double) -> String {
    let units = Int((value.magnitude * 1e7).rounded())
    let (whole, rest) = (units / 10_000_000, units % 10_000_000)
    var digits = String(rest)
    digits = String(repeating: "0", count: 7 - digits.count) + digits
    while digits.count > 1, digits.hasSuffix("0") { digits.removeLast() }
    return (value < 0 && units > 0 ? "-" : "") + "\(whole)." + digits
  }

  private static func text(_ property: Property) -> String {
    switch property {
    case .text(let text): quoted(text)
    case .number(let value): value.isFinite ? "\(value)" : "null"
    case .integer(let value): "\(value)"
    }
  }

  private static func quoted(_ text: String) -> String { JSONValue.text(text).encoded }
}

/// A polygon on earth, cut where it crosses the antimeridian.
private struct Polygon {
  typealias Point = (x: Double, y: Double)
  /// Without the repeated last point; each within −180…180.
  let parts: [[Point]]

  init(_ corners: [GeographicPosition]) {
    precondition(corners.count >= 3)
    var points = corners.map { (x: $0.longitude, y: $0.latitude) }
    let longitudes = points.map(\.x)
    let crosses = (longitudes.max() ?? 0) - (longitudes.min() ?? 0) > 180
    if crosses { points = points.map { ($0.x < 0 ? $0.x + 360 : $0.x, $0.y) } }
    if Self.area(points) < 0 { points.reverse() }
    guard crosses else {
      parts = [points]
      return
    }
    let west = Self.clipped(points) { 180 - $0 }
    let east = Self.clipped(points) { $0 - 180 }.map { (x: $0.x - 360, y: $0.y) }
    let found = [west, east].filter { $0.count >= 3 && Self.area($0) > 0 }
    parts = found.isEmpty ? [points] : found
  }

  /// Twice the area, positive where counter-clockwise.
  private static func area(_ points: [Point]) -> Double {
    points.indices.reduce(0) {
      let (one, next) = (points[$1], points[($1 + 1) % points.count])
      return $0 + one.x * next.y - next.x * one.y
    }
  }

  /// The part on one side of a meridian (Sutherland and Hodgman 1974).
  /// - Parameter side: at least 0 there.
  private static func clipped(_ points: [Point], _ side: (Double) -> Double) -> [Point] {
    var result: [Point] = []
    for place in points.indices {
      let (one, next) = (points[place], points[(place + 1) % points.count])
      let (a, b) = (side(one.x), side(next.x))
      if a >= 0 { result.append(one) }
      if (a > 0 && b < 0) || (a < 0 && b > 0) {
        let share = a / (a - b)
        result.append((one.x + share * (next.x - one.x), one.y + share * (next.y - one.y)))
      }
    }
    return result
  }
}
