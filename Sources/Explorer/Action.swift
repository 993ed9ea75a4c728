import Frame

/// Something that happened: a key's meaning, a click, or the answer to a ``Question``.
public enum Action: Sendable {
  /// What a key does, with the count typed before it.
  case command(Command, count: Int?)
  /// A digit of a count.
  case digit(Int)
  /// Text typed or pasted into the query line.
  case insert(String)
  /// A click into the lists.
  case select(Selection)
  /// A click into the query line, at so many columns from its start.
  case placeCaret(column: Int)
  case scroll(rows: Int)
  case resize(Size)
  /// A key that means nothing here.
  case nothing

  case answered(any Answer)
  case told(Message)
}

/// Something for the world outside to do.
public enum Effect: Sendable {
  case ask(any Question)
  case openExternally(path: String)
  case save(SavedState)
  // Of the screen, done by the loop itself.
  case copy(String)
  case suspend
  case redraw
}
