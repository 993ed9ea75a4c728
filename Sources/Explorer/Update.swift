import Metrics
import Frame
import ImageCollections
import Retrieval

/// The one place where state changes: what happened → what is shown next, and what the world outside is
/// to do. What the new state needs to be complete (a ranking, a preview) is asked for by ``settle(_:)``.
public func update(_ state: inout State, _ action: Action) -> [Effect] {
  var effects: [Effect] = []
  let hadCount = state.pendingCount
  switch action {
  case .command(let command, let count):
    state.message = nil
    state.pendingCount = nil
    effects = perform(command, count: count, &state)
  case .digit(let digit):
    state.message = nil
    state.pendingCount = min(9_999, (hadCount ?? 0) * 10 + digit)
  case .insert("/") where state.query.characters.isEmpty:
    // The key that leads to the line, pressed by who is there already.
    state.message = nil
  case .insert(let text):
    state.message = nil
    state.query.insert(text)
    beginNewSearch(&state)
  case .select(let row, let side, let open):
    effects = select(row: row, side: side, open: open, &state)
  case .selectCell(let row, let column, let shouldOpen):
    state.message = nil
    selectCell(row: row, column: column, open: shouldOpen, &state)
  case .placeCaret(let column):
    state.query.moveCaret(to: column + Layout.queryOffset(state))
  case .scroll(let rows):
    if state.help == nil { moveSelection(by: rows, &state) }
  case .resize(let size):
    state.size = size
  case .nothing:
    state.pendingCount = nil
  default:
    receive(action, &state)
  }
  return effects + settle(&state)
}

// MARK: - Answers

private func receive(_ action: Action, _ state: inout State) {
  switch action {
  case .opened(let summary):
    state.collection = .ready(summary)
    state.modelIndex =
      summary.models.firstIndex { $0.name == state.preferredModel }
      ?? max(0, summary.models.count - 1)
    state.compare.side = state.sideOfModel
  case .openFailed(let reason): state.collection = .failed(reason)
  case .loaded(let model):
    state.loadedModels.insert(model)
    state.modelFailures[model] = nil
  case .loadFailed(let model, let reason):
    state.modelFailures[model] = reason
    state.loadedModels.remove(model)
    if model == state.model?.id {
      state.message = Message("no model: \(reason)", isError: true)
    }
  case .ranked(let ranking, let generation): receive(ranking, generation, &state)
  case .rankFailed(let reason, let generation):
    if generation == state.search.generation { state.search.failure = reason }
  case .compared(let left, let right, let generation):
    receiveComparison(left, right, generation, &state)
  case .compareFailed(let reason, let generation):
    if generation == state.compare.generation { state.compare.failure = reason }
  case .measured(let model, let accuracy): state.categories.accuracy[model] = .ready(accuracy)
  case .measureFailed(let model, let reason):
    state.categories.accuracy[model] = .failed(reason)
  case .sorted(let rows, let generation):
    guard var opened = state.categories.opened, generation == opened.generation else { return }
    opened.answered = opened.requested
    opened.rows = rows.filter { row in
      guard let wanted = opened.takenFor, let answered = opened.answered,
        let judge = answered.judges.firstIndex(where: { $0.id == answered.model.id })
      else { return true }
      return row.verdicts.indices.contains(judge) && row.verdicts[judge] == wanted
    }
    opened.failure = nil
    state.categories.opened = opened
  case .sortFailed(let reason, let generation):
    if generation == state.categories.opened?.generation {
      state.categories.opened?.failure = reason
    }
  case .previewed(let key, let image, let generation):
    state.previews.insert(.ready(image), for: key)
    if generation == state.previews.generation { state.previews.requested = nil }
  case .previewedRoughly(let key, let image):
    if !state.previews.isSettled(key) { state.previews.insert(.rough(image), for: key) }
  case .previewFailed(let key, let reason, let generation):
    state.previews.insert(.failed(reason), for: key)
    if generation == state.previews.generation { state.previews.requested = nil }
  case .told(let message): state.message = message
  default: break
  }
}

private func receive(_ ranking: Ranking, _ generation: Int, _ state: inout State) {
  // A newer keystroke has won.
  guard generation == state.search.generation, let request = state.search.requested else { return }
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

private func receiveComparison(
  _ left: Ranking, _ right: Ranking, _ generation: Int, _ state: inout State
) {
  guard generation == state.compare.generation, let request = state.compare.requested else {
    return
  }
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

// MARK: - What the new state needs

/// Puts lists in order and asks for what is shown but not there yet.
func settle(_ state: inout State) -> [Effect] {
  state.generation &+= 1
  var effects: [Effect] = []
  settlePositions(&state)
  if case .ready(let summary) = state.collection, summary.imageCount > 0, let model = state.model {
    switch state.view {
    case .search: effects += settleSearch(model, &state)
    case .compare: effects += settleCompare(&state)
    case .categories: effects += settleCategories(summary, model, &state)
    }
  }
  effects += settlePreview(&state)
  return effects
}

private func settlePositions(_ state: inout State) {
  let height = Layout(state, size: state.size).listHeight
  switch state.view {
  case .search:
    state.search.position.settle(count: state.search.hits.count, height: height)
    // Near the end of what was fetched: fetch more.
    let search = state.search
    if search.hits.count < search.total, search.hits.count >= search.limit,
      search.position.selected + height >= search.hits.count
    {
      state.search.limit = search.limit * 4
    }
  case .compare:
    state.compare.position.settle(count: state.compare.hits.count, height: height)
  case .categories:
    if var opened = state.categories.opened {
      opened.position.settle(count: opened.rows.count, height: height)
      state.categories.opened = opened
    } else if var matrix = state.categories.matrix {
      let count = state.collection.value?.categories.count ?? 0
      let layout = Layout(state, size: state.size)
      matrix.row.settle(count: count, height: height)
      matrix.column.settle(
        count: state.matrixColumnCount, height: MatrixShape(state, layout).columns)
      state.categories.matrix = matrix
    } else {
      state.categories.position.settle(
        count: state.collection.value?.categories.count ?? 0, height: height)
    }
  }
}

extension State {
  /// The question that the query line asks of a model.
  func request(for model: IndexedModel, limit: Int) -> SearchRequest {
    if let image = search.like {
      return SearchRequest(
        subject: .similar(to: image.id), model: model, limit: limit)
    }
    return SearchRequest(
      subject: .query(SearchQuery(query.trimmed)), model: model, limit: limit)
  }
}

private func settleSearch(_ model: IndexedModel, _ state: inout State) -> [Effect] {
  let request = state.request(for: model, limit: state.search.limit)
  guard request != state.search.requested else { return [] }
  var effects: [Effect] = []
  if !state.loadedModels.contains(model.id), state.modelFailures[model.id] == nil,
    state.search.requested?.model != model
  {
    effects.append(.load(model))
  }
  state.search.requested = request
  state.search.failure = nil
  state.search.generation = state.generation
  effects.append(.rank(request, generation: state.generation))
  return effects
}

private func settleCompare(_ state: inout State) -> [Effect] {
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
  return [.compare(left: request.left, right: request.right, generation: state.generation)]
}

private func settleCategories(
  _ summary: CollectionSummary, _ model: IndexedModel, _ state: inout State
) -> [Effect] {
  guard !summary.categories.isEmpty else { return [] }
  var effects: [Effect] = []
  for model in summary.models where state.categories.accuracy[model.id] == nil {
    state.categories.accuracy[model.id] = .waiting
    effects.append(.measure(model))
  }
  if var opened = state.categories.opened {
    let request = CategoryRequest(
      category: opened.name, model: model, judges: summary.models)
    if request != opened.requested {
      opened.requested = request
      opened.failure = nil
      opened.generation = state.generation
      state.categories.opened = opened
      effects.append(.sort(request, generation: state.generation))
    }
  }
  return effects
}

/// The picture of the selected image first; once it is there, those that the next key may show.
private func settlePreview(_ state: inout State) -> [Effect] {
  let layout = Layout(state, size: state.size)
  for (index, image) in state.imagesToShow.enumerated() {
    guard let picture = layout.picture(of: image) else { return [] }
    let key = PreviewKey(image: image.id, columns: picture.columns, rows: picture.rows)
    if state.previews.isSettled(key) { continue }
    // Only the selected image may take the place of one that is being drawn.
    guard state.previews.requested != key, index == 0 || state.previews.requested == nil else {
      return []
    }
    state.previews.requested = key
    state.previews.generation = state.generation
    return [.preview(key, path: image.path, generation: state.generation)]
  }
  return []
}

extension State {
  /// The selected image and its neighbours.
  fileprivate var imagesToShow: [IndexedImage] {
    let (position, image): (Int, (Int) -> IndexedImage?)
    switch view {
    case .search:
      position = search.position.selected
      image = { search.hits.indices.contains($0) ? search.hits[$0].image : nil }
    case .compare:
      let hits = compare.hits
      position = compare.position.selected
      image = { hits.indices.contains($0) ? hits[$0].image : nil }
    case .categories:
      guard let opened = categories.opened else { return [] }
      position = opened.position.selected
      image = { opened.rows.indices.contains($0) ? opened.rows[$0].image : nil }
    }
    guard image(position) != nil else { return [] }
    return [position, position + 1, position - 1, position + 2].compactMap { image($0) }
  }
}
