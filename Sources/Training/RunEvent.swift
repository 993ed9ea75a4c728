/// What a run tells while it goes on.
public enum RunEvent: Sendable {
  /// Before the first step.
  public struct Start: Sendable {
    public let pictures: Int
    /// Pairs of an epoch.
    public let pairs: Int
    /// Pictures that caption files name and that are not there.
    public let missing: Int
    /// Captions of the pictures, equal ones counted each, and those of them that are cut.
    public let captions, cutCaptions: Int
    public let stepsPerEpoch: Int
    public let steps: Int
    public let parameters: Int
    /// The step that a resumed run goes on from; `nil` at a fresh start.
    public let resumedFrom: Int?
    /// `plain` or `equal captions are positives`, and what the negatives are.
    public let loss: String
    /// Processes that share the work.
    public let ranks: Int
  }

  /// A point on the curve.
  public struct Point: Sendable {
    public let step: Int
    public let steps: Int
    /// Epochs so far, as a fraction.
    public let epoch: Double
    /// Mean over the steps since the last point.
    public let loss: Double
    public let learningRate: Double
    public let gradientNorm: Double
    public let pairsPerSecond: Double
    /// Seconds of training so far, evaluation left out.
    public let trainTime: Double
    public let secondsLeft: Double
    /// Share of the time in which the step waited for data.
    public let waiting: Double
    /// Whether the curve has a point here, or only the progress line moves.
    public let isLogged: Bool
  }

  public struct Evaluation: Sendable {
    public let step: Int
    public let epoch: Double
    public let loss: Double
    /// Shares for k = 1, 3, 5, 10; `nil` where folders and names tell fewer than two categories.
    public let accuracy: [Double]?
    /// Mean recall of pictures and their first captions within the first 1, 5 and 10, both ways; what
    /// an evaluation with distinct texts and one caption per image gives as its mean.
    public let recall: Double
    public let count: Int
    public let isBest: Bool
  }

  /// What a run with a valid split was good for, at its end.
  public struct Summary: Sendable {
    public let steps: Int
    /// Figures of the model that the run started from; `nil` if the run began with a version that did not
    /// measure it.
    public let start: Evaluation?
    public let best: Evaluation
    /// The folder of the best checkpoint.
    public let folder: String
    /// What the run started from, where it has weights; and what these are, where the recipe says it.
    public let startModel, modelConfiguration: String?
    public let valid: Recipe.Validation
  }

  case started(Start)
  case step(Point)
  case evaluated(Evaluation)
  case saved(folder: String, step: Int)
  case finished(Summary)
  case note(String)
}
