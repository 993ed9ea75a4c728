import CollectionFixtures
import Foundation
import GRDB
import Imaging
import Scenes
import TestSupport
import Testing

import ImageCollections

/// Scenes in a collection: cut once, kept up to date, found again.
@Suite struct SceneIndexTests {
  /// A folder with a scene of 96 × 64 pixels, red in the west and blue in the east, at 9° east.
  private final class Workshop {
    let folder: URL
    var collection: String { folder.appendingPathComponent("c.sqlite").path }
    var scene: URL { folder.appendingPathComponent("scenes/LC08_L1TP_116050_20200131_T1.tif") }

    init() throws {
      folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("scene-index-\(UUID().uuidString)").resolvingSymlinksInPath()
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent("scenes"), withIntermediateDirectories: true)
      try write()
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// - Parameter dark: columns from the left without data.
    func write(to url: URL? = nil, dark: Int = 0, shift: UInt8 = 0) throws {
      let samples = (0..<64 * 96).flatMap { place -> [UInt8] in
        let column = place % 96
        if column < dark { return [0, 0, 0] }
        return column < 48 ? [250, 10 + shift, 10] : [10, 10 + shift, 250]
      }
      let picture = SceneTIFF(
        width: 96, height: 64, bands: 3, samples: samples, fields: SceneTIFF.utm)
      try Data(picture.bytes).write(to: url ?? scene)
    }

    func index(
      _ names: [String] = ["b"], sides: [Int]? = [32], above: Int? = 50,
      _ change: (inout IndexingRequest) -> Void = { _ in }
    ) async throws -> IndexingReport {
      var request = IndexingRequest(
        folders: [folder.appendingPathComponent("scenes").path],
        models: names.map { MeanColor(name: $0, fingerprint: $0) }, collection: collection)
      if let above {
        var scenes = SceneRequest()
        scenes.above = above
        scenes.size = sides.map { .pixels($0) }
        request.scenes = scenes
      }
      change(&request)
      return try await Indexer(request).run { _ in }
    }

    func open() throws -> ImageCollection { try ImageCollection(openingForReading: collection) }
  }

  /// 96 × 64 in squares of 32 with steps of 16: 5 columns, 3 rows.
  private static let windows = 15

  @Test func `windows are images with their place, each embedded once by each model`() async throws
  {
    let workshop = try Workshop()
    let first = try await workshop.index()
    #expect(first.scenes.found == 1 && first.scenes.windows == Self.windows && first.found == 0)
    let collection = try workshop.open()
    let images = try collection.images()
    #expect(images.count == Self.windows)
    let corner = try #require(images.first { $0.filename.hasSuffix("#64,32,32,32") })
    let window = try #require(corner.window)
    #expect(
      corner.file == workshop.scene.path && corner.path == workshop.scene.path + "#64,32,32,32")
    #expect(window.region == PixelRegion(x: 64, y: 32, width: 32, height: 32))
    #expect(window.taken == "2020-01-31" && window.sceneWidth == 96 && window.sceneHeight == 64)
    let place = try #require(window.placement.flatMap { ScenePlaces()[$0] })
    let position = try #require(place.position(column: 0, row: 0))
    #expect(abs(position.longitude - 9) < 1e-9)
    let area = try #require(try collection.areas()[corner.id])
    #expect(area.west > 9.008 && area.east < 9.0125 && area.west < area.east)
    let model = try #require(try collection.models().first)
    let vector = try #require(try collection.vector(of: corner.id, model: model))
    #expect(vector[2] > 0.99)
    #expect(try CollectionCheck(workshop.collection).run().isSound)

    let again = try await workshop.index()
    #expect(again.scenes.windows == 0 && again.scenes.unchanged == 1)
    let reread = try await workshop.index { $0.rereading = true }
    #expect(reread.scenes.unchanged == 1 && reread.scenes.touched == 0)
    let second = try await workshop.index(["b", "c"])
    #expect(second.scenes.windows == Self.windows)
    #expect(try workshop.open().models().map(\.vectorCount) == [Self.windows, Self.windows])
  }

  @Test func `a scene stays one without being named, and is cut as before`() async throws {
    let workshop = try Workshop()
    _ = try await workshop.index()
    let plain = try await workshop.index(above: nil)
    #expect(plain.found == 0 && plain.removed == 0)
    #expect(plain.scenes.found == 1 && plain.scenes.unchanged == 1)
    // Of a folder without the flag a large picture is a picture.
    let other = try Workshop()
    #expect(try await other.index(above: nil).embedded == 1)
    // And becomes a scene when that is asked for.
    let changed = try await other.index()
    #expect(changed.removed == 1 && changed.scenes.windows == Self.windows)
    #expect(try other.open().images().count == Self.windows)
  }

  @Test func `other sizes replace the windows that are no longer wanted, and no others`()
    async throws
  {
    let workshop = try Workshop()
    _ = try await workshop.index()
    let both = try await workshop.index(sides: [32, 64])
    #expect(both.scenes.windows == 2 && both.scenes.otherSizes == 0)
    let one = try await workshop.index(sides: [64])
    #expect(one.scenes.windows == 0 && one.scenes.otherSizes == Self.windows)
    #expect(try workshop.open().images().count == 2)
    #expect(try workshop.open().scenes().first?.sides == [64])
    // Without a word the stored sizes stay.
    #expect(try await workshop.index(sides: nil).scenes.unchanged == 1)
    #expect(try CollectionCheck(workshop.collection).run().isSound)
  }

  @Test func `a moved scene keeps its vectors, a changed one gets new ones, one that is gone goes`()
    async throws
  {
    let workshop = try Workshop()
    _ = try await workshop.index()
    let elsewhere = workshop.folder.appendingPathComponent("scenes/elsewhere.tif")
    try FileManager.default.moveItem(at: workshop.scene, to: elsewhere)
    let moved = try await workshop.index()
    #expect(moved.scenes.moved == 1 && moved.scenes.windows == 0 && moved.scenes.removed == 0)
    #expect(try workshop.open().images().allSatisfy { $0.path.hasPrefix(elsewhere.path + "#") })
    #expect(try CollectionCheck(workshop.collection).run().isSound)

    try workshop.write(to: elsewhere, shift: 60)
    let changed = try await workshop.index()
    #expect(changed.scenes.windows == Self.windows)
    #expect(try workshop.open().images().count == Self.windows)

    // The same contents with another time cost nothing.
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: elsewhere.path)
    let touched = try await workshop.index()
    #expect(touched.scenes.touched == 1 && touched.scenes.windows == 0)

    // A folder that is empty may be one that is not mounted.
    try workshop.write()
    _ = try await workshop.index()
    try FileManager.default.removeItem(at: elsewhere)
    let gone = try await workshop.index()
    #expect(gone.scenes.removed == 1)
    #expect(try workshop.open().scenes().map(\.path) == [workshop.scene.path])
    #expect(try workshop.open().images().count == Self.windows)
  }

  @Test func `windows without data are left out once`() async throws {
    let workshop = try Workshop()
    try workshop.write(dark: 64)
    let first = try await workshop.index()
    // Of columns at 0, 16, 32, 48 and 64 the data from 64 on fills half of the fourth.
    #expect(first.scenes.windows == 6 && first.scenes.empty == 9)
    let second = try await workshop.index()
    #expect(second.scenes.unchanged == 1 && second.scenes.empty == 0)
    #expect(try CollectionCheck(workshop.collection).run().isSound)
  }

  @Test func `a scene that cannot be read is told, and what was indexed of it is kept`()
    async throws
  {
    let workshop = try Workshop()
    _ = try await workshop.index()
    try Data("half a download".utf8).write(to: workshop.scene)
    let report = try await workshop.index()
    #expect(report.unreadable.count == 1)
    #expect(report.unreadable[0].reason.contains("kept"))
    #expect(try workshop.open().images().count == Self.windows)
  }

  @Test func `a run that is cancelled keeps what it stored, and the next goes on`() async throws {
    let workshop = try Workshop()
    let gate = Gate(free: 1)
    var request = IndexingRequest(
      folders: [workshop.scene.path],
      models: [MeanColor(name: "b", fingerprint: "b", gate: gate)],
      collection: workshop.collection, threads: 1)
    var scenes = SceneRequest()
    scenes.size = .pixels([16])
    request.scenes = scenes
    let wanted = request
    let run = Task { try await Indexer(wanted).run { _ in } }
    try await gate.wait(for: 2)
    run.cancel()
    gate.open()
    await #expect(throws: CancellationError.self) { try await run.value }
    let stored = try workshop.open().images().count
    #expect(stored >= 8 && stored < 77)
    #expect(try CollectionCheck(workshop.collection).run().isSound)
    var rest = request
    rest.models = [MeanColor(name: "b", fingerprint: "b")]
    let report = try await Indexer(rest).run { _ in }
    #expect(report.scenes.windows == 77 - stored)
    #expect(try workshop.open().images().count == 77)
  }

  @Test func `damaged rows of scenes and windows are found, taken out and made again`() async throws
  {
    for (change, kind) in [
      ("UPDATE windows SET x = 1 WHERE id = 3", CollectionFinding.Kind.scene),
      ("UPDATE scenes SET stride = 0.25", .scene),
      ("UPDATE images SET width = 7 WHERE id = 4", .image),
    ] {
      let workshop = try Workshop()
      _ = try await workshop.index()
      let database = try Store.editor(workshop.collection)
      try await database.write { try $0.execute(sql: change) }
      try database.close()
      let found = try CollectionCheck(workshop.collection).run()
      #expect(found.findings.map(\.kind).contains(kind), "\(change)")
      _ = try CollectionCheck(workshop.collection).repair()
      #expect(try CollectionCheck(workshop.collection).run().isSound, "\(change)")
      _ = try await workshop.index()
      #expect(try workshop.open().images().count == Self.windows, "\(change)")
      #expect(try CollectionCheck(workshop.collection).run().isSound, "\(change)")
    }
  }

  @Test func `prune and drop know scenes by their files`() async throws {
    let workshop = try Workshop()
    _ = try await workshop.index()
    let kept = try await workshop.index { $0.pruning = true }
    #expect(kept.pruned == 0)
    let dropped = try await workshop.index(above: nil) { request in
      request.folders = []
      request.droppedFolders = [workshop.folder.appendingPathComponent("scenes").path]
    }
    #expect(dropped.pruned == 1)
    #expect(try workshop.open().images().isEmpty && workshop.open().scenes().isEmpty)
  }
}
