/// A classification report: for each image the highest-ranked category against the true one.
public struct ClassificationReport: Sendable, Equatable {
  /// One category, as scikit-learn's `classification_report` has it.
  public struct Category: Sendable, Equatable {
    public let name: String
    /// Images of the category, and images that were put into it.
    public let count, predicted: Int
    /// Images that are both.
    public let hits: Int

    /// Share of the images put into it that belong there; 0 where none was.
    public var precision: Double { predicted == 0 ? 0 : Double(hits) / Double(predicted) }
    /// Share of its images that were put into it: its accuracy.
    public var recall: Double { count == 0 ? 0 : Double(hits) / Double(count) }
    /// Harmonic mean of the two.
    public var f1: Double {
      count + predicted == 0 ? 0 : 2 * Double(hits) / Double(count + predicted)
    }
  }

  public struct Scores: Sendable, Equatable {
    public let precision, recall, f1: Double
  }

  public let categories: [Category]
  /// `[true][first]`: images of a category that were put into another.
  public let confusion: [[Int]]

  /// - Parameters:
  ///   - scores: `[truth.count, labels.count]`; of equal scores the earlier label is first.
  ///   - truth: the right label of each image, 0 ..< labels.count.
  public init(scores: [Float], labels: [String], truth: [Int]) {
    precondition(scores.count == labels.count * truth.count, "\(scores.count) scores")
    var confusion = labels.map { _ in labels.map { _ in 0 } }
    for (image, right) in truth.enumerated() {
      var first = 0
      let row = image * labels.count
      for label in labels.indices where scores[row + label] > scores[row + first] { first = label }
      confusion[right][first] += 1
    }
    self.confusion = confusion
    categories = labels.enumerated().map { index, name in
      Category(
        name: name, count: confusion[index].reduce(0, +),
        predicted: confusion.reduce(0) { $0 + $1[index] }, hits: confusion[index][index])
    }
  }

  /// The mean over the categories that have images.
  public var macro: Scores {
    let with = categories.filter { $0.count > 0 }
    func mean(_ value: (Category) -> Double) -> Double {
      with.isEmpty ? 0 : with.reduce(0) { $0 + value($1) } / Double(with.count)
    }
    return Scores(precision: mean(\.precision), recall: mean(\.recall), f1: mean(\.f1))
  }

  /// Over all images together. Each image has one category and is put into one, so all three are the
  /// accuracy.
  public var micro: Scores {
    let (hits, count) = categories.reduce((0, 0)) { ($0.0 + $1.hits, $0.1 + $1.count) }
    let share = count == 0 ? 0 : Double(hits) / Double(count)
    return Scores(precision: share, recall: share, f1: share)
  }
}
