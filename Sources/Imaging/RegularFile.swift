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
    // C would end the name at a zero byte and open another file.
    guard !path.utf8.contains(0) else { throw .system("the name holds a zero byte") }
    // O_NONBLOCK: opening a pipe that nobody writes to must not wait.
    let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
    guard file >= 0 else { throw .system(systemText()) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw .system(systemText()) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .notRegular(kind(status.st_mode))
    }
    guard status.st_size <= limit else {
      throw .tooManyBytes(count: Int(status.st_size), limit: limit)
    }
    return try bytes(of: file, count: min(Int(status.st_size), prefix ?? Int.max))
  }

  /// Up to `count` bytes; fewer where the file has shrunk since it was asked for its size.
  private static func bytes(of file: Int32, count: Int) throws(Failure) -> [UInt8] {
    var failure: Failure?
    let result = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let step = Glibc.read(file, buffer.baseAddress.map { $0 + filled }, count - filled)
        if step < 0 && errno == EINTR { continue }
        if step < 0 { failure = .system(systemText()) }
        if step <= 0 { break }
        filled += step
      }
    }
    if let failure { throw failure }
    return result
  }

  private static func systemText() -> String {
    String(cString: strerror(errno))
  }

  private static func kind(_ mode: mode_t) -> String {
    switch mode & S_IFMT {
    case S_IFDIR: "a directory"
    case S_IFIFO: "a pipe"
    case S_IFSOCK: "a socket"
    case S_IFCHR, S_IFBLK: "a device"
    default: "something else"
    }
  }
}
