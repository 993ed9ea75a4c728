import Foundation
import GRDB

/// A sum over the values of a row, stored beside them: a bit that flips on the disk, where SQLite itself
/// looks at the structure only, is found by it.
///
/// FNV-1a's step over words of eight bytes. Each step is a bijection of what was summed up before, so a
/// change of any one word always changes the sum. It protects from accidents, not from people.
struct RowChecksum {
  private(set) var sum: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ word: UInt64) {
    sum = (sum ^ word) &* 0x0000_0100_0000_01B3
    sum ^= sum >> 32
  }

  /// Bytes as little-endian words, the last one filled with zeros, then their number.
  mutating func add(_ bytes: Data) {
    let whole = bytes.count / 8
    unsafe bytes.withUnsafeBytes { buffer in
      for index in 0..<whole {
        add(
          UInt64(
            littleEndian: unsafe buffer.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)))
      }
    }
    var last: UInt64 = 0
    for (place, byte) in bytes.suffix(bytes.count - 8 * whole).enumerated() {
      last |= UInt64(byte) << UInt64(8 * place)
    }
    add(last)
    add(UInt64(bytes.count))
  }

  /// A value with its kind, so that `1` and `'1'` differ.
  mutating func add(_ value: DatabaseValue) {
    switch value.storage {
    case .null: add(1)
    case .int64(let number):
      add(2)
      add(UInt64(bitPattern: number))
    case .double(let number):
      add(3)
      add(number.bitPattern)
    case .string(let text):
      add(4)
      add(Data(text.utf8))
    case .blob(let data):
      add(5)
      add(data)
    }
  }

  /// `row_checksum(…)` in SQL, of any values.
  static let function = DatabaseFunction("row_checksum", pure: true) { values in
    var checksum = RowChecksum()
    for value in values { checksum.add(value) }
    return Int64(bitPattern: checksum.sum)
  }
}

extension Store {
  /// Each table's columns that its checksum is over, in a collection of a version.
  package static func summed(version: Int = Store.version) -> [(table: String, columns: String)] {
    let image = "path, byte_count, modified_ns, width, height, category, split, failure"
    let model = "name, fingerprint, directory, width"
    let first = [
      ("images", version > 2 ? image + ", digest, reading" : image),
      ("captions", "image_id, position, text"),
      ("models", version > 2 ? model + ", position" : model),
      ("vectors", "model_id, image_id, vector"),
    ]
    guard version > 3 else { return first }
    return first + [
      (
        "scenes",
        "path, byte_count, modified_ns, digest, width, height, reading, notes, taken, system, "
          + "transformation, sides, stride"
      ),
      ("windows", "scene_id, x, y, width, height, image_id, west, south, east, north"),
    ]
  }

  package static func columns(of table: String, version: Int = Store.version) -> String {
    summed(version: version).first { $0.table == table }?.columns ?? ""
  }

  /// Writes the checksum of an image's row again after a part of it has changed.
  static func sumImage(_ id: Int64, _ database: Database) throws {
    try database.execute(
      sql: "UPDATE images SET checksum = row_checksum(\(columns(of: "images"))) WHERE id = ?",
      arguments: [id])
  }

  /// Version 1 had no checksums: what is there is taken as it is. Version 2 had no digests of contents,
  /// no readings of pictures and no order of models but that of their names. Version 3 had no scenes. A row
  /// that is damaged stays so.
  static func bringUpToDate(_ database: Database, from found: Int) throws {
    if found < 2 {
      for (table, _) in summed(version: found) {
        try database.execute(sql: "ALTER TABLE \(table) ADD COLUMN checksum INTEGER")
      }
    }
    if found < 3 {
      try database.execute(
        sql: """
          ALTER TABLE images ADD COLUMN digest BLOB;
          ALTER TABLE images ADD COLUMN reading INTEGER;
          ALTER TABLE models ADD COLUMN position INTEGER;
          """)
      try orderModels(database)
    }
    if found < 4 { try database.execute(sql: sceneSchema) }
    try sumAgain(database, from: found)
    try database.execute(sql: "PRAGMA user_version = \(version)")
  }

  /// Models of an older version stand by name, as they were shown.
  static func orderModels(_ database: Database) throws {
    try database.execute(
      sql: """
        UPDATE models SET position =
          (SELECT count(*) FROM models AS others WHERE others.name < models.name)
        """)
  }

  /// Rows that come from a collection of an older version get the sums of this one.
  static func sumAgain(_ database: Database, from found: Int) throws {
    for (table, columns) in summed()
    where found < version && !(found < 4 && sceneTables.contains(table)) {
      let old = self.columns(of: table, version: found)
      guard found < 2 || old != columns else { continue }
      try database.execute(
        sql: "UPDATE \(table) SET checksum = row_checksum(\(columns))"
          + (found < 2 ? "" : " WHERE checksum IS row_checksum(\(old))"))
    }
  }
}
