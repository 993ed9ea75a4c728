import CollectionFixtures
import Foundation
import ImageCollections
import Imaging
import RandomNumbers
import Retrieval
import TestSupport
import Testing

/// What changed between two scenes of the same ground.
@Suite struct ChangeTests {
  /// A scene of gray noise with a red square in some place.
  private func scene(
    _ url: URL, seed: UInt64, red: (x: Int, y: Int)?, origin: Double = 500_000
  ) throws {
    let (width, height) = (256, 192)
    var random = RandomNumbers(seed)
    var samples: [UInt8] = []
    for place in 0..<width * height {
      let (x, y) = (place % width, place / width)
      let gray = UInt8.random(in: 90...160, using: &random)
      let isRed = red.map { (0..<32).contains(x - $0.x) && (0..<32).contains(y - $0.y) } ?? false
      samples += isRed ? [240, 20, 20] : [gray, gray, gray]
    }
    var fields = SceneTIFF.utm
    fields[33_922] = .doubles([0, 0, 0, origin, 5_000_000, 0])
    let picture = SceneTIFF(
      width: width, height: height, bands: 3, samples: samples, fields: fields)
    try Data(picture.bytes).write(to: url)
  }

  private func index(_ files: [URL], into path: String) async throws -> ImageCollection {
    var request = IndexingRequest(
      folders: files.map(\.path), models: [MeanColor()], collection: path)
    var scenes = SceneRequest()
    scenes.size = .pixels([32])
    request.scenes = scenes
    _ = try await Indexer(request).run { _ in }
    return try ImageCollection(openingForReading: path)
  }

  private func withFolder(_ body: (URL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("change-\(UUID().uuidString)").resolvingSymlinksInPath()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder)
  }

  private func side(_ collection: ImageCollection, day: String? = nil) throws -> ChangeSide {
    ChangeSide(collection, try #require(try collection.models().first), day: day)
  }

  @Test func `a planted object is the first place, in two collections and by two days`()
    async throws
  {
    try await withFolder { folder in
      let old = folder.appendingPathComponent("a_20200101.tif")
      let new = folder.appendingPathComponent("b_20210101.tif")
      // What was there before, at (160, 32), is no change.
      try scene(old, seed: 1, red: nil)
      try scene(new, seed: 2, red: (96, 64))
      let one = try await index([old], into: folder.appendingPathComponent("a.sqlite").path)
      let two = try await index([new], into: folder.appendingPathComponent("b.sqlite").path)
      let both = try await index([old, new], into: folder.appendingPathComponent("c.sqlite").path)
      for (before, after) in [
        (try side(one), try side(two)),
        (try side(both, day: "2020-01-01"), try side(both, day: "2021-01-01")),
      ] {
        let found = try ChangeSearch(before: before, after: after).places([1, 0, 0], limit: 5)
        #expect(found.pairs == 15 * 11)
        let first = try #require(found.changes.first)
        #expect(first.after.image.filename == "b_20210101.tif#96,64,32,32")
        #expect(first.before.filename == "a_20200101.tif#96,64,32,32")
        #expect(first.gain > 0.3 && found.changes.count == 5)
        // The others have less of it, or none.
        #expect(found.changes.dropFirst().allSatisfy { $0.gain < first.gain / 2 })
        let back = try ChangeSearch(before: after, after: before).places([1, 0, 0], limit: 200)
        #expect(back.changes.last.map { $0.gain < -0.05 } == true)
      }
    }
  }

  @Test func `windows that show other ground are not compared`() async throws {
    try await withFolder { folder in
      let old = folder.appendingPathComponent("a.tif")
      let near = folder.appendingPathComponent("b.tif")
      let far = folder.appendingPathComponent("c.tif")
      try scene(old, seed: 1, red: nil)
      // Half a window to the east: boxes share no more than their overlap.
      try scene(near, seed: 1, red: nil, origin: 500_080)
      try scene(far, seed: 1, red: nil, origin: 600_000)
      let one = try await index([old], into: folder.appendingPathComponent("1.sqlite").path)
      let two = try await index([near], into: folder.appendingPathComponent("2.sqlite").path)
      let three = try await index([far], into: folder.appendingPathComponent("3.sqlite").path)
      let shifted = try ChangeSearch(before: side(one), after: side(two)).places(
        [1, 0, 0], limit: 9)
      #expect(shifted.pairs > 100)
      #expect(
        shifted.changes.allSatisfy { change in
          let (x, other) = (change.after.image.window?.region.x, change.before.window?.region.x)
          return abs((x ?? 0) + 8 - (other ?? 0)) <= 8
        })
      let none = try ChangeSearch(before: side(one), after: side(three)).places(
        [1, 0, 0], limit: 9)
      #expect(none.pairs == 0 && none.changes.isEmpty)
    }
  }
}
