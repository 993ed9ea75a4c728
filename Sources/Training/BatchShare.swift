/// The part of a batch that one of several ranks computes.
package struct BatchShare: Sendable, Equatable {
  /// Places of its pairs in the whole batch.
  package let pairs: Range<Int>
  /// Pairs of the whole batch.
  package let whole: Int

  /// All of a batch.
  package init(all whole: Int) {
    pairs = 0..<whole
    self.whole = whole
  }

  /// The share of a rank among `count`, as even as whole units allow: 10 pairs over 4 ranks are
  /// 2, 3, 2 and 3; in units of 5 over 2 ranks, 5 and 5.
  /// - Parameter unit: pairs that stay together; a divisor of `whole`.
  package init(of whole: Int, unit: Int, rank: Int, count: Int) {
    let units = whole / unit
    pairs = units * rank / count * unit..<units * (rank + 1) / count * unit
    self.whole = whole
  }
}

extension Recipe {
  /// What a rank has of each batch: pairs, or whole groups where negatives are local.
  /// - Throws: ``RunError`` where there are more ranks than can have a part.
  func share(_ ranks: any Ranks) throws -> BatchShare {
    if ranks.count == 1 { return BatchShare(all: batch) }
    let unit = negatives == .local ? group : 1
    guard batch / unit >= ranks.count else {
      throw RunError(
        negatives == .local
          ? "\(ranks.count) ranks, and a batch has \(batch / unit) groups of \(unit): start at most as many "
            + "ranks as groups, or lower group"
          : "\(ranks.count) ranks, and a batch has \(batch) pairs: start at most as many ranks as pairs"
      )
    }
    return BatchShare(of: batch, unit: unit, rank: ranks.rank, count: ranks.count)
  }
}
