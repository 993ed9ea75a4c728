/// Why a checkpoint was refused; the text names the file, what was expected and found, and what to do.
public struct CheckpointError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Reason: Sendable, Equatable {
    /// The system's own words.
    case unreadable(String)
    /// The system's own words.
    case unwritable(String)
    case tooShort(bytes: Int)
    case headerTooLong(bytes: UInt64, limit: Int)
    case headerBeyondFile(bytes: UInt64, file: Int)
    case headerNotJSON(String)
    case tensorEntry(name: String, problem: String)
    case unknownType(name: String, type: String)
    case wrongByteCount(name: String, expected: Int, found: Int)
    case overlap(name: String, offset: Int, expected: Int)
    case trailingBytes(expected: Int, found: Int)
    case missing(name: String, shape: [Int])
    case wrongShape(name: String, expected: [Int], found: [Int])
    case notFloat(name: String, type: String)
  }

  public let file: String
  public let reason: Reason

  public init(file: String, reason: Reason) {
    self.file = file
    self.reason = reason
  }

  public var description: String { "\(file): \(sentence)" }

  private var sentence: String {
    switch reason {
    case .unreadable(let words): "cannot be read: \(words)"
    case .unwritable(let words): "cannot be written: \(words)"
    case .tooShort(let bytes):
      "\(bytes) bytes are too few for a safetensors file; copy or download it again"
    case .headerTooLong(let bytes, let limit):
      "a header of \(bytes) bytes is announced, at most \(limit) are accepted; this is no safetensors file"
    case .headerBeyondFile(let bytes, let file):
      "a header of \(bytes) bytes is announced, the file has \(file); it is truncated: copy or download it again"
    case .headerNotJSON(let problem): "its header is no JSON object of tensors (\(problem))"
    case .tensorEntry(let name, let problem): "tensor \(name): \(problem)"
    case .unknownType(let name, let type): "tensor \(name) has the unknown type \(type)"
    case .wrongByteCount(let name, let expected, let found):
      "tensor \(name) should have \(expected) bytes for its shape and has \(found)"
    case .overlap(let name, let offset, let expected):
      "tensor \(name) begins at byte \(offset), expected \(expected): tensors overlap or leave a gap"
    case .trailingBytes(let expected, let found):
      "its tensors should end at byte \(expected) and the file ends at \(found); it is truncated or damaged: copy or download it again"
    case .missing(let name, let shape):
      "tensor \(name) \(shape) is missing, which config.json asks for"
    case .wrongShape(let name, let expected, let found):
      "tensor \(name) is \(found), config.json asks for \(expected); the two files do not belong together"
    case .notFloat(let name, let type): "tensor \(name) is \(type), expected F32, F16 or BF16"
    }
  }
}
