import Foundation
import Imaging
import Scenes
import TestSupport
import Testing

/// Where scenes lie, against rasterio: Tests/Fixtures/scenes with make.py.
@Suite struct PlaceTests {
  struct Expected: Decodable {
    let width: Int
    let height: Int
    /// Column, row, longitude, latitude.
    let points: [[Double]]
  }

  static let folder = Places.fixtures.appendingPathComponent("scenes")
  static let expected: [String: Expected] =
    (try? JSONDecoder().decode(
      [String: Expected].self,
      from: Data(contentsOf: folder.appendingPathComponent("expected.json")))) ?? [:]

  static func scene(_ name: String) throws -> Scene {
    try Scene(folder.appendingPathComponent(name).path)
  }

  private func place(_ scene: Scene) throws -> ScenePlace {
    guard case .found(let place) = scene.place else { throw Missing(finding: scene.place) }
    return place
  }

  struct Missing: Error { let finding: PlaceFinding }

  @Test func `there are scenes of every kind`() { #expect(Self.expected.count >= 13) }

  @Test(arguments: expected.keys.sorted())
  func `corners are rasterio's to a ten-millionth of a degree`(name: String) throws {
    let wanted = try #require(Self.expected[name])
    let scene = try Self.scene(name)
    #expect(scene.width == wanted.width && scene.height == wanted.height)
    let place = try place(scene)
    for point in wanted.points {
      let found = try #require(place.position(column: point[0], row: point[1]))
      // 180° and −180° are one meridian.
      let longitude = abs(found.longitude - point[2])
      #expect(min(longitude, 360 - longitude) < 1e-7, "\(found)")
      #expect(abs(found.latitude - point[3]) < 1e-7, "\(found)")
      let back = try #require(place.pixel(at: found))
      #expect(abs(back.column - point[0]) < 1e-3 && abs(back.row - point[1]) < 1e-3)
    }
  }

  @Test func `metres on the ground are not those of a map that is stretched`() throws {
    func metres(_ name: String) throws -> Double {
      let place = try place(Self.scene(name))
      return try #require(place.groundMetres(column: 20, row: 14)).column
    }
    #expect(abs(try metres("utm-north.tif") - 10) < 0.01)
    // Mercator at 50° north: a map's metre is 0.64 of one on the ground.
    #expect((0.060...0.070).contains(try metres("mercator.tif")))
    #expect((1.7...1.9).contains(try metres("web-mercator.tif")))
    // 1e-5 of a degree of longitude at 43.7° north.
    #expect(abs(try metres("degrees.tif") - 0.805) < 0.005)
  }

  @Test func `a tie point need not be the picture's corner`() throws {
    try withTemporaryFolder { folder in
      func corner(_ ties: [Double]) throws -> GeographicPosition? {
        let file = folder.appendingPathComponent("a.tif")
        let fields = SceneTIFF.utm.merging([33_922: .doubles(ties)]) { $1 }
        let picture = SceneTIFF(
          width: 8, height: 6, samples: Array(repeating: 9, count: 48), fields: fields)
        try Data(picture.bytes).write(to: file)
        return try place(Scene(file.path)).position(column: 0, row: 0)
      }
      let plain = try #require(try corner([0, 0, 0, 500_000, 5_000_000, 0]))
      let moved = try #require(try corner([4, 3, 0, 500_040, 4_999_970, 0]))
      #expect(abs(plain.longitude - moved.longitude) < 1e-9)
      #expect(abs(plain.latitude - moved.latitude) < 1e-9)
    }
  }

  @Test func `a reference system is named as PROJ names it`() throws {
    #expect(try place(Self.scene("utm-north.tif")).system.name == "WGS 84 / UTM zone 32N")
    #expect(ReferenceSystem("EPSG:2154")?.name == "RGF93 v1 / Lambert-93")
  }

  @Test(arguments: [
    "", "EPSG:", "EPSG:999999", "EPSG:12345678", "EPSG:4326+", "+proj=longlat", "epsg:4326",
    "/etc/passwd", "PROJCS[", "PROJCS[\"x\"]", "+init=epsg:4326", "urn:ogc:def:crs:EPSG::4326",
    "GEOGCS[\"a\",DATUM[\"b\",SPHEROID[\"c\",nan,0]]]", "OGC:CRS84",
  ])
  func `what is no reference system on earth is none, and nothing else is handed on`(text: String) {
    #expect(ReferenceSystem(text) == nil)
  }

  @Test func `a camera's position is told in degrees, south and west below zero`() throws {
    for (name, longitude, latitude) in [
      ("camera.jpg", -(18 + 25.0 / 60 + 30.6 / 3600), -(33 + 55.0 / 60 + 7.2 / 3600)),
      ("camera-minutes.jpg", 7 + 12.5 / 60, 43 + 42.75 / 60),
    ] {
      let scene = try Self.scene(name)
      guard case .camera(let position) = scene.place else { throw Missing(finding: scene.place) }
      #expect(scene.notes.count == 1 && scene.notes[0].hasPrefix("only where the camera stood"))
      #expect(abs(position.longitude - longitude) < 1e-9)
      #expect(abs(position.latitude - latitude) < 1e-9)
    }
  }

  @Test func `a scene without place has none, and a reason where something was said`() throws {
    try withTemporaryFolder { folder in
      func finding(_ world: String?, _ projection: String?) throws -> String? {
        let picture = folder.appendingPathComponent("a.jpg")
        try Data(JPEG.encode(Pixels(width: 8, height: 8, bytes: Array(repeating: 9, count: 192))))
          .write(to: picture)
        for (name, text) in [("a.jgw", world), ("a.prj", projection)] {
          let url = folder.appendingPathComponent(name)
          try? FileManager.default.removeItem(at: url)
          try text.map { try Data($0.utf8).write(to: url) }
        }
        return switch try Scene(picture.path).place {
        case .found(let place): place.system.definition
        case .camera: "camera"
        case .none(let why): why
        }
      }
      let lines = "0.5\n0\n0\n-0.5\n500000\n5000000\n"
      let nothing = try finding(nil, nil)
      #expect(nothing == nil)
      #expect(try finding(lines, nil)?.contains("no .prj") == true)
      #expect(try finding(lines, "EPSG:32632") == "EPSG:32632")
      #expect(try finding(lines, "nonsense")?.contains("not known: nonsense") == true)
      for broken in [
        "nan\n0\n0\n-1\n0\n0", "1\n2\n3", "0\n0\n0\n0\n1\n1", "1e400\n0\n0\n1\n0\n0", "",
      ] {
        #expect(try finding(broken, "EPSG:32632") == nil, "\(broken)")
      }
    }
  }
}
