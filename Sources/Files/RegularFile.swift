import Glibc

/// The bytes of a regular file, read once and within a bound. Devices, pipes and directories are
/// refused before a byte is read, so that a name from outside cannot make a reader wait for ever.
package enum RegularFile {
  package enum Failure: Error, Equatable {
    /// What the system says, e.g. "No such file or directory".
    case system(String)
    /// E.g. "a directory".
    case notRegular(String)
    case tooManyBytes(count: Int, limit: Int)

    package var text: String {
      switch self {
      case .system(let why): why
      case .notRegular(let kind): "a regular file was expected, this is \(kind)"
      case .tooManyBytes(let count, let limit): "\(count) bytes, more than the limit of \(limit)"
      }
    }
  }

  /// - Parameters:
  ///   - limit: the longest file that is accepted, in bytes.
  ///   - prefix: read at most so many bytes from the start (the whole file where `nil`).
  package static func read(
    _ path: String, limit: Int, prefix: Int? = nil
  ) throws(Failure) -> [UInt8] {
    if prefix == nil, let known = OpenedFiles.bytes(of: path), known.count <= limit { return known }
    let file = try OpenedFiles.open(path)
    guard file.byteCount <= limit else {
      throw .tooManyBytes(count: file.byteCount, limit: limit)
    }
    let bytes = try file.bytes(count: min(file.byteCount, prefix ?? Int.max))
    if prefix == nil { OpenedFiles.remember(bytes, of: path) }
    return bytes
  }

  static func systemText() -> String {
    String(cString: strerror(errno))
  }

  fileprivate static func kind(_ mode: mode_t) -> String {
    switch mode & S_IFMT {
    case S_IFDIR: "a directory"
    case S_IFIFO: "a pipe"
    case S_IFSOCK: "a socket"
    case S_IFCHR, S_IFBLK: "a device"
    default: "something else"
    }
  }
}

/// A regular file that is open for reading, and closed with the last reference.
package final class OpenFile: Sendable {
  /// Its own while this object lives.
  package let descriptor: Int32
  /// When it was opened.
  package let byteCount: Int
  /// When it was opened: the last change of its contents, in seconds and nanoseconds.
  private let modified: (Int, Int)

  package init(_ path: String) throws(RegularFile.Failure) {
    // C would end the name at a zero byte and open another file.
    guard !path.utf8.contains(0) else { throw .system("the name holds a zero byte") }
    // O_NONBLOCK: opening a pipe that nobody writes to must not wait.
    descriptor = uninterrupted { open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY) }
    guard descriptor >= 0 else { throw .system(RegularFile.systemText()) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let text = RegularFile.systemText()
      close(descriptor)
      throw .system(text)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .notRegular(RegularFile.kind(status.st_mode))
    }
    // A file system in a process of its own may say anything.
    byteCount = max(0, Int(status.st_size))
    modified = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
  }

  deinit { close(descriptor) }

  /// Whether somebody has written to the file itself since, rather than put another in its place.
  package var hasChanged: Bool {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return true }
    return Int(status.st_size) != byteCount
      || (status.st_mtim.tv_sec, status.st_mtim.tv_nsec) != modified
  }

  /// Up to `count` bytes from the start; fewer where the file has shrunk since it was opened.
  package func bytes(count: Int) throws(RegularFile.Failure) -> [UInt8] {
    var failure: RegularFile.Failure?
    let result = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      let space = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: count)
      let done = read(into: space, at: 0)
      if done < 0 { failure = .system(RegularFile.systemText()) }
      filled = max(0, done)
    }
    if let failure { throw failure }
    return result
  }

  /// - Returns: bytes read, fewer at the end of the file; −1 with `errno` after a failure.
  package func read(into target: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
    var done = 0
    while done < target.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: target[done...])
      let step = uninterrupted {
        pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
      }
      if step < 0 { return -1 }
      if step == 0 { break }
      done += step
    }
    return done
  }
}
