import Frame

/// What was pressed, clicked or pasted → what it means here.
public func actions(for input: Input, in state: State) -> [Action] {
  switch input {
  case .resized(let columns, let rows):
    return [.resize(Size(columns: columns, rows: rows))]
  case .mouse(let event):
    return actions(for: event, in: state)
  case .paste(let text):
    if state.context == .queryLine { return [.insert(text)] }
    // Pasted letters are not commands; where a query can be typed, they become one.
    guard state.help == nil, state.view.type.hasQueryLine else { return [] }
    return [.command(.focusQuery, count: nil), .insert(text)]
  case .character, .control, .key:
    return actions(forKey: input, in: state)
  }
}

private func actions(forKey input: Input, in state: State) -> [Action] {
  let context = state.context
  if context == .queryLine {
    if let command = context.command(for: input) {
      return [.command(command, count: nil)]
    }
    if case .character(let character) = input { return [.insert(String(character))] }
    return [.nothing]
  }
  // The first digits are the views; a count starts with another digit (0 does, for 03j) and goes on with any.
  if case .character(let character) = input, let digit = character.asciiDigit,
    state.pendingCount != nil || digit == 0 || digit > View.allCases.count
  {
    return [.digit(digit)]
  }
  if let command = context.command(for: input) {
    return [.command(command, count: state.pendingCount)]
  }
  return [.nothing]
}

extension Character {
  fileprivate var asciiDigit: Int? {
    guard let value = asciiValue, value >= 48, value <= 57 else { return nil }
    return Int(value) - 48
  }
}

private func actions(for event: Input.MouseEvent, in state: State) -> [Action] {
  if state.help != nil {
    switch event.kind {
    case .wheelUp: return [.command(.up, count: 3)]
    case .wheelDown: return [.command(.down, count: 3)]
    case .click, .doubleClick: return [.command(.help, count: nil)]
    }
  }
  let layout = Layout(state, size: state.size)
  guard layout.isLargeEnough else { return [] }
  switch event.kind {
  case .wheelUp: return [.scroll(rows: -3)]
  case .wheelDown: return [.scroll(rows: 3)]
  case .click, .doubleClick:
    if event.row == 0 {
      for tab in layout.tabs where tab.columns.contains(event.column) {
        return [.command(.show(tab.view), count: nil)]
      }
      if layout.headerInfo.contains(event.column) { return [.command(.nextModel, count: nil)] }
      return []
    }
    if layout.hasQueryLine, event.row == 1 {
      return [
        .command(.focusQuery, count: nil), .placeCaret(column: event.column - Layout.queryStart),
      ]
    }
    return listAction(event, layout, state)
  }
}

private func listAction(_ event: Input.MouseEvent, _ layout: Layout, _ state: State) -> [Action] {
  let isOpening = event.kind == .doubleClick
  if var selection = state.view.type.selection(
    column: event.column, row: event.row, layout, state)
  {
    selection.isOpening = isOpening
    return [.select(selection)]
  }
  if let pane = layout.pane, pane.contains(column: event.column, row: event.row), isOpening {
    return [.command(.open, count: nil)]
  }
  return []
}
