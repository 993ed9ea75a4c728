import Frame
import ImageCollections

/// A question that is answered outside, away from the interface's thread.
public protocol Question: Sendable {
  /// A newer question takes the place of an older one in the same slot.
  var slot: String { get }
  /// - Parameter meanwhile: takes an answer that is good until the real one comes.
  func answer(
    from sources: ExplorerSources, meanwhile: @Sendable (any Answer) -> Void
  ) async throws -> any Answer
  /// - Parameter reason: why there is no answer and what to do, for a person.
  func failure(_ reason: String) -> any Answer
}

/// What came of a ``Question``: it knows its place in the state.
public protocol Answer: Sendable {
  func apply(to state: inout State)
}

/// Opens the collection.
public struct CollectionQuestion: Question {
  public init() {}
  public var slot: String { "open" }
  public func answer(
    from sources: ExplorerSources, meanwhile: @Sendable (any Answer) -> Void
  ) async throws -> any Answer {
    CollectionAnswer(collection: .ready(try await sources.collection.open()))
  }
  public func failure(_ reason: String) -> any Answer {
    CollectionAnswer(collection: .failed(reason))
  }
}

struct CollectionAnswer: Answer {
  let collection: Loading<CollectionSummary>

  func apply(to state: inout State) {
    state.collection = collection
    guard case .ready(let summary) = collection else { return }
    state.modelIndex =
      summary.models.firstIndex { $0.name == state.preferredModel }
      ?? max(0, summary.models.count - 1)
    for view in View.allCases { view.type.modelChanged(&state) }
  }
}

/// Makes a model ready.
struct ModelQuestion: Question {
  let model: IndexedModel
  var slot: String { "load \(model.id)" }
  func answer(
    from sources: ExplorerSources, meanwhile: @Sendable (any Answer) -> Void
  ) async throws -> any Answer {
    try await sources.collection.load(model)
    return ModelAnswer(model: model.id, reason: nil)
  }
  func failure(_ reason: String) -> any Answer { ModelAnswer(model: model.id, reason: reason) }
}

struct ModelAnswer: Answer {
  let model: Int64
  /// Why it cannot be had; `nil` where it is ready.
  let reason: String?

  func apply(to state: inout State) {
    state.modelFailures[model] = reason
    guard let reason else {
      state.loadedModels.insert(model)
      return
    }
    state.loadedModels.remove(model)
    if model == state.model?.id { state.message = Message("no model: \(reason)", isError: true) }
  }
}

/// The picture of an image, first roughly where the sharp one takes long.
public struct PreviewQuestion: Question {
  public let key: PreviewKey
  public let image: IndexedImage
  public let generation: Int

  public init(_ key: PreviewKey, _ image: IndexedImage, generation: Int) {
    (self.key, self.image, self.generation) = (key, image, generation)
  }

  public var slot: String { "preview" }
  public func answer(
    from sources: ExplorerSources, meanwhile: @Sendable (any Answer) -> Void
  ) async throws -> any Answer {
    if let rough = try await sources.roughPreview(image, key.columns, key.rows), !Task.isCancelled {
      meanwhile(PreviewAnswer(key: key, preview: .rough(rough), generation: generation))
    }
    let preview = try await sources.preview(image, key.columns, key.rows)
    return PreviewAnswer(key: key, preview: .ready(preview), generation: generation)
  }
  public func failure(_ reason: String) -> any Answer {
    PreviewAnswer(key: key, preview: .failed(reason), generation: generation)
  }
}

public struct PreviewAnswer: Answer {
  let key: PreviewKey
  public let preview: PreviewCache.Entry
  let generation: Int

  public func apply(to state: inout State) {
    if case .rough = preview {
      if !state.previews.isSettled(key) { state.previews.insert(preview, for: key) }
      return
    }
    state.previews.insert(preview, for: key)
    if generation == state.previews.generation { state.previews.requested = nil }
  }
}
