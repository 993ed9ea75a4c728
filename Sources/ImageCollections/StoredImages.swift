import Datasets
import Files
import Foundation
import GRDB
import Imaging

/// A file as the collection knows it.
struct StoredImage: Sendable {
  let id: Int64
  let file: FoundImage
  /// The digest of the contents that the vectors were made from; `nil` in rows of older versions.
  let digest: FileDigest?
  let width: Int
  let height: Int
  let failure: String?
  let category: String?
  let split: String?
  /// Whether the row is as it was written; the vectors of a damaged one are not reused.
  let isSound: Bool
  /// `ImageReader.revision` of the program that last read it; rows of older versions have none.
  let reading: Int
  /// Keys of the models that it has vectors of.
  var models: Set<Int64> = []

  var canLend: Bool { isSound && failure == nil && !models.isEmpty }
}

/// All stored images but windows of scenes, by path, by contents, and by what older versions stored about a file.
struct StoredImages: Sendable {
  private(set) var byPath: [PathBytes: StoredImage] = [:]
  private var byDigest: [FileDigest: [PathBytes]] = [:]
  private var byName: [PathBytes: [PathBytes]] = [:]
  private var sizes: Set<Int64> = []
  /// Whether an earlier revision of the program read some of them.
  private(set) var isOutdated = false

  init(_ database: Database) throws {
    var paths: [Int64: PathBytes] = [:]
    let cursor = try Row.fetchCursor(
      database,
      sql: """
        SELECT \(["id", "byte_count", "modified_ns", "width", "height", "reading"].map(Stored.integer)
          .joined(separator: ", ")), \(Stored.text("path")), \(Stored.blob("digest")),
          \(["failure", "category", "split"].map(Stored.optionalText).joined(separator: ", ")),
          checksum IS row_checksum(\(Store.columns(of: "images"))) AS sound FROM images
        WHERE id NOT IN (SELECT image_id FROM windows WHERE image_id IS NOT NULL)
        """)
    while let row = try cursor.next() {
      let file = FoundImage(
        path: row["path"], byteCount: row["byte_count"], modifiedNanoseconds: row["modified_ns"])
      byPath[file.key] = StoredImage(
        id: row["id"], file: file, digest: FileDigest(bytes: row["digest"] as Data),
        width: row["width"], height: row["height"], failure: row["failure"],
        category: row["category"], split: row["split"], isSound: row["sound"],
        reading: max(1, row["reading"] as Int))
      paths[row["id"]] = file.key
    }
    let vectors = try Row.fetchCursor(
      database,
      sql: "SELECT \(Stored.integer("image_id")), \(Stored.integer("model_id")) FROM vectors")
    while let row = try vectors.next() {
      if let path = paths[row[0]] { byPath[path]?.models.insert(row[1]) }
    }
    isOutdated = byPath.values.contains { $0.reading < ImageReader.revision }
    for (path, stored) in byPath where stored.canLend {
      if let digest = stored.digest {
        byDigest[digest, default: []].append(path)
        sizes.insert(stored.file.byteCount)
      } else {
        byName[path.name, default: []].append(path)
      }
    }
  }

  subscript(path: PathBytes) -> StoredImage? { byPath[path] }

  /// Whether a file's contents may be those of a known one, so that they are worth reading.
  func mayKnow(_ file: FoundImage) -> Bool { sizes.contains(file.byteCount) }

  /// Whether it may be a known file under another path.
  func mayBeKnown(_ file: FoundImage) -> Bool { mayKnow(file) || !alike(file).isEmpty }

  private func alike(_ file: FoundImage) -> [PathBytes] {
    (byName[file.key.name] ?? []).filter { path in
      byPath[path].map { file.isUnchanged(since: $0.file) } ?? false
    }
  }

  /// Known files with the same contents; of rows that say nothing of contents, those with the same name,
  /// size and time.
  func lenders(of file: FoundImage, _ digest: FileDigest?) -> [StoredImage] {
    let same = digest.flatMap { byDigest[$0] } ?? []
    return (same + alike(file)).compactMap { byPath[$0] }
  }
}
