import Foundation
import TestSupport
import Testing

@Suite struct HelpTests {
  static let commands = [
    "explore", "search", "similar", "index", "info", "check", "classify", "evaluate", "embed",
    "scenes",
    "train", "convert", "pull", "doctor",
  ]

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
