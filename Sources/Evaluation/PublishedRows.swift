/// One row of a table of models: the share of images whose category is within the first k.
public struct AccuracyRow: Sendable, Equatable {
  public let model: String
  /// Share of hits, 0…1, for each of ``ZeroShotAccuracy/ks``.
  public let accuracy: [Double]
  /// `nil` for a published row, the number of images for one measured here.
  public let count: Int?

  public init(model: String, accuracy: [Double], count: Int?) {
    self.model = model
    self.accuracy = accuracy
    self.count = count
  }
}
