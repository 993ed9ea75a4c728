import CProj
import Foundation
import Synchronization

/// A coordinate reference system, by which a map's coordinates become longitude and latitude. PROJ does it,
/// without a network: where a grid of corrections is not installed, its next best way is taken.
///
/// Safe to use from several threads, one at a time.
public final class ReferenceSystem: @unchecked Sendable {
  /// As it was given: `EPSG:32632`, or a text in WKT.
  public let definition: String
  /// As PROJ calls it: `WGS 84 / UTM zone 32N`.
  public let name: String
  /// Whether its coordinates are lengths on a map, false where they are degrees; `nil` for anything else.
  public let isProjected: Bool?

  /// As ESRI's WKT, which `.prj` files hold; `nil` where PROJ cannot say it so.
  public let wkt: String?

  // Guarded by `lock`.
  private let context: OpaquePointer
  private let transformation: OpaquePointer
  private let lock = NSLock()

  /// Bytes of a definition: more than any system needs.
  private static let longest = 64 << 10
  /// How WKT of either version begins.
  private static let keywords = [
    "PROJCS", "GEOGCS", "PROJCRS", "GEOGCRS", "PROJECTEDCRS", "GEODCRS", "GEODETICCRS",
    "COMPD_CS", "COMPOUNDCRS", "BOUNDCRS", "GEOCCS", "LOCAL_CS", "GEOGRAPHICCRS",
  ]

  /// - Parameter definition: `EPSG:` and a number, or WKT. Nothing else is handed to PROJ, which would
  ///   open files that a text names.
  /// - Returns: `nil` where there is no such system on earth.
  public init?(_ definition: String) {
    let text = definition.trimmingCharacters(in: .whitespacesAndNewlines)
    guard text.utf8.count <= Self.longest, Self.isDefinition(text) else { return nil }
    guard let context = clip_proj_context() else { return nil }
    guard let source = proj_create(context, text) else {
      proj_context_destroy(context)
      return nil
    }
    defer { proj_destroy(source) }
    guard let target = proj_create(context, "OGC:CRS84") else {
      proj_context_destroy(context)
      return nil
    }
    defer { proj_destroy(target) }
    guard let made = proj_create_crs_to_crs_from_pj(context, source, target, nil, nil),
      let normal = proj_normalize_for_visualization(context, made)
    else {
      proj_context_destroy(context)
      return nil
    }
    proj_destroy(made)
    (self.context, transformation) = (context, normal)
    self.definition = text
    isProjected =
      switch proj_get_type(source) {
      case PJ_TYPE_PROJECTED_CRS: true
      case PJ_TYPE_GEOGRAPHIC_2D_CRS: false
      default: nil
      }
    wkt = proj_as_wkt(context, source, PJ_WKT1_ESRI, nil).map { String(cString: $0) }
    name = proj_get_name(source).map { String(cString: $0) } ?? text
  }

  deinit {
    proj_destroy(transformation)
    proj_context_destroy(context)
  }

  private static func isDefinition(_ text: String) -> Bool {
    if text.hasPrefix("EPSG:") {
      let code = text.dropFirst(5)
      return (1...7).contains(code.count) && code.allSatisfy { ("0"..."9").contains($0) }
    }
    let start = text.uppercased().prefix { $0.isLetter || $0 == "_" }
    return keywords.contains(String(start))
  }

  /// Degrees of WGS 84, longitude −180…180; `nil` where the point has none.
  public func position(x: Double, y: Double) -> GeographicPosition? {
    let found = lock.withLock {
      proj_trans(transformation, PJ_FWD, proj_coord(x, y, 0, 0))
    }
    return GeographicPosition(longitude: found.xy.x, latitude: found.xy.y)
  }

  /// The map's coordinates of a place; `nil` where it has none.
  public func map(_ position: GeographicPosition) -> (x: Double, y: Double)? {
    let found = lock.withLock {
      proj_trans(transformation, PJ_INV, proj_coord(position.longitude, position.latitude, 0, 0))
    }
    guard found.xy.x.isFinite, found.xy.y.isFinite else { return nil }
    return (found.xy.x, found.xy.y)
  }
}

/// A point on earth in degrees of WGS 84.
public struct GeographicPosition: Sendable, Hashable {
  /// −180…180, positive in the east.
  public let longitude: Double
  /// −90…90, positive in the north.
  public let latitude: Double

  /// `nil` where a number is none, or the latitude beyond a pole. The longitude is brought to −180…180.
  public init?(longitude: Double, latitude: Double) {
    guard longitude.isFinite, abs(longitude) <= 720, latitude.isFinite, abs(latitude) <= 90 + 1e-9
    else { return nil }
    var longitude = longitude
    while longitude > 180 { longitude -= 360 }
    while longitude < -180 { longitude += 360 }
    (self.longitude, self.latitude) = (longitude, max(-90, min(90, latitude)))
  }

  /// Metres along the shortest way on the ellipsoid (Karney 2013).
  public func distance(to other: GeographicPosition) -> Double {
    clip_geodesic_distance(latitude, longitude, other.latitude, other.longitude)
  }
}
