import Files
import Foundation

/// One writer at a time: a lock on `COLLECTION.lock` that the system gives up with the process, however
/// it ends.
final class WriterLock: Sendable {
  private let descriptor: Int32
  private let path: String

  init(collection: String) throws {
    path = collection + ".lock"
    // Before a lock is left beside a collection that SQLite cannot make.
    if let reason = OpeningFailure.tooLong(collection) {
      throw CollectionError(path: collection, reason: reason)
    }
    let name = path
    descriptor = uninterrupted { unsafe open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0o644) }
    guard descriptor >= 0 else {
      throw CollectionError(
        path: collection, reason: OpeningFailure.reason(errno, isWriting: true))
    }
    guard uninterrupted({ flock(descriptor, LOCK_EX | LOCK_NB) }) == 0 else {
      let code = errno
      guard code == EWOULDBLOCK else {
        close(descriptor)
        throw CollectionError(
          path: collection,
          reason: .system("cannot be locked: \(unsafe String(cString: strerror(code)))"))
      }
      let owner = (try? String(contentsOfFile: path, encoding: .utf8)).flatMap {
        Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
      }
      close(descriptor)
      throw CollectionError(path: collection, reason: .busy(owner: owner))
    }
    _ = uninterrupted { ftruncate(descriptor, 0) }
    // Only for the message of the next one; the lock itself does not depend on it.
    try? FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).write(
      contentsOf: Data("\(getpid())\n".utf8))
  }

  /// The file stays: removing it would let two processes lock two files of one name.
  deinit { close(descriptor) }
}
