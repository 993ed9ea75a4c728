import Foundation
import Manual
import TestSupport
import Testing

/// The pages of the manual, of what the built program declares.
@Suite struct ManualTests {
  private static let program = Places.executable.deletingLastPathComponent()
    .appendingPathComponent("manual-pages").path

  private func withPages(_ body: (URL) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let made = try run(
        [
          "-c", "\"$0\" --experimental-dump-help | \"$1\" 0.1.0 2026-01-31 \"$2\"",
          Places.executable.path, Self.program, folder.path,
        ], executable: URL(fileURLWithPath: "/bin/sh"))
      #expect(made.status == 0 && made.stdout == "" && made.stderr == "", "\(made)")
      try body(folder)
    }
  }

  @Test("each command has a page, and its examples are in it to the character")
  func pages() throws {
    try withPages { folder in
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(Set(names) == Set(["clip-rsicd.1"] + HelpTests.commands.map { "clip-rsicd-\($0).1" }))
      let program = try HelpTests.declared.get()
      for command in [program] + program.documented {
        let name = command.commandName == "clip-rsicd" ? "" : "-\(command.commandName)"
        let page = try String(
          contentsOf: folder.appendingPathComponent("clip-rsicd\(name).1"), encoding: .utf8)
        for case .block("EXAMPLES", let lines) in Discussion(command.discussion ?? "").parts {
          let literal = lines.map { String($0.dropFirst(2)) }.joined(separator: "\n")
          #expect(Self.plain(page).contains("\n.Sh EXAMPLES\n.Bd -literal\n\(literal)\n.Ed\n"))
        }
        #expect(page.contains("\n.Sh EXIT STATUS\n"))
        for argument in command.shownArguments {
          #expect(Self.plain(page).contains(argument.abstract?.split(separator: " ").first ?? ""))
        }
      }
    }
  }

  @Test("misuse of the tool that makes them is told")
  func misuse() throws {
    let result = try run([], executable: URL(fileURLWithPath: Self.program))
    #expect(result.status == 2 && result.stderr.hasPrefix("Error: usage: "))
    let empty = try run(["1", "2026-01-31", "x"], executable: URL(fileURLWithPath: Self.program))
    #expect(empty.status == 2 && empty.stderr.hasPrefix("Error: the manual was not written: "))
  }

  /// As roff gives it back.
  private static func plain(_ page: String) -> String {
    [("\\(aq", "'"), ("\\(ga", "`"), ("\\(ti", "~"), ("\\(ha", "^"), ("\\-", "-"), ("\\e", "\\")]
      .reduce(page) { $0.replacing($1.0, with: $1.1) }
  }
}
