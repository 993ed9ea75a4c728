import Datasets
import Files
import Foundation
import GRDB
import Imaging

/// What a run writes: models, images, captions, vectors; each batch in one transaction.
struct IndexWriter {
  let database: DatabaseQueue
  let request: IndexingRequest
  /// Caption file entries by path.
  let entries: [PathBytes: CaptionedImage]
  let categories: PictureCategories
  /// Whether this run was given captions; without them those of earlier runs stay.
  let replacesCaptions: Bool
  private(set) var modelIDs: [Int64] = []

  init(
    database: DatabaseQueue, request: IndexingRequest, entries: [PathBytes: CaptionedImage],
    categories: PictureCategories, replacesCaptions: Bool
  ) {
    self.database = database
    self.request = request
    self.entries = entries
    self.categories = categories
    self.replacesCaptions = replacesCaptions
  }

  /// Finds or adds the request's models; see ``ModelRows``.
  mutating func prepareModels() throws {
    let request = request
    modelIDs = try database.write { try ModelRows($0, request).prepare() }
  }

  // MARK: What needs no model

  /// A row whose file lies elsewhere now; its captions and vectors stay with it.
  func move(
    _ stored: StoredImage, to file: FoundImage, _ digest: FileDigest?, _ database: Database
  ) throws {
    let split = entries[file.key]?.split ?? stored.split
    try database.execute(
      sql: """
        UPDATE images SET path = ?, byte_count = ?, modified_ns = ?, category = ?, split = ?,
          digest = coalesce(?, digest) WHERE id = ?
        """,
      arguments: [
        file.path, file.byteCount, file.modifiedNanoseconds, category(of: file), split,
        digest.map { Data($0.bytes) }, stored.id,
      ])
    try Store.sumImage(stored.id, database)
    if let entry = entries[file.key] {
      try writeCaptions(database, entry.captions, image: stored.id)
    }
  }

  /// A new row with the contents of a known one, and that one's vectors as far as they are sound.
  /// - Returns: the models of these vectors; without any the row is not made.
  func add(
    _ file: FoundImage, _ digest: FileDigest, like lender: StoredImage, _ database: Database
  ) throws -> Set<Int64> {
    let sound = """
      FROM vectors WHERE image_id = ?1
        AND checksum IS row_checksum(\(Store.columns(of: "vectors")))
      """
    let models = Set(
      try Int64.fetchAll(
        database, sql: "SELECT \(Stored.integer("model_id")) \(sound)", arguments: [lender.id]))
    guard !models.isEmpty else { return [] }
    let entry = entries[file.key]
    try database.execute(
      sql: """
        INSERT INTO images
          (path, byte_count, modified_ns, width, height, category, split, digest, reading)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        file.path, file.byteCount, file.modifiedNanoseconds, lender.width, lender.height,
        category(of: file), entry?.split, Data(digest.bytes), lender.reading,
      ])
    let id = database.lastInsertedRowID
    try Store.sumImage(id, database)
    if let entry { try writeCaptions(database, entry.captions, image: id) }
    try database.execute(
      sql: """
        INSERT INTO vectors (model_id, image_id, vector, checksum)
        SELECT model_id, ?2, vector, row_checksum(model_id, ?2, vector) \(sound)
        """, arguments: [lender.id, id])
    return models
  }

  /// Brings captions, category and split of an unchanged file up to date.
  /// - Returns: whether any of them was another one.
  func describe(_ database: Database, _ stored: StoredImage) throws -> Bool {
    var isOther = false
    let entry = replacesCaptions ? entries[stored.file.key] : nil
    let category = category(of: stored.file)
    let split = entry == nil ? stored.split : entry?.split
    if stored.split != split
      || stored.category.map({ PathBytes($0) }) != category.map({ PathBytes($0) })
    {
      try database.execute(
        sql: "UPDATE images SET split = ?, category = ? WHERE id = ?",
        arguments: [split, category, stored.id])
      try Store.sumImage(stored.id, database)
      isOther = true
    }
    if let entry, try writeCaptions(database, entry.captions, image: stored.id) { isOther = true }
    return isOther
  }

  /// Images with captions of an earlier run that this run's caption files do not mention.
  func keptCaptions(of images: [FoundImage], _ database: Database) throws -> Int {
    guard replacesCaptions else { return 0 }
    let unnamed = Set(images.lazy.map(\.key).filter { entries[$0] == nil })
    guard !unnamed.isEmpty else { return 0 }
    return try String.fetchAll(
      database,
      sql: """
        SELECT \(Stored.text("path")) FROM images WHERE id IN (SELECT image_id FROM captions)
        """
    ).count { unnamed.contains(PathBytes($0)) }
  }

  private func category(of file: FoundImage) -> String? {
    categories.category(of: file.key)
  }

  /// - Returns: whether they differ from the stored ones.
  @discardableResult
  private func writeCaptions(_ database: Database, _ captions: [String], image: Int64) throws
    -> Bool
  {
    let stored = try String.fetchAll(
      database,
      sql: "SELECT \(Stored.text("text")) FROM captions WHERE image_id = ? ORDER BY position",
      arguments: [image])
    guard stored.map({ PathBytes($0) }) != captions.map({ PathBytes($0) }) else { return false }
    try database.execute(sql: "DELETE FROM captions WHERE image_id = ?", arguments: [image])
    for (position, text) in captions.enumerated() {
      try database.execute(
        sql: """
          INSERT INTO captions (image_id, position, text, checksum)
          VALUES (?1, ?2, ?3, row_checksum(?1, ?2, ?3))
          """,
        arguments: [image, position, text])
    }
    return true
  }

  /// Writes a batch in one transaction.
  func store(_ outcomes: [IndexingOutcome], _ report: inout IndexingReport) throws {
    guard !outcomes.isEmpty else { return }
    var stale: [String] = []
    try database.write { database in
      for outcome in outcomes where try store(outcome, database) {
        stale.append(outcome.task.file.path)
      }
    }
    report.notes += stale.map {
      ($0, "its contents changed, not its size and time: vectors of other models were dropped")
    }
    for outcome in outcomes {
      switch outcome.result {
      case .success(let image):
        report.embedded += 1
        report.notes += image.notes.map { (outcome.task.file.path, $0) }
      case .failure(let error):
        report.unreadable.append((outcome.task.file.path, "\(error)", error))
      }
    }
  }

  /// - Returns: whether vectors of other contents were dropped.
  private func store(_ outcome: IndexingOutcome, _ database: Database) throws -> Bool {
    let file = outcome.task.file
    let entry = entries[file.key]
    var size = (width: 0, height: 0)
    var failure: String?
    var vectors: [Int: [Float]] = [:]
    var digest: FileDigest?
    switch outcome.result {
    case .success(let found):
      digest = found.digest
      size = (found.width, found.height)
      vectors = found.vectors
    case .failure(let error): failure = "\(error)"
    }
    let before = try Data.fetchOne(
      database, sql: "SELECT digest FROM images WHERE path = ? AND typeof(digest) = 'blob'",
      arguments: [file.path])
    let isStale =
      !outcome.task.isChanged && digest != nil && before != nil
      && digest?.bytes != before.map { Array($0) }
    let id = try Int64.fetchOne(
      database,
      sql: """
        INSERT INTO images
          (path, byte_count, modified_ns, width, height, category, split, failure, digest,
            reading)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (path) DO UPDATE SET byte_count = excluded.byte_count,
          modified_ns = excluded.modified_ns, width = excluded.width, height = excluded.height,
          category = excluded.category, split = coalesce(excluded.split, split),
          failure = excluded.failure, digest = excluded.digest, reading = excluded.reading
        RETURNING id
        """,
      arguments: [
        file.path, file.byteCount, file.modifiedNanoseconds, size.width, size.height,
        category(of: file), entry?.split, failure, digest.map { Data($0.bytes) },
        ImageReader.revision,
      ])
    guard let id else { return false }
    try Store.sumImage(id, database)
    if let entry { try writeCaptions(database, entry.captions, image: id) }
    // A changed picture's vectors are all void; a new model's vector leaves the others alone.
    if outcome.task.isChanged || failure != nil || isStale {
      try database.execute(sql: "DELETE FROM vectors WHERE image_id = ?", arguments: [id])
    }
    for (place, vector) in vectors {
      try Store.write(vector, of: id, model: modelIDs[place], database)
    }
    return isStale
  }
}
