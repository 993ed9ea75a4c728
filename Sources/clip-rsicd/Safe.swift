import Frame

/// Names, captions and queries as they may be sent to a terminal.
enum Safe {
  static func text(_ text: String) -> String { safeForTerminal(text) }
}
