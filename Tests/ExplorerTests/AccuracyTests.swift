import Explorer
import Foundation
import ImageCollections
import TestSupport
import Testing

/// The explorer's accuracy is evaluate's: the same categories, the same prompts.
@Suite struct AccuracyTests {
  @Test(
    "the explorer and evaluate measure over the same categories",
    arguments: [
      // Some of RSICD's thirty, which the model decides between; others than these; one alone.
      ["pond", "river", "storagetanks"], ["pond", "big_river", "StorageTanks"], ["pond"],
    ])
  func accuracy(names: [String]) async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("accuracy-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let photos = folder.appendingPathComponent("photos")
    var lines: [String] = []
    for (name, scene) in zip(names, ["pond", "river", "storagetanks"]) {
      let place = photos.appendingPathComponent(name).path
      #expect(
        try run(["scenes", "--into", place, "--category", scene, "--count", "6", "--side", "128"])
          .status == 0)
      for (number, file) in try FileManager.default.contentsOfDirectory(atPath: place)
        .filter({ $0.hasSuffix(".jpg") }).sorted().enumerated()
      {
        // Only the folders tell.
        try FileManager.default.moveItem(
          atPath: "\(place)/\(file)", toPath: "\(place)/IMG_\(number).jpg")
        lines.append("{\"filename\": \"\(name)/IMG_\(number).jpg\", \"captions\": [\"\(file)\"]}")
      }
    }
    let captions = folder.appendingPathComponent("captions.jsonl").path
    try lines.joined(separator: "\n").write(toFile: captions, atomically: true, encoding: .utf8)
    let collection = folder.appendingPathComponent("c.sqlite").path
    let model = Places.model("clip-mini")
    #expect(
      try run(["index", photos.path, "--model", model, "--into", collection]).status == 0)
    let evaluated = try run([
      "evaluate", "--images", photos.path, "--captions", captions, "--model", model, "--json",
      "--per-category",
    ])
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(evaluated.stdout.utf8)) as? [String: Any],
      "\(evaluated.stderr)")
    let stored = StoredCollection(path: collection)
    let summary = try await stored.open()
    let found = try await stored.accuracy(of: summary.models[0])
    guard names.count > 1 else {
      #expect(object["accuracy"] == nil && found.byCategory.isEmpty && found.confusion.isEmpty)
      #expect(evaluated.stderr.contains("tell one category alone, pond"))
      return
    }
    let shares = try #require(object["accuracy"] as? [String: Double])
    #expect(abs(found.overall - (shares["1"] ?? 9)) < 1e-9)
    let categories = try #require(object["categories"] as? [[String: Any]])
    for name in names {
      let recall = categories.first { $0["name"] as? String == name }?["recall"] as? Double
      #expect(abs((found.byCategory[name] ?? 9) - (recall ?? -9)) < 1e-9, "\(name)")
      let row = try #require(found.confusion.categories.firstIndex(of: name))
      // Nothing that was taken for a category without pictures is lost.
      #expect(found.confusion.counts[row].reduce(0, +) == 6)
    }
  }
}
