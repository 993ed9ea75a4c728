import CRename
import Files
import Foundation

/// A file that is written once, in order, and then forced to the disk.
package final class DurableFile {
  private let descriptor: Int32
  private let path: String

  /// - Throws: ``CheckpointError`` where the file exists already or cannot be made.
  package init(creating path: String) throws(CheckpointError) {
    self.path = path
    descriptor = uninterrupted { open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644) }
    guard descriptor >= 0 else { throw Self.failure(path) }
  }

  deinit { close(descriptor) }

  package func write(_ bytes: [UInt8]) throws(CheckpointError) {
    var done = 0
    while done < bytes.count {
      let step = bytes.withUnsafeBytes { buffer in
        uninterrupted {
          Glibc.write(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done)
        }
      }
      guard step > 0 else { throw Self.failure(path) }
      done += step
    }
  }

  /// Waits until everything written is on the disk.
  package func finish() throws(CheckpointError) {
    guard uninterrupted({ fsync(descriptor) }) == 0 else { throw Self.failure(path) }
  }

  static func failure(_ path: String) -> CheckpointError {
    let code = errno
    let isFull = code == ENOSPC || code == EDQUOT || code == EFBIG
    return CheckpointError(
      file: path,
      reason: .unwritable(isFull ? "the disk is full" : String(cString: strerror(code))))
  }
}

/// A folder that is seen whole or not at all: its files are written under another name beside it, forced
/// to the disk, and renamed together. A process that is killed at any moment leaves either the old
/// folder or the new one, and perhaps one with a name that ``removeLeftovers(in:)`` knows.
package enum AtomicFolder {
  private static let mark = ".unfinished-"

  /// - Parameters:
  ///   - path: the folder; one of that name is replaced.
  ///   - fill: writes the files, given the temporary folder's path.
  /// - Throws: what `fill` throws, and ``CheckpointError``; then what had the name has it still, unless
  ///   the error says otherwise.
  package static func write(_ path: String, _ fill: (String) throws -> Void) throws {
    let target = URL(fileURLWithPath: path).standardizedFileURL
    let parent = target.deletingLastPathComponent()
    let temporary = parent.appendingPathComponent(mark + target.lastPathComponent).path
    try? FileManager.default.removeItem(atPath: temporary)
    // A full disk shows at its first file. Removing what was written makes room again.
    do {
      guard mkdir(temporary, 0o755) == 0 else { throw DurableFile.failure(temporary) }
      try fill(temporary)
      try synchronizeFolders(temporary)
      try exchange(temporary, target.path, in: parent.path)
    } catch {
      try? FileManager.default.removeItem(atPath: temporary)
      throw error
    }
    // After an exchange this is the old folder.
    try? FileManager.default.removeItem(atPath: temporary)
  }

  /// Renames a finished folder; one that has the name already goes.
  package static func move(_ path: String, to target: String) throws(CheckpointError) {
    try exchange(
      path, target, in: URL(fileURLWithPath: target).deletingLastPathComponent().path)
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Removes a folder; a process that is killed meanwhile leaves it whole or under a leftover's name.
  package static func remove(_ path: String) {
    let target = URL(fileURLWithPath: path).standardizedFileURL
    let name = "\(mark)removed-\(target.lastPathComponent)"
    let doomed = target.deletingLastPathComponent().appendingPathComponent(name).path
    try? FileManager.default.removeItem(atPath: doomed)
    guard rename(target.path, doomed) == 0 else { return }
    try? FileManager.default.removeItem(atPath: doomed)
  }

  /// Removes what a killed process left half written.
  package static func removeLeftovers(in folder: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names where name.hasPrefix(mark) {
      try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
    }
  }

  /// One file, whole or not at all.
  package static func write(_ bytes: [UInt8], toFile path: String) throws(CheckpointError) {
    let target = URL(fileURLWithPath: path).standardizedFileURL
    let parent = target.deletingLastPathComponent()
    let temporary = parent.appendingPathComponent(mark + target.lastPathComponent).path
    unlink(temporary)
    let file = try DurableFile(creating: temporary)
    do throws(CheckpointError) {
      try file.write(bytes)
      try file.finish()
      guard rename(temporary, target.path) == 0 else { throw DurableFile.failure(path) }
      try synchronize(parent.path)
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Renames the folder, or exchanges it with the one that has the name, so that there is a folder at every
  /// moment. Waits until the names are on the disk, and changes them back if that fails.
  /// - Parameter parent: the folder of both, opened before anything is renamed, so that one that cannot
  ///   be opened is told while all is as it was.
  private static func exchange(_ temporary: String, _ target: String, in parent: String)
    throws(CheckpointError)
  {
    let names = try OpenFolder(parent)
    var isReplaced = false
    if rename(temporary, target) != 0 {
      guard errno == EEXIST || errno == ENOTEMPTY,
        clip_exchange_names(temporary, target) == 0
      else { throw DurableFile.failure(target) }
      isReplaced = true
    }
    do throws(CheckpointError) {
      try names.synchronize()
    } catch {
      let isBack =
        isReplaced
        ? clip_exchange_names(temporary, target) == 0 : rename(target, temporary) == 0
      guard !isBack else { throw error }
      throw CheckpointError(
        file: target,
        reason: .unwritable(
          "the new folder has its name, but the disk does not confirm it (\(error.reason)); see "
            + "whether it is whole before you rely on it"))
    }
  }

  private static func synchronizeFolders(_ path: String) throws(CheckpointError) {
    for name in (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? [] {
      var isFolder: ObjCBool = false
      let inner = "\(path)/\(name)"
      if FileManager.default.fileExists(atPath: inner, isDirectory: &isFolder), isFolder.boolValue {
        try synchronize(inner)
      }
    }
    try synchronize(path)
  }

  private static func synchronize(_ folder: String) throws(CheckpointError) {
    try OpenFolder(folder).synchronize()
  }
}

/// A folder whose names can be forced to the disk.
private final class OpenFolder {
  private let descriptor: Int32
  private let path: String

  init(_ path: String) throws(CheckpointError) {
    self.path = path
    descriptor = uninterrupted { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw DurableFile.failure(path) }
  }

  deinit { close(descriptor) }

  func synchronize() throws(CheckpointError) {
    // EINVAL: a file system on which folders cannot be synchronised, and need not be.
    guard uninterrupted({ fsync(descriptor) }) == 0 || errno == EINVAL else {
      throw DurableFile.failure(path)
    }
  }
}

/// A folder that one process works in at a time.
package final class FolderLock: Sendable {
  private let lock: FileLock

  /// `nil` where another process has it.
  package init?(_ folder: String) throws(CheckpointError) {
    let path = folder + "/.lock"
    do throws(FileLock.Failure) {
      lock = try FileLock(path)
    } catch .taken {
      return nil
    } catch {
      errno = error.code
      throw DurableFile.failure(path)
    }
  }
}
