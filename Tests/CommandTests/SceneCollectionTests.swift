import Foundation
import TestSupport
import Testing

/// Scenes through the program: indexed, searched, filtered by place and day, written for other programs.
@Suite struct SceneCollectionTests {
  private func scene(_ name: String) -> String {
    Places.fixtures.appendingPathComponent("scenes/\(name)").path
  }

  private func withCollection(_ body: (URL, String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let copy = folder.appendingPathComponent("S2A_20200815T101031.tif")
      try FileManager.default.copyItem(atPath: scene("tiled.tif"), toPath: copy.path)
      let collection = folder.appendingPathComponent("c.sqlite").path
      let made = try run([
        "index", "--scenes", copy.path, scene("both.jp2"), "--pixels", "64", "--into", collection,
      ])
      #expect(made.status == 0, "\(made.stderr)")
      #expect(made.stdout.contains("2 scenes: 36 windows embedded"), "\(made.stdout)")
      try body(folder, collection)
    }
  }

  private func rows(_ result: CommandResult) throws -> [[String: Any]] {
    #expect(result.status == 0, "\(result.stderr)")
    return try CollectionFixture.objects(result.stdout)
  }

  @Test func `hits are windows with place, day and metres, thinned unless all are asked for`()
    throws
  {
    try withCollection { _, collection in
      let search = ["search", "a port", "--collection", collection, "--json", "-k", "100"]
      let found = try rows(run(search))
      let all = try rows(run(search + ["--all-windows"]))
      #expect(all.count == 36 && found.count < all.count && found.count >= 6)
      #expect(found.map { $0["rank"] as? Int } == Array(1...found.count))
      for row in found {
        let path = try #require(row["path"] as? String)
        let numbers = ["x", "y", "width", "height"].compactMap { row[$0] as? Int }
        #expect(path.hasSuffix("#" + numbers.map(String.init).joined(separator: ",")))
        #expect(abs((row["metres"] as? Double ?? 0) - 640) < 2)
        let isDated = path.contains("S2A")
        #expect(row["taken"] as? String == (isDated ? "2020-08-15" : nil))
      }
      let line = try run(["search", "a port", "--collection", collection, "-k", "1"]).stdout
      #expect(line.contains("#") && line.contains("9.0") && line.contains("640 m"), "\(line)")
      let name = try #require((found[0]["path"] as? String)?.split(separator: "/").last)
      let similar = try rows(
        run(["similar", String(name), "--collection", collection, "--json", "-k", "100"]))
      #expect(
        !similar.isEmpty
          && similar.allSatisfy { $0["path"] as? String != found[0]["path"] as? String })
    }
  }

  @Test func `a window of a scene that changed since is embedded as it is now`() throws {
    try withCollection { folder, collection in
      let name = "S2A_20200815T101031.tif#0,0,64,64"
      let arguments = ["similar", name, "--collection", collection, "--json", "-k", "1"]
      let before = try rows(run(arguments))
      // The same contents and another time: as far as anyone can tell without reading it, another scene.
      let scene = folder.appendingPathComponent("S2A_20200815T101031.tif").path
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: scene)
      let after = try rows(run(arguments))
      #expect(before[0]["path"] as? String == after[0]["path"] as? String)
      let (one, other) = (before[0]["score"] as? Double ?? 0, after[0]["score"] as? Double ?? 1)
      #expect(abs(one - other) < 1e-4)
    }
  }

  @Test func `a place or a day narrows a search; a collection without any says so`() throws {
    try withCollection { folder, collection in
      func count(_ arguments: String...) throws -> Int {
        let result = try run(
          ["search", "a port", "--collection", collection, "--all-windows", "-k", "100", "--json"]
            + arguments)
        #expect(result.status == 0 || result.status == 1, "\(result.stderr)")
        return try CollectionFixture.objects(result.stdout).count
      }
      // The first scene reaches from 9.0 to 9.0255 east, the second one to 9.019.
      #expect(try count("--bbox", "9.021,45.1,9.1,45.2") == 8)
      #expect(try count("--bbox", "10,45,11,46") == 0)
      #expect(try count("--near", "9.004,45.147,0.5") > 0)
      #expect(try count("--near", "9.004,45.147,100") == 36)
      #expect(try count("--since", "2020-08-15") == 24)
      #expect(try count("--since", "2020-08-16") == 0)
      #expect(try count("--until", "2020-08-15", "--since", "2020-01-01") == 24)
      let area = folder.appendingPathComponent("area.geojson")
      try Data(
        #"{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[9.018,45],[10,45],[10,46],[9.018,46],[9.018,45]]]}}"#
          .utf8
      ).write(to: area)
      let within = try count("--area", area.path)
      #expect(within > 0 && within < 36)
      for wrong in [
        ["--bbox", "1,2,3"], ["--bbox", "0,9,1,8"], ["--near", "9,45"], ["--near", "9,95,1"],
        ["--since", "2020-13-01"], ["--until", "yesterday"], ["--area", collection],
      ] {
        let refused = try run(["search", "a port", "--collection", collection] + wrong)
        #expect(refused.status != 0 && refused.stderr.contains(wrong[0]), "\(refused.stderr)")
      }
    }
  }

  @Test func `places are written for a GIS, and crops with their world files`() throws {
    try withCollection { folder, collection in
      func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
      let found = try rows(
        run([
          "search", "--plain", "a <port> & \"more\"", "--collection", collection, "-k", "3",
          "--json",
          "--geojson", path("a.geojson"), "--kml", path("a.kml"), "--gpkg", path("a.gpkg"),
          "--crops", path("crops"),
        ]))
      let json = try #require(
        try JSONSerialization.jsonObject(
          with: Data(contentsOf: URL(fileURLWithPath: path("a.geojson")))) as? [String: Any])
      let features = try #require(json["features"] as? [[String: Any]])
      #expect(json["crs"] == nil && features.count == 3)
      let properties = try #require(features[0]["properties"] as? [String: Any])
      #expect(properties["query"] as? String == "a <port> & \"more\"")
      #expect(properties["rank"] as? Int == 1 && properties["model"] as? String == "rsicd-mini")
      let kml = try String(contentsOfFile: path("a.kml"), encoding: .utf8)
      #expect(kml.contains("a &lt;port&gt; &amp; &quot;more&quot;"))
      #expect(kml.components(separatedBy: "<Placemark>").count == 4)
      let names = try FileManager.default.contentsOfDirectory(atPath: path("crops")).sorted()
      #expect(names.count == 9 && names.allSatisfy { $0.hasPrefix("00") })
      // A crop lies where its window does.
      let crop = try #require(names.first { $0.hasSuffix(".png") })
      let again = try rows(
        run(["find", "x", path("crops/" + crop), "--pixels", "64", "--json", "-k", "1"]))
      for key in ["longitude", "latitude"] {
        let (one, other) = (again[0][key] as? Double ?? 0, found[0][key] as? Double ?? 1)
        #expect(abs(one - other) < 1e-6, "\(key)")
      }
      // SQLite's own file with the marks of a GeoPackage.
      let package = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path("a.gpkg"))))
      #expect(package.starts(with: Array("SQLite format 3\0".utf8)))
      #expect(package[68..<72].elementsEqual("GPKG".utf8))
    }
  }

  @Test func `what cannot be is refused in a line`() throws {
    try withTemporaryFolder { folder in
      let into = folder.appendingPathComponent("c.sqlite").path
      for (arguments, words) in [
        (["--pixels", "64"], "add --scenes"), (["--scenes", "--pixels", "4"], "--pixels"),
        (["--scenes", "--stride", "2"], "--stride"), (["--scenes-above", "2"], "--scenes-above"),
      ] {
        let refused = try run(["index", scene("tiled.tif"), "--into", into] + arguments)
        #expect(refused.status != 0 && refused.stderr.contains(words), "\(refused.stderr)")
      }
      // Metres without a place cost that scene a line; the other one is indexed.
      let mixed = try run([
        "index", "--scenes", scene("original.png"), scene("tiled.tif"), "--metres", "640", "--into",
        into,
      ])
      #expect(mixed.status != 0 && mixed.stderr.contains("original.png"), "\(mixed.stderr)")
      #expect(mixed.stdout.contains("windows embedded"))
      let none = try run([
        "search", "x", "--collection", into, "--geojson",
        folder.appendingPathComponent("no/such/a.geojson").path,
      ])
      #expect(none.status != 0 && none.stderr.contains("cannot be written"), "\(none.stderr)")
    }
  }
}
