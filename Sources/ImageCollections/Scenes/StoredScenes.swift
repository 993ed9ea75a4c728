import Datasets
import Files
import Foundation
import GRDB
import Imaging
import Scenes

/// A scene as the collection knows it.
struct StoredScene: Sendable {
  let id: Int64
  let file: FoundImage
  let digest: FileDigest?
  let width: Int
  let height: Int
  let reading: Int
  let sides: [Int]
  let stride: Double
  let isSound: Bool

  /// The windows that it was cut into.
  var plan: WindowPlan { WindowPlan(sides: sides, stride: stride) }
}

/// A window as the collection knows it.
struct StoredWindow: Sendable {
  let id: Int64
  /// `nil` where it holds too little data.
  let image: Int64?
  /// Keys of the models that it has vectors of.
  let models: Set<Int64>
  let isSound: Bool
}

extension StoredScene {
  static func all(_ database: Database) throws -> [StoredScene] {
    let integers = ["id", "byte_count", "modified_ns", "width", "height", "reading"]
    return try Row.fetchAll(
      database,
      sql: """
        SELECT \(integers.map(Stored.integer).joined(separator: ", ")),
          \(["path", "sides"].map(Stored.text).joined(separator: ", ")), \(Stored.blob("digest")),
          \(Stored.real("stride")),
          checksum IS row_checksum(\(Store.columns(of: "scenes"))) AS sound
        FROM scenes ORDER BY scenes.path
        """
    ).map { row in
      StoredScene(
        id: row["id"],
        file: FoundImage(
          path: row["path"], byteCount: row["byte_count"], modifiedNanoseconds: row["modified_ns"]),
        digest: FileDigest(bytes: row["digest"] as Data), width: row["width"],
        height: row["height"], reading: row["reading"], sides: Self.sides(row["sides"]),
        stride: Self.stride(row["stride"]), isSound: row["sound"])
    }
  }

  /// Those of a stored text that windows can have.
  static func sides(_ text: String) -> [Int] {
    let sides = text.split(separator: ",").prefix(64).compactMap { Int($0) }
      .filter(WindowPlan.sideRange.contains)
    return sides.isEmpty ? WindowPlan.usualSides : sides
  }

  static func stride(_ value: Double) -> Double {
    WindowPlan.strideRange.contains(value) ? value : WindowPlan.usualStride
  }

  func windows(_ database: Database) throws -> [PixelRegion: StoredWindow] {
    let cursor = try Row.fetchCursor(
      database,
      sql: """
        SELECT \(["id", "x", "y", "width", "height"].map(Stored.integer).joined(separator: ", ")),
          CAST(image_id AS INTEGER) AS image_id,
          checksum IS row_checksum(\(Store.columns(of: "windows"))) AS sound,
          (SELECT group_concat(model_id) FROM vectors
            WHERE vectors.image_id = windows.image_id) AS models
        FROM windows WHERE scene_id = ?
        """, arguments: [id])
    var found: [PixelRegion: StoredWindow] = [:]
    while let row = try cursor.next() {
      let (width, height): (Int, Int) = (row["width"], row["height"])
      guard width > 0, height > 0 else { continue }
      let models = (row["models"] as String?)?.split(separator: ",").compactMap { Int64($0) } ?? []
      found[PixelRegion(x: row["x"], y: row["y"], width: width, height: height)] = StoredWindow(
        id: row["id"], image: row["image_id"], models: Set(models), isSound: row["sound"])
    }
    return found
  }
}
