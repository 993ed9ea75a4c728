import Imaging
import Texts

/// A found window with what is told of it: in lines, and to other programs.
public struct PlacedWindow: Sendable {
  public let rank: Int
  public let score: Float
  /// Path of the scene.
  public let scene: String
  public let region: PixelRegion
  /// The day on which the scene was taken, `2020-01-31`.
  public let taken: String?
  /// `nil` where the scene has no place on earth.
  public let place: ScenePlace?

  public init(
    rank: Int, score: Float, scene: String, region: PixelRegion, taken: String?, place: ScenePlace?
  ) {
    (self.rank, self.score, self.scene, self.region) = (rank, score, scene, region)
    (self.taken, self.place) = (taken, place)
  }

  /// `scene.tif#x,y,w,h`, the scene without its folders.
  public var name: String {
    let file = scene.split(separator: "/").last ?? ""
    return "\(file)#\(region.x),\(region.y),\(region.width),\(region.height)"
  }

  /// Its middle, and the metres along its upper side there.
  public var middle: (position: GeographicPosition, metres: Double)? {
    let column = Double(region.x) + Double(region.width) / 2
    let row = Double(region.y) + Double(region.height) / 2
    guard let place, let position = place.position(column: column, row: row),
      let metres = place.groundMetres(column: column, row: row)
    else { return nil }
    return (position, (metres.column * metres.row).squareRoot() * Double(region.width))
  }

  /// Counter-clockwise; see ``ScenePlace/corners(of:)``.
  public var corners: [GeographicPosition]? { place?.corners(of: region) }

  /// What is told of it beside its outline.
  public func properties(query: String, model: String) -> [(String, GeoJSON.Property)] {
    [
      ("rank", .integer(rank)), ("score", .number(Double(score))), ("query", .text(query)),
      ("model", .text(model)), ("scene", .text(scene)), ("x", .integer(region.x)),
      ("y", .integer(region.y)), ("width", .integer(region.width)),
      ("height", .integer(region.height)),
    ] + (taken.map { [("taken", .text($0))] } ?? [])
  }
}

/// Windows as files for other programs; those without a place on earth are left out.
public enum PlaceExport {
  public static func geoJSON(_ windows: [PlacedWindow], query: String, model: String) -> String {
    GeoJSON.collection(
      windows.compactMap { window in
        window.corners.map {
          GeoJSON.feature($0, window.properties(query: query, model: model))
        }
      })
  }

  /// KML 2.2 (OGC 07-147r2): one placemark each, an outline on the ground.
  public static func kml(_ windows: [PlacedWindow], query: String, model: String) -> String {
    let marks = windows.compactMap { window -> String? in
      guard let corners = window.corners else { return nil }
      let polygons = GeoJSON.parts(of: corners).map { part -> String in
        let ring = (part + part.prefix(1)).map {
          "\(GeoJSON.decimal($0.x)),\(GeoJSON.decimal($0.y))"
        }
        return "<Polygon><tessellate>1</tessellate><outerBoundaryIs><LinearRing><coordinates>"
          + ring.joined(separator: " ")
          + "</coordinates></LinearRing></outerBoundaryIs></Polygon>"
      }
      let data = window.properties(query: query, model: model).map {
        "<Data name=\"\($0)\"><value>\(XMLText.escaped(text($1)))</value></Data>"
      }
      return "<Placemark><name>\(window.rank)  \(GeoJSON.rounded(window.score))</name>"
        + "<styleUrl>#hit</styleUrl><ExtendedData>\(data.joined())</ExtendedData>"
        + (polygons.count == 1
          ? polygons[0] : "<MultiGeometry>\(polygons.joined())</MultiGeometry>")
        + "</Placemark>"
    }
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>\(XMLText.escaped(query))</name>
      <Style id="hit"><LineStyle><color>ff2080ff</color><width>3</width></LineStyle>\
      <PolyStyle><fill>0</fill></PolyStyle></Style>
      \(marks.joined(separator: "\n"))
      </Document></kml>

      """
  }

  private static func text(_ property: GeoJSON.Property) -> String {
    switch property {
    case .text(let text): text
    case .number(let value): "\(value)"
    case .integer(let value): "\(value)"
    }
  }
}
