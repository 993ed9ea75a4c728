/// Text escaped so that roff finds no commands in it and prints it so that it can be pasted: with ASCII
/// hyphens and quotes instead of typographic ones.
enum Roff {
  private static let longestLine = 76

  /// Text within a line.
  static func text(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\\": result += "\\e"
      case "-": result += "\\-"
      case "'": result += "\\(aq"
      case "`": result += "\\(ga"
      case "^": result += "\\(ha"
      case "~": result += "\\(ti"
      case "\n": result += " "
      default: result.append(character)
      }
    }
    return result
  }

  /// Text as arguments of a macro, of which none is taken for a macro itself: these are two letters long,
  /// the first a capital.
  static func arguments(_ words: String) -> String {
    words.split(separator: " ").map { word in
      let isMacro = word.count == 2 && word.first?.isUppercase == true
      return (isMacro ? "\\&" : "") + text(String(word)).replacing("\"", with: "\\(dq")
    }.joined(separator: " ")
  }

  /// A line of its own, which must not begin as a request does.
  static func line(_ line: String) -> String {
    (line.hasPrefix(".") ? "\\&" : "") + text(line)
  }

  /// `--model` as the argument of `Fl`, which brings the first hyphen.
  static func flag(_ name: String) -> String { "Fl \(text(String(name.dropFirst())))" }

  static func paragraphs(_ texts: [String]) -> [String] {
    Array(texts.map(sentences).joined(separator: [".Pp"]))
  }

  /// Each sentence on lines of its own, as roff wants it, and none too long for an editor.
  static func sentences(_ text: String) -> [String] {
    let words = text.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
    var lines: [String] = []
    var current: [String] = []
    for (place, word) in words.enumerated() {
      current.append(word)
      let next = place + 1 < words.count ? words[place + 1] : ""
      let length = Self.text((current + [next]).joined(separator: " ")).utf8.count
      if ".!?".contains(word.last ?? " ") || length > longestLine {
        lines.append(line(current.joined(separator: " ")))
        current = []
      }
    }
    return lines + (current.isEmpty ? [] : [line(current.joined(separator: " "))])
  }

  /// Lines that stay as they are, without the indentation that they share.
  static func literal(_ lines: [String]) -> [String] {
    let shared = lines.map { $0.prefix { $0 == " " }.count }.min() ?? 0
    return [".Bd -literal"] + lines.map { line(String($0.dropFirst(shared))) } + [".Ed"]
  }
}
