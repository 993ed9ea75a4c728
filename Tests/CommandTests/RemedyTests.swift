import Foundation
import TestSupport
import Testing

/// The libraries state facts; what to type is known to the command alone.
@Suite struct RemedyTests {
  /// Sources whose subject is a command line.
  private static let speakers: Set<String> = ["clip-rsicd", "Manual", "manual-pages"]
  /// Options of other programs.
  private static let foreign = [
    "--bind-to none", "swift build -c release --traits MPI", "pip install pyarrow",
  ]

  @Test func `no string of a library names an option or a command of ours`() throws {
    let sources = Places.package.appendingPathComponent("Sources")
    var read = 0
    for target in try FileManager.default.contentsOfDirectory(atPath: sources.path).sorted()
    where !Self.speakers.contains(target) {
      let folder = sources.appendingPathComponent(target)
      let paths = FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String]
      for path in (paths ?? []).sorted() where path.hasSuffix(".swift") {
        let text = try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
        read += 1
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
          .enumerated()
        {
          for literal in Self.literals(of: String(line)) {
            let own = Self.foreign.reduce(literal) { $0.replacing($1, with: "") }
            #expect(
              own.firstMatch(of: /(^|[^-\w])--[a-z][a-z-]+|clip-rsicd [a-z]{3,}/) == nil,
              "\(target)/\(path):\(number + 1): \(literal)")
          }
        }
      }
    }
    #expect(read > 250)
  }

  @Test func `the explorer without a terminal says what to use instead`() throws {
    let result = try run(["explore"])
    #expect(result.status == 2 && result.stdout.isEmpty)
    #expect(
      result.stderr == "Error: the explorer needs a terminal, but stdout is none; use 'clip-rsicd "
        + "search TEXT' instead\n", "\(result.stderr)")
  }

  @Test func `literals are told from code and comments`() {
    #expect(
      Self.literals(of: #"  let a = "x \"y\" z" + "--b" // "--c""#) == [#"x \"y\" z"#, "--b"])
    #expect(Self.literals(of: #"  /// "--c""#).isEmpty)
    #expect(Self.literals(of: #"  + "use --into""#) == ["use --into"])
  }

  /// What stands between quotes in a line; a part of a text of several lines counts as a whole line.
  private static func literals(of line: String) -> [String] {
    let bare = line.drop { $0 == " " }
    guard !bare.hasPrefix("//") else { return [] }
    var found: [String] = []
    var current: String?
    var isEscaped = false
    var last: Character = " "
    for character in bare {
      if let text = current {
        if !isEscaped, character == "\"" {
          found.append(text)
          current = nil
        } else {
          current = text + String(character)
        }
        isEscaped = !isEscaped && character == "\\"
      } else if character == "\"" {
        current = ""
      } else if character == "/", last == "/" {
        break
      }
      last = character
    }
    // Texts of several lines have no quotes on their lines.
    if found.isEmpty, !bare.contains("\""), bare.hasSuffix("\\") { found.append(String(bare)) }
    return found
  }
}
