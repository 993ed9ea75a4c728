/// How the rows of a piece belong to its pictures or texts.
package struct Sequences: Sendable {
  /// The first row of each item and, last, the number of rows.
  let starts: [Int]
  /// The row of each item that is pooled.
  let pooled: [Int]

  /// - Parameter pooledAtEnd: texts pool their last row, pictures their first.
  package init(lengths: [Int], pooledAtEnd: Bool) {
    var starts = [0]
    for length in lengths { starts.append(starts[starts.count - 1] + length) }
    self.starts = starts
    pooled = lengths.indices.map { pooledAtEnd ? starts[$0 + 1] - 1 : starts[$0] }
  }

  var count: Int { pooled.count }
  var rowCount: Int { starts[starts.count - 1] }
  func rows(_ items: Range<Int>) -> Range<Int> {
    starts[items.lowerBound]..<starts[items.upperBound]
  }
  func length(_ item: Int) -> Int { starts[item + 1] - starts[item] }

  /// Floats between rows of an item's attention matrix: whole vector registers.
  func stride(_ item: Int) -> Int { (length(item) + 15) & ~15 }

  /// Cuts all items into runs of about `rows` rows each, as many as a multiple of `multiple`.
  package func runs(rows: Int, multiple: Int) -> [Range<Int>] {
    guard count > 0 else { return [] }
    let wanted = (rowCount + rows - 1) / rows
    let parts = min(count, (wanted + multiple - 1) / multiple * multiple)
    var runs: [Range<Int>] = []
    var first = 0
    for part in 1...parts {
      let goal = rowCount * part / parts
      var end = first
      while end < count, starts[end + 1] <= goal || end == first { end += 1 }
      if part == parts { end = count }
      if end > first { runs.append(first..<end) }
      first = end
      if first == count { break }
    }
    return runs
  }
}
