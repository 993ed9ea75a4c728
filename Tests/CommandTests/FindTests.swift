import Foundation
import TestSupport
import Testing

/// `find`: one scene, no collection.
@Suite struct FindTests {
  private func scene(_ name: String) -> String {
    Places.fixtures.appendingPathComponent("scenes/\(name)").path
  }

  private func rows(_ result: CommandResult) throws -> [[String: Any]] {
    #expect(result.status == 0, "\(result.stderr)")
    return try CollectionFixture.objects(result.stdout)
  }

  @Test func placesHaveTheirPixelsAndTheirPlaceOnEarth() throws {
    let found = try rows(
      run(["find", "a port", scene("tiled.tif"), "--pixels", "64", "--json", "-k", "5"]))
    #expect(found.count > 1)
    #expect(found.map { $0["rank"] as? Int } == Array(1...found.count))
    let scores = found.compactMap { $0["score"] as? Double }
    #expect(scores == scores.sorted(by: >) && scores.count == found.count)
    for row in found {
      // The picture of 200 × 150 pixels of 10 m lies at 9.0…9.0255 east, 45.140…45.1535 north.
      let longitude = try #require(row["longitude"] as? Double)
      let latitude = try #require(row["latitude"] as? Double)
      #expect((9.0...9.0255).contains(longitude) && (45.139...45.154).contains(latitude))
      #expect(abs((row["metres"] as? Double ?? 0) - 640) < 2)
      #expect(row["width"] as? Int == 64)
    }
    let line = try run(["find", "a port", scene("tiled.tif"), "--pixels", "64", "-k", "1"])
    #expect(line.stdout.contains("tiled.tif#") && line.stdout.hasSuffix(" m\n"), "\(line.stdout)")
  }

  @Test func windowsThatOverlapBetterOnesAreLeftOutUnlessAskedFor() throws {
    let arguments = [
      "find", "a port", scene("tiled.tif"), "--pixels", "64", "--json", "-k", "1000",
    ]
    let (places, all) = (try rows(run(arguments)), try rows(run(arguments + ["--all-windows"])))
    #expect(all.count == 6 * 4 && places.count < all.count)
    #expect(places[0]["x"] as? Int == all[0]["x"] as? Int)
    let sum = all.compactMap { $0["probability"] as? Double }.reduce(0, +)
    #expect(abs(sum - 1) < 1e-4)
  }

  @Test func aSecondTextIsTakenAway() throws {
    let arguments = ["find", "a port", scene("tiled.tif"), "--json", "-k", "1"]
    let plain = try rows(run(arguments))[0]["score"] as? Double ?? 0
    let same = try rows(run(arguments + ["--against", "a port"]))[0]["score"] as? Double ?? 1
    #expect(plain != 0 && same == 0)
  }

  @Test func metresBecomePixels() throws {
    let found = try rows(
      run(["find", "a port", scene("tiled.tif"), "--metres", "500", "--json", "-k", "1"]))
    #expect(found[0]["width"] as? Int == 50)
    let without = try run(["find", "a port", scene("world.tif"), "--metres", "5"])
    #expect(without.status == 2 && without.stderr.contains("less than 16 pixels"))
  }

  @Test func filesAreWritten() throws {
    try withTemporaryFolder { folder in
      let (json, png) = (folder.path + "/a.geojson", folder.path + "/a.png")
      let result = try run([
        "find", "a port", scene("antimeridian.tif"), "--pixels", "16", "--geojson", json,
        "--heatmap", png,
      ])
      #expect(result.status == 0, "\(result.stderr)")
      let text = try String(contentsOfFile: json, encoding: .utf8)
      #expect(text.contains("MultiPolygon") && text.contains("\"query\":\"a port\""))
      let bytes = try Data(contentsOf: URL(fileURLWithPath: png))
      #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]))
      // The scores as a band lie where the scene lies.
      let band = folder.path + "/a.tif"
      #expect(
        try run(["find", "a port", scene("rotated.tif"), "--pixels", "16", "--heatmap", band])
          .status == 0)
      let facts = try run(["find", "a port", band, "--json", "-k", "1"])
      let row = try #require(try rows(facts).first)
      #expect(abs((row["longitude"] as? Double ?? 0) - 9.0004) < 0.001, "\(row)")
      // What cannot be placed is not written as if it lay at 0, 0.
      try FileManager.default.copyItem(
        atPath: scene("world.tif"), toPath: folder.path + "/bare.tif")
      let bare = try run([
        "find", "a", folder.path + "/bare.tif", "--geojson", folder.path + "/b.geojson",
      ])
      #expect(bare.status == 2 && bare.stderr.contains("no place on earth"))
      #expect(!FileManager.default.fileExists(atPath: folder.path + "/b.geojson"))
    }
  }

  /// Against transformers: Tests/Fixtures/scenes/make_original.py.
  @Test(arguments: ["boats", "road", "desert"])
  func theOriginalsProbabilities(feature: String) throws {
    let expected = try JSONDecoder().decode(
      [String: [Double]].self, from: Data(contentsOf: URL(fileURLWithPath: scene("original.json"))))
    let wanted = try #require(expected[feature])
    let found = try rows(run(["find", feature, scene("original.png"), "--original", "--json"]))
    #expect(found.count == wanted.count)
    for row in found {
      let (x, y) = (try #require(row["x"] as? Int), try #require(row["y"] as? Int))
      let probability = try #require(row["probability"] as? Double)
      #expect(abs(probability - wanted[y / 224 * 3 + x / 224]) < 1e-4, "\(x), \(y)")
    }
  }

  static let mistakes: [([String], String)] = [
    (["--pixels", "8"], "--pixels is \"8\", expected numbers from 16 to 8192"),
    (["--pixels", "64,x"], "--pixels is \"64,x\""),
    (["--pixels", "64", "--metres", "60"], "give one of --pixels and --metres"),
    (["--stride", "0"], "--stride is 0.0, expected 0.1 to 1"),
    (["-k", "0"], "-k is 0"),
    (["--original", "--pixels", "64"], "--original has windows of its own"),
    (["--json", "--preview"], "give one of --json and --preview"),
  ]

  @Test(arguments: mistakes)
  func aMistakeIsOneLine(_ more: [String], _ words: String) throws {
    let result = try run(["find", "a port", scene("tiled.tif")] + more)
    #expect(result.status == 2 && result.stdout.isEmpty)
    #expect(result.stderr.contains(words), "\(result.stderr)")
  }

  @Test func aSceneThatIsNoneIsToldInOneLine() throws {
    for (name, words) in [("missing.tif", "cannot be read"), ("expected.json", "not a picture")] {
      let result = try run(["find", "a port", scene(name)])
      #expect(result.status == 2 && result.stdout.isEmpty)
      #expect(
        result.stderr.contains(words) && result.stderr.hasPrefix("Error: "), "\(result.stderr)")
    }
    let empty = try run(["find", " ", scene("tiled.tif")])
    #expect(empty.status == 2 && empty.stderr.contains("the text is empty"))
  }
}
