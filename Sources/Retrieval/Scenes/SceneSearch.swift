import Imaging
import Models
import Scenes
import Threads

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

  /// The best windows that do not show the same place: of two that overlap by more than 0.3 of the smaller
  /// one, across sizes, the better stays.
  public func places(most: Int) -> [SceneHit] {
    var kept: [SceneHit] = []
    for hit in hits where kept.count < most {
      if !kept.contains(where: { Self.overlap($0.region, hit.region) > 0.3 }) { kept.append(hit) }
    }
    return kept
  }

  private static func overlap(_ one: PixelRegion, _ other: PixelRegion) -> Double {
    guard let both = one.intersection(other) else { return 0 }
    let smaller = min(one.width * one.height, other.width * other.height)
    return Double(both.width * both.height) / Double(smaller)
  }
}

/// Looks for something in a scene.
public struct SceneSearch: Sendable {
  private let model: any EmbeddingModel
  private let isCancelled: @Sendable () -> Bool

  /// Windows that are embedded at once.
  private static let batch = 32

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
    var waiting: [WindowPixels] = []
    func embed() throws {
      guard !waiting.isEmpty else { return }
      if isCancelled() { throw CancellationError() }
      let some = waiting
      let inputs = inParallel(some.count) { model.preprocess(some[$0].pixels) }
      let vectors = try model.embedShared(preprocessed: inputs.flatMap { $0 }, count: some.count)
      for (row, window) in some.enumerated() {
        let fits = Self.dot(vectors[row: row], texts[row: 0])
        let other = texts.count > 1 ? Self.dot(vectors[row: row], texts[row: 1]) : 0
        scored.append((window.region, fits - other))
      }
      done += some.count
      waiting.removeAll(keepingCapacity: true)
      progress(done, windows.count)
    }
    try scene.read(windows: windows) { window in
      guard window.dataShare >= question.leastData else {
        (empty, done) = (empty + 1, done + 1)
        return
      }
      waiting.append(window)
      if waiting.count == Self.batch { try embed() }
    }
    try embed()
    progress(windows.count, windows.count)
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
