import CollectionFixtures
import Foundation
import GRDB
import Imaging
import TestSupport
import Testing

import ImageCollections

/// Collections of earlier versions: read as they are, brought up to date by the next run without a loss,
/// and pictures that were read otherwise are embedded anew.
@Suite struct MigrationTests {
  /// As version 3 left it: without scenes; version 2 without digests, readings and places of models; version 1
  /// without checksums.
  private func makeOld(_ path: String, version: Int) throws {
    let database = try Store.editor(path)
    try database.write { database in
      try database.execute(sql: "DROP TABLE windows; DROP TABLE scenes;")
      try database.execute(sql: "PRAGMA user_version = \(version)")
      guard version < 3 else { return }
      try database.execute(
        sql: """
          ALTER TABLE images DROP COLUMN digest;
          ALTER TABLE images DROP COLUMN reading;
          ALTER TABLE models DROP COLUMN position;
          """)
      for (table, columns) in Store.summed(version: 2) {
        try database.execute(
          sql: version == 1
            ? "ALTER TABLE \(table) DROP COLUMN checksum"
            : "UPDATE \(table) SET checksum = row_checksum(\(columns))")
      }
    }
    try database.close()
  }

  private func rows(_ path: String, _ table: String) throws -> [[DatabaseValue]] {
    let columns = Store.columns(of: table, version: 2)
    return try Store.reader(path).read {
      try Row.fetchAll($0, sql: "SELECT \(columns) FROM \(table) ORDER BY 1, 2")
        .map { Array($0.databaseValues) }
    }
  }

  private func report(
    _ folder: URL, _ collection: String, reader: ImageReader = ImageReader()
  ) async throws -> IndexingReport {
    var request = IndexingRequest(
      folders: [folder.path], models: [MeanColor(name: "b", fingerprint: "1")],
      collection: collection)
    request.reader = reader
    return try await Indexer(request).run { _ in }
  }

  @Test(arguments: [1, 2])
  func `an older collection loses nothing, and TIFFs that were read otherwise come anew`(
    _ version: Int
  ) async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("migration-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let images = folder.appendingPathComponent("images")
    try FileManager.default.createDirectory(at: images, withIntermediateDirectories: true)
    for (name, fixture) in [
      ("alpha.tif", "rgbn-as-alpha/rgbn.tif"), ("map.tif", "palette-8bit-map/map8.tif"),
      ("deep.tif", "alpha16-255/noalpha.tif"), ("right.tif", "rgbn-as-alpha/right.tif"),
    ] {
      try FileManager.default.copyItem(
        at: Places.fixtures.appendingPathComponent("cases/\(fixture)"),
        to: images.appendingPathComponent(name))
    }
    for number in 1...5 {
      let side = 8
      let colour = [UInt8(number * 40), 20, UInt8(250 - number * 40)]
      let bytes = (0..<side * side).flatMap { _ in colour }
      try Data(JPEG.encode(Pixels(width: side, height: side, bytes: bytes)))
        .write(to: images.appendingPathComponent("port_\(number).jpg"))
    }
    let path = folder.appendingPathComponent("c.sqlite").path
    #expect(try await report(images, path).embedded == 9)
    try makeOld(path, version: version)
    let before = try rows(path, "images")
    let vectors = try rows(path, "vectors")
    #expect(try CollectionCheck(path).run().isSound)
    #expect(try ImageCollection(openingForReading: path).models().map(\.name) == ["b"])

    let first = try await report(images, path)
    #expect(first.embedded == 3 && first.unchanged == 6)
    #expect(first.readOtherwise == [.alpha: 1, .palette: 1, .stretch: 1])
    let check = try CollectionCheck(path).run()
    #expect(check.isSound && check.images == 9 && check.vectors == 9)
    #expect(try rows(path, "images") == before)
    #expect(try rows(path, "vectors") == vectors)
    let second = try await report(images, path)
    #expect(second.unchanged == 9 && second.readOtherwise.isEmpty)
  }

  @Test func `a collection of before scenes loses nothing, and its next run may add scenes`()
    async throws
  {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("migration-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let images = folder.appendingPathComponent("images")
    try FileManager.default.createDirectory(at: images, withIntermediateDirectories: true)
    for number in 1...3 {
      let bytes = [UInt8](repeating: UInt8(number * 60), count: 3 * 64)
      try Data(JPEG.encode(Pixels(width: 8, height: 8, bytes: bytes)))
        .write(to: images.appendingPathComponent("port_\(number).jpg"))
    }
    let path = folder.appendingPathComponent("c.sqlite").path
    #expect(try await report(images, path).embedded == 3)
    try makeOld(path, version: 3)
    let before = try ["images", "vectors", "models"].map { try rows(path, $0) }
    #expect(try CollectionCheck(path).run().isSound)
    let old = try ImageCollection(openingForReading: path)
    #expect(try old.imageCount() == 3 && old.scenes().isEmpty && old.areas().isEmpty)
    let report = try await report(images, path)
    #expect(report.unchanged == 3 && report.embedded == 0)
    #expect(try ["images", "vectors", "models"].map { try rows(path, $0) } == before)
    #expect(try CollectionCheck(path).run().isSound)
  }

  @Test func `a moved folder of an older collection comes anew only where it was read otherwise`()
    async throws
  {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("migration-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let images = folder.appendingPathComponent("images")
    let moved = folder.appendingPathComponent("moved")
    try FileManager.default.createDirectory(at: images, withIntermediateDirectories: true)
    for (name, fixture) in [
      ("alpha.tif", "rgbn-as-alpha/rgbn.tif"), ("right.tif", "rgbn-as-alpha/right.tif"),
    ] {
      try FileManager.default.copyItem(
        at: Places.fixtures.appendingPathComponent("cases/\(fixture)"),
        to: images.appendingPathComponent(name))
    }
    let path = folder.appendingPathComponent("c.sqlite").path
    _ = try await report(images, path)
    try makeOld(path, version: 2)
    try FileManager.default.moveItem(at: images, to: moved)
    let report = try await report(moved, path)
    #expect(report.moved == 1 && report.embedded == 1 && report.readOtherwise == [.alpha: 1])
    #expect(try ImageCollection(openingForReading: path).imageCount() == 2)
  }

  @Test(arguments: [nil, "2,98"])
  func
    `of what the second revision read, only more than 8 bits come anew, if their stretch changed`(
      stretch: String?
    ) async throws
  {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("migration-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let images = folder.appendingPathComponent("images")
    try FileManager.default.createDirectory(at: images, withIntermediateDirectories: true)
    for fixture in [
      "cases/rgbn-as-alpha/rgbn.tif", "cases/alpha16-255/noalpha.tif", "formats/gray16.png",
      "formats/rgb8.png", "kinds/float32.tif",
    ] {
      let source = Places.fixtures.appendingPathComponent(fixture)
      try FileManager.default.copyItem(
        at: source, to: images.appendingPathComponent(source.lastPathComponent))
    }
    var reader = ImageReader()
    if let stretch { reader.conversion.stretch = try ImageConversion.stretch(stretch) }
    let path = folder.appendingPathComponent("c.sqlite").path
    #expect(try await report(images, path, reader: reader).embedded == 5)
    let database = try Store.editor(path)
    try await database.write { database in
      try database.execute(sql: "UPDATE images SET reading = 2")
      try database.execute(
        sql: "UPDATE images SET checksum = row_checksum(\(Store.columns(of: "images", version: 3)))"
      )
    }
    try database.close()
    let report = try await report(images, path, reader: reader)
    #expect(report.embedded == (stretch == nil ? 3 : 0))
    #expect(report.readOtherwise == (stretch == nil ? [.stretch: 3] : [:]))
    #expect(try CollectionCheck(path).run().isSound)
  }
}
