/// A line that is edited: text, caret, and the lines entered before it.
public struct QueryLine: Sendable, Equatable {
  /// The characters of the line.
  public private(set) var characters: [Character]
  /// The index of the character before which the next one is inserted, 0…``characters``.count.
  public private(set) var caret: Int
  /// Typing goes here rather than to the keys of the view.
  public var isFocused = true
  /// Lines entered earlier, oldest first, none twice.
  public private(set) var history: [String]
  /// Place in the history while walking it.
  private var place: Int?
  /// What was being typed when the walk began.
  private var draft = ""

  /// Longest line that is taken; a model reads some dozens of words at most.
  static let longest = 1_000
  static let longestHistory = 500

  public init(text: String = "", history: [String] = []) {
    characters = Array(text.prefix(Self.longest))
    caret = characters.count
    self.history = Array(history.suffix(Self.longestHistory))
  }

  public var text: String { String(characters) }

  /// The line as it is searched: without white space at its ends.
  public var trimmed: String {
    var slice = characters[...]
    while let first = slice.first, first.isWhitespace { slice.removeFirst() }
    while let last = slice.last, last.isWhitespace { slice.removeLast() }
    return String(slice)
  }

  /// Puts text in at the caret; line breaks and tabs become spaces, other controls are left out.
  mutating func insert(_ text: String) {
    let clean = text.compactMap { character -> Character? in
      if character.isNewline || character == "\t" { return " " }
      let isControl = character.unicodeScalars.contains {
        $0.properties.generalCategory == .control
      }
      return isControl ? nil : character
    }
    let fitting = clean.prefix(max(0, Self.longest - characters.count))
    // Neighbours can join into one grapheme (an accent after its letter): split anew.
    let before = String(characters[..<caret]) + String(fitting)
    let after = String(characters[caret...])
    characters = Array(before + after)
    caret = min(Array(before).count, characters.count)
    place = nil
  }

  mutating func set(_ text: String) {
    characters = Array(text.prefix(Self.longest))
    caret = characters.count
  }

  mutating func moveCaret(by distance: Int) {
    caret = max(0, min(characters.count, caret + distance))
  }

  mutating func moveCaretToStart() { caret = 0 }
  mutating func moveCaretToEnd() { caret = characters.count }

  /// Puts the caret before the character at a place, as a click does.
  mutating func moveCaret(to place: Int) { caret = max(0, min(characters.count, place)) }

  mutating func deleteBackward() {
    guard caret > 0 else { return }
    caret -= 1
    characters.remove(at: caret)
    place = nil
  }

  mutating func deleteForward() {
    guard caret < characters.count else { return }
    characters.remove(at: caret)
    place = nil
  }

  mutating func deleteToStart() {
    characters.removeFirst(caret)
    caret = 0
    place = nil
  }

  mutating func deleteToEnd() {
    characters.removeLast(characters.count - caret)
    place = nil
  }

  /// Deletes the word before the caret and the space after it, as a shell does.
  mutating func deleteWord() {
    var start = caret
    while start > 0, characters[start - 1].isWhitespace { start -= 1 }
    while start > 0, !characters[start - 1].isWhitespace { start -= 1 }
    characters.removeSubrange(start..<caret)
    caret = start
    place = nil
  }

  /// Adds the line to the history; an older line that is equal goes.
  mutating func remember() {
    let line = trimmed
    place = nil
    guard !line.isEmpty else { return }
    history.removeAll { $0 == line }
    history.append(line)
    if history.count > Self.longestHistory {
      history.removeFirst(history.count - Self.longestHistory)
    }
  }

  /// Shows the line before the one shown. False at the oldest.
  @discardableResult mutating func previous() -> Bool {
    var next = (place ?? history.count) - 1
    if place == nil {
      draft = text
      // A line equal to the one shown is skipped: the key would seem to do nothing.
      if next >= 0, history[next] == trimmed { next -= 1 }
    }
    guard next >= 0 else { return false }
    place = next
    set(history[next])
    return true
  }

  /// Shows the line after the one shown, at last what was being typed. False when not walking.
  @discardableResult mutating func next() -> Bool {
    guard let place else { return false }
    if place + 1 < history.count {
      self.place = place + 1
      set(history[place + 1])
    } else {
      self.place = nil
      set(draft)
    }
    return true
  }
}
