import Foundation
import Imaging
import Retrieval
import Scenes
import Texts

/// Found windows as they are printed.
extension PlacedWindow {
  /// `lon lat` of its middle and the metres of its side, where it has a place.
  var placeText: (position: String, metres: String)? {
    middle.map {
      (
        "\(Output.fixed($0.position.longitude, 6)) \(Output.fixed($0.position.latitude, 6))",
        "\(Output.fixed($0.metres, 0)) m"
      )
    }
  }

  /// `scene.tif#x,y,w,h  lon lat  score  metres`, the scene's path as it was given.
  var line: String {
    let place = placeText
    let window = "\(Safe.text(scene))#\(region.x),\(region.y),\(region.width),\(region.height)"
    return [window, place?.position, Output.fixed(Double(score), 3), place?.metres]
      .compactMap { $0 }.joined(separator: "  ")
  }

  /// What `--json` tells of the window and its place.
  var fields: [(String, JSONValue)] {
    let middle = middle
    return [
      ("scene", .text(scene)), ("x", .integer(region.x)), ("y", .integer(region.y)),
      ("width", .integer(region.width)), ("height", .integer(region.height)),
      ("longitude", middle.map { .number($0.position.longitude) } ?? .null),
      ("latitude", middle.map { .number($0.position.latitude) } ?? .null),
      ("metres", middle.map { .number($0.metres) } ?? .null), ("taken", .optional(taken)),
    ]
  }
}
