import Frame

extension Context {
  static let compare = Context(
    view: "compare",
    [
      .focusQuery, .openImage, .similar, .openExternally, .copyPath, .nextModel,
      Binding(
        [.key(.left), .character("h")], .leftRanking, "select in the left ranking",
        short: "left"),
      Binding(
        [.key(.right), .character("l")], .rightRanking, "select in the right ranking",
        short: "right"), .back, .retry,
    ])
}

extension Command {
  static let leftRanking = Command("left ranking") { state, _ in changeSide(.left, &state) }
  static let rightRanking = Command("right ranking") { state, _ in changeSide(.right, &state) }
}

func changeSide(_ side: CompareState.Side, _ state: inout State) {
  guard state.compare.side != side else { return }
  // The same image stays selected where the other list has it near.
  let image = state.compare.selectedHit?.image.id
  state.compare.side = side
  if let image, let index = state.compare.hits.firstIndex(where: { $0.image.id == image }) {
    state.compare.position.selected = index
  }
}
