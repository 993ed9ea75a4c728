import Files
import Foundation

/// One writer at a time, by a lock on `COLLECTION.lock`.
final class WriterLock: Sendable {
  private let lock: FileLock

  init(collection: String) throws {
    let path = collection + ".lock"
    // Before a lock is left beside a collection that SQLite cannot make.
    if let reason = OpeningFailure.tooLong(collection) {
      throw CollectionError(path: collection, reason: reason)
    }
    do throws(FileLock.Failure) {
      lock = try FileLock(path)
    } catch .taken {
      let owner = (try? String(contentsOfFile: path, encoding: .utf8)).flatMap {
        Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
      }
      throw CollectionError(path: collection, reason: .busy(owner: owner))
    } catch .system(let code, let isOpen) {
      throw CollectionError(
        path: collection,
        reason: isOpen
          ? .system("cannot be locked: \(unsafe String(cString: strerror(code)))")
          : OpeningFailure.reason(code, isWriting: true))
    }
    // For the message of the next one.
    lock.write("\(getpid())\n")
  }
}
