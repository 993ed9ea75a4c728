/// Why a picture could not be read or written; its text names the file, what was expected and found.
public struct ImageError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Reason: Sendable, Equatable {
    /// The file cannot be opened or read, or is no regular file; the text says which.
    case unreadable(String)
    /// The file has no bytes.
    case empty
    /// The first bytes are not those of a JPEG.
    case notJPEG
    /// The file ends before its picture does.
    case truncated
    /// More bytes than are read of one file.
    case tooManyBytes(count: Int, limit: Int)
    /// The header announces more pixels than `limit`; nothing was allocated for them.
    case tooLarge(width: Int, height: Int, limit: Int)
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
  public var description: String { "\(Self.escaped(name)): \(Self.escaped(text))" }

  private var text: String {
    switch reason {
    case .unreadable(let why): "cannot be read: \(why)"
    case .empty: "the file is empty (0 bytes); a JPEG was expected; copy it again from its source"
    case .notJPEG:
      "not a JPEG: a JPEG starts with the bytes FF D8 FF, this file does not; convert it first"
    case .truncated:
      "the JPEG is truncated: it ends before its picture does; copy it again from its source"
    case .tooManyBytes(let count, let limit):
      "\(count) bytes, more than the \(limit) that are read of one picture; save it smaller"
    case .tooLarge(let width, let height, let limit):
      "\(width) × \(height) pixels, more than the limit of \(limit); scale it down first"
    case .invalid(let why): why
    }
  }

  /// Controls, line separators and what changes the direction of writing, as `\u{…}`: a file name
  /// from outside must not be able to move the cursor or to reorder the line that names it.
  package static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator, .surrogate:
        result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      case .format where scalar != "\u{200D}":
        result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
