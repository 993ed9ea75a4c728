/// Why a picture could not be read or written; its text names the file, what was expected and found.
public struct ImageError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Reason: Sendable, Equatable {
    case unreadable(String)
    case empty
    case notJPEG
    case truncated
    case tooLarge(width: Int, height: Int, limit: Int)
    case invalid(String)
  }
  /// The file's path, or what stands for it.
  public let name: String
  public let reason: Reason

  public init(name: String, reason: Reason) {
    self.name = name
    self.reason = reason
  }

  public var description: String { "\(name): \(reason)" }
}
