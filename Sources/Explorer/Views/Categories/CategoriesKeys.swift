import Frame

extension Context {
  /// The table.
  static let categories = Context(
    view: "categories",
    [
      .focusQuery,
      Binding([.key(.enter)], .open, "the images of this category", short: "open"),
      Binding(
        [.character("o")], .sort, "sort by name, by widest gap between models, by count",
        short: "sort"),
      Binding(
        [.character("x")], .matrix, "the confusion matrix of this model", short: "confusion"),
      .nextModel, .nextModelByArrow, .previousModelByArrow, .back, .retry,
    ])

  /// An opened category.
  static let category = Context(
    view: "category",
    [
      .focusQuery, .openImage, .similar,
      Binding(
        [.character("n")], .nextMistake, "next misclassified image", short: "next wrong"),
      Binding([.character("N")], .previousMistake, "previous misclassified image"),
      .openExternally, .copyPath, .nextModel, .nextModelByArrow, .previousModelByArrow,
      Binding(
        [.character("p")], .toggleCategoryScale, "cosine, or softmax over the categories",
        short: "softmax"), .back, .retry,
    ])

  /// The confusion matrix.
  static let matrix = Context(
    view: "matrix",
    [
      .focusQuery,
      Binding([.key(.enter)], .open, "the images of this cell", short: "open"),
      Binding([.key(.left), .character("h")], .leftCell, "left", short: "left"),
      Binding([.key(.right), .character("l")], .rightCell, "right", short: "right"),
      Binding([.character("x")], .matrix, "back to the table", short: "table"),
      .nextModel, .back, .retry,
    ])
}

extension Command {
  static let sort = Command("sort categories") { state, _ in sortCategories(&state) }
  static let matrix = Command("confusion matrix") { state, _ in
    state.categories.matrix = state.categories.matrix == nil ? MatrixCursor() : nil
  }
  static let leftCell = Command("left cell") { moveColumn(by: -max(1, $1 ?? 1), &$0) }
  static let rightCell = Command("right cell") { moveColumn(by: max(1, $1 ?? 1), &$0) }
  static let nextMistake = Command("next mistake") { state, _ in moveToMistake(1, &state) }
  static let previousMistake = Command("previous mistake") { state, _ in
    moveToMistake(-1, &state)
  }
  static let toggleCategoryScale = Command("category scale") { state, _ in
    state.toggleScale(over: "the categories")
  }
}

private func moveColumn(by distance: Int, _ state: inout State) {
  let columns = state.matrixColumnCount
  state.categories.matrix?.column.move(by: distance, count: columns)
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
