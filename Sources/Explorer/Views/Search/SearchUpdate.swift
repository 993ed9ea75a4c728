import Frame
import ImageCollections
import Retrieval

extension SearchView {
  static let title = "Search"
  static let contexts: [Context] = [.search]
  static let hasQueryLine = true
  static let headRows = 0

  static func context(_ state: State) -> Context { .search }

  static func signs(_ state: State) -> [String] {
    [
      "Scores are cosines, higher is better; \(state.glyphs.hit) is of the category that the query names.",
      "beach + pier - crowd adds and takes away; \"white roofs\" must stand in a caption;",
      "category:port keeps to that category; like:airport_35.jpg is an image as a part.",
      "Shift and the mouse select text in most terminals.",
    ]
  }

  static func images(_ state: State) -> ImageList? {
    let search = state.search
    return ImageList(selected: search.position.selected) {
      search.hits.indices.contains($0) ? search.hits[$0].image : nil
    }
  }

  static func top(_ state: State) -> Int { state.search.position.top }
  static func place(_ state: State, in layout: inout Layout) { layout.placeListAndPane() }

  static func status(_ state: State) -> AnswerStatus {
    AnswerStatus(
      isRunning: state.search.isRunning, milliseconds: state.search.milliseconds,
      count: state.search.hits.count, total: state.search.total)
  }

  static func settlePositions(_ state: inout State, _ layout: Layout) {
    let height = layout.listHeight
    state.search.position.settle(count: state.search.hits.count, height: height)
    // Near the end of what was fetched: fetch more.
    let search = state.search
    if search.hits.count < search.total, search.hits.count >= search.limit,
      search.position.selected + height >= search.hits.count
    {
      state.search.limit = search.limit * 4
    }
  }

  static func settle(
    _ state: inout State, _ summary: CollectionSummary, _ model: IndexedModel
  ) -> [Effect] {
    let request = state.request(for: model, limit: state.search.limit)
    guard request != state.search.requested else { return [] }
    var effects: [Effect] = []
    if !state.loadedModels.contains(model.id), state.modelFailures[model.id] == nil,
      state.search.requested?.model != model
    {
      effects.append(.ask(ModelQuestion(model: model)))
    }
    state.search.requested = request
    state.search.failure = nil
    state.search.generation = state.generation
    effects.append(.ask(SearchQuestion(request, generation: state.generation)))
    return effects
  }

  static func moveSelection(by distance: Int, _ state: inout State) {
    state.search.position.move(by: distance, count: state.search.hits.count)
  }

  static func select(_ selection: Selection, _ state: inout State) {
    guard state.search.hits.indices.contains(selection.row) else { return }
    state.search.position.selected = selection.row
    if selection.isOpening { open(&state) }
  }

  static func goBack(_ state: inout State) { returnToLastSearch(&state) }
  static func retry(_ state: inout State) { state.search.requested = nil }
}

/// Ranks the collection.
public struct SearchQuestion: Question {
  public let request: SearchRequest
  public let generation: Int

  public init(_ request: SearchRequest, generation: Int) {
    (self.request, self.generation) = (request, generation)
  }

  public var slot: String { "rank" }
  public func answer(
    from sources: ExplorerSources, meanwhile: @Sendable (any Answer) -> Void
  ) async throws -> any Answer {
    SearchAnswer(ranking: try await sources.collection.rank(request), generation: generation)
  }
  public func failure(_ reason: String) -> any Answer {
    SearchAnswer(failure: reason, generation: generation)
  }
}

public struct SearchAnswer: Answer {
  let outcome: Loading<Ranking>
  public let generation: Int

  public init(ranking: Ranking, generation: Int) {
    (outcome, self.generation) = (.ready(ranking), generation)
  }

  public init(failure: String, generation: Int) {
    (outcome, self.generation) = (.failed(failure), generation)
  }

  public func apply(to state: inout State) {
    // A newer keystroke has won.
    guard generation == state.search.generation else { return }
    switch outcome {
    case .waiting: break
    case .failed(let reason): state.search.failure = reason
    case .ready(let ranking): receive(ranking, &state)
    }
  }

  private func receive(_ ranking: Ranking, _ state: inout State) {
    guard let request = state.search.requested else { return }
    if let answered = state.search.answered,
      answered.subject != request.subject || answered.filter != request.filter
    {
      state.search.position = ListPosition()
    }
    state.search.hits = ranking.hits
    state.search.total = ranking.total
    state.search.milliseconds = ranking.milliseconds
    state.search.logitScale = ranking.logitScale
    state.search.namedCategory = ranking.namedCategory
    state.search.notes = ranking.notes.map(\.description)
    if !ranking.hits.isEmpty, let note = state.search.notes.first { state.message = Message(note) }
    state.search.answered = request
    state.search.failure = nil
    if request.needsModel { state.loadedModels.insert(request.model.id) }
    if let path = state.wantedPath, state.view == .search {
      state.wantedPath = nil
      if let index = ranking.hits.firstIndex(where: {
        $0.image.path.utf8.elementsEqual(path.utf8)
      }) {
        state.search.position.selected = index
      }
    }
  }
}
