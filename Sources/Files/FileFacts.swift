import Glibc

/// What the file system says about a path: kind, size, time, and which file it is.
package struct FileFacts: Sendable, Equatable {
  package enum Kind: Sendable, Equatable { case regular, folder, link, other }

  /// Which file it is, by whatever path it was reached.
  package struct Identity: Hashable, Sendable {
    package let device: UInt64
    package let inode: UInt64
  }

  /// What the system says where it cannot tell.
  package struct Failure: Error, Equatable {
    package let code: Int32

    /// Nothing is there: no such name, a file where a folder would have to be, or links in a circle.
    package var isAbsence: Bool { code == ENOENT || code == ENOTDIR || code == ELOOP }
    package var isTooLong: Bool { code == ENAMETOOLONG }
    package var text: String { String(cString: strerror(code)) }
  }

  package let kind: Kind
  package let byteCount: Int64
  /// Nanoseconds since 1970; times that do not fit, before 1677 and after 2262, are the nearest that does.
  package let modifiedNanoseconds: Int64
  package let identity: Identity

  /// - Parameter followingLinks: whether a link's target is described, or the link itself.
  package init(_ path: String, followingLinks: Bool = true) throws(Failure) {
    // C would end the name at a zero byte and describe another file.
    guard !path.utf8.contains(0) else { throw Failure(code: ENOENT) }
    var status = stat()
    while (followingLinks ? stat(path, &status) : lstat(path, &status)) != 0 {
      guard errno == EINTR else { throw Failure(code: errno) }
    }
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .folder
      case S_IFLNK: .link
      default: .other
      }
    byteCount = Int64(status.st_size)
    modifiedNanoseconds = Self.nanoseconds(
      seconds: Int64(status.st_mtim.tv_sec), Int64(status.st_mtim.tv_nsec))
    identity = Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
  }

  static func nanoseconds(seconds: Int64, _ rest: Int64) -> Int64 {
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, tooMuch) = whole.addingReportingOverflow(rest)
    return overflow || tooMuch ? (seconds < 0 ? .min : .max) : sum
  }

  /// The path without links, `.` and `..`; `nil` where it leads nowhere. Its bytes are the file system's.
  package static func realPath(_ path: String) -> String? {
    guard !path.utf8.contains(0), let found = realpath(path, nil) else { return nil }
    defer { free(found) }
    return String(validatingCString: found)
  }
}

extension PathBytes {
  /// What stands before the last component, `/` at least.
  package var parent: PathBytes {
    let end = bytes.lastIndex(of: 0x2F) ?? 0
    return PathBytes(end == 0 ? [0x2F] : Array(bytes[..<end]))
  }
}
