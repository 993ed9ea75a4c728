/// What somebody may have meant who mistyped a name.
package enum NearestName {
  /// The known name that is nearest, where it is near enough to be meant: `serach` → `search`.
  package static func of(_ word: String, among known: some Sequence<String>) -> String? {
    let near = known.map { (name: $0, distance: distance(Array(word.utf8), Array($0.utf8))) }
      .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
    return near.flatMap { $0.distance <= max(2, word.utf8.count / 3) ? $0.name : nil }
  }

  /// Levenshtein's, with a swap of neighbours as one change.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    guard a.count <= 64, b.count <= 64 else { return Int.max }
    var rows = [Array(0...b.count)]
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var cost = min(row[j] + 1, rows[i][j + 1] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          cost = min(cost, rows[i - 1][j - 1] + 1)
        }
        row.append(cost)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
