import Files
import Foundation

/// Why SQLite could not open a collection: it says only that it could not, so the same is tried again
/// without it.
enum OpeningFailure {
  /// SQLite's `MAX_PATHNAME` less the ending of a journal's name, in bytes of the whole path.
  static let longestPath = 504

  static func tooLong(_ path: String) -> CollectionError.Reason? {
    let count = URL(fileURLWithPath: path).path.utf8.count
    guard count > longestPath else { return nil }
    return .system(
      "its whole path has \(count) bytes, and SQLite opens none of more than \(longestPath); choose a "
        + "folder with a shorter path")
  }

  static func reason(opening path: String) -> CollectionError.Reason {
    if let reason = tooLong(path) { return reason }
    let (code, isThere) = attempt(path)
    if code != 0 && !(code == ENOENT && !isThere) { return reason(code, isWriting: false) }
    // The file itself can be opened: it is the log beside it that cannot be made or shared.
    if isReadOnly(folderOf: path) {
      return FileManager.default.fileExists(atPath: path + "-wal")
        ? .system(
          "lies on a file system that cannot be written, with a log of its last run (-wal) that cannot "
            + "be read there; copy the file and its -wal to another place")
        : .system("cannot be made: its file system is read-only")
    }
    if let code = folderFailure(path) { return reason(code, isWriting: true) }
    return .system("cannot be opened; check the permissions of the file and its folder")
  }

  /// Where it could be opened but not written.
  static func reason(writing path: String) -> CollectionError.Reason {
    isReadOnly(folderOf: path)
      ? .system("cannot be written: its file system is read-only") : .readOnly
  }

  static func reason(_ code: Int32, isWriting: Bool) -> CollectionError.Reason {
    switch code {
    case ENOSPC, EDQUOT: .diskFull
    case ENOENT: .system("its folder does not exist; make it first")
    case EMFILE, ENFILE:
      .system("too many open files; close some programs, or raise the limit (ulimit -n)")
    case EROFS: .system("cannot be written: its file system is read-only")
    case ENAMETOOLONG:
      .system("its name is longer than the file system allows; choose a shorter one")
    case EISDIR: .system("is a folder, no collection")
    case ENOTDIR: .system("a part of its path is a file, not a folder")
    case EACCES, EPERM:
      isWriting
        ? .readOnly : .system("cannot be opened; check the permissions of the file and its folder")
    default: .system("cannot be opened: \(unsafe String(cString: strerror(code)))")
    }
  }

  /// Opens the file for reading; errno, or 0.
  private static func attempt(_ path: String) -> (code: Int32, isThere: Bool) {
    let descriptor = uninterrupted {
      unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    }
    guard descriptor >= 0 else {
      let code = errno
      return (code, FileManager.default.fileExists(atPath: path))
    }
    defer { close(descriptor) }
    var facts = stat()
    let isFolder = unsafe fstat(descriptor, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
    return (isFolder ? EISDIR : 0, true)
  }

  private static func folder(of path: String) -> String {
    URL(fileURLWithPath: path).deletingLastPathComponent().path
  }

  private static func isReadOnly(folderOf path: String) -> Bool {
    unsafe access(folder(of: path), W_OK) != 0 && errno == EROFS
  }

  private static func folderFailure(_ path: String) -> Int32? {
    unsafe access(folder(of: path), W_OK | X_OK) == 0 ? nil : errno
  }
}
