import Frame
import ImageCollections

// The commands that several views share. Those of a single view are in its folder.

extension Command {
  // MARK: Moving

  static let down = Command("down") { moveSelection(by: max(1, $1 ?? 1), &$0) }
  static let up = Command("up") { moveSelection(by: -max(1, $1 ?? 1), &$0) }
  static let pageDown = Command("page down") { movePages(1, $1, &$0) { $0 - 1 } }
  static let pageUp = Command("page up") { movePages(-1, $1, &$0) { $0 - 1 } }
  static let halfDown = Command("half a page down") { movePages(1, $1, &$0) { $0 / 2 } }
  static let halfUp = Command("half a page up") { movePages(-1, $1, &$0) { $0 / 2 } }
  static let first = Command("first row") { moveToRow($1, orBy: -farAway, &$0) }
  static let last = Command("last row") { moveToRow($1, orBy: farAway, &$0) }

  // MARK: The selected image

  static let open = Command("open") { state, _ in state.view.type.open(&state) }
  static let back = Command("back") { state, _ in
    if state.isOpened {
      state.isOpened = false
    } else {
      state.view.type.goBack(&state)
    }
  }
  static let copyPath = asking("copy path") { copySelectedPath(&$0) }
  static let openExternally = asking("open externally") { state in
    needImage(&state).map { [.openExternally(path: $0.file)] } ?? []
  }

  // MARK: Models and views

  static let nextModel = Command("next model") { state, _ in changeModel(by: 1, &state) }
  static let previousModel = Command("previous model") { state, _ in changeModel(by: -1, &state) }
  static let nextView = Command("next view") { state, _ in stepView(by: 1, &state) }
  static let previousView = Command("previous view") { state, _ in stepView(by: -1, &state) }
  static func show(_ view: View) -> Command {
    Command("show \(view.rawValue)") { state, _ in change(to: view, &state) }
  }

  // MARK: The program

  static let help = Command("help") { state, _ in state.help = state.help == nil ? 0 : nil }
  static let retry = asking("retry") { tryAgain(&$0) }
  static let redraw = asking("redraw") { _ in [.redraw] }
  static let suspend = asking("suspend") { _ in [.suspend] }
  static let quit = asking("quit") { state in
    state.isEnding = true
    state.query.remember()
    return [.save(state.saved)]
  }

  // MARK: The query line

  static let focusQuery = Command("focus the query") { state, _ in
    if !state.view.type.hasQueryLine { change(to: .search, &state) }
    state.query.isFocused = true
  }
  static let leaveLine = asking("leave the line") { keepQuery(&$0) }
  static let caretLeft = editing("caret left") { $0.moveCaret(by: -1) }
  static let caretRight = editing("caret right") { $0.moveCaret(by: 1) }
  static let caretStart = editing("caret to the start") { $0.moveCaretToStart() }
  static let caretEnd = editing("caret to the end") { $0.moveCaretToEnd() }
  static let deleteBackward = editing("delete backward") { $0.deleteBackward() }
  static let deleteForward = editing("delete forward") { $0.deleteForward() }
  static let deleteWord = editing("delete a word") { $0.deleteWord() }
  static let deleteToStart = editing("delete to the start") { $0.deleteToStart() }
  static let deleteToEnd = editing("delete to the end") { $0.deleteToEnd() }
  static let newerQuery = editing("newer query") { $0.next() }
  static let olderQuery = Command("older query") { state, _ in
    let before = state.query.text
    if !state.query.previous() { state.message = Message("No older query") }
    if state.query.text != before { beginNewSearch(&state) }
  }

  private static func editing(
    _ name: String, _ edit: @escaping @Sendable (inout QueryLine) -> Void
  ) -> Command {
    Command(name) { state, _ in
      let before = state.query.text
      edit(&state.query)
      if state.query.text != before { beginNewSearch(&state) }
    }
  }
}

func keepQuery(_ state: inout State) -> [Effect] {
  let before = state.query.history
  state.query.remember()
  state.query.isFocused = false
  return state.query.history == before ? [] : [.save(state.saved)]
}

// MARK: - Moving

/// Farther than any list is long.
let farAway = Int(Int32.max)

private func moveSelection(by distance: Int, _ state: inout State) {
  guard let scrolled = state.help else {
    state.view.type.moveSelection(by: distance, &state)
    return
  }
  let last = max(0, HelpView.shown(state).lines.count - HelpView.height(state.size))
  state.help = max(0, min(last, scrolled + distance))
}

private func movePages(
  _ direction: Int, _ count: Int?, _ state: inout State, _ rows: (_ height: Int) -> Int
) {
  let height = max(1, Layout(state, size: state.size).listHeight)
  moveSelection(by: direction * max(1, count ?? 1) * max(1, rows(height)), &state)
}

private func moveToRow(_ count: Int?, orBy distance: Int, _ state: inout State) {
  guard let count else { return moveSelection(by: distance, &state) }
  moveSelection(by: -farAway, &state)
  moveSelection(by: max(1, count) - 1, &state)
}

// MARK: - Images

func needImage(_ state: inout State) -> IndexedImage? {
  if let image = state.selectedImage { return image }
  state.message = Message("No image is selected")
  return nil
}

private func copySelectedPath(_ state: inout State) -> [Effect] {
  guard let image = needImage(&state) else { return [] }
  // Pasted into a shell, a line's end within it would run what stands before it.
  guard !image.path.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
  else {
    state.message = Message("Not copied: the path holds control characters", isError: true)
    return []
  }
  state.message = Message("Copied \(image.path)")
  return [.copy(image.path)]
}

// MARK: - Models and views

private func changeModel(by distance: Int, _ state: inout State) {
  let count = state.models.count
  guard count > 1 else {
    state.message = Message(
      count == 0
        ? "No model yet" : "One model only: \(state.advice.oneModel)")
    return
  }
  state.modelIndex = (state.modelIndex + distance + count) % count
  if let model = state.model { state.preferredModel = model.name }
  for view in View.allCases { view.type.modelChanged(&state) }
}

private func stepView(by distance: Int, _ state: inout State) {
  let all = View.allCases
  let index = all.firstIndex(of: state.view) ?? 0
  change(to: all[(index + distance + all.count) % all.count], &state)
}

func change(to view: View, _ state: inout State) {
  if state.view == view {
    view.type.chooseAgain(&state)
    return
  }
  state.view = view
  state.isOpened = false
}

private func tryAgain(_ state: inout State) -> [Effect] {
  state.modelFailures = [:]
  for view in View.allCases { view.type.retry(&state) }
  state.previews.forgetFailures()
  guard case .failed = state.collection else { return [] }
  state.collection = .waiting
  return [.ask(CollectionQuestion())]
}
