import Glibc

/// A file that one process has at a time, by `flock`: the system gives it up with the process, however
/// that ends. The file stays: removing it would let two processes lock two files of one name.
package final class FileLock: Sendable {
  package enum Failure: Error, Equatable {
    /// Another process has it.
    case taken
    /// errno; `isOpen` where the file could be opened and not locked.
    case system(code: Int32, isOpen: Bool)

    package var code: Int32 {
      switch self {
      case .taken: EWOULDBLOCK
      case .system(let code, _): code
      }
    }
  }

  private let descriptor: Int32

  /// Creates the file if it does not exist, and does not wait.
  /// - Parameter followingLinks: whether the path may be a symbolic link.
  package init(_ path: String, followingLinks: Bool = true) throws(Failure) {
    let flags = O_RDWR | O_CREAT | O_CLOEXEC | (followingLinks ? 0 : O_NOFOLLOW)
    let opened = uninterrupted { open(path, flags, 0o644) }
    guard opened >= 0 else { throw .system(code: errno, isOpen: false) }
    guard uninterrupted({ flock(opened, LOCK_EX | LOCK_NB) }) == 0 else {
      let code = errno
      close(opened)
      throw code == EWOULDBLOCK ? .taken : .system(code: code, isOpen: true)
    }
    descriptor = opened
  }

  deinit { close(descriptor) }

  /// Puts a text into the file, for the message of whoever finds it taken. The lock does not depend on it.
  package func write(_ text: String) {
    _ = uninterrupted { ftruncate(descriptor, 0) }
    let bytes = Array(text.utf8)
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { rest in
        uninterrupted { pwrite(descriptor, rest.baseAddress, rest.count, written) }
      }
      guard count > 0 else { return }
      written += count
    }
  }
}
