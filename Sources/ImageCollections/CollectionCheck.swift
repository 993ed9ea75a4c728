import Foundation
import GRDB

/// What is wrong with a collection, as ``CollectionCheck`` finds it.
public struct CollectionFinding: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    /// SQLite's own structure is broken: pages, indexes.
    case structure
    /// An image's row is not what was written.
    case image
    /// The row of a scene, or of a window of one, is not what was written.
    case scene
    /// A caption is not what was written.
    case caption
    /// A model's row is not what was written.
    case model
    /// A vector is not what was written, or no unit vector of its model's width.
    case vector
    /// A row belongs to an image or a model that is not there.
    case orphan
  }
  public let kind: Kind
  /// How many of them.
  public let count: Int
  /// The first few: paths, or SQLite's words.
  public let examples: [String]
}

/// The state of a collection.
public struct CollectionReport: Sendable, Equatable {
  public var images = 0
  public var vectors = 0
  public var findings: [CollectionFinding] = []
  /// Whether rows have checksums; those of version 1 have none.
  public var hasChecksums = true
  public var isSound: Bool { findings.isEmpty }
}

/// Verifies a collection to the bit, and repairs what can be: a damaged row is taken out, so that the
/// next `index` makes it again from the file it was made from.
public struct CollectionCheck: Sendable {
  private let path: String
  /// Findings that are named one by one.
  private static let examples = 5
  /// Words of SQLite about its own structure.
  private static let structureWords = 100

  public init(_ path: String) { self.path = path }

  /// - Throws: ``CollectionError`` where the file cannot be opened as a collection at all.
  public func run() throws -> CollectionReport {
    do {
      let database = try Store.reader(path)
      // No transaction: SQLite ends it where it meets a broken page.
      return try CollectionError.describing(path) { try database.unsafeRead(Self.report) }
    } catch let error as CollectionError {
      guard case .damaged(let words) = error.reason else { throw error }
      return CollectionReport(findings: [Self.finding(.structure, [words])])
    }
  }

  static func report(_ database: Database) throws -> CollectionReport {
    var report = CollectionReport()
    let words = try structure(database)
    if !words.isEmpty { report.findings.append(finding(.structure, words)) }
    let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    report.hasChecksums = version > 1
    for (kind, query) in queries(version) where report.hasChecksums || !query.contains("checksum") {
      // Where the structure is broken a query may fail; that has been reported already.
      do {
        let found = try String.fetchAll(database, sql: query)
        if !found.isEmpty { report.findings.append(finding(kind, found)) }
      } catch  where !words.isEmpty {}
    }
    do {
      report.images = try Int.fetchOne(database, sql: "SELECT count(*) FROM images") ?? 0
      report.vectors = try Int.fetchOne(database, sql: "SELECT count(*) FROM vectors") ?? 0
    } catch  where !words.isEmpty {}
    return report
  }

  private static func structure(_ database: Database) throws -> [String] {
    do {
      let words = try String.fetchAll(
        database, sql: "PRAGMA integrity_check(\(structureWords))")
      return words == ["ok"] ? [] : words
    } catch let error as DatabaseError {
      return [error.message ?? "SQLite says: code \(error.resultCode.rawValue)"]
    }
  }

  private static func finding(_ kind: CollectionFinding.Kind, _ all: [String])
    -> CollectionFinding
  {
    CollectionFinding(kind: kind, count: all.count, examples: Array(all.prefix(examples)))
  }

  /// What is wrong, by rows; each gives names.
  private static func queries(_ version: Int) -> [(CollectionFinding.Kind, String)] {
    let scenes: [(CollectionFinding.Kind, String)] = [
      (.scene, "SELECT path FROM scenes WHERE \(wrong("scenes", version))"),
      (
        .scene,
        """
        SELECT coalesce(path, 'scene ' || scene_id) || ': window '
          || format('%d,%d,%d,%d', x, y, windows.width, windows.height)
        FROM windows LEFT JOIN scenes ON scenes.id = scene_id WHERE \(wrong("windows", version))
        """
      ),
      (
        .orphan,
        """
        SELECT 'window of scene ' || scene_id FROM windows
          WHERE scene_id NOT IN (SELECT id FROM scenes)
            OR image_id NOT IN (SELECT id FROM images)
        """
      ),
    ]
    return [
      (.image, "SELECT path FROM images WHERE \(wrong("images", version))"),
      (.model, "SELECT name FROM models WHERE \(wrong("models", version))"),
      (
        .caption,
        """
        SELECT coalesce(path, 'image ' || image_id) || ': caption ' || (position + 1)
        FROM captions LEFT JOIN images ON images.id = image_id WHERE \(wrong("captions"))
        """
      ),
      (
        .vector,
        """
        SELECT coalesce(images.path, 'image ' || image_id) || ' (' || models.name || ')'
        FROM vectors JOIN models ON models.id = model_id LEFT JOIN images ON images.id = image_id
        WHERE \(wrong("vectors")) OR NOT is_unit_vector(vector, models.width)
        """
      ),
      (
        .orphan,
        """
        SELECT 'caption of image ' || image_id FROM captions
          WHERE image_id NOT IN (SELECT id FROM images)
        UNION ALL SELECT 'vector of image ' || image_id FROM vectors
          WHERE image_id NOT IN (SELECT id FROM images) OR model_id NOT IN (SELECT id FROM models)
        """
      ),
    ] + (version > 3 ? scenes : [])
  }

  static func wrong(_ table: String, _ version: Int = Store.version) -> String {
    let columns = Store.columns(of: table, version: version).split(separator: ", ").map {
      "\(table).\($0)"
    }
    return "\(table).checksum IS NOT row_checksum(\(columns.joined(separator: ", ")))"
  }

  /// `is_unit_vector(blob, width)` in SQL.
  static let unitVector = DatabaseFunction("is_unit_vector", argumentCount: 2, pure: true) {
    guard let blob = Data.fromDatabaseValue($0[0]), let width = Int.fromDatabaseValue($0[1]) else {
      return false
    }
    var values: [Float] = []
    return Store.append(blob, width: width, to: &values)
  }

  // MARK: Repair

  /// Takes out what is damaged, in one transaction; a broken structure is saved row by row into a new
  /// file that takes the old one's place, and the old one stays beside it as `PATH.damaged`.
  /// - Returns: what was found, before.
  /// - Throws: ``CollectionError`` where somebody is indexing, or nothing can be saved.
  public func repair() throws -> CollectionReport {
    guard FileManager.default.fileExists(atPath: path) else {
      throw CollectionError(path: path, reason: .missing)
    }
    let lock = try WriterLock(collection: path)
    defer { withExtendedLifetime(lock) {} }
    let found = try run()
    guard !found.isSound else { return found }
    if found.findings.contains(where: { $0.kind == .structure }) {
      try CollectionSalvage(path).run()
    }
    let database = try Store.writer(path)
    try CollectionError.describing(path) {
      try database.write(Self.takeOut)
      try? database.writeWithoutTransaction {
        try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE")
      }
    }
    return found
  }

  /// An image whose row is damaged is removed with everything that belongs to it, since its path may be
  /// wrong; so is a scene with its windows, and a window with its image. A damaged caption removes all
  /// captions of its image, since they are written together.
  static func takeOut(_ database: Database) throws {
    try database.execute(
      sql: """
        DELETE FROM images WHERE id IN (SELECT image_id FROM windows
          WHERE \(wrong("windows")) OR scene_id NOT IN
            (SELECT id FROM scenes WHERE NOT (\(wrong("scenes")))));
        DELETE FROM windows WHERE \(wrong("windows")) OR scene_id NOT IN
          (SELECT id FROM scenes WHERE NOT (\(wrong("scenes"))));
        DELETE FROM scenes WHERE \(wrong("scenes"));
        DELETE FROM images WHERE \(wrong("images"));
        DELETE FROM windows WHERE image_id NOT IN (SELECT id FROM images);
        DELETE FROM models WHERE \(wrong("models"));
        DELETE FROM captions WHERE image_id IN
          (SELECT image_id FROM captions WHERE \(wrong("captions")));
        DELETE FROM vectors WHERE \(wrong("vectors"));
        DELETE FROM vectors WHERE NOT is_unit_vector
          (vector, (SELECT width FROM models WHERE models.id = model_id));
        DELETE FROM captions WHERE image_id NOT IN (SELECT id FROM images);
        DELETE FROM vectors WHERE image_id NOT IN (SELECT id FROM images)
          OR model_id NOT IN (SELECT id FROM models);
        """)
  }
}
