import Foundation

/// One writer at a time: a lock on `COLLECTION.lock` that the system gives up with the process, however
/// it ends.
final class WriterLock: Sendable {
  private let descriptor: Int32
  private let path: String

  init(collection: String) throws {
    path = collection + ".lock"
    descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      let reason: CollectionError.Reason =
        switch errno {
        case ENOSPC, EDQUOT: .diskFull
        case ENOENT: .system("its folder does not exist; make it first")
        default: .readOnly
        }
      throw CollectionError(path: collection, reason: reason)
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let owner = (try? String(contentsOfFile: path, encoding: .utf8)).flatMap {
        Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
      }
      close(descriptor)
      throw CollectionError(path: collection, reason: .busy(owner: owner))
    }
    _ = ftruncate(descriptor, 0)
    // Only for the message of the next one; the lock itself does not depend on it.
    try? FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).write(
      contentsOf: Data("\(getpid())\n".utf8))
  }

  /// The file stays: removing it would let two processes lock two files of one name.
  deinit { close(descriptor) }
}
