import Foundation

/// What a reader made of some bytes.
package enum FuzzOutcome: Sendable, Equatable {
  case read
  /// One of the package's own errors, as it is shown.
  case refused(String)
}

/// A target with the folder that its files are written to, best in memory. Calls the readers that the
/// program calls, by the same entry. A trap, an error that is none of the package's own, memory without
/// measure or time without end is a finding.
package struct FuzzReader: Sendable {
  package let target: FuzzTarget
  let folder: String

  /// - Parameter folder: must be there; files in it are overwritten.
  package init(_ target: FuzzTarget, in folder: String) throws {
    self.target = target
    self.folder = folder
    for (name, text) in target.companions { try write(Array(text.utf8), to: name) }
  }

  package func run(_ bytes: [UInt8]) -> FuzzOutcome {
    do {
      try read(bytes)
      return .read
    } catch {
      // The text is made here, since that is code of ours too.
      let text = String(describing: error)
      precondition(isOwn(error), "an error that is none of ours: \(type(of: error)): \(text)")
      return .refused(text)
    }
  }

  /// Writes a file of the folder anew.
  /// - Returns: its path.
  @discardableResult
  func write(_ bytes: [UInt8], to name: String) throws -> String {
    let path = "\(folder)/\(name)"
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FolderError(path: path, code: errno) }
    defer { close(descriptor) }
    var done = 0
    while done < bytes.count {
      let step = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done)
      }
      guard step > 0 else { throw FolderError(path: path, code: errno) }
      done += step
    }
    return path
  }
}

/// The folder for the files cannot be used; nothing of the reader.
struct FolderError: Error {
  let path: String
  let code: Int32
}
