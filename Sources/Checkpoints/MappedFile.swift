import Files
import Foundation

/// A file mapped for reading: its pages are read when they are touched, and shared with other processes.
///
/// `@unchecked Sendable`: the mapping is private, read-only and lives as long as this object.
package final class MappedFile: @unchecked Sendable {
  package let path: String
  package let count: Int
  /// `nil` where there is none.
  private let file: OpenFile?
  private let start: UnsafeRawPointer?

  package init(_ path: String) throws(CheckpointError) {
    self.path = path
    let file: OpenFile
    do throws(RegularFile.Failure) {
      file = try OpenedFiles.open(path)
    } catch {
      throw CheckpointError(file: path, reason: .unreadable(error.text))
    }
    self.file = file
    count = file.byteCount
    guard count > 0 else {
      start = nil
      return
    }
    guard let mapped = mmap(nil, count, PROT_READ, MAP_PRIVATE, file.descriptor, 0),
      mapped != MAP_FAILED
    else { throw Self.failure(path) }
    start = UnsafeRawPointer(mapped)
  }

  /// Whether somebody has written to the file since it was opened: the mapping shows what is written.
  package var hasChanged: Bool { file?.hasChanged ?? false }

  /// The four bytes of a number that the file at `path` leaves out.
  init(standingFor path: String, number: Float) {
    self.path = path
    file = nil
    count = MemoryLayout<Float>.size
    let memory = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory, memory != MAP_FAILED else { preconditionFailure("no memory for a number") }
    memory.storeBytes(of: number, as: Float.self)
    start = UnsafeRawPointer(memory)
  }

  deinit {
    if let start { munmap(UnsafeMutableRawPointer(mutating: start), count) }
  }

  private static func failure(_ path: String) -> CheckpointError {
    let code = errno
    return CheckpointError(
      file: path,
      reason: .unreadable(
        code == ENOMEM
          ? "the memory that this process may use has no room for it (ulimit -v)"
          : String(cString: strerror(code))))
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
