/// Why a checkpoint directory is no CLIP model that can be used.
public struct CLIPError: Error, Sendable, Equatable, CustomStringConvertible {
  public let file: String
  /// What was expected and what was found.
  public let problem: String
  /// What the caller can do differently.
  public let wayOut: WayOut?

  public enum WayOut: Sendable, Equatable {
    /// A model is in the place of the result: another place, or ``ModelConversion/replaces``.
    case otherPlaceOrReplacement
    /// Weights beyond the range of 16 bits: another precision.
    case otherPrecision
    /// An architecture is named only for weights without a configuration.
    case noArchitecture
  }

  public init(file: String, problem: String, wayOut: WayOut? = nil) {
    self.file = file
    self.problem = problem
    self.wayOut = wayOut
  }

  public var description: String { "\(file): \(problem)" }
}
