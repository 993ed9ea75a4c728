/// Why there is no full screen.
public enum TerminalError: Error, Sendable, Equatable, CustomStringConvertible {
  case notATerminal(stream: String)
  case noTerm
  case unsuitable(term: String)
  case unknown(term: String)

  public var description: String {
    switch self {
    case .notATerminal(let stream):
      "the explorer needs a terminal, but \(stream) is none"
    case .noTerm:
      "the explorer needs to know the terminal, but TERM is not set; set it, as in TERM=xterm-256color"
    case .unsuitable(let term):
      "the explorer cannot draw on a terminal of type '\(term)'"
    case .unknown(let term):
      "the terminal type '\(term)' is unknown here; try TERM=xterm-256color, or install ncurses-term"
    }
  }
}
