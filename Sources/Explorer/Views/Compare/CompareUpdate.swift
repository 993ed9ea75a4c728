import Frame
import ImageCollections
import Metrics
import Retrieval

extension CompareView {
  static let title = "Compare"
  static let contexts: [Context] = [.compare]
  static let hasQueryLine = true
  static let headRows = 1

  static func context(_ state: State) -> Context { .compare }

  static func signs(_ state: State) -> [String] {
    let glyphs = state.glyphs
    return [
      "\(glyphs.up) \(glyphs.down)  ranks gained or lost against the left model; new: not in its list",
      "\(glyphs.hit)  of the category that the query names",
      "overlap@10  images that both have among their first ten",
      "RBO  rank-biased overlap, p = 0.9: 1 the same order, 0 nothing in common",
      "P@10  share of the named category among the first ten",
    ]
  }

  static func images(_ state: State) -> ImageList? {
    let hits = state.compare.hits
    return ImageList(selected: state.compare.position.selected) {
      hits.indices.contains($0) ? hits[$0].image : nil
    }
  }

  static func top(_ state: State) -> Int { state.compare.position.top }

  static func place(_ state: State, in layout: inout Layout) {
    if state.isOpened {
      layout.pane = layout.inset
      return
    }
    guard layout.size.columns >= Layout.twoPanes else {
      layout.lists = [(layout.body, state.compare.side.rawValue)]
      return
    }
    var area = layout.body
    if layout.size.columns >= Layout.threePanes {
      let width = layout.size.columns * 28 / 100
      area.columns -= width + 2
      layout.rule = area.columns
      layout.pane = Rect(
        column: area.columns + 2, row: area.row, columns: width - 1, rows: area.rows)
    } else if area.rows >= 16 {
      let height = min(10, area.rows / 3 + 1)
      area.rows -= height
      layout.pane = Rect(
        column: 1, row: area.row + area.rows, columns: layout.body.columns - 2, rows: height)
    }
    let half = (area.columns - 1) / 2
    let right = Rect(
      column: area.column + half + 1, row: area.row, columns: area.columns - half - 1,
      rows: area.rows)
    area.columns = half
    layout.lists = [
      (area, CompareState.Side.left.rawValue), (right, CompareState.Side.right.rawValue),
    ]
  }

  static func status(_ state: State) -> AnswerStatus {
    AnswerStatus(
      isRunning: state.compare.isRunning, milliseconds: state.compare.milliseconds,
      count: state.compare.hits.count, total: state.search.total)
  }

  static func settlePositions(_ state: inout State, _ layout: Layout) {
    state.compare.position.settle(count: state.compare.hits.count, height: layout.listHeight)
  }

  static func settle(
    _ state: inout State, _ summary: CollectionSummary, _ model: IndexedModel
  ) -> [Effect] {
    guard let models = state.comparedModels else { return [] }
    let request = CompareRequest(
      left: state.request(for: models.left, limit: CompareState.depth),
      right: state.request(for: models.right, limit: CompareState.depth))
    guard request.right.isRanked else {
      state.compare.requested = nil
      state.compare.answered = nil
      state.compare.left = []
      state.compare.right = []
      state.compare.generation = state.generation
      return []
    }
    guard request != state.compare.requested else { return [] }
    state.compare.requested = request
    state.compare.failure = nil
    state.compare.generation = state.generation
    return [.ask(CompareQuestion(request: request, generation: state.generation))]
  }

  static func moveSelection(by distance: Int, _ state: inout State) {
    state.compare.position.move(by: distance, count: state.compare.hits.count)
  }

  static func select(_ selection: Selection, _ state: inout State) {
    if let side = CompareState.Side(rawValue: selection.list) { state.compare.side = side }
    guard state.compare.hits.indices.contains(selection.row) else { return }
    state.compare.position.selected = selection.row
    if selection.isOpening { open(&state) }
  }

  static func goBack(_ state: inout State) { returnToLastSearch(&state) }
  static func modelChanged(_ state: inout State) { changeSide(state.sideOfModel, &state) }
  static func retry(_ state: inout State) { state.compare.requested = nil }
}

/// Ranks the collection with two models.
struct CompareQuestion: Question {
  let request: CompareRequest
  let generation: Int

  var slot: String { "compare" }
  func answer(
    from sources: ExplorerSources, meanwhile: @Sendable (any Answer) -> Void
  ) async throws -> any Answer {
    async let left = sources.collection.rank(request.left)
    let right = try await sources.collection.rank(request.right)
    return CompareAnswer(outcome: .ready((try await left, right)), generation: generation)
  }
  func failure(_ reason: String) -> any Answer {
    CompareAnswer(outcome: .failed(reason), generation: generation)
  }
}

struct CompareAnswer: Answer {
  let outcome: Loading<(left: Ranking, right: Ranking)>
  let generation: Int

  func apply(to state: inout State) {
    guard generation == state.compare.generation else { return }
    switch outcome {
    case .waiting: break
    case .failed(let reason): state.compare.failure = reason
    case .ready(let rankings): receive(rankings.left, rankings.right, &state)
    }
  }

  private func receive(_ left: Ranking, _ right: Ranking, _ state: inout State) {
    guard let request = state.compare.requested else { return }
    if state.compare.answered != nil, state.compare.answered != request {
      state.compare.position = ListPosition()
    }
    state.compare.left = left.hits
    state.compare.right = right.hits
    state.compare.comparison = RankComparison(
      left: left.hits.map(\.image.id), right: right.hits.map(\.image.id))
    state.compare.namedCategory = right.namedCategory
    state.compare.notes = Set((left.notes + right.notes).map(\.description)).sorted()
    if !left.hits.isEmpty, let note = state.compare.notes.first { state.message = Message(note) }
    state.compare.milliseconds = left.milliseconds + right.milliseconds
    state.compare.answered = request
    state.compare.failure = nil
    if request.right.needsModel {
      state.loadedModels.formUnion([request.left.model.id, request.right.model.id])
    }
  }
}
