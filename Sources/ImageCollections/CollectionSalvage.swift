import Foundation
import GRDB

/// Saves the rows of a file whose structure is broken, each by its own key, into a new one.
struct CollectionSalvage {
  let path: String
  /// Keys beyond this are not looked for one by one: no collection made by an indexer has them.
  private static let highestKey: Int64 = 200_000_000
  /// Rows read at a time while nothing is wrong.
  private static let rows = 200
  /// Keys looked at one by one around a place that cannot be read.
  private static let gap: Int64 = 2_000

  init(_ path: String) { self.path = path }

  /// - Throws: ``CollectionError`` where not one image can be saved; the file is then as it was.
  func run() throws {
    let new = path + ".repaired"
    remove(new)
    let copy = path + ".repairing"
    remove(copy)
    defer { remove(copy) }
    let damaged = path + ".damaged"
    try undoReplacement(damaged)
    guard !FileManager.default.fileExists(atPath: damaged) else {
      throw CollectionError(
        path: path,
        reason: .system("\(damaged) of an earlier repair is there; move it away and repair again"))
    }
    do {
      try wholeCopy(to: copy)
      let saved = try save(from: copy, into: new)
      guard saved > 0 else {
        throw CollectionError(path: path, reason: .damaged("not one image can be read from it"))
      }
    } catch {
      remove(new)
      throw error
    }
    try replace(with: new, keeping: damaged)
  }

  private static let companions = ["-wal", "-shm"]

  private func remove(_ name: String) {
    for end in ["", "-wal", "-shm", "-journal"] {
      try? FileManager.default.removeItem(atPath: name + end)
    }
  }

  /// The file and what was written ahead of it, as long as its header says: SQLite reads nothing of one
  /// that is shorter.
  private func wholeCopy(to copy: String) throws {
    do {
      for end in ["", "-wal"] where FileManager.default.fileExists(atPath: path + end) {
        try FileManager.default.copyItem(atPath: path + end, toPath: copy + end)
      }
      let file = try FileHandle(forUpdating: URL(fileURLWithPath: copy))
      defer { try? file.close() }
      let header = [UInt8](try file.read(upToCount: 100) ?? Data())
      let size = try file.seekToEnd()
      guard header.count == 100, header.starts(with: Array("SQLite format 3\0".utf8)),
        Self.number(header[68..<72]) == UInt64(Store.applicationID)
      else { throw CollectionError(path: path, reason: .notACollection) }
      // 1 stands for 65,536 there.
      let page = Self.number(header[16..<18])
      let whole = Self.number(header[28..<32]) * (page == 1 ? 65_536 : page)
      // More than doubled means that the header is what is damaged.
      if whole > size, whole < 2 * size + 1 << 20 { try file.truncate(atOffset: whole) }
    } catch let error as CollectionError {
      throw error
    } catch let error as CocoaError where error.code == .fileWriteOutOfSpace {
      throw CollectionError(path: path, reason: .diskFull)
    } catch {
      throw CollectionError(
        path: path,
        reason: .system("a copy beside it cannot be made: \(error.localizedDescription)"))
    }
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// - Returns: images saved.
  private func save(from copy: String, into new: String) throws -> Int {
    try? Store.restoreLayout(of: copy)
    let source = try opened { try Store.reader(copy) }
    let target = try opened { try Store.writer(new) }
    return try CollectionError.describing(path) {
      try target.writeWithoutTransaction { target in
        // All of it in the one file that is renamed: what is in a log beside it would stay behind.
        try target.execute(sql: "PRAGMA journal_mode = DELETE")
        // A row may be saved whose image or model was not; it is removed afterwards.
        try target.execute(sql: "PRAGMA foreign_keys = OFF")
        try target.inTransaction(.immediate) {
          try source.unsafeRead { source in
            let version = (try? Int.fetchOne(source, sql: "PRAGMA user_version")) ?? Store.version
            for table in ["models", "images", "captions", "vectors"]
              + (version > 3 ? Store.sceneTables : [])
            {
              try self.copy(table, source, target)
            }
            if version < 3 { try Store.orderModels(target) }
            try Store.sumAgain(target, from: version)
          }
          return .commit
        }
        return try Int.fetchOne(target, sql: "SELECT count(*) FROM images") ?? 0
      }
    } as Int
  }

  /// Errors name the collection, not the temporary file beside it.
  private func opened<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as CollectionError {
      throw CollectionError(path: path, reason: error.reason)
    }
  }

  private func copy(_ table: String, _ source: Database, _ target: Database) throws {
    let key = table == "captions" ? "image_id" : "id"
    let version = (try? Int.fetchOne(source, sql: "PRAGMA user_version")) ?? 0
    let own = Store.columns(of: table, version: version) + (version > 1 ? ", checksum" : "")
    let columns = key == "id" ? "id, \(own)" : own
    let marks = Array(repeating: "?", count: columns.split(separator: ",").count)
      .joined(separator: ", ")
    let insert = "INSERT OR IGNORE INTO \(table) (\(columns)) VALUES (\(marks))"
    let single = "SELECT \(columns) FROM \(table) WHERE \(key) = ?"
    func save(_ rows: [Row]) throws {
      for row in rows {
        try target.cachedStatement(sql: insert)
          .execute(arguments: StatementArguments(row.databaseValues))
      }
    }
    /// Highest of the rows' keys; those of a broken page may be of any type and in any order.
    func highest(_ rows: [Row]) -> Int64? {
      rows.compactMap { Int64.fromDatabaseValue($0[key] as DatabaseValue) }.max()
    }
    var last: Int64 = Int64.min
    var skip: Int64 = 0
    while last < Self.highestKey {
      do {
        // All captions of an image are read together.
        let rows = try Row.fetchAll(
          source,
          sql: key == "id"
            ? "SELECT \(columns) FROM \(table) WHERE id > ? ORDER BY id LIMIT \(Self.rows)"
            : """
            SELECT \(columns) FROM \(table) WHERE image_id > ?1 AND image_id <= ifnull(
              (SELECT max(image_id) FROM (SELECT image_id FROM \(table) WHERE image_id > ?1
                ORDER BY image_id LIMIT \(Self.rows))), 0)
            """, arguments: [last])
        guard !rows.isEmpty else { return }
        try save(rows)
        if let end = highest(rows), end > last {
          last = end
          skip = 0
          continue
        }
        // Rows that were seen before: the broken structure would lead in a circle.
      } catch let error as DatabaseError where Self.isDamage(error) {}
      // Steps over the unreadable place one by one, then further and further.
      last = max(0, last)
      for _ in 0..<(skip == 0 ? Self.gap : 0) {
        last += 1
        let rows =
          (try? Row.fetchAll(source.cachedStatement(sql: single), arguments: [last])) ?? []
        try save(rows)
      }
      skip = max(1, 2 * skip)
      last += skip
    }
  }

  private static func isDamage(_ error: DatabaseError) -> Bool {
    error.resultCode == .SQLITE_CORRUPT || error.resultCode == .SQLITE_IOERR
  }

  private static func systemWords() -> String { unsafe String(cString: strerror(errno)) }

  /// The old file's companions go with it, since they belong to its pages.
  private func replace(with new: String, keeping damaged: String) throws {
    func move(_ from: String, _ to: String) throws {
      guard unsafe rename(from, to) == 0 else {
        throw CollectionError(
          path: path,
          reason: .system("\(from) cannot be renamed to \(to): \(Self.systemWords())")
        )
      }
    }
    // A second name first: at no moment is there no file under the collection's own.
    guard unsafe link(path, damaged) == 0 else {
      throw CollectionError(
        path: path,
        reason: .system("\(damaged) cannot be made: \(Self.systemWords())"))
    }
    for end in Self.companions where FileManager.default.fileExists(atPath: path + end) {
      try move(path + end, damaged + end)
    }
    try move(new, path)
  }

  /// A repair that was killed while it replaced the file left it two names, and perhaps its companions
  /// under the second alone.
  private func undoReplacement(_ damaged: String) throws {
    var (one, other) = (stat(), stat())
    guard unsafe stat(path, &one) == 0, unsafe stat(damaged, &other) == 0,
      one.st_dev == other.st_dev, one.st_ino == other.st_ino
    else { return }
    for end in Self.companions where !FileManager.default.fileExists(atPath: path + end) {
      _ = unsafe rename(damaged + end, path + end)
    }
    remove(damaged)
  }
}
