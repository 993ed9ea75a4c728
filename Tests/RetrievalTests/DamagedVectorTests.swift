import CollectionFixtures
import Foundation
import GRDB
import ImageCollections
import Imaging
import Retrieval
import TestSupport
import Testing

/// A vector that is none of a picture any more ranks nowhere: it is left out, and told.
@Suite struct DamagedVectorTests {
  private func withCollection(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("damaged-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let images = folder.appendingPathComponent("images")
    try FileManager.default.createDirectory(at: images, withIntermediateDirectories: true)
    for number in 1...3 {
      let colour = [UInt8(number * 60), 20, UInt8(250 - number * 60)]
      let bytes = (0..<64).flatMap { _ in colour }
      try Data(JPEG.encode(Pixels(width: 8, height: 8, bytes: bytes)))
        .write(to: images.appendingPathComponent("port_\(number).jpg"))
    }
    let path = folder.appendingPathComponent("c.sqlite").path
    _ = try await Indexer(
      IndexingRequest(folders: [images.path], models: [MeanColor()], collection: path)
    ).run { _ in }
    try await body(path)
  }

  @Test(arguments: [
    [Float(9e27), 0, 0], [.nan, 0, 0], [0, 0, 0], [0.6, 0.8, 0.3], [0.1, 0, 0], [1, 0],
  ])
  func `a vector that is not of length one takes no part, and is told`(_ numbers: [Float])
    async throws
  {
    try await withCollection { path in
      let sound = try ImageCollection(openingForReading: path)
      let model = try #require(try sound.models().first)
      let rows = try await sound.ranked([1, 0, 0], model, limit: 9)
      #expect(rows.count == 3 && rows.allSatisfy { abs($0.score ?? 9) <= 1.0001 })
      let image = rows[1].image.id

      let database = try Store.editor(path)
      try await database.write { database in
        let blob = numbers.flatMap { number in
          (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> (8 * UInt32($0))) }
        }
        try database.execute(
          sql: "UPDATE vectors SET vector = ? WHERE image_id = ?", arguments: [Data(blob), image])
      }
      try database.close()
      let damaged = try ImageCollection(openingForReading: path)
      let ranking = try await Retriever(damaged) { _ in throw CancellationError() }.rank(
        SearchRequest(subject: .vector([1, 0, 0]), model: model, limit: 9))
      #expect(ranking.hits.count == 2 && ranking.total == 2)
      #expect(!ranking.hits.contains { $0.image.id == image })
      #expect(ranking.notes == [.damagedVectors(images: [image])])
      #expect(throws: CollectionError(path: damaged.path, reason: .badVector(image: image))) {
        _ = try damaged.vector(of: image, model: model)
      }
      #expect(try !CollectionCheck(path).run().isSound)
    }
  }
}
