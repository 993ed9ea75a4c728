/// The k best of a stream of scores: a bounded heap with the worst on top, in O(n log k) time and O(k) space.
///
/// Among equal scores the lower row wins, so that a ranking does not depend on the number of threads.
package struct TopK: Sendable {
  package struct Entry: Sendable, Equatable {
    package let score: Float
    package let row: Int

    package init(score: Float, row: Int) { (self.score, self.row) = (score, row) }

    /// Whether this entry ranks behind the other.
    func isWorse(than other: Entry) -> Bool {
      score < other.score || (score == other.score && row > other.row)
    }
  }

  package let limit: Int
  private var heap: [Entry] = []

  package init(limit: Int) {
    self.limit = max(0, limit)
    heap.reserveCapacity(min(self.limit, 4096))
  }

  /// The score that a new entry must exceed, or equal with a lower row.
  var threshold: Float { heap.count < limit ? -.infinity : heap.first?.score ?? .infinity }

  package mutating func insert(_ entry: Entry) {
    guard limit > 0 else { return }
    if heap.count < limit {
      heap.append(entry)
      siftUp(heap.count - 1)
    } else if heap[0].isWorse(than: entry) {
      heap[0] = entry
      siftDown(0)
    }
  }

  /// Best first.
  package var sorted: [Entry] { heap.sorted { $1.isWorse(than: $0) } }

  private mutating func siftUp(_ start: Int) {
    var child = start
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].isWorse(than: heap[parent]) else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  private mutating func siftDown(_ start: Int) {
    var parent = start
    while true {
      var worst = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
        if heap[child].isWorse(than: heap[worst]) { worst = child }
      }
      guard worst != parent else { return }
      heap.swapAt(parent, worst)
      parent = worst
    }
  }
}
