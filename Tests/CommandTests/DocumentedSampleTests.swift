import Foundation
import TestSupport
import Testing

/// What README.md and docs show that a command prints is what it prints.
@Suite struct DocumentedSampleTests {
  /// The script says what a sample is, and `--write` renews them.
  @Test(
    "every sample of the documents is printed by the program as it is",
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")))
  func samples() throws {
    let script = Places.package.appendingPathComponent("Tests/Screens/samples.py").path
    let result = try run(
      [script, "--program", Places.executable.path],
      executable: URL(fileURLWithPath: "/usr/bin/python3"))
    #expect(result.status == 0, "\(result.stdout)\(result.stderr)")
  }
}
