import Models
import Datasets
import Files
import Foundation
import GRDB
import VectorIndexes

/// One SQLite file of images, captions, categories and vectors per model, open for reading.
///
/// Many readers and one writer at a time; a reader sees what a running ``Indexer`` has committed.
public final class ImageCollection: Sendable {
  public let path: String
  private let database: DatabaseQueue

  /// Opens an existing collection for reading.
  /// - Throws: ``CollectionError`` where it is missing, damaged, of another version or none at all.
  public init(openingForReading path: String) throws {
    self.path = path
    database = try Store.reader(path)
  }

  /// Version of the SQLite library, for bug reports.
  public static func sqliteVersion() throws -> String {
    try DatabaseQueue().read { try String.fetchOne($0, sql: "SELECT sqlite_version()") ?? "" }
  }

  func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
    try CollectionError.describing(path) { try database.read(body) }
  }

  // MARK: What is in it

  /// Images that could be read.
  public func imageCount() throws -> Int {
    try read {
      try Int.fetchOne($0, sql: "SELECT count(*) FROM images WHERE failure IS NULL") ?? 0
    }
  }

  /// Files that could not be read, with the reason.
  public func unreadable() throws -> [(path: String, reason: String)] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT \(Stored.text("path")), \(Stored.text("failure")) FROM images
          WHERE failure IS NOT NULL ORDER BY images.path
          """
      ).map { ($0["path"], $0["failure"]) }
    }
  }

  /// Models in the order in which they were named for indexing; in collections of earlier versions, by
  /// name.
  public func models() throws -> [IndexedModel] {
    try read { database in
      let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
      return try Row.fetchAll(
        database,
        sql: """
          SELECT \(["name", "fingerprint", "directory"].map(Stored.text).joined(separator: ", ")),
            \(Stored.integer("id")), \(Stored.integer("width")),
            (SELECT count(*) FROM vectors WHERE model_id = models.id) AS count
          FROM models ORDER BY \(version > 2 ? "position, id" : "name")
          """
      ).map {
        let width: Int = $0["width"]
        guard (1...Store.widestVector).contains(width) else {
          throw CollectionError(
            path: path, reason: .damaged("a model's vectors are said to be \(width) numbers wide"))
        }
        return IndexedModel(
          id: $0["id"], name: $0["name"], fingerprint: $0["fingerprint"],
          directory: $0["directory"], width: width, vectorCount: $0["count"])
      }
    }
  }

  /// The stored model with the fingerprint of `model`.
  /// - Throws: ``CollectionError``, saying how to mend it, where the collection has none or another
  ///   one under the same name.
  public func indexedModel(for model: some ImageEmbedder) throws -> IndexedModel {
    let models = try models()
    if let found = models.first(where: { $0.modelFingerprint == model.fingerprint }) {
      return found
    }
    let place = PathBytes(model.directory)
    if let former = models.first(where: { PathBytes($0.directory) == place }) {
      throw CollectionError(path: path, reason: .modelChanged(model: former.name))
    }
    // Another model's name would be no answer.
    let name = models.contains { $0.name == model.name } ? model.directory : model.name
    throw CollectionError(
      path: path, reason: .noVectors(model: name, others: models.map(\.name)))
  }

  /// Categories with their number of images, by name.
  public func categories() throws -> [(name: String, count: Int)] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT \(Stored.text("category")), count(*) AS count FROM images
          WHERE failure IS NULL AND category IS NOT NULL GROUP BY images.category
          ORDER BY images.category
          """
      ).map { ($0["category"], $0["count"]) }
    }
  }

  /// Splits with their number of images, by name; all spellings of a split count together under its name.
  public func splits() throws -> [(name: String, count: Int)] {
    let rows = try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT \(Stored.text("split")), count(*) AS count FROM images
          WHERE failure IS NULL AND split IS NOT NULL GROUP BY images.split
          """
      ).map { (name: $0["split"] as String, count: $0["count"] as Int) }
    }
    return Dictionary(grouping: rows) { Splits.name($0.name) }
      .map { ($0.key, $0.value.reduce(0) { $0 + $1.count }) }.sorted { $0.0 < $1.0 }
  }

  /// Images that have a caption, and the captions of all.
  public func captionCounts() throws -> (images: Int, captions: Int) {
    try read { database in
      let row = try Row.fetchOne(
        database,
        sql: """
          SELECT count(DISTINCT image_id) AS images, count(*) AS captions FROM captions
          """)
      return (row?["images"] ?? 0, row?["captions"] ?? 0)
    }
  }

  /// The names of categories here that are the same by letters and digits.
  public func spellings(ofCategory name: String) throws -> [String] {
    let key = CategoryName.key(name)
    return try categories().map(\.name).filter { CategoryName.key($0) == key }
  }

  /// All images that could be read and that a filter admits, by path.
  public func images(where filter: RowFilter = RowFilter()) throws -> [IndexedImage] {
    var conditions = ["failure IS NULL"]
    var arguments: [(any DatabaseValueConvertible)?] = []
    if let categories = filter.categories {
      let spellings = try categories.flatMap(spellings(ofCategory:))
      conditions.append("category IN (\(spellings.map { _ in "?" }.joined(separator: ", ")))")
      arguments += spellings
    }
    if let splits = filter.splits {
      // Collections of earlier versions have it as the caption file spelled it.
      let spellings = splits.flatMap(Splits.spellings)
      conditions.append("split IN (\(spellings.map { _ in "?" }.joined(separator: ", ")))")
      arguments += spellings
    }
    let condition = conditions.joined(separator: " AND ")
    let within = try filter.area.map { area in
      Set(try areas().filter { $0.value.intersects(area) }.keys)
    }
    return try read { database in
      try Self.images(
        database, sql: "\(Stored.image) WHERE \(condition) ORDER BY images.path",
        StatementArguments(arguments))
    }.filter {
      !filter.excluding.contains($0.id) && (filter.including?.contains($0.id) ?? true)
        && (within?.contains($0.id) ?? true)
    }
  }

  /// Images with these ids, in their order; ids that are not there are left out.
  public func images(ids: [Int64]) throws -> [IndexedImage] {
    var found: [Int64: IndexedImage] = [:]
    // SQLite takes a bounded number of arguments in one statement.
    for start in stride(from: 0, to: ids.count, by: 500) {
      let some = ids[start..<min(start + 500, ids.count)]
      let marks = Array(repeating: "?", count: some.count).joined(separator: ",")
      for image in try read({
        try Self.images(
          $0, sql: "\(Stored.image) WHERE id IN (\(marks))", StatementArguments(some))
      }) { found[image.id] = image }
    }
    return ids.compactMap { found[$0] }
  }

  /// The image of a path, as it was indexed.
  public func image(path: String) throws -> IndexedImage? {
    try read {
      try Self.images($0, sql: "\(Stored.image) WHERE path = ?", [path]).first
    }
  }

  /// The first three images, by path, whose paths end with these components.
  func images(pathEnd: String) throws -> [IndexedImage] {
    try read {
      try Self.images(
        $0,
        sql: """
          \(Stored.image) WHERE failure IS NULL AND substr(path, -length(?)) = ?
          ORDER BY images.path LIMIT 3
          """, ["/" + pathEnd, "/" + pathEnd])
    }
  }

  /// The image at a path, or at the only path with this end: a file's name with as many folders as are needed
  /// to tell it from others.
  /// - Throws: ``CollectionError`` where there is none, or more than one.
  public func image(named name: String) throws -> IndexedImage {
    if let found = try image(path: name) { return found }
    let found = try images(pathEnd: name)
    if found.count == 1 { return found[0] }
    guard found.isEmpty else {
      throw CollectionError(
        path: path,
        reason: .system(
          "\(found.count > 2 ? "several" : "2") images are called \(name); put their folders in "
            + "front, as in \(found.prefix(2).map(\.path).joined(separator: ", "))"))
    }
    throw CollectionError(
      path: path,
      reason: .system("no image is called \(name); give a file's name, or the end of its path"))
  }

  /// The most images that a phrase may be found on; beyond that it is not a useful filter.
  private static let phraseLimit = 100_000

  /// Images for which every phrase occurs in some caption, regardless of the case of ASCII letters.
  public func imageIDs(withCaptions phrases: [String]) throws -> Set<Int64> {
    var found: Set<Int64>?
    for phrase in phrases {
      let ids = Set(try imageIDs(withCaption: phrase, limit: Self.phraseLimit))
      found = found.map { $0.intersection(ids) } ?? ids
    }
    return found ?? []
  }

  private func imageIDs(withCaption phrase: String, limit: Int) throws -> [Int64] {
    try read {
      try Int64.fetchAll(
        $0,
        sql:
          "SELECT DISTINCT \(Stored.integer("image_id")) FROM captions WHERE instr(lower(text), lower(?)) LIMIT ?",
        arguments: [phrase, limit])
    }
  }

  /// Whether an image's file is, by size and time, the one that was indexed; a file that is gone has not
  /// changed. Where it has, the stored vectors are of the past.
  public func isUnchanged(_ image: IndexedImage) throws -> Bool {
    guard let facts = try? FileFacts(image.file) else { return true }
    let stored = try read { database in
      try Row.fetchOne(
        database,
        sql: """
          SELECT \(["byte_count", "modified_ns"].map(Stored.integer).joined(separator: ", "))
          FROM images WHERE id = ?
          """, arguments: [image.id])
    }
    guard let stored else { return false }
    return FoundImage(
      path: image.path, byteCount: facts.byteCount, modifiedNanoseconds: facts.modifiedNanoseconds
    ).isUnchanged(
      since: FoundImage(
        path: image.path, byteCount: stored["byte_count"],
        modifiedNanoseconds: stored["modified_ns"]))
  }

  private static func images(_ database: Database, sql: String, _ arguments: StatementArguments)
    throws -> [IndexedImage]
  {
    let rows = try Row.fetchAll(database, sql: sql, arguments: arguments)
    let windows = try Self.windows(database, of: rows.map { $0["id"] })
    let statement = try database.cachedStatement(
      sql: "SELECT \(Stored.text("text")) FROM captions WHERE image_id = ? ORDER BY position")
    return try rows.map { row in
      let id: Int64 = row["id"]
      return IndexedImage(
        id: id, path: row["path"], category: row["category"], split: row["split"],
        captions: try String.fetchAll(statement, arguments: [id]), width: row["width"],
        height: row["height"], byteCount: row["byte_count"], window: windows[id])
    }
  }

  // MARK: Vectors

  /// The vectors of a model that are sound, with the images whose stored ones are not.
  /// - Throws: ``CollectionError`` where there are vectors and none is sound.
  public func vectors(of model: IndexedModel) throws -> StoredVectors {
    let found = try read { try Self.vectors($0, of: model) }
    if found.ids.isEmpty, let first = found.damaged.first {
      throw CollectionError(path: path, reason: .badVector(image: first))
    }
    return found
  }

  private static func vectors(_ database: Database, of model: IndexedModel) throws -> StoredVectors
  {
    var (ids, damaged): ([Int64], [Int64]) = ([], [])
    var values: [Float] = []
    // What the rows must add up to: a damaged file may announce more than it has room for.
    let bytes = try Int.fetchOne(
      database, sql: "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
    let room = (bytes ?? 0) / MemoryLayout<Float>.stride
    ids.reserveCapacity(min(model.vectorCount, room))
    values.reserveCapacity(min(model.vectorCount * model.width, room))
    let cursor = try Row.fetchCursor(
      database,
      sql: """
        SELECT \(Stored.integer("image_id")), vector FROM vectors
        WHERE model_id = ? ORDER BY vectors.image_id
        """,
      arguments: [model.id])
    while let row = try cursor.next() {
      let id: Int64 = row[0]
      if let blob = Data.fromDatabaseValue(row[1] as DatabaseValue),
        Store.append(blob, width: model.width, to: &values)
      {
        ids.append(id)
      } else {
        damaged.append(id)
      }
    }
    return StoredVectors(
      ids: ids, rows: EmbeddingMatrix(count: ids.count, width: model.width, values: values),
      damaged: damaged)
  }

  /// The stored vector of one image.
  public func vector(of imageID: Int64, model: IndexedModel) throws -> [Float]? {
    let blob = try read {
      try Data.fetchOne(
        $0, sql: "SELECT \(Stored.blob("vector")) FROM vectors WHERE model_id = ? AND image_id = ?",
        arguments: [model.id, imageID])
    }
    guard let blob else { return nil }
    var values: [Float] = []
    guard Store.append(blob, width: model.width, to: &values) else {
      throw CollectionError(path: path, reason: .badVector(image: imageID))
    }
    return values
  }

  /// A number that is another one whenever another connection has changed the collection.
  public func changeCounter() throws -> Int {
    try read { try Int.fetchOne($0, sql: "PRAGMA data_version") ?? 0 }
  }

  /// Category and split of each of the images, in their order.
  public func labels(of ids: [Int64]) throws -> (categories: [String?], splits: [String?]) {
    try read { database in
      var labels: [Int64: (String?, String?)] = [:]
      let cursor = try Row.fetchCursor(
        database,
        sql: """
          SELECT \(Stored.integer("id")), \(Stored.optionalText("category")),
            \(Stored.optionalText("split")) FROM images
          WHERE category IS NOT NULL OR split IS NOT NULL
          """)
      while let row = try cursor.next() { labels[row[0]] = (row[1], row[2]) }
      return (ids.map { labels[$0]?.0 }, ids.map { labels[$0]?.1 })
    }
  }
}
