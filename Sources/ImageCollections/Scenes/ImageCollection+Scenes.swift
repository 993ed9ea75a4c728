import Foundation
import GRDB
import Imaging
import Scenes
import VectorIndexes

extension ImageCollection {
  /// Collections of before version 4 have none.
  private static func hasScenes(_ database: Database) throws -> Bool {
    try database.tableExists("windows") && database.tableExists("scenes")
  }

  /// By path.
  public func scenes() throws -> [IndexedScene] {
    try read { database in
      guard try Self.hasScenes(database) else { return [] }
      return try Row.fetchAll(
        database,
        sql: """
          SELECT \(["id", "width", "height"].map(Stored.integer).joined(separator: ", ")),
            \(["path", "notes", "sides"].map(Stored.text).joined(separator: ", ")),
            \(["taken", "system", "transformation"].map(Stored.optionalText).joined(separator: ", ")),
            \(Stored.real("stride")),
            (SELECT count(image_id) FROM windows WHERE scene_id = scenes.id) AS windows
          FROM scenes ORDER BY scenes.path
          """
      ).map { row in
        IndexedScene(
          id: row["id"], path: row["path"], width: row["width"], height: row["height"],
          notes: row["notes"], taken: row["taken"], placement: Self.placement(row),
          sides: StoredScene.sides(row["sides"]), stride: StoredScene.stride(row["stride"]),
          windows: row["windows"])
      }
    }
  }

  private static func placement(_ row: Row) -> ScenePlacement? {
    guard let numbers: String = row["transformation"], let system: String = row["system"] else {
      return nil
    }
    return ScenePlacement(numbers: numbers, system: system)
  }

  /// The windows that images are, by the images' ids.
  static func windows(_ database: Database, of ids: [Int64]) throws -> [Int64: SceneWindow] {
    guard try !ids.isEmpty && hasScenes(database) else { return [:] }
    let statement = try database.cachedStatement(
      sql: """
        SELECT \(["x", "y", "width", "height"].map { integer("windows", $0) }
          .joined(separator: ", ")),
          \(integer("scenes", "width", as: "scene_width")),
          \(integer("scenes", "height", as: "scene_height")),
          ifnull(CAST(scenes.path AS TEXT), '') AS path,
          \(["west", "south", "east", "north"].map(Stored.real).joined(separator: ", ")),
          west IS NOT NULL AS placed,
          \(["taken", "system", "transformation"].map(Stored.optionalText).joined(separator: ", "))
        FROM windows JOIN scenes ON scenes.id = windows.scene_id WHERE windows.image_id = ?
        """)
    var found: [Int64: SceneWindow] = [:]
    for id in ids {
      guard let row = try Row.fetchOne(statement, arguments: [id]),
        let region = region(row)
      else { continue }
      found[id] = SceneWindow(
        scene: row["path"], region: region, sceneWidth: row["scene_width"],
        sceneHeight: row["scene_height"], placement: placement(row),
        area: row["placed"]
          ? GeographicArea(
            west: row["west"], south: row["south"], east: row["east"], north: row["north"]) : nil,
        taken: row["taken"])
    }
    return found
  }

  private static func integer(_ table: String, _ column: String, as name: String? = nil) -> String {
    "ifnull(CAST(\(table).\(column) AS INTEGER), 0) AS \(name ?? column)"
  }

  /// `nil` where the numbers are those of no rectangle in a picture.
  private static func region(_ row: Row) -> PixelRegion? {
    let (x, y): (Int, Int) = (row["x"], row["y"])
    let (width, height): (Int, Int) = (row["width"], row["height"])
    let sides = 1...RegionReader.longestSide
    guard sides.contains(width), sides.contains(height), (0...RegionReader.longestSide).contains(x),
      (0...RegionReader.longestSide).contains(y)
    else { return nil }
    return PixelRegion(x: x, y: y, width: width, height: height)
  }

  /// Where on earth images lie, by their ids; those of which it is not known are left out.
  public func areas() throws -> [Int64: GeographicArea] {
    try read { database in
      guard try Self.hasScenes(database) else { return [:] }
      var areas: [Int64: GeographicArea] = [:]
      let cursor = try Row.fetchCursor(
        database,
        sql: """
          SELECT \(Stored.integer("image_id")),
            \(["west", "south", "east", "north"].map(Stored.real).joined(separator: ", "))
          FROM windows WHERE image_id IS NOT NULL AND west IS NOT NULL
          """)
      while let row = try cursor.next() {
        areas[row[0]] = GeographicArea(west: row[1], south: row[2], east: row[3], north: row[4])
      }
      return areas
    }
  }

  /// Images of scenes that were taken on one of these days, `2020-01-31`.
  /// - Parameters: the first and the last day, `nil` where there is none.
  public func imageIDs(takenFrom first: String?, to last: String?) throws -> Set<Int64> {
    try read { database in
      guard try Self.hasScenes(database) else { return [] }
      return Set(
        try Int64.fetchAll(
          database,
          sql: """
            SELECT \(Stored.integer("image_id")) FROM windows
            JOIN scenes ON scenes.id = windows.scene_id
            WHERE image_id IS NOT NULL AND taken IS NOT NULL
              AND taken >= ifnull(?, '') AND taken <= ifnull(?, '9')
            """, arguments: [first, last]))
    }
  }
}
