import Foundation
import Transfers

/// The cache that huggingface_hub and all that use it share:
///
///     models--ORG--NAME/refs/REVISION            the commit of a branch or tag
///     models--ORG--NAME/blobs/DIGEST             contents
///     models--ORG--NAME/snapshots/COMMIT/FILE    a link to them
///     .locks/models--ORG--NAME/DIGEST.lock       held while one is fetched
struct HubCache: Sendable {
  let root: String
  let repository: HubRepository

  init(_ root: String, _ repository: HubRepository) {
    self.root = URL(fileURLWithPath: root).standardizedFileURL.path
    self.repository = repository
  }

  private var folder: String { "\(root)/\(repository.folderName)" }
  func blob(_ tag: String) -> String { "\(folder)/blobs/\(tag)" }
  func lock(_ tag: String) -> String { "\(root)/.locks/\(repository.folderName)/\(tag).lock" }
  func snapshot(_ commit: String) -> String { "\(folder)/snapshots/\(commit)" }

  /// Whether a path is there and stays below the cache when its links are followed.
  func holds(_ path: String) -> Bool {
    guard let place = Folders.real(path), let root = Folders.real(root) else { return false }
    return place == root || place.hasPrefix(root == "/" ? "/" : root + "/")
  }

  /// The commit that a revision stands for here.
  func commit() -> String? {
    if HubRepository.isCommit(repository.revision) { return repository.revision }
    guard let file = FileHandle(forReadingAtPath: "\(folder)/refs/\(repository.revision)"),
      let data = try? file.read(upToCount: 64)
    else { return nil }
    let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    return HubRepository.isCommit(text) ? text : nil
  }

  /// Revisions that are here, commits only where no branch or tag is.
  func revisions() -> [String] {
    let refs = FileManager.default.enumerator(atPath: "\(folder)/refs")
    let names = (refs?.prefix(1000).compactMap { $0 as? String } ?? [])
      .filter { HubRepository.isRevision($0) && Folders.fileSize("\(folder)/refs/\($0)") != nil }
    let commits =
      (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/snapshots")) ?? []
    return names.isEmpty
      ? commits.filter { HubRepository.isCommit($0) }.sorted() : names.sorted()
  }

  /// The folder of a revision that was fetched before.
  /// - Throws: ``HubError`` where it is not there, or only in part.
  func directory() throws(HubError) -> String {
    guard let commit = commit(), case let folder = snapshot(commit),
      FileManager.default.fileExists(atPath: folder)
    else {
      throw HubError(
        repository.text,
        .notCached(
          cache: root, kind: repository.kind,
          revisions: revisions().filter { $0 != repository.revision }))
    }
    guard holds(folder) else { throw HubError(folder, .leadsOut(folder: root)) }
    if repository.kind == .model { _ = try modelFiles(in: folder) }
    return folder
  }

  /// The folder of a model that was fetched before, or the one file in it that is the model.
  /// - Throws: ``HubError`` where it is not there, or only in part, or several might be meant.
  func model() throws(HubError) -> String {
    let folder = try directory()
    return try modelFiles(in: folder).file.map { "\(folder)/\($0)" } ?? folder
  }

  /// Configuration and weights are all there, and inside of the cache.
  private func modelFiles(in folder: String) throws(HubError) -> ModelFiles {
    let names = FileManager.default.enumerator(atPath: folder)?.prefix(RepositoryListing.mostFiles)
      .compactMap { $0 as? String }
    let present = (names ?? []).filter { Folders.fileSize("\(folder)/\($0)") != nil }
    let found: ModelFiles?
    do throws(ModelFiles.SeveralArchives) {
      found = try ModelFiles(among: present, file: repository.file)
    } catch {
      throw HubError(repository.text, .severalWeights(error.names))
    }
    guard let files = found else {
      throw HubError(
        repository.text,
        .incomplete(folder: folder, missing: repository.file ?? "the weights' file"))
    }
    guard files.hasConfiguration else {
      throw HubError(repository.text, .incomplete(folder: folder, missing: "config.json"))
    }
    for name in files.names where !holds("\(folder)/\(name)") {
      throw HubError("\(folder)/\(name)", .leadsOut(folder: root))
    }
    guard let index = files.index else { return files }
    let place = index.lastIndex(of: "/").map { String(index[...$0]) } ?? ""
    for shard in Self.shards(in: "\(folder)/\(index)") ?? ["a shard"] {
      let shard = place + shard
      guard SafeFileName.isSafe(shard), Folders.fileSize("\(folder)/\(shard)") != nil else {
        throw HubError(repository.text, .incomplete(folder: folder, missing: shard))
      }
      guard holds("\(folder)/\(shard)") else {
        throw HubError("\(folder)/\(shard)", .leadsOut(folder: root))
      }
    }
    return files
  }

  /// The shards that an index file names.
  static func shards(in path: String) -> [String]? {
    guard let file = FileHandle(forReadingAtPath: path),
      let data = try? file.read(upToCount: ModelFiles.longestIndex + 1),
      data.count <= ModelFiles.longestIndex
    else { return nil }
    return ModelFiles.shards(of: data)
  }

  /// Makes the folders of a commit, and refuses those that lead elsewhere.
  func prepare(_ commit: String) throws(HubError) {
    for path in [
      "\(folder)/blobs", snapshot(commit), "\(root)/.locks/\(repository.folderName)",
    ] {
      try makeFolder(path)
      guard holds(path) else { throw HubError(path, .leadsOut(folder: root)) }
    }
  }

  /// Puts contents under their name into a commit's folder.
  func link(_ file: RemoteFile, commit: String) throws(HubError) {
    let path = "\(snapshot(commit))/\(file.name)"
    let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
    try makeFolder(parent)
    guard holds(parent) else { throw HubError(parent, .leadsOut(folder: root)) }
    let depth = file.name.utf8.count { $0 == 0x2F }
    let target = String(repeating: "../", count: depth + 2) + "blobs/\(file.tag)"
    do throws(TransferError) {
      try Folders.link(path, to: target)
    } catch {
      throw HubError(repository.text, error)
    }
  }

  /// Remembers what a branch or tag stands for.
  func remember(_ commit: String) throws(HubError) {
    guard repository.revision != commit else { return }
    let path = "\(folder)/refs/\(repository.revision)"
    let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
    try makeFolder(parent)
    guard holds(parent) else { throw HubError(parent, .leadsOut(folder: root)) }
    do throws(TransferError) {
      try Folders.write(commit, to: path)
    } catch {
      throw HubError(repository.text, error)
    }
  }

  private func makeFolder(_ path: String) throws(HubError) {
    try FolderMaker.make(path)
  }
}

enum FolderMaker {
  static func make(_ path: String) throws(HubError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw HubError(path, .unwritable("the folder cannot be made; check permissions and space"))
    }
  }
}
