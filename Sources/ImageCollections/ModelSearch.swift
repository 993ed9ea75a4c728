import Models
import Files
import Foundation
import GRDB
import Imaging

/// Finds the checkpoint that a collection's vectors were made with, by its fingerprint, wherever its
/// folder is now.
public struct ModelSearch: Sendable {
  private let given: [String]
  private let others: [String]
  /// Folders beside the last known one that are looked at.
  private static let mostSiblings = 64

  /// - Parameters:
  ///   - given: folders that a person named; looked at before the place where the model last was.
  ///   - others: folders that may hold it, such as the shipped models and the hub's cache.
  public init(given: [String] = [], others: [String] = []) {
    (self.given, self.others) = (given, others)
  }

  /// Opens the model of a collection, and writes down where it is where that is another place.
  /// - Throws: what is wrong with the first of the places that a person named or where it was, where none
  ///   is the model's; ``CollectionError`` where there is no such place any more.
  public func open(_ model: IndexedModel, of collection: ImageCollection, threads: Int? = nil)
    throws
    -> any EmbeddingModel
  {
    var reason: (any Error)?
    var seen: Set<PathBytes> = []
    let told = given.filter { hasName($0, of: model) } + [model.directory]
    for directory in told + given where seen.insert(PathBytes(directory)).inserted {
      guard (try? FileFacts(directory)) != nil else { continue }
      do {
        if let opened = try Self.open(directory, as: model, threads) {
          remember(opened, model, in: collection)
          return opened
        }
        reason =
          reason ?? CollectionError(path: directory, reason: .otherModel(model: model.name))
      } catch {
        reason = reason ?? error
      }
    }
    for directory in elsewhere(model, collection.path)
    where seen.insert(PathBytes(directory)).inserted {
      // Reading its sizes takes no time; identifying a model takes reading all of its weights.
      guard EmbeddingModels.embeddingWidth(directory) == model.width,
        let opened = try? Self.open(directory, as: model, threads)
      else { continue }
      collection.remember(opened.directory, of: model)
      return opened
    }
    throw reason
      ?? CollectionError(
        path: collection.path,
        reason: .modelGone(model: model.name, directory: model.directory))
  }

  /// - Returns: `nil` where it is another model.
  private static func open(_ directory: String, as model: IndexedModel, _ threads: Int?) throws
    -> (any EmbeddingModel)?
  {
    let wanted = model.modelFingerprint
    let opened = try EmbeddingModels.open(
      directory, threads: threads, imageSize: EmbeddingModels.imageSize(ofFingerprint: wanted))
    // Weights without a configuration may have been read in another way for this collection.
    return opened.fingerprint == wanted ? opened : try opened.reread(asIn: wanted)
  }

  /// One of two copies is no reason to write.
  private func remember(
    _ opened: any EmbeddingModel, _ model: IndexedModel, in collection: ImageCollection
  ) {
    guard (try? FileFacts(model.directory)) == nil else { return }
    collection.remember(opened.directory, of: model)
  }

  private func hasName(_ directory: String, of model: IndexedModel) -> Bool {
    PathBytes(directory).name == PathBytes(model.directory).name
      || PathBytes(directory).name == PathBytes(model.name)
  }

  /// The likeliest first.
  private func elsewhere(_ model: IndexedModel, _ collection: String) -> [String] {
    let rest = others + Self.beside(model.directory)
    return Self.moved(model.directory, with: collection) + rest.filter { hasName($0, of: model) }
      + rest.filter { !hasName($0, of: model) }
  }

  /// Where the model is if the collection moved along with it: `/old/city/runs/best` may be
  /// `/new/city/runs/best` for a collection in `/new/city`, or in a folder of it.
  private static func moved(_ directory: String, with collection: String) -> [String] {
    guard directory.hasPrefix("/"), let place = FileFacts.realPath(collection) else { return [] }
    let parts = PathBytes(directory).components
    var folder = PathBytes(place).parent
    var found: [String] = []
    for _ in 0..<3 where folder.bytes.count > 1 {
      for count in (1...max(1, min(4, parts.count))).reversed() {
        let path = PathBytes(folder.bytes + parts.suffix(count).flatMap { [0x2F] + $0.bytes })
        if (try? FileFacts(path.description)) != nil { found.append(path.description) }
      }
      folder = folder.parent
    }
    return found
  }

  private static func beside(_ directory: String) -> [String] {
    guard directory.hasPrefix("/") else { return [] }
    let parent = PathBytes(directory).parent.description
    guard parent != "/", let listing = try? FolderListing(parent) else { return [] }
    return listing.names.lazy.filter { !$0.hasPrefix(".") }.map { "\(parent)/\($0)" }
      .filter { (try? FileFacts($0))?.kind == .folder }.prefix(mostSiblings).map { $0 }
  }
}

extension ImageCollection {
  /// Writes down where a model is now; a collection that cannot be written, or is being written, keeps
  /// the old place: it will be looked for again.
  public func remember(_ directory: String, of model: IndexedModel) {
    guard directory.hasPrefix("/"), PathBytes(directory) != PathBytes(model.directory),
      let lock = try? WriterLock(collection: path)
    else { return }
    defer { withExtendedLifetime(lock) {} }
    guard let database = try? Store.editor(path) else { return }
    try? database.write { database in
      let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
      guard version > 1 else { return }
      let sum = "row_checksum(\(Store.columns(of: "models", version: version)))"
      try database.execute(
        sql: "UPDATE models SET directory = ? WHERE id = ? AND checksum IS \(sum)",
        arguments: [directory, model.id])
      if database.changesCount > 0 {
        try database.execute(
          sql: "UPDATE models SET checksum = \(sum) WHERE id = ?", arguments: [model.id])
      }
    }
  }
}
