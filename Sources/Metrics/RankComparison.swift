/// Two rankings of the same things side by side: what moved, and how alike they are.
public struct RankComparison<ID: Hashable & Sendable>: Sendable {
  private let left: [ID]
  private let right: [ID]
  private let leftRanks: [ID: Int]
  private let rightRanks: [ID: Int]

  /// Where a row of the right list stood in the left one.
  public enum Move: Sendable, Equatable {
    /// Places gained, at least 1.
    case up(Int)
    /// Places lost, at least 1.
    case down(Int)
    case same
    /// Not in the left list.
    case new
  }

  /// - Parameters: the ids of each list, best first; a repeated id counts where it comes first.
  public init(left: [ID], right: [ID]) {
    self.left = left
    self.right = right
    leftRanks = Self.ranks(left)
    rightRanks = Self.ranks(right)
  }

  private static func ranks(_ ids: [ID]) -> [ID: Int] {
    Dictionary(zip(ids, 1...), uniquingKeysWith: { first, _ in first })
  }

  /// Rank from 1 in the left list, `nil` where it is not in it.
  public func leftRank(of id: ID) -> Int? { leftRanks[id] }

  /// Rank from 1 in the right list, `nil` where it is not in it.
  public func rightRank(of id: ID) -> Int? { rightRanks[id] }

  /// How a row of the right list moved against the left one; `nil` where the right list lacks it.
  public func move(of id: ID) -> Move? {
    guard let new = rightRanks[id] else { return nil }
    guard let old = leftRanks[id] else { return .new }
    return old == new ? .same : old > new ? .up(old - new) : .down(new - old)
  }

  /// How many of the first `k` of one list are among the first `k` of the other, 0…k.
  public func overlap(at k: Int) -> Int {
    Set(left.prefix(max(0, k))).intersection(right.prefix(max(0, k))).count
  }

  /// Rank-biased overlap, extrapolated from the depth of the shorter list: RBO_ext of Webber, Moffat
  /// and Zobel, "A similarity measure for indefinite rankings", 2010, equation 23.
  /// - Parameter persistence: chance p that a reader goes on to the next rank, 0 < p < 1.
  /// - Returns: 0 (nothing in common) … 1 (the same order); 0 where a list is empty.
  public func rankBiasedOverlap(persistence p: Double = 0.9) -> Double {
    let depth = min(left.count, right.count)
    guard depth > 0, p > 0, p < 1 else { return 0 }
    var seenLeft = Set<ID>()
    var seenRight = Set<ID>()
    var common = 0
    var weight = 1.0
    var sum = 0.0
    for d in 1...depth {
      let (a, b) = (left[d - 1], right[d - 1])
      if a == b {
        if !seenLeft.contains(a), !seenRight.contains(a) { common += 1 }
      } else {
        if seenRight.contains(a), !seenLeft.contains(a) { common += 1 }
        if seenLeft.contains(b), !seenRight.contains(b) { common += 1 }
      }
      seenLeft.insert(a)
      seenRight.insert(b)
      weight *= p
      sum += Double(common) / Double(d) * weight
    }
    return Double(common) / Double(depth) * weight + (1 - p) / p * sum
  }
}

/// Share of relevant rows among the first `k`, 0…1; a list shorter than `k` counts as it is.
/// `nil` for an empty list.
public func precision(at k: Int, relevant: [Bool]) -> Double? {
  let first = relevant.prefix(max(0, k))
  guard !first.isEmpty else { return nil }
  return Double(first.count { $0 }) / Double(first.count)
}
