import Files
import Foundation

/// The polygons of a GeoJSON file (RFC 7946), whatever they stand in: features, collections, or bare.
public struct GeoJSONPolygons: Sendable, Equatable {
  struct Point: Sendable, Equatable { let x, y: Double }
  /// Outer ring first, then holes.
  let polygons: [[[Point]]]

  public enum Failure: Error, Sendable, Equatable {
    /// In the system's words.
    case unreadable(String)
    case notGeoJSON
    case noPolygons
    case tooLarge(limit: Int)
  }

  /// Bytes of a file: the borders of all countries have 25 MB.
  private static let longest = 64 << 20
  /// Objects within each other.
  private static let deepest = 16

  /// - Throws: ``Failure``
  public init(ofFile path: String) throws(Failure) {
    let bytes: [UInt8]
    do throws(RegularFile.Failure) {
      let file = try OpenFile(path)
      guard file.byteCount <= Self.longest else { throw RegularFile.Failure.system("") }
      bytes = Array(try file.bytes(count: file.byteCount))
    } catch {
      let isLarge = ((try? FileFacts(path))?.byteCount ?? 0) > Int64(Self.longest)
      throw isLarge ? .tooLarge(limit: Self.longest) : .unreadable(error.text)
    }
    try self.init(Data(bytes))
  }

  /// - Throws: ``Failure``
  public init(_ json: Data) throws(Failure) {
    guard let root = try? JSONSerialization.jsonObject(with: json) as? [String: Any] else {
      throw .notGeoJSON
    }
    var found: [[[Point]]] = []
    Self.collect(root, depth: 0, into: &found)
    guard !found.isEmpty else { throw .noPolygons }
    polygons = found
  }

  private static func collect(
    _ object: [String: Any], depth: Int, into found: inout [[[Point]]]
  ) {
    guard depth < deepest else { return }
    func all(_ name: String) -> [[String: Any]] { object[name] as? [[String: Any]] ?? [] }
    switch object["type"] as? String {
    case "FeatureCollection":
      for feature in all("features") { collect(feature, depth: depth + 1, into: &found) }
    case "GeometryCollection":
      for geometry in all("geometries") { collect(geometry, depth: depth + 1, into: &found) }
    case "Feature":
      if let geometry = object["geometry"] as? [String: Any] {
        collect(geometry, depth: depth + 1, into: &found)
      }
    case "Polygon": if let rings = rings(object["coordinates"]) { found.append(rings) }
    case "MultiPolygon":
      for polygon in object["coordinates"] as? [Any] ?? [] {
        if let rings = rings(polygon) { found.append(rings) }
      }
    default: break
    }
  }

  /// `nil` where a ring has fewer than four points, or a number is none.
  private static func rings(_ value: Any?) -> [[Point]]? {
    guard let rings = value as? [[[Any]]], !rings.isEmpty else { return nil }
    var found: [[Point]] = []
    for ring in rings {
      let points = ring.compactMap { pair -> Point? in
        guard pair.count >= 2, let x = pair[0] as? Double, let y = pair[1] as? Double,
          x.isFinite, y.isFinite
        else { return nil }
        return Point(x: x, y: y)
      }
      guard points.count == ring.count, points.count >= 4 else { return nil }
      found.append(points)
    }
    return found
  }

  /// Whether a position lies in one of the polygons, and not in one of its holes.
  public func contains(_ position: GeographicPosition) -> Bool {
    polygons.contains { rings in
      // Each ring that is crossed an odd number of times turns in to out: holes are in twice.
      rings.reduce(false) { $0 != Self.isInside(position, $1) }
    }
  }

  private static func isInside(_ position: GeographicPosition, _ ring: [Point]) -> Bool {
    let (x, y) = (position.longitude, position.latitude)
    var isInside = false
    for (one, next) in zip(ring, ring.dropFirst() + ring.prefix(1))
    where (one.y > y) != (next.y > y) {
      if x < (next.x - one.x) * (y - one.y) / (next.y - one.y) + one.x { isInside.toggle() }
    }
    return isInside
  }
}
