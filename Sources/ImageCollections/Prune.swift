import Datasets
import Files
import Foundation
import GRDB
import Imaging

/// Drops images of a collection whose files are gone, wherever they were, and those below folders that
/// are to be dropped in any case. All in one transaction.
///
/// A disk that is not mounted looks as if its files were gone: what lay on one is kept and told.
struct Prune {
  private let request: IndexingRequest
  private let present: Set<PathBytes>
  /// The folders of this run; what is gone from them has been reported already.
  private let roots: [PathBytes]
  private let mounts: MountTable

  /// - Parameter present: files that were found a moment ago.
  init(
    _ request: IndexingRequest, present: Set<PathBytes>, roots: [PathBytes] = [],
    mounts: @autoclosure () -> MountTable = .system
  ) {
    self.roots = roots
    self.request = request
    self.present = present
    self.mounts = request.pruning ? mounts() : MountTable(mounted: "", table: "")
  }

  func run(_ database: DatabaseQueue, _ report: inout IndexingReport) throws {
    guard request.pruning || !request.droppedFolders.isEmpty else {
      return try count(database, &report)
    }
    let dropped = request.droppedFolders.map { (folder: $0, places: Self.places($0)) }
    var unused = Set(dropped.indices)
    try database.write { database in
      let rows = try Row.fetchAll(database, sql: Self.files)
      var kept: [PathBytes: (count: Int, reason: String)] = [:]
      for row in rows {
        let (id, text, isScene): (Int64, String, Bool) = (row[0], row[1], row[2])
        let path = PathBytes(text)
        let drop = dropped.firstIndex { $0.places.contains { path == $0 || path.isBelow($0) } }
        if let drop {
          unused.remove(drop)
        } else {
          guard request.pruning, !present.contains(path), let absence = absence(of: text, mounts)
          else {
            continue
          }
          if case .perhaps(let place, let reason) = absence {
            kept[place, default: (0, reason)].count += 1
            continue
          }
        }
        if isScene {
          try SceneWriter(database: database).remove(id)
        } else {
          try database.execute(sql: "DELETE FROM images WHERE id = ?", arguments: [id])
        }
        report.pruned += 1
      }
      report.unusedDrops = unused.sorted().map { dropped[$0].folder }
      // The run itself may have told of the same images.
      report.kept.removeAll { first in kept.keys.contains(PathBytes(first.place)) }
      report.kept += kept.sorted { $0.key < $1.key }.map {
        KeptImages(place: $0.key.description, count: $0.value.count, reason: $0.value.reason)
      }
    }
  }

  /// Pictures and scenes by their files; windows have none of their own.
  private static let files = """
    SELECT \(Stored.integer("id")), \(Stored.text("path")), 0 FROM images
    WHERE id NOT IN (SELECT image_id FROM windows WHERE image_id IS NOT NULL)
    UNION ALL SELECT \(Stored.integer("id")), \(Stored.text("path")), 1 FROM scenes
    """

  /// Most files that are looked for where nothing is to be dropped.
  private static let mostLookups = 50_000

  /// Counts what a run that prunes would drop, for the report.
  private func count(_ database: DatabaseQueue, _ report: inout IndexingReport) throws {
    let paths = try database.read { database in
      try Row.fetchAll(database, sql: Self.files).map { $0[1] as String }
    }.filter { path in
      let path = PathBytes(path)
      return !present.contains(path) && !roots.contains { path.isBelow($0) }
    }
    guard paths.count <= Self.mostLookups else { return }
    let table = MountTable.system
    report.goneElsewhere = paths.count { path in
      if case .certain? = absence(of: path, table) { true } else { false }
    }
  }

  /// A folder as it was given, made absolute, and without links where it is there.
  private static func places(_ folder: String) -> [PathBytes] {
    let given =
      folder.hasPrefix("/")
      ? folder : FileManager.default.currentDirectoryPath + "/" + folder
    var parts: [PathBytes] = []
    for part in PathBytes(given).components where part != PathBytes(".") {
      if part == PathBytes("..") { _ = parts.popLast() } else { parts.append(part) }
    }
    let absolute = PathBytes(parts.isEmpty ? [0x2F] : parts.flatMap { [0x2F] + $0.bytes })
    return [absolute] + (FileFacts.realPath(folder).map { [PathBytes($0)] } ?? [])
  }

  private enum Absence {
    case certain
    case perhaps(place: PathBytes, reason: String)
  }

  /// `nil` where the file is there.
  private func absence(of path: String, _ mounts: MountTable) -> Absence? {
    do throws(FileFacts.Failure) {
      _ = try FileFacts(path)
      return nil
    } catch {
      let bytes = PathBytes(path)
      guard error.isAbsence else {
        return .perhaps(place: bytes.parent, reason: "it cannot be looked at: \(error.text)")
      }
      if let place = mounts.missing(above: bytes) {
        return .perhaps(place: place, reason: "no disk seems to be mounted there")
      }
      return .certain
    }
  }
}
