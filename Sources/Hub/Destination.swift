import Foundation
import Transfers

/// Where the files of a download go: the hub's cache, or a folder of the user's.
struct Destination: Sendable {
  /// The folder that has the files under their names.
  let directory: String
  private let cache: HubCache
  private let commit: String
  private let isCache: Bool

  init(_ request: PullRequest, _ cache: HubCache, commit: String) throws(HubError) {
    self.cache = cache
    self.commit = commit
    if let into = request.into {
      isCache = false
      directory = URL(fileURLWithPath: into).standardizedFileURL.path
    } else {
      isCache = true
      directory = cache.snapshot(commit)
      try cache.prepare(commit)
    }
  }

  private var workFolder: String { "\(directory)/\(SafeFileName.workFolder)" }

  func path(of file: RemoteFile) -> String { "\(directory)/\(file.name)" }

  private func place(of file: RemoteFile) -> FilePlace {
    isCache
      ? FilePlace(
        final: cache.blob(file.tag), partial: cache.blob(file.tag) + ".incomplete",
        lock: cache.lock(file.tag))
      : FilePlace(
        final: path(of: file), partial: "\(workFolder)/\(file.tag).incomplete",
        lock: "\(workFolder)/\(file.tag).lock")
  }

  /// Whether the file is here, whole. In the cache contents are named by their digest and were checked
  /// before they got the name; in the user's folder they are read.
  func has(_ file: RemoteFile) -> Bool {
    isCache
      ? cache.holds(path(of: file)) && isWhole(path(of: file), file)
      : isWhole(path(of: file), file) && isEqual(path(of: file), file)
  }

  private func isWhole(_ path: String, _ file: RemoteFile) -> Bool {
    guard let size = Folders.fileSize(path) else { return false }
    return file.size.map { $0 == size } ?? true
  }

  private func isEqual(_ path: String, _ file: RemoteFile) -> Bool {
    guard let expected = file.digest, let size = file.size,
      let digest = try? RunningDigest(expected, count: size),
      let handle = FileHandle(forReadingAtPath: path)
    else { return false }
    while let piece = try? handle.read(upToCount: 1 << 20), !piece.isEmpty {
      guard (try? digest.add(Array(piece))) != nil else { return false }
    }
    return (try? digest.digits()) == expected.digits
  }

  /// Bytes that an interrupted run left.
  func partialBytes(_ file: RemoteFile) -> Int {
    guard file.digest != nil, let size = file.size,
      let count = Folders.fileSize(place(of: file).partial), count <= size
    else { return 0 }
    return count
  }

  /// Fetches a file to its place; contents that the cache has already are taken from there.
  func fetch(_ file: RemoteFile, _ session: HubSession, _ meter: Meter) throws {
    let place = place(of: file)
    let blob = cache.blob(file.tag)
    if !isCache {
      try FolderMaker.make(workFolder)
      try FolderMaker.make(URL(fileURLWithPath: place.final).deletingLastPathComponent().path)
      if file.digest != nil, cache.holds(blob), isWhole(blob, file), isEqual(blob, file) {
        try copy(blob, to: place, file, session, meter)
        return
      }
    }
    try session.download(
      file, commit: commit, to: place,
      isThere: { isCache && cache.holds(blob) && isWhole(blob, file) }, meter: meter)
    if isCache { try cache.link(file, commit: commit) }
  }

  private func copy(
    _ blob: String, to place: FilePlace, _ file: RemoteFile, _ session: HubSession, _ meter: Meter
  ) throws {
    do {
      let source = try PartialFile(reading: Folders.real(blob) ?? blob)
      let target = try PartialFile(place.partial)
      try target.empty()
      try source.read { piece in
        if session.context.cancellation.isSet { throw CancellationError() }
        try target.append(piece)
        meter.add(piece.count)
      }
      try target.finish(as: place.final)
    } catch let error as TransferError {
      throw HubError(session.context.repository.text, error)
    }
  }

  /// Everything is there: the cache records the revision, the user's folder is tidied.
  func finish() throws(HubError) {
    if isCache {
      try cache.remember(commit)
    } else {
      try? FileManager.default.removeItem(atPath: workFolder)
    }
  }
}
