import Frame
import ImageCollections

/// The one place where state changes: what happened → what is shown next, and what the world outside is
/// to do. What the new state needs to be complete (a ranking, a preview) is asked for by ``settle(_:)``.
public func update(_ state: inout State, _ action: Action) -> [Effect] {
  var effects: [Effect] = []
  switch action {
  case .command(let command, let count):
    state.message = nil
    state.pendingCount = nil
    effects = command.perform(&state, count)
  case .digit(let digit):
    state.message = nil
    state.pendingCount = min(9_999, (state.pendingCount ?? 0) * 10 + digit)
  case .insert("/") where state.query.characters.isEmpty:
    // The key that moves to the line, pressed while already there.
    state.message = nil
  case .insert(let text):
    state.message = nil
    state.query.insert(text)
    beginNewSearch(&state)
  case .select(let selection):
    if state.query.isFocused, state.view.type.hasQueryLine { effects = keepQuery(&state) }
    state.message = nil
    state.view.type.select(selection, &state)
  case .placeCaret(let column):
    state.query.moveCaret(to: column + Layout.queryOffset(state))
  case .scroll(let rows):
    if state.help == nil { state.view.type.moveSelection(by: rows, &state) }
  case .resize(let size): state.size = size
  case .nothing: state.pendingCount = nil
  case .answered(let answer): answer.apply(to: &state)
  case .told(let message): state.message = message
  }
  return effects + settle(&state)
}

// MARK: - What the new state needs

/// Puts lists in order and asks for what is shown but not there yet.
func settle(_ state: inout State) -> [Effect] {
  state.generation &+= 1
  var effects: [Effect] = []
  state.view.type.settlePositions(&state, Layout(state, size: state.size))
  if case .ready(let summary) = state.collection, summary.imageCount > 0, let model = state.model {
    effects += state.view.type.settle(&state, summary, model)
  }
  return effects + settlePreview(&state)
}

/// The picture of the selected image first; once it is there, those that the next key may show.
private func settlePreview(_ state: inout State) -> [Effect] {
  let layout = Layout(state, size: state.size)
  for (index, image) in state.imagesToShow.enumerated() {
    guard let picture = layout.picture(of: image) else { return [] }
    let key = PreviewKey(image: image.id, columns: picture.columns, rows: picture.rows)
    if state.previews.isSettled(key) { continue }
    // Only the selected image may interrupt a picture that is being drawn.
    guard state.previews.requested != key, index == 0 || state.previews.requested == nil else {
      return []
    }
    state.previews.requested = key
    state.previews.generation = state.generation
    return [.ask(PreviewQuestion(key, image, generation: state.generation))]
  }
  return []
}

extension State {
  /// The selected image and its neighbours.
  fileprivate var imagesToShow: [IndexedImage] {
    guard let list = view.type.images(self), list.image(list.selected) != nil else { return [] }
    return [0, 1, -1, 2].compactMap { list.image(list.selected + $0) }
  }
}
