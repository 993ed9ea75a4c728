import Foundation
import Manual
import TestSupport
import Testing

@Suite struct HelpTests {
  /// What the program declares, as it tells itself.
  static let declared = Result {
    try JSONDecoder().decode(
      ToolDescription.self, from: Data(run(["--experimental-dump-help"]).stdout.utf8)
    ).command
  }

  /// Names of the commands; none is forgotten here when one is added.
  static let commands = (try? declared.get().documented.map(\.commandName)) ?? []

  @Test("the program tells its commands")
  func declarations() throws {
    #expect(try Self.declared.get().commandName == "clip-rsicd")
    #expect(Set(Self.commands).isSuperset(of: ["explore", "search", "check", "doctor"]))
  }

  @Test(
    "examples and exit codes stay on lines of their own, however narrow the terminal",
    arguments: ["10", "60", "80", "200", nil])
  func blocks(_ columns: String?) throws {
    let program = try Self.declared.get()
    for command in [program] + program.documented {
      let place = command.commandName == program.commandName ? [] : [command.commandName]
      let help = try run(
        place + ["--help"], environment: columns.map { ["COLUMNS": $0] } ?? [:]
      ).stdout
      let blocks: [String] = Discussion(command.discussion ?? "").parts.compactMap {
        guard case .block(let heading, let lines) = $0 else { return nil }
        return ([heading] + lines).joined(separator: "\n")
      }
      #expect(blocks.contains { $0.hasPrefix("EXAMPLES\n") }, "\(place)")
      for block in blocks {
        #expect(help.contains("\n\n\(block)\n\n"), "\(place) at \(columns ?? "a pipe")")
      }
    }
  }

  @Test("paragraphs and options are folded at the width of the terminal")
  func folded() throws {
    for columns in [60, 80] {
      let help = try run(["evaluate", "--help"], environment: ["COLUMNS": "\(columns)"]).stdout
      let sections = help.components(separatedBy: "\n\n")
        .filter { !$0.hasPrefix("EXAMPLES\n") && !$0.hasPrefix("USAGE: ") }
      for line in sections.joined(separator: "\n").components(separatedBy: "\n") {
        #expect(line.count <= columns)
      }
    }
  }

  @Test(
    "every command has help with examples of itself, on stdout, exit code 0", arguments: commands)
  func help(_ command: String) throws {
    for arguments in [[command, "--help"], ["help", command]] {
      let result = try run(arguments)
      #expect(result.status == 0)
      #expect(result.stdout.contains("EXAMPLES\n"))
      #expect(result.stdout.contains("  clip-rsicd \(command)"))
      #expect(result.stdout.contains("USAGE: clip-rsicd \(command)"))
      #expect(result.stderr == "")
    }
  }

  @Test("the program lists its commands and exit codes, and tells its version")
  func program() throws {
    let help = try run(["--help"])
    #expect(help.status == 0)
    for command in Self.commands { #expect(help.stdout.contains("  \(command) ")) }
    #expect(help.stdout.contains("EXIT CODES"))
    let version = try run(["--version"])
    #expect(version.status == 0)
    #expect(version.stdout.wholeMatch(of: /[0-9]+\.[0-9]+\.[0-9]+\n/) != nil)
  }

  @Test(
    "misuse is an error line on stderr, exit code 2 and nothing on stdout",
    arguments: [
      (["nonsense"], "there is no command nonsense; `clip-rsicd --help` lists them"),
      (["serach", "a port"], "there is no command serach; did you mean search?"),
      (["serch", "--help"], "there is no command serch; did you mean search?"),
      (["photos.sqlite"], "there is no command photos.sqlite; `clip-rsicd --help` lists them"),
      (["classify", "a.jpg", "--tempalte", "x"], "Did you mean '--template'?"),
      (["help", "explroe"], "there is no command explroe; did you mean explore?"),
      (["search"], "<text>"),
      (["search", " "], "the query is empty"),
      (["search", "a port", "-k", "0"], "-k is 0, expected 1 to 1000000"),
      (["search", "a port", "-k", "many"], "many"),
      (["search", "a port", "--nonsense"], "--nonsense"),
      (["search", "a port", "--threads", "0"], "--threads is 0, expected 1 to 1024"),
      (["search", "a port", "--json", "--preview"], "give one of --json, --preview"),
      (["similar"], "<image>"),
      (["index", "--into", "x.sqlite"], "<folders>"),
      (["index", "."], "--into"),
      (["classify"], "<images>"),
      (["classify", "a.jpg", "--template", "a photograph"], "it has no {category}"),
      (["embed"], "nothing to embed"),
      (["evaluate", "--images", ".", "--split", "test"], "--captions"),
      (["evaluate", "--images", ".", "--captions", "c", "--threads", "0"], "--threads is 0"),
      (["evaluate", "--images", ".", "--captions", "c", "--tsv", "a.tsv"], "takes one --model"),
      (["train"], "<recipe>"),
      (["convert", "a"], "<target>"),
      (["convert", "a", "b", "--dtype", "f64"], "f64"),
      (["convert", "a", "b", "--format", "zip"], "zip"),
      (["convert", "a", "b", "--threads", "0"], "--threads is 0, expected 1 to 1024"),
      (["train", "r.toml", "--threads", "0"], "--threads is 0, expected 1 to 1024"),
      (
        ["info", "--model", "a", "--collection", "b"],
        "give one of --collection, --model and --image"
      ),
      (["scenes", "--into", "x", "--side", "5"], "--side is 5, expected 32 to 2048"),
      (["scenes", "--into", "x", "--count", "0"], "--count is 0, expected 1 to 100000"),
      (["scenes", "--into", "x", "--category", "moon"], "no category moon"),
      (["scenes", "--into", "x", "--category", ""], "no category"),
      (["scenes", "--into", "x", "--captions", ""], "--captions is empty"),
    ])
  func misuse(_ arguments: [String], _ words: String) throws {
    let result = try run(arguments)
    #expect(result.status == 2)
    #expect(result.stdout == "")
    #expect(result.stderr.hasPrefix("Error: "))
    #expect(result.stderr.contains(words))
  }
}
