import Datasets
import Files
import GRDB

/// What a run writes: models, images, captions, vectors; each batch in one transaction.
struct IndexWriter {
  let database: DatabaseQueue
  let request: IndexingRequest
  /// Caption file entries by path.
  let entries: [PathBytes: CaptionedImage]
  let categories: PictureCategories
  /// Whether this run was given captions; without them those of earlier runs stay.
  let replacesCaptions: Bool
  private var modelIDs: [Int64] = []

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

  /// Finds or adds the request's models; another one under the same name is refused or replaced.
  mutating func prepareModels() throws {
    let request = request
    modelIDs = try database.write { database in
      try request.models.map { model in
        let found = try Row.fetchOne(
          database,
          sql: """
            SELECT \(Stored.integer("id")), \(Stored.text("fingerprint")) FROM models WHERE name = ?
            """,
          arguments: [model.name])
        if let found {
          if found["fingerprint"] as String == request.fingerprint(of: model) { return found["id"] }
          guard request.replacingModels else {
            throw CollectionError(
              path: request.collection, reason: .modelChanged(model: model.name))
          }
          try database.execute(
            sql: "DELETE FROM models WHERE id = ?", arguments: [found["id"] as Int64])
        }
        try database.execute(
          sql: """
            INSERT INTO models (name, fingerprint, directory, width, checksum)
            VALUES (?1, ?2, ?3, ?4, row_checksum(?1, ?2, ?3, ?4))
            """,
          arguments: [
            model.name, request.fingerprint(of: model), model.directory, model.embeddingWidth,
          ])
        return database.lastInsertedRowID
      }
    }
  }

  private struct Known {
    let id: Int64
    let file: FoundImage
    let failure: String?
    let category: String?
    let split: String?
    var models: Set<Int64> = []
  }

  /// Compares what is on disk with what is stored: what is to be embedded, what has vanished, and whose
  /// captions, category or split have changed.
  func plan(_ images: [FoundImage], roots: [String], complete: Bool) throws
    -> (tasks: [IndexingTask], report: IndexingReport)
  {
    var report = IndexingReport()
    var tasks: [IndexingTask] = []
    try database.write { database in
      let known = try self.known(database)
      for image in images {
        let stored = known[image.path]
        let missing = modelIDs.indices.filter { !(stored?.models.contains(modelIDs[$0]) ?? false) }
        let isSame = stored.map { $0.file == image } ?? false
        if let stored, isSame {
          try describe(database, stored)
          if missing.isEmpty {
            report.unchanged += 1
            continue
          }
        }
        // What could not be read is tried again: permissions and limits change, files need not.
        let isStored = isSame && stored?.failure == nil
        tasks.append(
          IndexingTask(
            file: image, models: isStored ? missing : Array(modelIDs.indices), isChanged: !isStored)
        )
      }
      // A folder that could not be read hides its files: they have not vanished.
      guard complete, request.split == nil else { return }
      let present = Set(images.map(\.path))
      for (path, stored) in known where !present.contains(path) {
        guard roots.contains(where: { path.hasPrefix($0) }) else { continue }
        try database.execute(sql: "DELETE FROM images WHERE id = ?", arguments: [stored.id])
        report.removed += 1
      }
    }
    return (tasks, report)
  }

  private func known(_ database: Database) throws -> [String: Known] {
    var known: [String: Known] = [:]
    var paths: [Int64: String] = [:]
    let images = try Row.fetchCursor(
      database,
      sql: """
        SELECT \(Stored.integer("id")), \(Stored.text("path")), \(Stored.integer("byte_count")),
          \(Stored.integer("modified_ns")), \(Stored.optionalText("failure")),
          \(Stored.optionalText("category")), \(Stored.optionalText("split")) FROM images
        """)
    while let row = try images.next() {
      let file = FoundImage(path: row[1], byteCount: row[2], modifiedNanoseconds: row[3])
      known[file.path] = Known(
        id: row[0], file: file, failure: row[4], category: row[5], split: row[6])
      paths[row[0]] = file.path
    }
    let vectors = try Row.fetchCursor(
      database,
      sql: "SELECT \(Stored.integer("image_id")), \(Stored.integer("model_id")) FROM vectors")
    while let row = try vectors.next() {
      if let path = paths[row[0]] { known[path]?.models.insert(row[1]) }
    }
    return known
  }

  /// Brings captions, category and split of an unchanged file up to date.
  private func describe(_ database: Database, _ stored: Known) throws {
    let entry = replacesCaptions ? entries[PathBytes(stored.file.path)] : nil
    let category = category(of: stored.file)
    let split = entry == nil ? stored.split : entry?.split
    if stored.split != split || stored.category != category {
      try database.execute(
        sql: "UPDATE images SET split = ?, category = ? WHERE id = ?",
        arguments: [split, category, stored.id])
      try Store.sumImage(stored.id, database)
    }
    if let entry { try writeCaptions(database, entry.captions, image: stored.id) }
  }

  private func category(of file: FoundImage) -> String? {
    categories.category(of: PathBytes(file.path))
  }

  private func writeCaptions(_ database: Database, _ captions: [String], image: Int64) throws {
    let stored = try String.fetchAll(
      database,
      sql: "SELECT \(Stored.text("text")) FROM captions WHERE image_id = ? ORDER BY position",
      arguments: [image])
    guard stored != captions else { return }
    try database.execute(sql: "DELETE FROM captions WHERE image_id = ?", arguments: [image])
    for (position, text) in captions.enumerated() {
      try database.execute(
        sql: """
          INSERT INTO captions (image_id, position, text, checksum)
          VALUES (?1, ?2, ?3, row_checksum(?1, ?2, ?3))
          """,
        arguments: [image, position, text])
    }
  }

  /// Writes a batch in one transaction.
  func store(_ outcomes: [IndexingOutcome], _ report: inout IndexingReport) throws {
    guard !outcomes.isEmpty else { return }
    try database.write { database in
      for outcome in outcomes { try store(outcome, database) }
    }
    for outcome in outcomes {
      switch outcome.result {
      case .success(let image):
        report.embedded += 1
        report.notes += image.notes.map { (outcome.task.file.path, $0) }
      case .failure(let error):
        report.unreadable.append((outcome.task.file.path, "\(error)"))
      }
    }
  }

  private func store(_ outcome: IndexingOutcome, _ database: Database) throws {
    let file = outcome.task.file
    let entry = entries[PathBytes(file.path)]
    var size = (width: 0, height: 0)
    var failure: String?
    var vectors: [Int: [Float]] = [:]
    switch outcome.result {
    case .success(let found):
      size = (found.width, found.height)
      vectors = found.vectors
    case .failure(let error): failure = "\(error)"
    }
    let id = try Int64.fetchOne(
      database,
      sql: """
        INSERT INTO images
          (path, byte_count, modified_ns, width, height, category, split, failure)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (path) DO UPDATE SET byte_count = excluded.byte_count,
          modified_ns = excluded.modified_ns, width = excluded.width, height = excluded.height,
          category = excluded.category, split = coalesce(excluded.split, split),
          failure = excluded.failure
        RETURNING id
        """,
      arguments: [
        file.path, file.byteCount, file.modifiedNanoseconds, size.width, size.height,
        category(of: file), entry?.split, failure,
      ])
    guard let id else { return }
    try Store.sumImage(id, database)
    if let entry { try writeCaptions(database, entry.captions, image: id) }
    // A changed picture's vectors are all void; a new model's vector leaves the others alone.
    if outcome.task.isChanged || failure != nil {
      try database.execute(sql: "DELETE FROM vectors WHERE image_id = ?", arguments: [id])
    }
    for (place, vector) in vectors {
      try database.execute(
        sql: """
          INSERT INTO vectors (model_id, image_id, vector, checksum)
          VALUES (?1, ?2, ?3, row_checksum(?1, ?2, ?3))
          ON CONFLICT (model_id, image_id) DO UPDATE
            SET vector = excluded.vector, checksum = excluded.checksum
          """, arguments: [modelIDs[place], id, Store.blob(vector[...])])
    }
  }
}
