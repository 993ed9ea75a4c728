import Foundation
import TestSupport

/// The command lines that the documents and `--help` give to be pasted.
struct DocumentedCommands {
  /// As one would paste them: continued lines joined, comments left in.
  let lines: [String]
  /// Lines of `--help` that are too long for a terminal of 80 columns.
  var tooLong: [String] = []

  /// Of a Markdown file: the blocks indented by four, outside of fences.
  init(markdown file: String) throws {
    let text = try String(
      contentsOf: Places.package.appendingPathComponent(file), encoding: .utf8)
    var isFenced = false
    var block: [String] = []
    for line in text.components(separatedBy: "\n") {
      if line.hasPrefix("```") { isFenced.toggle() }
      guard !isFenced, line.hasPrefix("    "), !line.hasPrefix("     ") || !block.isEmpty else {
        continue
      }
      block.append(String(line.dropFirst(4)))
    }
    lines = Self.commands(in: block)
  }

  /// Of `clip-rsicd COMMAND --help`, or of `clip-rsicd --help`: what is below EXAMPLES, indented by two.
  init(helpOf command: String?) throws {
    let help = try run((command.map { [$0] } ?? []) + ["--help"]).stdout
    let examples = help.components(separatedBy: "\nEXAMPLES\n").dropFirst().first ?? ""
    let block = examples.components(separatedBy: "\n").prefix { !$0.isEmpty }
    lines = Self.commands(in: block.map { String($0.dropFirst(2)) })
    tooLong = block.filter { $0.count > 80 }
  }

  /// What begins with a program's name; the rest of a block is what it prints.
  private static func commands(in block: [String]) -> [String] {
    let programs = [
      "clip-rsicd ", "mkdir ", "cp ", "make ", "swift ", "mpirun ", "echo ", "unzip ", "tar ",
      "tensorboard ",
    ]
    var found: [String] = []
    var isContinued = false
    var isQuoted = false
    for line in block {
      if isQuoted {
        found[found.count - 1] += "\n" + line
      } else if isContinued {
        found[found.count - 1] += " " + line.trimmingCharacters(in: .whitespaces)
      } else if programs.contains(where: line.hasPrefix) {
        found.append(line)
      } else {
        continue
      }
      isQuoted = found[found.count - 1].count { $0 == "\"" } % 2 == 1
      isContinued = found[found.count - 1].hasSuffix("\\")
      if isContinued { found[found.count - 1].removeLast() }
    }
    return found
  }
}
