/// What stops a run or keeps it from starting: one sentence that names the file or setting, what was
/// expected, what was found and what to do.
public struct RunError: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
  /// Whether the pictures are to blame, and not the run itself.
  let isAboutData: Bool

  init(_ description: String, isAboutData: Bool = false) {
    self.description = description
    self.isAboutData = isAboutData
  }
}

/// Why a recipe was refused.
public struct RecipeError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The recipe's path, or `--set` where the setting came from there.
  public let file: String
  /// From 1; `nil` where no line is to blame.
  public let line: Int?
  public let problem: String

  init(file: String, line: Int?, problem: String) {
    self.file = file
    self.line = line
    self.problem = problem
  }

  public var description: String {
    line.map { "\(file), line \($0): \(problem)" } ?? "\(file): \(problem)"
  }
}
