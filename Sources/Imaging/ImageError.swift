import Texts

/// Why a picture could not be read or written; its text names the file, what was expected and found.
public struct ImageError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Reason: Sendable, Equatable {
    /// The file cannot be opened or read, or is no regular file; the text says which.
    case unreadable(String)
    /// The file has no bytes.
    case empty
    /// The first bytes are of no format that is read; `found` says of what instead.
    case unknownFormat(found: String)
    /// The file ends before its picture does.
    case truncated
    /// More bytes than are read of one file.
    case tooManyBytes(count: Int, limit: Int)
    /// The header announces more pixels than `limit`; nothing was allocated for them.
    case tooLarge(width: Int, height: Int, limit: Int)
    /// The file has too few bytes for the picture that its header announces, however packed.
    case tooShort(bytes: Int, width: Int, height: Int)
    /// The caller wants it no more.
    case cancelled
    /// What the decoder, or a check of ours, says about the contents.
    case invalid(String)
  }
  /// The file's path, or what stands for it. As given: it may hold control characters, which
  /// ``description`` shows escaped.
  public let name: String
  public let reason: Reason

  public init(name: String, reason: Reason) {
    self.name = name
    self.reason = reason
  }

  /// One line without control characters.
  public var description: String { "\(safeForTerminal(name)): \(safeForTerminal(text))" }

  private var text: String {
    switch reason {
    case .unreadable(let why): "cannot be read: \(why)"
    case .empty:
      "the file is empty (0 bytes); a picture was expected; copy it again from its source"
    case .unknownFormat(let found):
      "not a picture that is read here: \(found); expected \(ImageFormat.expected); convert it first"
    case .truncated:
      "the file is truncated: it ends before its picture does; copy it again from its source"
    case .tooManyBytes(let count, let limit):
      "\(count) bytes, more than the \(limit) that are read of one picture; save it smaller"
    case .tooLarge(let width, let height, let limit):
      "\(width) × \(height) pixels, more than the limit of \(limit)"
    case .tooShort(let bytes, let width, let height):
      "\(bytes) bytes cannot hold the \(width) × \(height) pixels that its header announces; it is"
        + " damaged, or made to fill the memory; copy it again from its source"
    case .cancelled: "not read to its end: cancelled"
    case .invalid(let why): why
    }
  }
}
