import ImageCollections
import Imaging
import Models
import Scenes

/// What is looked for in one scene.
public struct SceneQuestion: Sendable, Equatable {
  public var text: String
  /// What it is not to be taken for: a window's score is how much better the text fits than this.
  public var against: String?
  public var plan: WindowPlan
  /// Windows with less data than this share are left out.
  public var leastData = 0.5

  public init(_ text: String, against: String? = nil, plan: WindowPlan = WindowPlan()) {
    (self.text, self.against, self.plan) = (text, against, plan)
  }

  /// As the original's demonstration asked (`An aerial image of …`, tiles of 224 pixels beside each other,
  /// what is left over at the edges left out).
  public static func original(_ feature: String) -> SceneQuestion {
    SceneQuestion(
      "An aerial image of \(feature)", plan: WindowPlan(sides: [224], stride: 1, coversEdges: false)
    )
  }
}

/// A window and how well it fits.
public struct SceneHit: Sendable, Equatable {
  public let region: PixelRegion
  /// The cosine of text and window; less that of the other text where there is one.
  public let score: Float
  /// Softmax over all windows of the scene: all of them sum up to 1.
  public let probability: Float
}

/// All windows of a scene, best first.
public struct SceneAnswer: Sendable {
  public let hits: [SceneHit]
  /// Windows that hold too little data.
  public let empty: Int
  public let heat: HeatMap

  /// The best windows that do not show the same place; see ``Thinning``.
  public func places(most: Int) -> [SceneHit] {
    var thinning = Thinning()
    var kept: [SceneHit] = []
    for hit in hits where kept.count < most {
      if thinning.keeps(hit.region, of: "") { kept.append(hit) }
    }
    return kept
  }
}

/// Looks for something in a scene.
public struct SceneSearch: Sendable {
  private let model: any EmbeddingModel
  private let isCancelled: @Sendable () -> Bool

  public init(_ model: any EmbeddingModel, isCancelled: @escaping @Sendable () -> Bool = { false })
  {
    (self.model, self.isCancelled) = (model, isCancelled)
  }

  /// - Parameter progress: windows that are done, and all.
  /// - Throws: `ImageError`, what the model throws, `CancellationError`.
  public func answer(
    _ question: SceneQuestion, in scene: Scene, progress: (Int, Int) -> Void = { _, _ in }
  ) throws -> SceneAnswer {
    let texts = try model.embed(texts: [question.text] + (question.against.map { [$0] } ?? []))
    let windows = question.plan.windows(width: scene.width, height: scene.height)
    var scored: [(region: PixelRegion, score: Float)] = []
    var (empty, done) = (0, 0)
    let pipeline = WindowPipeline(
      scene, windows.map { WindowTask($0, models: [0]) }, models: [model],
      leastData: question.leastData, threads: model.threads, isCancelled: isCancelled)
    try pipeline.run { outcomes in
      for outcome in outcomes {
        guard let vector = outcome.vectors[0] else {
          empty += 1
          continue
        }
        let fits = Self.dot(vector, texts[row: 0])
        let other = texts.count > 1 ? Self.dot(vector, texts[row: 1]) : 0
        scored.append((outcome.region, fits - other))
      }
      done += outcomes.count
      progress(done, windows.count)
    }
    // Workers end in any order.
    scored.sort {
      ($0.region.width, $0.region.y, $0.region.x) < ($1.region.width, $1.region.y, $1.region.x)
    }
    let step = question.plan.step(width: scene.width, height: scene.height)
    return SceneAnswer(
      hits: Self.ranked(scored, scale: model.logitScale), empty: empty,
      heat: HeatMap(scored, width: scene.width, height: scene.height, step: step))
  }

  private static func dot(_ one: [Float], _ other: [Float]) -> Float {
    zip(one, other).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private static func ranked(_ scored: [(region: PixelRegion, score: Float)], scale: Float)
    -> [SceneHit]
  {
    let probabilities = softmax(scored.map { $0.score * scale })
    return zip(scored, probabilities).map {
      SceneHit(region: $0.region, score: $0.score, probability: $1)
    }.sorted {
      ($1.score, $0.region.y, $0.region.x, $0.region.width)
        < ($0.score, $1.region.y, $1.region.x, $1.region.width)
    }
  }
}
