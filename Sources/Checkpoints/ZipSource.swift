import CZip
import Foundation

/// What libzip reads an archive through: a mapped file, never a handle of its own. It notes where the
/// library last read, which is how the place of an entry's bytes is learned (libzip has no call for
/// that).
final class ZipSource {
  private let file: MappedFile
  private var position = 0
  private var error = zip_error_t()
  /// Where the last read began, since ``forget()``.
  private(set) var lastRead: Int?

  init(_ file: MappedFile) {
    self.file = file
    zip_error_init(&error)
  }

  func forget() { lastRead = nil }

  /// Opens the archive. It keeps this object alive until ``zip_discard``.
  /// - Throws: ``CheckpointError`` with libzip's words.
  func open() throws(CheckpointError) -> OpaquePointer {
    var failure = zip_error_t()
    zip_error_init(&failure)
    defer { zip_error_fini(&failure) }
    let state = Unmanaged.passRetained(self)
    guard
      let source = zip_source_function_create(
        { state, data, length, command in
          guard let state else { return -1 }
          return Unmanaged<ZipSource>.fromOpaque(state).takeUnretainedValue()
            .answer(command, data, length)
        }, state.toOpaque(), &failure)
    else {
      state.release()
      throw refusal(&failure)
    }
    guard let archive = zip_open_from_source(source, ZIP_RDONLY, &failure) else {
      let error = refusal(&failure)
      zip_source_free(source)
      throw error
    }
    return archive
  }

  private func refusal(_ error: inout zip_error_t) -> CheckpointError {
    CheckpointError(file: file.path, reason: .zip(String(cString: zip_error_strerror(&error))))
  }

  private func answer(
    _ command: zip_source_cmd_t, _ data: UnsafeMutableRawPointer?, _ length: zip_uint64_t
  ) -> zip_int64_t {
    switch command {
    case ZIP_SOURCE_OPEN:
      position = 0
      return 0
    case ZIP_SOURCE_READ: return read(data, length)
    case ZIP_SOURCE_CLOSE: return 0
    case ZIP_SOURCE_STAT:
      guard let data, length >= MemoryLayout<zip_stat_t>.size else { return -1 }
      let facts = data.assumingMemoryBound(to: zip_stat_t.self)
      zip_stat_init(facts)
      facts.pointee.size = zip_uint64_t(file.count)
      facts.pointee.valid |= zip_uint64_t(ZIP_STAT_SIZE)
      return zip_int64_t(MemoryLayout<zip_stat_t>.size)
    case ZIP_SOURCE_ERROR: return zip_error_to_data(&error, data, length)
    case ZIP_SOURCE_SEEK:
      let place = zip_source_seek_compute_offset(
        zip_uint64_t(position), zip_uint64_t(file.count), data, length, &error)
      guard place >= 0, place <= file.count else { return -1 }
      position = Int(place)
      return 0
    case ZIP_SOURCE_TELL: return zip_int64_t(position)
    case ZIP_SOURCE_SUPPORTS:
      return [
        ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR,
        ZIP_SOURCE_FREE, ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL, ZIP_SOURCE_SUPPORTS,
      ].reduce(0) { $0 | 1 << zip_int64_t($1.rawValue) }
    case ZIP_SOURCE_FREE:
      zip_error_fini(&error)
      Unmanaged.passUnretained(self).release()
      return 0
    default:
      zip_error_set(&error, ZIP_ER_OPNOTSUPP, 0)
      return -1
    }
  }

  private func read(_ data: UnsafeMutableRawPointer?, _ length: zip_uint64_t) -> zip_int64_t {
    guard let data else { return -1 }
    let count = Int(min(length, zip_uint64_t(file.count - position)))
    file.withBytes(position..<position + count) { bytes in
      if let start = bytes.baseAddress, count > 0 { data.copyMemory(from: start, byteCount: count) }
    }
    lastRead = position
    position += count
    return zip_int64_t(count)
  }
}
