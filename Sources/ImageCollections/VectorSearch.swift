/// Vectors that can be searched: exact now, approximate and remote later, behind the same protocol.
public protocol VectorSearch: Sendable {
  var count: Int { get }
  var width: Int { get }
  /// The `k` rows with the largest dot product with `query` (a unit vector), best first; equal ones
  /// by id. A cancelled task throws `CancellationError` soon.
  func nearest(to query: [Float], count k: Int, where filter: SearchFilter) async throws
    -> [(imageID: Int64, score: Float)]
}
