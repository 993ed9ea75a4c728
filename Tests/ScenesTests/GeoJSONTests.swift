import Foundation
import Scenes
import Testing

@Suite struct GeoJSONTests {
  private func positions(_ points: [(Double, Double)]) throws -> [GeographicPosition] {
    try points.map { try #require(GeographicPosition(longitude: $0.0, latitude: $0.1)) }
  }

  private func geometry(_ text: String) throws -> (type: String, rings: [[[Double]]]) {
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    let geometry = try #require(object?["geometry"] as? [String: Any])
    let type = try #require(geometry["type"] as? String)
    let coordinates = try #require(geometry["coordinates"])
    let polygons =
      type == "Polygon"
      ? [try #require(coordinates as? [[[Double]]])]
      : try #require(coordinates as? [[[[Double]]]])
    #expect(polygons.allSatisfy { $0.count == 1 })
    return (type, polygons.map { $0[0] })
  }

  /// Twice the area of a closed ring.
  private func area(_ ring: [[Double]]) -> Double {
    zip(ring, ring.dropFirst()).reduce(0) { $0 + $1.0[0] * $1.1[1] - $1.1[0] * $1.0[1] }
  }

  @Test func `a ring is closed and counter-clockwise, whichever way its corners go`() throws {
    let corners = [(7.0, 43.0), (7.1, 43.0), (7.1, 43.2), (7.0, 43.2)]
    for points in [corners, corners.reversed()] {
      let found = try geometry(GeoJSON.feature(positions(points), []))
      #expect(found.type == "Polygon")
      #expect(found.rings[0].first == found.rings[0].last && found.rings[0].count == 5)
      #expect(area(found.rings[0]) > 0)
    }
  }

  @Test func `what crosses the antimeridian becomes two polygons that meet there`() throws {
    let found = try geometry(
      GeoJSON.feature(positions([(179, 10), (-178, 10), (-178, 12), (179, 12)]), []))
    #expect(found.type == "MultiPolygon" && found.rings.count == 2)
    #expect(found.rings.allSatisfy { area($0) > 0 && $0.first == $0.last })
    #expect(found.rings[0].map { $0[0] }.max() == 180 && found.rings[0].map { $0[0] }.min() == 179)
    #expect(
      found.rings[1].map { $0[0] }.max() == -178 && found.rings[1].map { $0[0] }.min() == -180)
    #expect(abs(found.rings.map(area).reduce(0, +) - 12) < 1e-9)
  }

  @Test func `seven decimals at most, text escaped, numbers that are none left out`() throws {
    let text = GeoJSON.feature(
      try positions([(-0.123_456_789, 0), (1, 0), (1, 1.000_000_04)]),
      [("query", .text("a \"b\"\n\u{1B}[31m")), ("score", .number(.nan)), ("rank", .integer(3))])
    #expect(text.contains("[-0.1234568,0.0]") && text.contains("[1.0,1.0]"))
    #expect(text.contains("\"query\":\"a \\\"b\\\"\\n\\u001b[31m\",\"score\":null,\"rank\":3"))
    let all = GeoJSON.collection([text, text])
    let object = try JSONSerialization.jsonObject(with: Data(all.utf8)) as? [String: Any]
    #expect((object?["features"] as? [Any])?.count == 2)
    #expect(object?["crs"] == nil)
  }
}
