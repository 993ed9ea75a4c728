import Texts
import Frame

/// Names, captions and queries as they may be sent to a terminal.
enum Safe {
  static func text(_ text: String) -> String { safeForTerminal(text) }

  /// Text of several lines.
  static func lines(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { safeForTerminal(String($0)) }.joined(separator: "\n")
  }

  /// A word of a command to be copied into a shell: in single quotes unless it is plain.
  static func word(_ text: String) -> String {
    let plain = text.utf8.allSatisfy {
      switch $0 {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      default: "/._-+@%:=,".utf8.contains($0)
      }
    }
    let safe = safeForTerminal(text)
    return plain && !text.isEmpty ? safe : "'" + safe.replacing("'", with: "'\\''") + "'"
  }
}
