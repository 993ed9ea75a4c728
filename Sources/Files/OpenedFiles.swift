import Synchronization

/// Files that belong together, each opened once and read once, whoever asks for it by name.
///
/// A folder may be exchanged while it is read: a name that is opened a second time may then be another
/// file. Within ``reading(_:)`` every name stands for what it was at its first opening, so that what is
/// hashed at the end is what was read before.
package final class OpenedFiles: Sendable {
  @TaskLocal fileprivate static var current: OpenedFiles?

  private struct Contents {
    let file: OpenFile
    var bytes: [UInt8]?
  }

  /// Keyed by the bytes of the names: as strings, two names that differ only in form would be equal.
  private let files = Mutex<[[UInt8]: Contents]>([:])

  private init() {}

  /// Runs `body`, in which ``open(_:)`` and `RegularFile.read` open each name once.
  package static func reading<Result>(_ body: () throws -> Result) rethrows -> Result {
    try $current.withValue(OpenedFiles(), operation: body)
  }

  /// The file of this name, the same one at every call within ``reading(_:)``.
  package static func open(_ path: String) throws(RegularFile.Failure) -> OpenFile {
    guard let current else { return try OpenFile(path) }
    let name = Array(path.utf8)
    if let known = current.files.withLock({ $0[name]?.file }) { return known }
    let opened = try OpenFile(path)
    return current.files.withLock { files in
      if let first = files[name] { return first.file }
      files[name] = Contents(file: opened)
      return opened
    }
  }

  /// Whether there is such a file; within ``reading(_:)``, whether it was opened.
  package static func has(_ path: String) -> Bool? {
    current.map { opened in opened.files.withLock { $0[Array(path.utf8)] != nil } }
  }

  /// What was read of the file within ``reading(_:)``, if it was read as a whole.
  package static func bytes(of path: String) -> [UInt8]? {
    current?.files.withLock { $0[Array(path.utf8)]?.bytes }
  }

  static func remember(_ bytes: [UInt8], of path: String) {
    current?.files.withLock { $0[Array(path.utf8)]?.bytes = bytes }
  }

  /// The first of the files that was written to since it was opened.
  package static func changed() -> String? {
    current?.files.withLock { files in
      files.first { $0.value.file.hasChanged }.map { String(decoding: $0.key, as: UTF8.self) }
    }
  }
}
