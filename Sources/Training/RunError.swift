/// What stops a run or keeps it from starting: one sentence that names the file or setting, what was
/// expected and what was found.
public struct RunError: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
  /// Whether the pictures are to blame, and not the run itself.
  let isAboutData: Bool
  /// What would let it go on, where that is known.
  public let wayOut: WayOut?

  public enum WayOut: Sendable, Equatable {
    /// `key=value` of the recipe that work together.
    case settings([String])
    /// The pictures are gone: the run goes on from its last checkpoint once they are back.
    case resumingWithPictures
    /// The folder holds another run's checkpoints, or this one's.
    case resumingOrOtherOutput
    /// There is no room for a checkpoint.
    case roomAndResuming
    /// The loss left the finite numbers at this learning rate.
    case gentlerAndResuming(learningRate: Double)
  }

  init(_ description: String, isAboutData: Bool = false, wayOut: WayOut? = nil) {
    self.description = description
    self.isAboutData = isAboutData
    self.wayOut = wayOut
  }
}

/// Why a recipe was refused.
public struct RecipeError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The recipe's path, or the setting that was put over it.
  public let file: String
  /// From 1; `nil` where no line is to blame.
  public let line: Int?
  public let problem: String
  /// `key=value` that would do.
  public let settings: [String]

  init(file: String, line: Int?, problem: String, settings: [String] = []) {
    self.file = file
    self.line = line
    self.problem = problem
    self.settings = settings
  }

  /// The key that was put over the recipe, or what should be one; `nil` where the file itself is wrong.
  public var setting: String? {
    file.hasPrefix(RecipeNode.setting) ? String(file.dropFirst(RecipeNode.setting.count)) : nil
  }

  public var description: String {
    line.map { "\(file), line \($0): \(problem)" } ?? "\(file): \(problem)"
  }
}
