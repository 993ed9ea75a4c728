import Files
/// Where a picture's bytes come from: an open file of which any part can be read, or memory.
final class FileSource {
  let name: String
  let byteCount: Int
  private let file: OpenFile?
  private let bytes: [UInt8]
  /// The position of a reader that goes through the file, such as libtiff.
  var position = 0

  init(_ path: String) throws(ImageError) {
    name = path
    do throws(RegularFile.Failure) {
      let file = try OpenFile(path)
      byteCount = file.byteCount
      self.file = file
      bytes = []
    } catch {
      throw Self.error(error, path)
    }
  }

  init(_ bytes: [UInt8], name: String) {
    self.name = name
    self.bytes = bytes
    byteCount = bytes.count
    file = nil
  }

  /// The same bytes with a position of their own.
  func copy() throws(ImageError) -> FileSource {
    file == nil ? FileSource(bytes, name: name) : try FileSource(name)
  }

  /// The file beside it whose name has this ending in addition; `nil` where there is none that can be read.
  func companion(ending: String) -> FileSource? {
    guard file != nil else { return nil }
    do throws(ImageError) { return try FileSource(name + ending) } catch { return nil }
  }

  func format() throws(ImageError) -> ImageFormat {
    try ImageFormat(start: start(ImageFormat.startLength), name: name)
  }

  private func start(_ count: Int) throws(ImageError) -> [UInt8] {
    guard let file else { return Array(bytes.prefix(count)) }
    do throws(RegularFile.Failure) {
      return try file.bytes(count: min(count, byteCount))
    } catch {
      throw Self.error(error, name)
    }
  }

  /// - Throws: ``ImageError`` where it has more than `limit` bytes.
  func wholeFile(limit: Int) throws(ImageError) -> [UInt8] {
    guard byteCount <= limit else {
      throw ImageError(name: name, reason: .tooManyBytes(count: byteCount, limit: limit))
    }
    return try start(byteCount)
  }

  /// Bytes copied from ``position`` on, which moves on by as many; 0 at the end, −1 after a failure.
  func read(into target: UnsafeMutableRawBufferPointer) -> Int {
    let done = read(into: target, at: position)
    position += max(0, done)
    return done
  }

  private func read(into target: UnsafeMutableRawBufferPointer, at place: Int) -> Int {
    guard place >= 0, place < byteCount else { return 0 }
    let count = min(target.count, byteCount - place)
    let part = UnsafeMutableRawBufferPointer(rebasing: target[..<count])
    if let file { return file.read(into: part, at: place) }
    bytes.withUnsafeBytes {
      part.copyMemory(from: .init(rebasing: $0[place..<place + count]))
    }
    return count
  }

  /// At most `count` bytes from a place on, without changing ``position``; `nil` where there are none.
  func bytes(at place: Int, count: Int) -> [UInt8]? {
    var done = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { target, filled in
      done = read(into: UnsafeMutableRawBufferPointer(target), at: place)
      filled = max(0, done)
    }
    return done > 0 ? bytes : nil
  }

  private static func error(_ failure: RegularFile.Failure, _ path: String) -> ImageError {
    switch failure {
    case .tooManyBytes(let count, let limit):
      ImageError(name: path, reason: .tooManyBytes(count: count, limit: limit))
    case .system, .notRegular: ImageError(name: path, reason: .unreadable(failure.text))
    }
  }
}
