import Foundation

/// A file mapped for reading: its pages are read when they are touched, and shared with other processes.
///
/// `@unchecked Sendable`: the mapping is private, read-only and lives as long as this object.
package final class MappedFile: @unchecked Sendable {
  package let path: String
  package let count: Int
  private let start: UnsafeRawPointer?

  package init(_ path: String) throws(CheckpointError) {
    self.path = path
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Self.failure(path) }
    defer { close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { throw Self.failure(path) }
    guard facts.st_mode & S_IFMT == S_IFREG else {
      throw CheckpointError(file: path, reason: .unreadable("it is no regular file"))
    }
    count = Int(facts.st_size)
    guard count > 0 else {
      start = nil
      return
    }
    guard let mapped = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), mapped != MAP_FAILED
    else { throw Self.failure(path) }
    start = UnsafeRawPointer(mapped)
  }

  deinit {
    if let start { munmap(UnsafeMutableRawPointer(mutating: start), count) }
  }

  private static func failure(_ path: String) -> CheckpointError {
    CheckpointError(file: path, reason: .unreadable(String(cString: strerror(errno))))
  }

  /// The bytes of a range that must lie inside the file.
  func withBytes<Result>(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Result) -> Result
  {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    guard let start else { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
    return body(UnsafeRawBufferPointer(start: start + range.lowerBound, count: range.count))
  }

  /// A copy of a range that must lie inside the file.
  func bytes(_ range: Range<Int>) -> [UInt8] { withBytes(range) { Array($0) } }

  /// The first bytes, fewer where the file is shorter.
  func start(_ count: Int) -> [UInt8] { bytes(0..<min(count, self.count)) }
}
