import ImageCollections
import Retrieval

/// The ranked images of one query.
public struct SearchState: Sendable {
  /// Where `u` and Esc lead back to from similar images, newest last.
  var past: [SearchSnapshot] = []
  /// Images like this one instead of the query.
  public var like: IndexedImage?
  public var hits: [Hit] = []
  /// Images that took part.
  public var total = 0
  public var milliseconds: Double?
  public var logitScale: Float?
  /// The category that the query names.
  public var namedCategory: String?
  /// What a person should know of the answer.
  public var notes: [String] = []
  public var position = ListPosition()
  /// Rows asked for.
  public var limit = SearchState.firstLimit
  /// What was asked last, and with which number.
  var requested: SearchRequest?
  var generation = 0
  /// What ``hits`` answer.
  var answered: SearchRequest?
  var failure: String?

  /// Rows of a first answer; more are fetched when somebody scrolls there.
  static let firstLimit = 200

  /// An answer is under way.
  public var isRunning: Bool { requested != nil && requested != answered && failure == nil }
  public var selectedHit: Hit? {
    hits.indices.contains(position.selected) ? hits[position.selected] : nil
  }
}

/// A search to come back to.
public struct SearchSnapshot: Sendable {
  var search: SearchState
  var text: String
}

extension State {
  public var search: SearchState {
    get { views.search }
    _modify { yield &views.search }
  }

  /// The scale as it applies to what is shown: softmax needs a text.
  var shownScale: Scale { search.logitScale == nil ? .cosine : scale }

  /// The question that the query line asks of a model.
  func request(for model: IndexedModel, limit: Int) -> SearchRequest {
    SearchRequest(
      subject: search.like.map { .similar(to: $0.id) } ?? .query(SearchQuery(query.trimmed)),
      model: model, limit: limit)
  }
}
