/// What a person did: a key, a click, a new size.
public enum Input: Sendable, Hashable {
  /// A character that was typed, with its modifiers applied (`G`, `é`, `日`).
  case character(Character)
  /// Control with a letter `a`…`z`.
  case control(Character)
  case key(NamedKey)
  case mouse(MouseEvent)
  /// Text that was pasted in one piece, controls included.
  case paste(String)
  case resized(columns: Int, rows: Int)

  public enum NamedKey: Sendable, Hashable, CaseIterable {
    case up, down, left, right, home, end, pageUp, pageDown, enter, escape, tab, backTab, backspace,
      delete, f1
  }

  public struct MouseEvent: Sendable, Hashable {
    public enum Kind: Sendable, Hashable { case click, doubleClick, wheelUp, wheelDown }
    public let kind: Kind
    public let column: Int
    public let row: Int
    public init(kind: Kind, column: Int, row: Int) {
      self.kind = kind
      self.column = column
      self.row = row
    }
  }
}
