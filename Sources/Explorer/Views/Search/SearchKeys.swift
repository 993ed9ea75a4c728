import Frame
import ImageCollections

extension Context {
  static let search = Context(
    view: "search",
    [
      .focusQuery, .openImage, .similar,
      Binding(
        [.character("c")], .show(.compare), "compare two models on this query",
        short: "compare"),
      .openExternally, .copyPath, .nextModel, .nextModelByArrow, .previousModelByArrow,
      Binding(
        [.character("p")], .toggleScale, "cosine, or softmax over the listed images",
        short: "softmax"), .back, .retry,
    ])
}

extension Binding {
  static let similar = Binding(
    [.character("s")], .similar, "images like the selected one", short: "similar")
}

extension Command {
  static let similar = Command("similar") { state, _ in showSimilar(&state) }

  static let toggleScale = Command("scale") { state, _ in
    guard state.search.logitScale != nil else {
      state.message = Message("Softmax needs a text query")
      return
    }
    state.toggleScale(over: "the \(state.search.hits.count) best images")
  }
}

extension State {
  /// - Parameter all: what the softmax is taken over.
  mutating func toggleScale(over all: String) {
    scale = scale == .cosine ? .softmax : .cosine
    message = Message(scale == .cosine ? "Score: cosine" : "Score: softmax over \(all)")
  }
}

/// The query has changed, so it decides again, and no longer an image.
func beginNewSearch(_ state: inout State) {
  state.search.like = nil
  state.search.limit = SearchState.firstLimit
  state.search.past = []
  state.wantedPath = nil
}

private func showSimilar(_ state: inout State) {
  guard let image = needImage(&state) else { return }
  var now = state.search
  now.past = []
  state.search.past.append(SearchSnapshot(search: now, text: state.query.text))
  if state.search.past.count > 50 { state.search.past.removeFirst() }
  state.search.like = image
  state.search.limit = SearchState.firstLimit
  state.isOpened = false
  if !state.view.type.hasQueryLine { change(to: .search, &state) }
}

/// To the search from which similar images were asked.
func returnToLastSearch(_ state: inout State) {
  guard let last = state.search.past.popLast() else {
    state.message = Message("Nothing to go back to; q quits, / searches")
    return
  }
  let past = state.search.past
  state.search = last.search
  state.search.past = past
  // What was under way then is asked for again; answers to the search that is left are stale.
  state.search.generation = -1
  state.search.requested = last.search.answered
  if state.query.text != last.text { state.query.set(last.text) }
}
