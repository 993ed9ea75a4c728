import Foundation
import Imaging
import Retrieval
import Scenes
import Texts

/// A hit in a scene, as it is printed and exported.
struct FoundPlace {
  /// What of a scene outlives its file.
  struct SceneFacts: Sendable {
    let place: ScenePlace?

    init(_ scene: Scene) {
      if case .found(let place) = scene.place { self.place = place } else { place = nil }
    }
  }

  let rank: Int
  let hit: SceneHit
  let scene: SceneFacts

  private var region: PixelRegion { hit.region }

  private var middle: (position: GeographicPosition, metres: Double)? {
    let column = Double(region.x) + Double(region.width) / 2
    let row = Double(region.y) + Double(region.height) / 2
    guard let place = scene.place, let position = place.position(column: column, row: row),
      let metres = place.groundMetres(column: column, row: row)
    else { return nil }
    return (position, (metres.column * metres.row).squareRoot() * Double(region.width))
  }

  /// `scene.tif#x,y,w,h  lon lat  score  metres`
  func text(_ name: String) -> String {
    let window = "\(name)#\(region.x),\(region.y),\(region.width),\(region.height)"
    var parts = [window]
    if let middle {
      parts.append(
        "\(Output.fixed(middle.position.longitude, 6)) \(Output.fixed(middle.position.latitude, 6))"
      )
    }
    parts.append(Output.fixed(Double(hit.score), 3))
    if let middle { parts.append("\(Output.fixed(middle.metres, 0)) m") }
    return parts.joined(separator: "  ")
  }

  func json(_ path: String) -> JSONValue {
    let middle = middle
    return .object([
      ("rank", .integer(rank)), ("scene", .text(path)), ("x", .integer(region.x)),
      ("y", .integer(region.y)), ("width", .integer(region.width)),
      ("height", .integer(region.height)),
      ("longitude", middle.map { .number($0.position.longitude) } ?? .null),
      ("latitude", middle.map { .number($0.position.latitude) } ?? .null),
      ("metres", middle.map { .number($0.metres) } ?? .null), ("score", .number(Double(hit.score))),
      ("probability", .number(Double(hit.probability))),
    ])
  }

  /// `nil` without a place on earth.
  func feature(_ query: String, _ model: String, _ path: String) -> String? {
    guard let corners = scene.place?.corners(of: region) else { return nil }
    return GeoJSON.feature(
      corners,
      [
        ("rank", .integer(rank)), ("score", .number(Double(hit.score))), ("query", .text(query)),
        ("model", .text(model)), ("scene", .text(path)), ("x", .integer(region.x)),
        ("y", .integer(region.y)), ("width", .integer(region.width)),
        ("height", .integer(region.height)),
      ])
  }
}
