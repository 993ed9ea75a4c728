import Foundation
import TestSupport
import Testing

/// Every command line of the documents and of `--help`, pasted into a shell in the order in which
/// it stands. What samples print is checked by `DocumentedSampleTests`.
@Suite struct DocumentedCommandTests {
  /// README.md and what lies in docs, by name.
  static let documents: [String] = {
    let docs = Places.package.appendingPathComponent("docs")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: docs.path)) ?? []
    return ["README.md", "CONTRIBUTING.md", "recipes/README.md"]
      + names.filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
  }()

  /// Lines that are not run, by how they begin, and why.
  static let left = [
    "make ": "builds, or runs this very suite", "swift ": "builds",
    "mpirun ": "needs a build with the trait MPI",
    "tensorboard ": "is another program",
  ]
  /// What stands for weights of hundreds of megabytes that lie nowhere here: such a line has to be
  /// understood, and to fail for that reason alone.
  static let weights = ["RemoteCLIP-ViT-B-32.pt", "RS5M_ViT-B-32.pt"]

  @Test("every command of a document works as it stands", arguments: documents)
  func document(_ name: String) throws {
    let lines = try DocumentedCommands(markdown: name).lines.filter { !Self.isLeft($0) }
    guard !lines.isEmpty else { return }
    try withTemporaryFolder { folder in
      let world = try DocumentedWorld(in: folder)
      for line in lines { try expectWorks(line, in: world, from: name) }
    }
  }

  @Test("the documents' commands are found, continued lines as one")
  func found() throws {
    let lines = try Self.documents.flatMap { try DocumentedCommands(markdown: $0).lines }
    #expect(lines.count > 40)
    #expect(lines.contains { $0.contains("--images") && $0.contains("--ties best") })
  }

  @Test("every command but the explorer has --json")
  func json() throws {
    for command in HelpTests.commands {
      let help = try run([command, "--help"]).stdout
      #expect(help.contains("--json") == (command != "explore"), "\(command)")
    }
  }

  @Test("every example of --help works as it stands, and fits into 80 columns")
  func help() throws {
    try withTemporaryFolder { folder in
      let world = try DocumentedWorld(in: folder, models: ["clip-rsicd-v2", "ViT-B-32"])
      for command in [nil] + HelpTests.commands {
        let examples = try DocumentedCommands(helpOf: command)
        let place = "clip-rsicd \(command ?? "") --help"
        #expect(!examples.lines.isEmpty && examples.tooLong == [], "\(place)")
        for line in examples.lines { try expectWorks(line, in: world, from: place) }
      }
    }
  }

  @Test("every query of the table in docs/searching.md finds something in the gallery")
  func queries() throws {
    let text = try String(
      contentsOf: Places.package.appendingPathComponent("docs/searching.md"), encoding: .utf8)
    let table = text.components(separatedBy: "| Query | Meaning |\n").dropFirst().first ?? ""
    let queries = table.components(separatedBy: "\n").prefix { $0.hasPrefix("|") }
      .compactMap { $0.firstMatch(of: /^\| `(.*?)` \|/).map { String($0.1) } }
    #expect(queries.count >= 4)
    try withTemporaryFolder { folder in
      for query in queries {
        let result = try run(
          ["search", query], environment: ["XDG_DATA_HOME": folder.path], directory: folder)
        #expect(result.status == 0 && !result.stdout.isEmpty, "\(query): \(result)")
      }
    }
  }

  private static func isLeft(_ line: String) -> Bool { left.keys.contains(where: line.hasPrefix) }

  private func expectWorks(_ line: String, in world: DocumentedWorld, from place: String) throws {
    guard !Self.isLeft(line) else { return }
    if line.hasPrefix("clip-rsicd explore") { return try expectExplorer(line, in: world) }
    let result = try world.paste(line)
    if !line.contains(" pull "), let file = Self.weights.first(where: line.contains) {
      #expect(result.status == 2, "\(place): \(line)\n\(result)")
      #expect(
        // Without the weights an earlier line has made no collection of them either.
        result.stderr.contains("\(file): ") || result.stderr.contains("no such collection"),
        "\(place): \(line)\n\(result)")
      #expect(!result.stderr.contains("Usage"), "\(place): \(line)\n\(result)")
    } else {
      #expect(result.status == 0, "\(place): \(line)\n\(result)")
    }
  }

  private func expectExplorer(_ line: String, in world: DocumentedWorld) throws {
    let terminal = try Tmux(environment: world.environment(for: line))
    try terminal.command("cd '\(world.place("work").path)'; clear; \(line); echo \"status=$?\"")
    try terminal.wait(seconds: 60) { $0.contains("Categories") && !$0.contains("status=") }
    try terminal.press("Escape")
    try terminal.press("C-c")
    try terminal.wait { $0.contains("status=0") }
  }
}
