import Models
import Frame
import ImageCollections

/// What a key does.
func perform(_ command: Command, count: Int?, _ state: inout State) -> [Effect] {
  switch command {
  case .down, .up, .pageDown, .pageUp, .halfDown, .halfUp, .first, .last:
    move(command, count: count, &state)
  case .nextMarked: moveToMistake(1, &state)
  case .previousMarked: moveToMistake(-1, &state)
  case .open: open(&state)
  case .back: goBack(&state)
  case .focusQuery:
    if state.view == .categories { show(.search, &state) }
    state.query.isFocused = true
  case .similar: showSimilar(&state)
  case .compareQuery: show(.compare, &state)
  case .nextModel: changeModel(by: 1, &state)
  case .previousModel: changeModel(by: -1, &state)
  case .left, .right:
    let isLeft = command == .left
    if state.context == .matrix {
      let times = max(1, count ?? 1)
      let columns = state.matrixColumnCount
      state.categories.matrix?.column.move(by: isLeft ? -times : times, count: columns)
    } else {
      changeSide(isLeft ? .left : .right, &state)
    }
  case .matrix:
    state.categories.matrix = state.categories.matrix == nil ? MatrixCursor() : nil
  case .toggleScale: toggleScale(&state)
  case .sort: sortCategories(&state)
  case .copyPath:
    guard let image = needImage(&state) else { return [] }
    // Pasted into a shell, a line's end within it would run what stands before it.
    guard !image.path.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else {
      state.message = Message("Not copied: the path holds control characters", isError: true)
      return []
    }
    state.message = Message("Copied \(image.path)")
    return [.copy(image.path)]
  case .openExternally:
    guard let image = needImage(&state) else { return [] }
    return [.openExternally(path: image.path)]
  case .retry: return retry(&state)
  case .nextView: stepView(by: 1, &state)
  case .previousView: stepView(by: -1, &state)
  case .showSearch: show(.search, &state)
  case .showCompare: show(.compare, &state)
  case .showCategories: show(.categories, &state)
  case .help: state.help = state.help == nil ? 0 : nil
  case .redraw: return [.redraw]
  case .suspend: return [.suspend]
  case .quit:
    state.isEnding = true
    state.query.remember()
    return [.save(state.saved)]
  case .accept, .leave:
    return leaveLine(&state)
  default: edit(command, &state)
  }
  return []
}

// MARK: - The query line

private func leaveLine(_ state: inout State) -> [Effect] {
  let before = state.query.history
  state.query.remember()
  state.query.isFocused = false
  return state.query.history == before ? [] : [.save(state.saved)]
}

private func edit(_ command: Command, _ state: inout State) {
  let before = state.query.text
  switch command {
  case .caretLeft: state.query.moveCaret(by: -1)
  case .caretRight: state.query.moveCaret(by: 1)
  case .caretStart: state.query.moveCaretToStart()
  case .caretEnd: state.query.moveCaretToEnd()
  case .deleteBackward: state.query.deleteBackward()
  case .deleteForward: state.query.deleteForward()
  case .deleteWord: state.query.deleteWord()
  case .deleteToStart: state.query.deleteToStart()
  case .deleteToEnd: state.query.deleteToEnd()
  case .olderQuery:
    if !state.query.previous() { state.message = Message("No older query") }
  case .newerQuery: state.query.next()
  default: break
  }
  if state.query.text != before { beginNewSearch(&state) }
}

/// The query has changed: it, and no longer an image, says what is wanted.
func beginNewSearch(_ state: inout State) {
  state.search.like = nil
  state.search.limit = SearchState.firstLimit
  state.past = []
  state.wantedPath = nil
}

// MARK: - Moving

private func move(_ command: Command, count: Int?, _ state: inout State) {
  let height = max(1, Layout(state, size: state.size).listHeight)
  let times = max(1, count ?? 1)
  switch command {
  case .down: moveSelection(by: times, &state)
  case .up: moveSelection(by: -times, &state)
  case .pageDown: moveSelection(by: times * max(1, height - 1), &state)
  case .pageUp: moveSelection(by: -times * max(1, height - 1), &state)
  case .halfDown: moveSelection(by: times * max(1, height / 2), &state)
  case .halfUp: moveSelection(by: -times * max(1, height / 2), &state)
  case .first, .last:
    if let count {
      moveSelection(by: -Int(Int32.max), &state)
      moveSelection(by: max(1, count) - 1, &state)
    } else {
      moveSelection(by: command == .first ? -Int(Int32.max) : Int(Int32.max), &state)
    }
  default: break
  }
}

func moveSelection(by distance: Int, _ state: inout State) {
  if let scrolled = state.help {
    let last = max(0, HelpView.shown(state).lines.count - HelpView.height(state.size))
    state.help = max(0, min(last, scrolled + distance))
    return
  }
  switch state.view {
  case .search: state.search.position.move(by: distance, count: state.search.hits.count)
  case .compare: state.compare.position.move(by: distance, count: state.compare.hits.count)
  case .categories:
    if state.categories.opened != nil {
      let count = state.categories.opened?.rows.count ?? 0
      state.categories.opened?.position.move(by: distance, count: count)
    } else if state.categories.matrix != nil {
      state.categories.matrix?.row.move(
        by: distance, count: state.collection.value?.categories.count ?? 0)
    } else {
      state.categories.position.move(
        by: distance, count: state.collection.value?.categories.count ?? 0)
    }
  }
}

func select(row: Int, side: CompareState.Side?, open shouldOpen: Bool, _ state: inout State)
  -> [Effect]
{
  let effects = state.query.isFocused ? leaveLine(&state) : []
  state.message = nil
  let target: Int
  switch state.view {
  case .search: target = state.search.hits.count
  case .compare:
    if let side { state.compare.side = side }
    target = state.compare.hits.count
  case .categories:
    target = state.categories.opened?.rows.count ?? state.orderedCategories.count
  }
  guard row >= 0, row < target else { return effects }
  moveSelection(by: -Int(Int32.max), &state)
  moveSelection(by: row, &state)
  if shouldOpen { open(&state) }
  return effects
}

private func moveToMistake(_ direction: Int, _ state: inout State) {
  guard let opened = state.categories.opened, let judge = state.judgeIndex else { return }
  var index = opened.position.selected + direction
  while opened.rows.indices.contains(index) {
    let verdicts = opened.rows[index].verdicts
    if verdicts.indices.contains(judge), verdicts[judge] != opened.name {
      state.categories.opened?.position.selected = index
      return
    }
    index += direction
  }
  state.message = Message(
    "No \(direction > 0 ? "further" : "earlier") image that \(state.model?.name ?? "") mistakes")
}

// MARK: - Views

private func stepView(by distance: Int, _ state: inout State) {
  let all = View.allCases
  let index = all.firstIndex(of: state.view) ?? 0
  show(all[(index + distance + all.count) % all.count], &state)
}

private func show(_ view: View, _ state: inout State) {
  if state.view == view {
    // A click on the tab of an opened category leads to the table.
    if view == .categories { (state.categories.opened, state.categories.matrix) = (nil, nil) }
    return
  }
  state.view = view
  state.isOpened = false
}

private func open(_ state: inout State) {
  if state.context(ignoringHelp: true) == .matrix {
    openCell(&state)
    return
  }
  if state.view == .categories, state.categories.opened == nil {
    let ordered = state.orderedCategories
    guard ordered.indices.contains(state.categories.position.selected) else { return }
    state.categories.opened = OpenedCategory(
      name: ordered[state.categories.position.selected].name)
    return
  }
  guard needImage(&state) != nil else { return }
  state.isOpened.toggle()
}

/// Opens the images of the cell under the cursor.
private func openCell(_ state: inout State) {
  guard let cursor = state.categories.matrix, let model = state.model,
    let confusion = state.categories.accuracy[model.id]?.value?.confusion,
    confusion.categories.indices.contains(cursor.row.selected),
    confusion.categories.indices.contains(cursor.column.selected)
  else { return }
  guard confusion.counts[cursor.row.selected][cursor.column.selected] > 0 else {
    state.message = Message("No image in this cell")
    return
  }
  state.categories.opened = OpenedCategory(
    name: confusion.categories[cursor.row.selected],
    takenFor: confusion.categories[cursor.column.selected])
}

func selectCell(row: Int, column: Int, open shouldOpen: Bool, _ state: inout State) {
  let count = state.collection.value?.categories.count ?? 0
  guard row >= 0, row < count, column >= 0, column < count else { return }
  state.categories.matrix?.row.selected = row
  state.categories.matrix?.column.selected = column
  if shouldOpen { openCell(&state) }
}

private func goBack(_ state: inout State) {
  if state.isOpened {
    state.isOpened = false
  } else if state.view == .categories {
    if state.categories.opened != nil {
      state.categories.opened = nil
    } else if state.categories.matrix != nil {
      state.categories.matrix = nil
    } else {
      state.message = Message("q quits, Tab changes the view")
    }
  } else if let last = state.past.popLast() {
    state.search = last.search
    // What was under way then is asked again; answers of the search that is left are stale.
    state.search.generation = -1
    state.search.requested = last.search.answered
    if state.query.text != last.text { state.query.set(last.text) }
  } else {
    state.message = Message("Nothing to go back to; q quits, / searches")
  }
}

private func showSimilar(_ state: inout State) {
  guard let image = needImage(&state) else { return }
  state.past.append(SearchSnapshot(search: state.search, text: state.query.text))
  if state.past.count > 50 { state.past.removeFirst() }
  state.search.like = image
  state.search.limit = SearchState.firstLimit
  state.isOpened = false
  if state.view == .categories { show(.search, &state) }
}

// MARK: - Models and scales

private func changeModel(by distance: Int, _ state: inout State) {
  let count = state.models.count
  guard count > 1 else {
    state.message = Message(
      count == 0
        ? "No model yet" : "One model only; clip-rsicd index --model DIR … adds another")
    return
  }
  state.modelIndex = (state.modelIndex + distance + count) % count
  if let model = state.model { state.preferredModel = model.name }
  changeSide(state.sideOfModel, &state)
}

private func changeSide(_ side: CompareState.Side, _ state: inout State) {
  guard state.compare.side != side else { return }
  // The same image stays selected where the other list has it near.
  let image = state.compare.selectedHit?.image.id
  state.compare.side = side
  if let image, let index = state.compare.hits.firstIndex(where: { $0.image.id == image }) {
    state.compare.position.selected = index
  }
}

private func toggleScale(_ state: inout State) {
  if state.view == .search, state.search.logitScale == nil {
    state.message = Message("Softmax needs a text query")
    return
  }
  state.scale = state.scale == .cosine ? .softmax : .cosine
  state.message = Message(
    state.scale == .cosine
      ? "Score: cosine"
      : state.view == .search
        ? "Score: softmax over the \(state.search.hits.count) best images"
        : "Score: softmax over the categories")
}

private func sortCategories(_ state: inout State) {
  let selected =
    state.orderedCategories.indices.contains(state.categories.position.selected)
    ? state.orderedCategories[state.categories.position.selected].name : nil
  switch state.categories.order {
  case .name:
    state.categories.order = .gap
    state.categories.position = ListPosition()
    state.message = Message("Sorted by the widest gap between the models")
    return
  case .gap:
    state.categories.order = .count
    state.message = Message("Sorted by the number of images")
  case .count:
    state.categories.order = .name
    state.message = Message("Sorted by name")
  }
  if let selected, let index = state.orderedCategories.firstIndex(where: { $0.name == selected }) {
    state.categories.position.selected = index
  }
}

private func needImage(_ state: inout State) -> IndexedImage? {
  if let image = state.selectedImage { return image }
  state.message = Message("No image is selected")
  return nil
}

private func retry(_ state: inout State) -> [Effect] {
  state.modelFailures = [:]
  state.search.requested = nil
  state.compare.requested = nil
  state.categories.opened?.requested = nil
  state.previews.forgetFailures()
  for (model, accuracy) in state.categories.accuracy {
    if case .failed = accuracy { state.categories.accuracy[model] = nil }
  }
  if case .failed = state.collection {
    state.collection = .waiting
    return [.open]
  }
  return []
}

extension State {
  /// The categories in the order of the table.
  public var orderedCategories: [CategoryCount] {
    let all = collection.value?.categories ?? []
    switch categories.order {
    case .name: return all
    case .count: return all.sorted { ($1.count, $0.name) < ($0.count, $1.name) }
    case .gap:
      return all.map { ($0, gap($0.name)) }
        .sorted { ($1.1, $0.0.name) < ($0.1, $1.0.name) }.map(\.0)
    }
  }

  /// Difference between the best and the worst model in a category, 0…1.
  func gap(_ category: String) -> Double {
    let values = models.compactMap { categories.accuracy[$0.id]?.value?.byCategory[category] }
    guard let low = values.min(), let high = values.max() else { return 0 }
    return high - low
  }

  /// Place of the ranking model among the judges of an opened category.
  var judgeIndex: Int? {
    guard let model else { return nil }
    return categories.opened?.answered?.judges.firstIndex { $0.id == model.id }
  }
}
