/// Why a checkpoint directory is no CLIP model that can be used.
public struct CLIPError: Error, Sendable, Equatable, CustomStringConvertible {
  public let file: String
  /// What was expected, what was found and what to do.
  public let problem: String

  public init(file: String, problem: String) {
    self.file = file
    self.problem = problem
  }

  public var description: String { "\(file): \(problem)" }
}
