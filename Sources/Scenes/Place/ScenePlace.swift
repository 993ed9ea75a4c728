import Files
import Foundation
import Imaging

/// Where a scene lies on earth.
public struct ScenePlace: Sendable {
  public let transformation: PixelTransformation
  public let system: ReferenceSystem

  public init(_ transformation: PixelTransformation, _ system: ReferenceSystem) {
    (self.transformation, self.system) = (transformation, system)
  }

  /// Of a point of the picture, which may lie outside of it.
  public func position(column: Double, row: Double) -> GeographicPosition? {
    let point = transformation.map(column: column, row: row)
    return system.position(x: point.x, y: point.y)
  }

  /// The point of the picture at a place; `nil` where the map does not reach.
  public func pixel(at position: GeographicPosition) -> (column: Double, row: Double)? {
    system.map(position).map { transformation.pixel(x: $0.x, y: $0.y) }
  }

  /// Metres on the ground of a step of one column and of one row, at a pixel: not those of the map, which
  /// may be stretched. `nil` where the pixel has no place.
  public func groundMetres(column: Double, row: Double) -> (column: Double, row: Double)? {
    guard let here = position(column: column, row: row),
      let right = position(column: column + 1, row: row),
      let below = position(column: column, row: row + 1)
    else { return nil }
    return (here.distance(to: right), here.distance(to: below))
  }

  /// The corners of a rectangle, counter-clockwise as RFC 7946 wants its rings: lower left, lower right,
  /// upper right, upper left of a picture with north above.
  public func corners(of region: PixelRegion) -> [GeographicPosition]? {
    let (left, top) = (Double(region.x), Double(region.y))
    let (right, bottom) = (left + Double(region.width), top + Double(region.height))
    let corners = [(left, bottom), (right, bottom), (right, top), (left, top)].compactMap {
      position(column: $0.0, row: $0.1)
    }
    return corners.count == 4 ? corners : nil
  }
}

/// What a scene's files say of its place.
public enum PlaceFinding: Sendable {
  case found(ScenePlace)
  /// Only where the camera stood.
  case camera(GeographicPosition)
  /// `why` in words, `nil` where nothing says anything.
  case none(why: String?)

  /// `nil` where there is none, or only a camera's.
  public var known: ScenePlace? { if case .found(let place) = self { place } else { nil } }
}

extension PlaceFinding {
  /// Bytes of a world file or of a `.prj`.
  private static let longestText = 64 << 10

  /// Of a picture and what lies beside it: the file's own tags first, then a world file with a `.prj`.
  init(of path: String, _ tags: EarthTags) {
    let keys = GeoKeys(tags)
    if let transformation = PixelTransformation(tags, keys) {
      self = Self.placed(
        transformation, keys.definition ?? Self.projection(of: path),
        missing: "its keys name no reference system of EPSG")
      return
    }
    if let transformation = Self.worldFile(of: path) {
      self = Self.placed(
        transformation, keys.definition ?? Self.projection(of: path),
        missing: "there is a world file, but no .prj that says of which map")
      return
    }
    if let position = tags.position.flatMap({
      GeographicPosition(longitude: $0.longitude, latitude: $0.latitude)
    }) {
      self = .camera(position)
      return
    }
    let isDamaged = !tags.pixelScale.isEmpty || !tags.transformation.isEmpty
    self = .none(why: isDamaged ? "its transformation is no usable one" : nil)
  }

  private static func placed(
    _ transformation: PixelTransformation, _ definition: String?, missing: String
  ) -> PlaceFinding {
    guard let definition else { return .none(why: missing) }
    guard let system = ReferenceSystem(definition) else {
      return .none(why: "its reference system is not known: \(definition.prefix(60))")
    }
    return .found(ScenePlace(transformation, system))
  }

  /// `NAME.tfw` and the like: the first and last letters of the picture's ending, or all of them, and `w`.
  private static func worldFile(of path: String) -> PixelTransformation? {
    for file in companions(
      of: path,
      endings: { ending in
        let short =
          ending.count >= 3 ? "\(ending.first ?? "t")\(ending.last ?? "f")w" : ending + "w"
        return [short, ending + "w", "wld"]
      })
    {
      if let text = text(file), let found = PixelTransformation(worldFile: text) { return found }
    }
    return nil
  }

  private static func projection(of path: String) -> String? {
    companions(of: path, endings: { _ in ["prj"] }).lazy.compactMap(text).first
  }

  private static func companions(of path: String, endings: (String) -> [String]) -> [String] {
    guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/") else { return [] }
    let ending = path[path.index(after: dot)...].lowercased()
    let base = path[..<dot]
    return endings(ending).flatMap { ["\(base).\($0)", "\(base).\($0.uppercased())"] }
  }

  private static func text(_ path: String) -> String? {
    do throws(RegularFile.Failure) {
      let file = try OpenFile(path)
      guard file.byteCount <= longestText else { return nil }
      return String(decoding: try file.bytes(count: file.byteCount), as: UTF8.self)
    } catch {
      return nil
    }
  }
}
