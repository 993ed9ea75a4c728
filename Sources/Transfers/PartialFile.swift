import Files
import Foundation
import Threads

/// A file under a temporary name that grows until it is whole, gets forced to the disk, and is then
/// renamed. Left alone at any moment, it is there to be gone on with.
package final class PartialFile {
  package let path: String
  package private(set) var count: Int
  private let descriptor: Int32

  /// Opens what is there, or begins. A link, or anything but a file, is refused.
  package convenience init(_ path: String) throws(TransferError) {
    try self.init(path, flags: O_RDWR | O_CREAT)
  }

  /// Opens a finished file, to be read only.
  package convenience init(reading path: String) throws(TransferError) {
    try self.init(path, flags: O_RDONLY)
  }

  private init(_ path: String, flags: Int32) throws(TransferError) {
    self.path = path
    descriptor = uninterrupted {
      open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o644)
    }
    guard descriptor >= 0 else { throw Self.failure(path) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw TransferError(path, .unwritable("it is no regular file"))
    }
    count = Int(facts.st_size)
  }

  deinit { close(descriptor) }

  package func append(_ bytes: [UInt8]) throws(TransferError) {
    var done = 0
    while done < bytes.count {
      let step = bytes.withUnsafeBytes { buffer in
        pwrite(
          descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done,
          off_t(count + done))
      }
      if step < 0, errno == EINTR { continue }
      guard step > 0 else { throw Self.failure(path) }
      done += step
    }
    count += bytes.count
  }

  /// Throws all of it away.
  package func empty() throws(TransferError) {
    guard uninterrupted({ ftruncate(descriptor, 0) }) == 0 else { throw Self.failure(path) }
    count = 0
  }

  /// Hands over what is there, from its beginning, in pieces.
  package func read(_ body: ([UInt8]) throws -> Void) throws {
    var piece = [UInt8](repeating: 0, count: 1 << 20)
    var place = 0
    while place < count {
      let step = piece.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress, $0.count, off_t(place))
      }
      if step < 0, errno == EINTR { continue }
      guard step > 0 else { throw Self.failure(path) }
      try body(step == piece.count ? piece : Array(piece.prefix(step)))
      place += step
    }
  }

  /// Waits until everything is on the disk, and gives it its name; what had that name goes.
  package func finish(as target: String) throws(TransferError) {
    guard uninterrupted({ fsync(descriptor) }) == 0, rename(path, target) == 0 else {
      throw Self.failure(target)
    }
    Folders.synchronize(URL(fileURLWithPath: target).deletingLastPathComponent().path)
  }

  static func failure(_ path: String) -> TransferError {
    let code = errno
    let isFull = code == ENOSPC || code == EDQUOT || code == EFBIG
    return TransferError(
      path, .unwritable(isFull ? "the disk is full" : String(cString: strerror(code))))
  }
}

/// What the file system is asked besides files.
package enum Folders {
  /// Forces a folder's names to the disk, where that is possible.
  package static func synchronize(_ folder: String) {
    let descriptor = uninterrupted { open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard descriptor >= 0 else { return }
    _ = uninterrupted { fsync(descriptor) }
    close(descriptor)
  }

  /// Bytes that may be written below a folder, or below the nearest one above it that exists.
  package static func freeBytes(at folder: String) -> Int? {
    var place = URL(fileURLWithPath: folder).standardizedFileURL
    while true {
      var facts = statvfs()
      if statvfs(place.path, &facts) == 0 {
        let (bytes, isTooMany) = Int(clamping: facts.f_bavail)
          .multipliedReportingOverflow(by: Int(clamping: facts.f_frsize))
        return isTooMany ? Int.max : bytes
      }
      guard place.path != "/" else { return nil }
      place.deleteLastPathComponent()
    }
  }

  /// The path with all links followed; `nil` where it leads nowhere.
  package static func real(_ path: String) -> String? {
    guard let found = realpath(path, nil) else { return nil }
    defer { free(found) }
    return String(cString: found)
  }

  /// Size of the regular file that a path leads to.
  package static func fileSize(_ path: String) -> Int? {
    var facts = stat()
    guard stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(facts.st_size)
  }

  /// A symbolic link under that name, in place of what had it.
  package static func link(_ path: String, to target: String) throws(TransferError) {
    let temporary = "\(path).\(UInt32.random(in: 0...UInt32.max)).link"
    guard symlink(target, temporary) == 0 else { throw PartialFile.failure(path) }
    guard rename(temporary, path) == 0 else {
      let error = PartialFile.failure(path)
      unlink(temporary)
      throw error
    }
    synchronize(URL(fileURLWithPath: path).deletingLastPathComponent().path)
  }

  /// A small file, whole or not at all.
  package static func write(_ text: String, to path: String) throws(TransferError) {
    let temporary = "\(path).\(UInt32.random(in: 0...UInt32.max)).tmp"
    let file = try PartialFile(temporary)
    do throws(TransferError) {
      try file.append(Array(text.utf8))
      try file.finish(as: path)
    } catch {
      unlink(temporary)
      throw error
    }
  }
}

/// A name that one process works on at a time.
package final class NameLock: Sendable {
  private let lock: FileLock

  /// Waits for it.
  /// - Parameter waiting: called once where another process has it.
  package init(_ path: String, cancellation: StopFlag, waiting: () -> Void)
    throws(TransferError)
  {
    var isTold = false
    while true {
      do throws(FileLock.Failure) {
        lock = try FileLock(path, followingLinks: false)
        return
      } catch .taken {
        guard !cancellation.isSet else { throw TransferError(path, .cancelled) }
        if !isTold { waiting() }
        isTold = true
        usleep(100_000)
      } catch {
        errno = error.code
        throw PartialFile.failure(path)
      }
    }
  }
}
