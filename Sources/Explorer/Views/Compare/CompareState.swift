import ImageCollections
import Metrics
import Retrieval

/// Two rankings of one query.
public struct CompareState: Sendable {
  public enum Side: Int, Sendable { case left, right }
  public var left: [Hit] = []
  public var right: [Hit] = []
  public var comparison = RankComparison<Int64>(left: [], right: [])
  public var namedCategory: String?
  /// What a person should know of the answers.
  public var notes: [String] = []
  public var milliseconds: Double?
  public var side = Side.right
  public var position = ListPosition()
  var requested: CompareRequest?
  var answered: CompareRequest?
  var generation = 0
  var failure: String?

  /// Rows of each list: as deep as rank differences are known.
  static let depth = 1000
  /// The k of overlap@k and precision@k.
  static let k = 10

  public var isRunning: Bool { requested != nil && requested != answered && failure == nil }
  public var hits: [Hit] { side == .left ? left : right }
  public var selectedHit: Hit? {
    hits.indices.contains(position.selected) ? hits[position.selected] : nil
  }
}

/// Two rankings of one question.
struct CompareRequest: Sendable, Equatable {
  var left: SearchRequest
  var right: SearchRequest
}

extension State {
  public var compare: CompareState {
    get { views.compare }
    _modify { yield &views.compare }
  }

  /// The two models of the comparison, the ranking one and its neighbour, in the order in which they
  /// were named: whichever ranks, the arrows go from the earlier one to the later.
  public var comparedModels: (left: IndexedModel, right: IndexedModel)? {
    guard models.count > 1, model != nil else { return nil }
    let other = (modelIndex + models.count - 1) % models.count
    return (models[min(other, modelIndex)], models[max(other, modelIndex)])
  }

  /// Where the ranking model stands in the comparison.
  var sideOfModel: CompareState.Side { comparedModels?.left == model ? .left : .right }
}
