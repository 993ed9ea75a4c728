import Foundation
import TestSupport
import Testing

/// Where stdout and stderr lead nowhere, or to a disk without room.
@Suite struct StandardStreamTests {
  private func shell(_ redirections: String, _ arguments: [String]) throws -> CommandResult {
    try run(
      ["-c", "exec \"$@\" \(redirections)", "sh", Places.executable.path] + arguments,
      executable: URL(fileURLWithPath: "/bin/sh"))
  }

  @Test(
    "results that cannot be written are one error, exit code 2",
    arguments: [">/dev/full", ">&-"],
    [
      ["--version"], ["--help"], ["search", "--help"], ["--generate-completion-script", "bash"],
      ["info", "--model", Places.model("clip-mini"), "--json"],
    ])
  func results(_ redirection: String, _ arguments: [String]) throws {
    let result = try shell(redirection, arguments)
    #expect(result.status == 2)
    #expect(result.stderr.hasPrefix("Error: the results cannot be written: "))
    #expect(result.stderr.split(separator: "\n").count == 1)
  }

  @Test(
    "messages that cannot be written are dropped; results and exit code stay",
    arguments: ["2>/dev/full", "2>&-", "<&- 2>&-"])
  func messages(_ redirection: String) throws {
    let missing = try shell(redirection, ["search", "a port", "--collection", "/none.sqlite"])
    #expect(missing.status == 2)
    try withTemporaryFolder { folder in
      let drawn = try shell(
        redirection,
        ["scenes", "--into", folder.path, "--count", "1", "--category", "port", "--json"])
      #expect(drawn.status == 0)
      #expect(drawn.stdout.contains("port_1.jpg"))
    }
  }
}
