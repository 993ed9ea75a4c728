/// Zero-shot classification as the original measured it: the share of images whose category is within
/// the first k of the ranking.
public struct ZeroShotAccuracy: Sendable, Equatable {
  /// The k of the published table.
  public static let ks = [1, 3, 5, 10]

  public let count: Int
  /// Hits for each of ``ks``.
  public let hits: [Int]

  /// Shares 0…1 for each of ``ks``; 0 where there is no image.
  public var accuracy: [Double] { hits.map { count == 0 ? 0 : Double($0) / Double(count) } }

  /// - Parameters:
  ///   - scores: `[truth.count, labels]`, row by row; higher is better. Of equal scores the earlier
  ///     label ranks first.
  ///   - truth: the right label of each image, 0 ..< labels.
  public init(scores: [Float], labels: Int, truth: [Int]) {
    precondition(scores.count == labels * truth.count, "\(scores.count) scores")
    var hits = Array(repeating: 0, count: Self.ks.count)
    for (image, right) in truth.enumerated() {
      precondition(right >= 0 && right < labels, "label \(right) of \(labels)")
      let row = scores[image * labels..<(image + 1) * labels]
      let score = row[row.startIndex + right]
      let ahead = row.enumerated().count { $1 > score || ($1 == score && $0 < right) }
      for (place, k) in Self.ks.enumerated() where ahead < k { hits[place] += 1 }
    }
    count = truth.count
    self.hits = hits
  }
}
