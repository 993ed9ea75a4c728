import Datasets
import Files
import Foundation
import GRDB
import Imaging
import Scenes
import VectorIndexes

/// What a run writes of scenes: their rows, their windows and these windows' images and vectors.
struct SceneWriter {
  let database: Database

  /// What is written of an opened scene.
  struct Facts {
    let file: FoundImage
    let digest: FileDigest?
    let width: Int
    let height: Int
    let notes: [String]
    let taken: String?
    let placement: ScenePlacement?
    let plan: WindowPlan
  }

  /// - Returns: the scene's key.
  func write(_ facts: Facts) throws -> Int64 {
    let id = try Int64.fetchOne(
      database,
      sql: """
        INSERT INTO scenes (path, byte_count, modified_ns, digest, width, height, reading, notes,
          taken, system, transformation, sides, stride)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (path) DO UPDATE SET byte_count = excluded.byte_count,
          modified_ns = excluded.modified_ns, digest = excluded.digest, width = excluded.width,
          height = excluded.height, reading = excluded.reading, notes = excluded.notes,
          taken = excluded.taken, system = excluded.system,
          transformation = excluded.transformation, sides = excluded.sides,
          stride = excluded.stride
        RETURNING id
        """,
      arguments: [
        facts.file.path, facts.file.byteCount, facts.file.modifiedNanoseconds,
        facts.digest.map { Data($0.bytes) }, facts.width, facts.height, ImageReader.revision,
        facts.notes.joined(separator: "; "), facts.taken, facts.placement?.system,
        facts.placement?.numbers, facts.plan.sides.map(String.init).joined(separator: ","),
        facts.plan.stride,
      ])
    guard let id else { throw DatabaseError(resultCode: .SQLITE_INTERNAL) }
    try sum(id)
    return id
  }

  func set(_ plan: WindowPlan, of scene: Int64) throws {
    try database.execute(
      sql: "UPDATE scenes SET sides = ?, stride = ? WHERE id = ?",
      arguments: [plan.sides.map(String.init).joined(separator: ","), plan.stride, scene])
    try sum(scene)
  }

  private func sum(_ id: Int64) throws {
    try database.execute(
      sql: """
        UPDATE scenes SET checksum = row_checksum(\(Store.columns(of: "scenes"))) WHERE id = ?
        """, arguments: [id])
  }

  /// A scene whose file lies elsewhere, or has another time, with the same contents.
  func move(_ scene: StoredScene, to file: FoundImage) throws {
    try database.execute(
      sql: "UPDATE scenes SET path = ?, byte_count = ?, modified_ns = ? WHERE id = ?",
      arguments: [file.path, file.byteCount, file.modifiedNanoseconds, scene.id])
    try sum(scene.id)
    try database.execute(
      sql: """
        UPDATE images SET path = ?1 || substr(images.path, length(?2) + 1), byte_count = ?3,
          modified_ns = ?4
        WHERE id IN (SELECT image_id FROM windows WHERE scene_id = ?5);
        """,
      arguments: [
        file.path, scene.file.path, file.byteCount, file.modifiedNanoseconds, scene.id,
      ])
    try database.execute(
      sql: """
        UPDATE images SET checksum = row_checksum(\(Store.columns(of: "images")))
        WHERE id IN (SELECT image_id FROM windows WHERE scene_id = ?)
        """, arguments: [scene.id])
  }

  func remove(_ scene: Int64) throws {
    try removeWindows(of: scene)
    try database.execute(sql: "DELETE FROM scenes WHERE id = ?", arguments: [scene])
  }

  func removeWindows(of scene: Int64) throws {
    try database.execute(
      sql: """
        DELETE FROM images WHERE id IN (SELECT image_id FROM windows WHERE scene_id = ?1);
        """, arguments: [scene])
    try database.execute(sql: "DELETE FROM windows WHERE scene_id = ?", arguments: [scene])
  }

  func remove(_ window: StoredWindow) throws {
    if let image = window.image {
      try database.execute(sql: "DELETE FROM images WHERE id = ?", arguments: [image])
    }
    try database.execute(sql: "DELETE FROM windows WHERE id = ?", arguments: [window.id])
  }

  /// - Parameters:
  ///   - area: that the window covers on earth.
  ///   - models: keys by the places in `outcome.vectors`.
  func write(
    _ outcome: WindowOutcome, of scene: (id: Int64, file: FoundImage), area: GeographicArea?,
    models: [Int64]
  ) throws {
    let region = outcome.region
    var image = try Int64.fetchOne(
      database,
      sql: """
        SELECT image_id FROM windows
        WHERE scene_id = ? AND x = ? AND y = ? AND width = ? AND height = ?
        """, arguments: [scene.id, region.x, region.y, region.width, region.height])
    if image == nil {
      if !outcome.vectors.isEmpty { image = try newImage(region, of: scene.file) }
      try database.execute(
        sql: """
          INSERT INTO windows
            (scene_id, x, y, width, height, image_id, west, south, east, north, checksum)
          VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,
            row_checksum(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10))
          """,
        arguments: [
          scene.id, region.x, region.y, region.width, region.height, image, area?.west,
          area?.south, area?.east, area?.north,
        ])
    }
    guard let image else { return }
    for (place, vector) in outcome.vectors {
      try Store.write(vector, of: image, model: models[place], database)
    }
  }

  /// The row of a window as an image; one that was left behind without its window is taken over.
  private func newImage(_ region: PixelRegion, of file: FoundImage) throws -> Int64? {
    let path = SceneWindow.path(file.path, region)
    try database.execute(sql: "DELETE FROM images WHERE path = ?", arguments: [path])
    try database.execute(
      sql: """
        INSERT INTO images (path, byte_count, modified_ns, width, height, reading)
        VALUES (?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        path, file.byteCount, file.modifiedNanoseconds, region.width, region.height,
        ImageReader.revision,
      ])
    let id = database.lastInsertedRowID
    try Store.sumImage(id, database)
    return id
  }
}

extension GeographicArea {
  /// The box around corners; across the date line where they lie on both sides of it.
  init?(around corners: [GeographicPosition]) {
    let (longitudes, latitudes) = (corners.map(\.longitude), corners.map(\.latitude))
    guard let least = longitudes.min(), let most = longitudes.max(), let south = latitudes.min(),
      let north = latitudes.max()
    else { return nil }
    let crosses = most - least > 180
    let west = crosses ? longitudes.filter { $0 >= 0 }.min() ?? least : least
    let east = crosses ? longitudes.filter { $0 < 0 }.max() ?? most : most
    self.init(west: west, south: south, east: east, north: north)
  }
}
