import Compute
import Files
import Foundation
import GRDB

/// The SQLite file under a collection: its schema, its version, and how it is opened.
///
/// Tables: images (one row a file, with the SHA-256 of its contents and the reason where it could not be
/// read), captions, models (name, fingerprint, place among the others), vectors (one row per image and
/// model, little-endian f32), scenes (large pictures with their place on earth) and windows (what was cut
/// out of them; each that holds enough data is an image too). Every row has a sum of its values; see
/// ``RowChecksum``.
package enum Store {
  /// `RSID`, so that `file` and a careful program can tell it from other SQLite files.
  static let applicationID = 0x5253_4944
  package static let version = 4
  /// The oldest version that is read; the next writer brings it up to ``version``.
  static let oldestVersion = 1

  /// Numbers of a vector; a model's row that says more is damaged.
  static let widestVector = 1 << 16

  static let schema = """
    CREATE TABLE images (
      id INTEGER PRIMARY KEY,
      path TEXT NOT NULL UNIQUE,
      byte_count INTEGER NOT NULL,
      modified_ns INTEGER NOT NULL,
      width INTEGER NOT NULL,
      height INTEGER NOT NULL,
      category TEXT,
      split TEXT,
      failure TEXT,
      checksum INTEGER,
      digest BLOB,
      reading INTEGER
    );
    CREATE INDEX images_by_category ON images (category);
    CREATE TABLE captions (
      image_id INTEGER NOT NULL REFERENCES images (id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      text TEXT NOT NULL,
      checksum INTEGER,
      PRIMARY KEY (image_id, position)
    ) WITHOUT ROWID;
    CREATE TABLE models (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      fingerprint TEXT NOT NULL,
      directory TEXT NOT NULL,
      width INTEGER NOT NULL,
      checksum INTEGER,
      position INTEGER
    );
    CREATE TABLE vectors (
      id INTEGER PRIMARY KEY,
      model_id INTEGER NOT NULL REFERENCES models (id) ON DELETE CASCADE,
      image_id INTEGER NOT NULL REFERENCES images (id) ON DELETE CASCADE,
      vector BLOB NOT NULL,
      checksum INTEGER,
      UNIQUE (model_id, image_id)
    );
    CREATE INDEX vectors_by_image ON vectors (image_id);
    """ + sceneSchema

  /// What version 4 added.
  static let sceneSchema = """
    CREATE TABLE scenes (
      id INTEGER PRIMARY KEY,
      path TEXT NOT NULL UNIQUE,
      byte_count INTEGER NOT NULL,
      modified_ns INTEGER NOT NULL,
      digest BLOB,
      width INTEGER NOT NULL,
      height INTEGER NOT NULL,
      reading INTEGER NOT NULL,
      notes TEXT NOT NULL,
      taken TEXT,
      system TEXT,
      transformation TEXT,
      sides TEXT NOT NULL,
      stride REAL NOT NULL,
      checksum INTEGER
    );
    CREATE TABLE windows (
      id INTEGER PRIMARY KEY,
      scene_id INTEGER NOT NULL REFERENCES scenes (id) ON DELETE CASCADE,
      x INTEGER NOT NULL,
      y INTEGER NOT NULL,
      width INTEGER NOT NULL,
      height INTEGER NOT NULL,
      image_id INTEGER UNIQUE REFERENCES images (id) ON DELETE CASCADE,
      west REAL,
      south REAL,
      east REAL,
      north REAL,
      checksum INTEGER,
      UNIQUE (scene_id, x, y, width, height)
    );
    """

  /// Opens an existing collection for reading.
  package static func reader(_ path: String) throws -> DatabaseQueue {
    try refuseFolder(path)
    guard FileManager.default.fileExists(atPath: path) else {
      // What could not be made is not to be made first.
      throw CollectionError(path: path, reason: OpeningFailure.tooLong(path) ?? .missing)
    }
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    configuration.prepareDatabase(prepare)
    return try CollectionError.describing(path) {
      func open() throws -> DatabaseQueue {
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.read { try check($0, path: path) }
        return queue
      }
      do {
        return try open()
      } catch let error as DatabaseError where error.resultCode == .SQLITE_READONLY {
        try rollBack(path)
        return try open()
      }
    }
  }

  private static func refuseFolder(_ path: String) throws {
    if (try? FileFacts(path))?.kind == .folder {
      throw CollectionError(path: path, reason: .isFolder)
    }
  }

  /// Ends what a killed writer had begun outside of the log, which a reader may not do and cannot look
  /// past: the first read of a connection that could write does it.
  private static func rollBack(_ path: String) throws {
    var configuration = Configuration()
    configuration.busyMode = .timeout(5)
    configuration.prepareDatabase(prepare)
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    _ = try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM sqlite_master") }
    try queue.close()
  }

  /// Opens a collection for writing, and creates it if it does not exist.
  static func writer(_ path: String) throws -> DatabaseQueue {
    try refuseFolder(path)
    var configuration = Configuration()
    configuration.busyMode = .timeout(10)
    configuration.prepareDatabase(prepare)
    return try CollectionError.describing(path) {
      let isNew = !FileManager.default.fileExists(atPath: path)
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.writeWithoutTransaction { database in
        let empty = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") == 0
        let unclaimed = try Int.fetchOne(database, sql: "PRAGMA application_id") == 0
        if isNew || (empty && unclaimed) {
          try database.execute(sql: "PRAGMA journal_mode = WAL")
          try database.inTransaction(.immediate) {
            try database.execute(sql: schema)
            try database.execute(sql: "PRAGMA application_id = \(applicationID)")
            try database.execute(sql: "PRAGMA user_version = \(version)")
            return .commit
          }
        }
        try check(database, path: path)
        // Readers go on reading while a batch is written; a batch that was said to be stored is on the
        // disk, whatever happens to the power.
        try database.execute(sql: "PRAGMA journal_mode = WAL")
        try database.execute(sql: "PRAGMA synchronous = FULL")
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        if found < version {
          try database.inTransaction(.immediate) {
            try bringUpToDate(database, from: found)
            return .commit
          }
        }
      }
      return queue
    }
  }

  /// Opens an existing collection for a small change, and leaves it of its version and without a log.
  package static func editor(_ path: String) throws -> DatabaseQueue {
    try refuseFolder(path)
    guard FileManager.default.fileExists(atPath: path) else {
      throw CollectionError(path: path, reason: .missing)
    }
    var configuration = Configuration()
    configuration.busyMode = .timeout(1)
    configuration.prepareDatabase(prepare)
    return try CollectionError.describing(path) {
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.read { try check($0, path: path) }
      return queue
    }
  }

  /// A collection may come from elsewhere: what its file defines for itself, such as a view, may call
  /// nothing that has effects, and what its pages claim of their cells is checked before it is used.
  static let prepare: @Sendable (Database) throws -> Void = { database in
    try database.execute(sql: "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON")
    database.add(function: RowChecksum.function)
    database.add(function: CollectionCheck.unitVector)
  }

  private static func check(_ database: Database, path: String) throws {
    let application = try Int.fetchOne(database, sql: "PRAGMA application_id")
    guard application == applicationID else {
      let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master")
      if application == 0, tables == 0 { throw CollectionError(path: path, reason: .empty) }
      throw CollectionError(path: path, reason: .notACollection)
    }
    let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    guard (oldestVersion...version).contains(found) else {
      throw CollectionError(path: path, reason: .otherVersion(found: found, expected: version))
    }
    // A view in a table's place, a trigger on one, or a table that a module of SQLite answers for, is
    // work that whoever made the file wants done.
    let foreign = try String.fetchOne(
      database,
      sql: """
        SELECT iif(type = 'table', 'virtual table', type) FROM sqlite_master
        WHERE type IN ('view', 'trigger') OR sql LIKE 'CREATE VIRTUAL%' LIMIT 1
        """)
    if let foreign {
      throw CollectionError(
        path: path, reason: .damaged("it holds a \(foreign), which no collection does"))
    }
    if let table = try otherTable(database, version: found) {
      throw CollectionError(
        path: path, reason: .damaged("its table \(table) is not laid out as a collection's"))
    }
  }

  // MARK: Vectors as bytes

  /// Little-endian f32, as they lie in memory on every machine that Swift runs on here.
  static func blob(_ vector: ArraySlice<Float>) -> Data {
    var data = Data(capacity: 4 * vector.count)
    for value in vector {
      let bits = value.bitPattern
      data.append(UInt8(truncatingIfNeeded: bits))
      data.append(UInt8(truncatingIfNeeded: bits >> 8))
      data.append(UInt8(truncatingIfNeeded: bits >> 16))
      data.append(UInt8(truncatingIfNeeded: bits >> 24))
    }
    return data
  }

  /// Puts a model's vector of an image in the place of an older one.
  static func write(
    _ vector: [Float], of image: Int64, model: Int64, _ database: Database
  ) throws {
    try database.execute(
      sql: """
        INSERT INTO vectors (model_id, image_id, vector, checksum)
        VALUES (?1, ?2, ?3, row_checksum(?1, ?2, ?3))
        ON CONFLICT (model_id, image_id) DO UPDATE
          SET vector = excluded.vector, checksum = excluded.checksum
        """, arguments: [model, image, blob(vector[...])])
  }

  /// Appends a blob's numbers; false, and nothing appended, where they are not `width` numbers of a unit
  /// vector, within 1e-2 of its squared length: a damaged one would rank first, or nowhere.
  static func append(_ blob: Data, width: Int, to values: inout [Float]) -> Bool {
    guard blob.count % 4 == 0, blob.count / 4 == width else { return false }
    let start = values.count
    unsafe blob.withUnsafeBytes { bytes in
      for index in 0..<width {
        let bits = unsafe bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
        values.append(Float(bitPattern: UInt32(littleEndian: bits)))
      }
    }
    let squaredLength = DotProducts.squaredLength(of: values.span.extracting(start..<values.count))
    if abs(squaredLength - 1) < 1e-2 { return true }
    values.removeLast(values.count - start)
    return false
  }
}

/// Columns as they are read: of the type that they were made for, whatever a damaged or hostile file has
/// in them, since SQLite keeps any value in any column and a wrong one would end the program. That goes for
/// keys too: a broken index gives null for the key of a row.
enum Stored {
  static func integer(_ column: String) -> String {
    "ifnull(CAST(\(column) AS INTEGER), 0) AS \(column)"
  }
  static func real(_ column: String) -> String {
    "ifnull(CAST(\(column) AS REAL), 0) AS \(column)"
  }
  static func text(_ column: String) -> String {
    "ifnull(CAST(\(column) AS TEXT), '') AS \(column)"
  }
  static func optionalText(_ column: String) -> String { "CAST(\(column) AS TEXT) AS \(column)" }
  static func blob(_ column: String) -> String {
    "ifnull(CAST(\(column) AS BLOB), x'') AS \(column)"
  }

  /// The columns of an image, without a condition.
  static let image = """
    SELECT \(integer("id")), \(text("path")), \(optionalText("category")), \(optionalText("split")),
      \(integer("width")), \(integer("height")), \(integer("byte_count")) FROM images
    """
}
