import Models
import Files
import Foundation
import GRDB

/// Rows of the models that a run embeds with.
///
/// A model is known by its fingerprint, whatever its folder is called now. A new one is called as its
/// folder, and where another model has that name already, as its folder and those above it: `a/best` and
/// `b/best`, or `org/name` in the hub's cache.
struct ModelRows {
  private let database: Database
  private let request: IndexingRequest

  init(_ database: Database, _ request: IndexingRequest) {
    (self.database, self.request) = (database, request)
  }

  private struct Known {
    let id: Int64
    let name: PathBytes
    let fingerprint: String
    let directory: PathBytes
    let position: Int?
  }

  /// - Returns: the rows' keys, in the request's order.
  /// - Throws: ``CollectionError`` where the weights of a folder changed since it was indexed and
  ///   replacing them was not asked for.
  func prepare() throws -> [Int64] {
    var ids: [Int64] = []
    for model in request.models { ids.append(try prepare(model, taken: ids)) }
    try order(ids)
    return ids
  }

  private func known() throws -> [Known] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT \(Stored.integer("id")),
          \(["name", "fingerprint", "directory"].map(Stored.text).joined(separator: ", ")),
          CAST(position AS INTEGER) AS position
        FROM models
        """
    ).map {
      Known(
        id: $0["id"], name: PathBytes($0["name"] as String), fingerprint: $0["fingerprint"],
        directory: PathBytes($0["directory"] as String), position: $0["position"])
    }
  }

  private func prepare(_ model: any ImageEmbedder, taken: [Int64]) throws -> Int64 {
    let known = try known()
    let fingerprint = request.fingerprint(of: model)
    if let found = known.first(where: { $0.fingerprint == fingerprint }) {
      try move(found, to: model.directory)
      return found.id
    }
    let names = Self.names(of: model)
    // Other weights, or other settings, in the same place.
    let former = known.first { row in
      !taken.contains(row.id) && names.contains(row.name)
        && (row.directory == PathBytes(model.directory) || request.replacingModels)
    }
    if let former {
      // One without vectors has nothing to lose.
      guard try request.replacingModels || !hasVectors(former) else {
        throw CollectionError(
          path: request.collection, reason: .modelChanged(model: former.name.description))
      }
      try database.execute(sql: "DELETE FROM models WHERE id = ?", arguments: [former.id])
      return try add(model, as: former.name, fingerprint, at: former.position)
    }
    guard let name = names.first(where: { name in !known.contains { $0.name == name } }) else {
      throw CollectionError(path: request.collection, reason: .modelChanged(model: model.name))
    }
    return try add(model, as: name, fingerprint)
  }

  private func hasVectors(_ model: Known) throws -> Bool {
    try Bool.fetchOne(
      database, sql: "SELECT EXISTS (SELECT 1 FROM vectors WHERE model_id = ?)",
      arguments: [model.id]) ?? false
  }

  /// - Parameter position: of the model whose place it takes; the last one where `nil`.
  private func add(
    _ model: any ImageEmbedder, as name: PathBytes, _ fingerprint: String, at position: Int? = nil
  ) throws -> Int64 {
    try database.execute(
      sql: """
        INSERT INTO models (name, fingerprint, directory, width, position)
        VALUES (?, ?, ?, ?, ifnull(?, (SELECT count(*) FROM models)))
        """,
      arguments: [name.description, fingerprint, model.directory, model.embeddingWidth, position])
    let id = database.lastInsertedRowID
    try sum(id)
    return id
  }

  private func move(_ row: Known, to directory: String) throws {
    guard row.directory != PathBytes(directory), (try? FileFacts(row.directory.description)) == nil
    else { return }
    try set("directory", directory, of: row.id)
  }

  /// A row that is damaged stays so, for `check` to find.
  private func set(_ column: String, _ value: any DatabaseValueConvertible, of id: Int64) throws {
    try database.execute(
      sql: """
        UPDATE models SET \(column) = ?1 WHERE id = ?2 AND \(column) IS NOT ?1
          AND checksum IS row_checksum(\(Store.columns(of: "models")))
        """, arguments: [value, id])
    if database.changesCount > 0 { try sum(id) }
  }

  private func sum(_ id: Int64) throws {
    try database.execute(
      sql: """
        UPDATE models SET checksum = row_checksum(\(Store.columns(of: "models"))) WHERE id = ?
        """, arguments: [id])
  }

  /// Models stand as they were last named together; one that is named alone keeps its place.
  private func order(_ ids: [Int64]) throws {
    let stored = try Int64.fetchAll(
      database, sql: "SELECT \(Stored.integer("id")) FROM models ORDER BY position, models.id")
    var named: [Int64] = []
    for id in ids where !named.contains(id) { named.append(id) }
    guard named.count > 1 else { return }
    for (place, id) in (named + stored.filter { !named.contains($0) }).enumerated() {
      try set("position", place, of: id)
    }
  }

  /// What a model may be called, shortest first.
  static func names(of model: any ImageEmbedder) -> [PathBytes] {
    var names = [PathBytes(model.name)]
    var folders = PathBytes(model.directory).components.dropLast()
    if folders.last == PathBytes("snapshots"),
      let repository = folders.dropLast().last?.description, repository.hasPrefix("models--")
    {
      names.append(PathBytes(repository.dropFirst(8).replacing("--", with: "/")))
      return names
    }
    // A file of weights is called as its folder where its own name is dull.
    if folders.last == names[0] { folders.removeLast() }
    for folder in folders.reversed().prefix(3) {
      names.append(PathBytes(folder.bytes + [0x2F] + names[names.count - 1].bytes))
    }
    return names
  }
}
