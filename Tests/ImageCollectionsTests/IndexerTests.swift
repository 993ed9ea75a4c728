import Models
import CollectionFixtures
import Foundation
import ImageCollections
import Imaging
import Retrieval
import TestSupport
import Testing

@Suite struct IndexerTests {
  private func paint(_ name: String, _ color: [UInt8], in folder: URL) throws {
    let pixels = try Pixels(
      width: 16, height: 16, bytes: (0..<256).flatMap { _ in color })
    let url = folder.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(try JPEG.encode(pixels)).write(to: url)
  }

  private func folder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("clip-rsicd-test-\(UUID().uuidString)").resolvingSymlinksInPath()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try paint("images/red_1.jpg", [250, 10, 10], in: folder)
    try paint("images/green_2.jpg", [10, 250, 10], in: folder)
    try paint("images/river/blue.JPEG", [10, 10, 250], in: folder)
    return folder
  }

  private func index(
    _ folder: URL, model: MeanColor = MeanColor(), captions: [String] = [], replacing: Bool = false
  ) async throws -> IndexingReport {
    try await Indexer(
      IndexingRequest(
        folders: [folder.appendingPathComponent("images").path], captionFiles: captions,
        models: [model], collection: folder.appendingPathComponent("c.sqlite").path,
        replacingModels: replacing)
    ).run { _ in }
  }

  private func open(_ folder: URL) throws -> ImageCollection {
    try ImageCollection(openingForReading: folder.appendingPathComponent("c.sqlite").path)
  }

  @Test(
    "a model of which nothing could be embedded gives way to other settings; one with vectors does not"
  )
  func nothingToLose() async throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let images = folder.appendingPathComponent("images")
    try FileManager.default.removeItem(at: images)
    try FileManager.default.createDirectory(at: images, withIntermediateDirectories: true)
    try Data("none".utf8).write(to: images.appendingPathComponent("red_1.jpg"))
    #expect(try await index(folder).unreadable.count == 1)
    try paint("images/red_1.jpg", [250, 10, 10], in: folder)
    var other = MeanColor()
    other.fingerprint = "f2"
    #expect(try await index(folder, model: other).embedded == 1)
    #expect(try open(folder).models().map(\.fingerprint) == ["f2"])
    await #expect(throws: CollectionError.self) { _ = try await index(folder) }
    #expect(try open(folder).models().map(\.fingerprint) == ["f2"])
  }

  @Test("a renamed file keeps its row; a copy of it that came with it gets one of its own")
  func renamed() async throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    _ = try await index(folder)
    let before = try open(folder).images()
    let old = folder.appendingPathComponent("images/red_1.jpg")
    let files = FileManager.default
    try files.copyItem(at: old, to: folder.appendingPathComponent("images/copy_9.jpg"))
    try files.moveItem(at: old, to: folder.appendingPathComponent("images/scarlet_1.jpg"))
    let report = try await index(folder)
    #expect(report.moved == 1 && report.copied == 1)
    #expect(report.removed == 0 && report.embedded == 0 && report.unchanged == 2)
    let after = try open(folder).images()
    #expect(
      after.map(\.filename).sorted() == ["blue.JPEG", "copy_9.jpg", "green_2.jpg", "scarlet_1.jpg"])
    let red = try #require(before.first { $0.filename == "red_1.jpg" })
    #expect(after.count { $0.id == red.id } == 1)
    let model = try #require(try open(folder).models().first)
    #expect(model.vectorCount == 4)
    #expect(try await index(folder).unchanged == 4)
  }

  @Test(
    "captions that give another split, or a folder of another name, are written to known images")
  func redescribed() async throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    func split(_ name: String) async throws -> String? {
      let captions = folder.appendingPathComponent("c.jsonl")
      try Data(
        "{\"filename\": \"red_1.jpg\", \"captions\": [\"red\"], \"split\": \"\(name)\"}".utf8
      ).write(to: captions)
      _ = try await index(folder, captions: [captions.path])
      return try open(folder).images().first { $0.filename == "red_1.jpg" }?.split
    }
    #expect(try await split("train") == "train")
    #expect(try await split("test") == "test")
    // A run without captions takes nothing away.
    _ = try await index(folder)
    #expect(
      try open(folder).images().first { $0.filename == "red_1.jpg" }?.split
        == "test")
  }

  @Test("a name that tells a category only beside another one gets it when the other comes")
  func laterCategory() async throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    _ = try await index(folder)
    func category() throws -> String? {
      try open(folder).images().first { $0.filename == "red_1.jpg" }?.category
    }
    #expect(try category() == nil)
    try paint("images/red_2.jpg", [240, 20, 10], in: folder)
    let report = try await index(folder)
    #expect(report.embedded == 1 && report.redescribed >= 1)
    #expect(try category() == "red")
    #expect(try open(folder).categories().contains { $0.name == "red" && $0.count == 2 })
  }

  @Test("what is indexed is found, with category, captions and size")
  func roundTrip() async throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let captions = folder.appendingPathComponent("test_x.jsonl")
    try Data(
      """
      {"filename": "dir/red_1.jpg", "captions": ["a red field .", "red ."]}
      {"filename": "dir/gone_7.jpg", "captions": ["gone ."]}
      """.utf8
    ).write(to: captions)
    let report = try await index(folder, captions: [captions.path])
    #expect(report.found == 3 && report.embedded == 3 && report.unreadable.isEmpty)
    #expect(report.absentFromDisk == ["dir/gone_7.jpg"])
    let collection = try open(folder)
    #expect(try collection.imageCount() == 3)
    // A start of a name that comes with one number alone tells nothing.
    #expect(try collection.categories().map(\.name) == ["river"])
    let model = try #require(try collection.models().first)
    #expect(model.vectorCount == 3 && model.width == 3)
    let rows = try await collection.ranked([1, 0, 0], model, limit: 2)
    #expect(rows.map(\.rank) == [1, 2])
    #expect(rows[0].image.filename == "red_1.jpg")
    #expect(rows[0].image.captions == ["a red field .", "red ."])
    #expect(rows[0].image.split == "test" && rows[0].image.width == 16)
    #expect(rows[0].score ?? 0 > 0.99)
  }

  @Test("a second run embeds only what is new or changed, and forgets what has gone")
  func incremental() async throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    _ = try await index(folder)
    let again = try await index(folder)
    #expect(again.embedded == 0 && again.unchanged == 3)
    let retriever = Retriever(try open(folder)) { _ in throw CancellationError() }
    let model = try #require(try retriever.collection.models().first)
    func ranking(_ vector: [Float], limit: Int) async throws -> [Hit] {
      try await retriever.rank(
        SearchRequest(subject: .vector(vector), model: model, limit: limit)
      ).hits
    }
    #expect(try await ranking([0, 0, 1], limit: 1).first?.score ?? 0 > 0.99)

    try paint("images/red_1.jpg", [10, 10, 240], in: folder)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: 100)],
      ofItemAtPath: folder.appendingPathComponent("images/red_1.jpg").path)
    try FileManager.default.removeItem(at: folder.appendingPathComponent("images/green_2.jpg"))
    try paint("images/new_3.jpg", [250, 250, 10], in: folder)
    let changed = try await index(folder)
    #expect(changed.embedded == 2 && changed.unchanged == 1 && changed.removed == 1)
    // The reader that was open sees it: red has become blue.
    let rows = try await ranking([0, 0, 1], limit: 4)
    #expect(rows.count == 3)
    #expect(Set(rows.prefix(2).map(\.image.filename)) == ["blue.JPEG", "red_1.jpg"])
  }

  @Test("an unreadable image is recorded with its reason and does not stop the others")
  func unreadable() async throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data("no picture".utf8).write(to: folder.appendingPathComponent("images/text_1.jpg"))
    try Data().write(to: folder.appendingPathComponent("images/empty_1.jpg"))
    let report = try await index(folder)
    #expect(report.embedded == 3 && report.unreadable.count == 2)
    let again = try await index(folder)
    #expect(again.unchanged == 3 && again.unreadable.count == 2)
    let collection = try open(folder)
    #expect(try collection.imageCount() == 3)
    #expect(try collection.unreadable().allSatisfy { !$0.reason.isEmpty })
  }

  @Test(
    "a second model is added beside the first; another under its name is refused or replaces it")
  func models() async throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    _ = try await index(folder)
    let second = try await index(folder, model: MeanColor(name: "other", fingerprint: "f2"))
    #expect(second.embedded == 3)
    #expect(try open(folder).models().map(\.vectorCount) == [3, 3])
    let error = await #expect(throws: CollectionError.self) {
      _ = try await index(folder, model: MeanColor(fingerprint: "f3"))
    }
    #expect(error?.reason == .modelChanged(model: "mean"))
    #expect(try open(folder).models().map(\.fingerprint) == ["f1", "f2"])
    _ = try await index(folder, model: MeanColor(fingerprint: "f3"), replacing: true)
    #expect(try open(folder).models().map(\.fingerprint) == ["f3", "f2"])
  }

  @Test("one writer at a time; the second is told so")
  func twoWriters() async throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let gate = Gate()
    let slow = Task { try await index(folder, model: MeanColor(gate: gate)) }
    try await gate.wait(for: 1)
    let error = await #expect(throws: CollectionError.self) { _ = try await index(folder) }
    if case .busy = error?.reason {} else { Issue.record("\(String(describing: error))") }
    gate.open()
    #expect(try await slow.value.embedded == 3)
  }

  @Test("a cancelled run keeps what it did, and the next one does the rest")
  func cancelled() async throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    for number in 10..<74 {
      try paint("images/x_\(number).jpg", [90, 90, UInt8(2 * number)], in: folder)
    }
    let gate = Gate(free: 2)
    let task = Task { try await index(folder, model: MeanColor(gate: gate)) }
    try await gate.wait(for: 3)
    task.cancel()
    gate.open()
    await #expect(throws: CancellationError.self) { _ = try await task.value }
    let done = try open(folder).imageCount()
    #expect(done > 0 && done < 67)
    let rest = try await index(folder)
    #expect(rest.unchanged == done && rest.embedded + rest.copied == 67 - done)
  }

  @Test("what is no collection is refused and left as it was")
  func otherFiles() async throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("c.sqlite")
    #expect(throws: CollectionError(path: path.path, reason: .missing)) { try open(folder) }
    let text = Data(String(repeating: "not a database ", count: 100).utf8)
    try text.write(to: path)
    #expect(throws: CollectionError.self) { try open(folder) }
    await #expect(throws: CollectionError.self) { _ = try await index(folder) }
    #expect(try Data(contentsOf: path) == text)
    try FileManager.default.removeItem(at: path)
    _ = try await index(folder)
    let sqlite = Process()
    sqlite.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    sqlite.arguments = [
      "python3", "-c",
      "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute('PRAGMA user_version=9'); c.commit()",
      path.path,
    ]
    try sqlite.run()
    sqlite.waitUntilExit()
    #expect(sqlite.terminationStatus == 0)
    let error = #expect(throws: CollectionError.self) { try open(folder) }
    #expect(error?.reason == .otherVersion(found: 9, expected: Store.version))
  }
}
