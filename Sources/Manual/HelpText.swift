/// ArgumentParser's help, laid out for a terminal.
///
/// ArgumentParser breaks whatever is longer than the terminal is wide, examples too, and a command that is
/// broken cannot be pasted. So it is asked for help without a limit, and that is folded here.
package enum HelpText {
  /// Wider than any line of help: what ArgumentParser is asked for.
  package static let unlimited = 1 << 20

  /// The column at which ArgumentParser starts the description of an option.
  private static let labelWidth = 26
  /// The least width of a column of text; a narrower terminal breaks the lines itself.
  private static let narrowest = 20
  private static let overview = "OVERVIEW: "
  private static let usage = "USAGE: "

  /// Folds paragraphs and descriptions of options, and leaves examples and the usage as they are. Text that
  /// is not a help page stays as it is.
  package static func laidOut(_ help: String, columns: Int) -> String {
    guard help.hasPrefix(overview), let end = help.firstRange(of: "\n\n" + usage)?.lowerBound else {
      return help
    }
    let about = Discussion(String(help[..<end])).parts.map { part in
      switch part {
      case .paragraph(let text): folded(text, columns: columns, indent: 0)
      case .block(let heading, let lines): ([heading] + lines).joined(separator: "\n")
      }
    }
    let rest = help[end...].split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.hasPrefix("  ")
        ? folded(String(line), columns: columns, indent: labelWidth) : String(line)
    }
    return about.joined(separator: "\n\n") + rest.joined(separator: "\n")
  }

  /// A line broken into lines of at most this many columns where its words allow it, all but the first
  /// indented.
  package static func folded(_ line: String, columns: Int, indent: Int) -> String {
    let width = max(columns, indent + narrowest)
    guard line.count > width else { return line }
    let margin = String(repeating: " ", count: indent)
    var lines: [String] = []
    // The option's name and the blanks behind it count as one word.
    var current = line.count > indent ? String(line.prefix(indent)) : ""
    var isEmpty = true
    for word in line.dropFirst(current.count).split(separator: " ") {
      if !isEmpty, current.count + 1 + word.count > width {
        lines.append(current)
        (current, isEmpty) = (margin, true)
      }
      current += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    return (lines + [current]).joined(separator: "\n")
  }
}
