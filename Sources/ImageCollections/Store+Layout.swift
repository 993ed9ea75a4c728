import GRDB

extension Store {
  /// `CREATE TABLE` statements by table, as a collection of this version has them.
  private static func statements(version: Int) -> [(table: String, sql: String)] {
    schema.split(separator: ";").compactMap { statement in
      let words = statement.split(whereSeparator: \.isWhitespace)
      guard words.starts(with: ["CREATE", "TABLE"]), words.count > 2 else { return nil }
      let table = String(words[2])
      guard version > 3 || !sceneTables.contains(table) else { return nil }
      var sql = words.joined(separator: " ")
      if version < 3 {
        // Captions have had positions ever since, which cannot be null.
        sql = sql.replacing(", digest BLOB, reading INTEGER )", with: " )")
          .replacing(", position INTEGER )", with: " )")
      }
      if version < 2 { sql = sql.replacing(", checksum INTEGER", with: "") }
      return (table, sql)
    }
  }

  /// Tables that came with version 4.
  static let sceneTables = ["scenes", "windows"]

  /// A statement without what may be written in different ways.
  private static func bare(_ sql: String) -> String { sql.filter { !$0.isWhitespace } }

  /// A table of ours that is not there, or that was made by another statement than ours: its columns
  /// cannot be relied on then. An `id` that is no `INTEGER PRIMARY KEY` could be null.
  static func otherTable(_ database: Database, version: Int) throws -> String? {
    for (table, sql) in statements(version: version) {
      let found = try String.fetchOne(
        database,
        sql: "SELECT CAST(sql AS TEXT) FROM sqlite_master WHERE type = 'table' AND name = ?",
        arguments: [table])
      guard let found, bare(found) == bare(sql) else { return table }
    }
    return nil
  }

  /// Puts our own statements where a damaged file says how its tables are laid out, for a repair of a
  /// copy. What cannot be mended so stays as it is.
  static func restoreLayout(of copy: String) throws {
    var configuration = Configuration()
    configuration.prepareDatabase {
      try prepare($0)
      // Opens even a file whose statements SQLite cannot read.
      try $0.execute(sql: "PRAGMA writable_schema = ON")
    }
    let queue = try DatabaseQueue(path: copy, configuration: configuration)
    try queue.write { database in
      let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
      guard (oldestVersion...Store.version).contains(version) else { return }
      for (table, sql) in statements(version: version) {
        try database.execute(
          sql: """
            UPDATE sqlite_master SET sql = ?1
            WHERE type = 'table' AND name = ?2 AND CAST(sql AS TEXT) <> ?1
            """, arguments: [sql, table])
      }
    }
    try queue.close()
  }
}
