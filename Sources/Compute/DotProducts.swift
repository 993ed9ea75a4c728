/// Scores of one query against many vectors: the inner loop of exact search.
public enum DotProducts {
  /// `scores[i] = Σ_j rows[i · width + j] · query[j]` for the rows `range`, on the calling thread.
  /// - Parameters:
  ///   - rows: `[count, width]`, contiguous.
  ///   - scores: at least `range.count` long; `scores[0]` is that of row `range.lowerBound`.
  public static func scores(
    of query: Span<Float>, against rows: Span<Float>, width: Int, range: Range<Int>,
    into scores: inout [Float]
  ) {}
}
