import Foundation
import Testing

/// Where things are, seen from the tests.
public enum Places {
  /// The checkout.
  public static let package = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  /// Tests/Fixtures of the checkout.
  public static let fixtures = package.appendingPathComponent("Tests/Fixtures")
  /// The folder of shared data beside the checkout: see ``Trait/needs(_:)``.
  public static let shared = package.deletingLastPathComponent().appendingPathComponent("shared")
  public static func model(_ name: String) -> String {
    package.appendingPathComponent("assets/models/\(name)").path
  }
  /// The built `clip-rsicd`, beside the test bundle.
  public static var executable: URL {
    let bundle = Bundle.allBundles.map(\.bundleURL).first { $0.pathExtension == "xctest" }
    let folder =
      (bundle ?? URL(fileURLWithPath: CommandLine.arguments[0])).deletingLastPathComponent()
    return folder.appendingPathComponent("clip-rsicd")
  }
}

extension Trait where Self == ConditionTrait {
  /// What the test reads in the folder of shared data, where there is one beside the checkout: it is
  /// skipped where something of it is missing, and says what.
  public static func needs(_ paths: String...) -> Self {
    let missing = paths.filter {
      !FileManager.default.fileExists(atPath: Places.shared.appendingPathComponent($0).path)
    }
    return .enabled(
      if: missing.isEmpty,
      Comment(rawValue: "not beside this checkout: ../shared/" + missing.joined(separator: ", ")))
  }
}

/// A folder that is empty at the start and removed with the value that made it.
public func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("clip-rsicd-test-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}

/// What a finished command left.
public struct CommandResult: Sendable {
  public let status: Int32
  public let stdout: String
  public let stderr: String

  public init(status: Int32, stdout: String, stderr: String) {
    (self.status, self.stdout, self.stderr) = (status, stdout, stderr)
  }
}

/// Runs the built `clip-rsicd` (or another executable) to its end, with a clean environment.
public func run(
  _ arguments: [String], executable: URL = Places.executable, environment: [String: String] = [:],
  directory: URL? = nil
) throws -> CommandResult {
  let process = Process()
  process.executableURL = executable
  process.arguments = arguments
  process.currentDirectoryURL = directory
  var values = [
    "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent", "TERM": "dumb",
  ]
  values.merge(environment) { $1 }
  process.environment = values
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("clip-rsicd-run-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  let out = folder.appendingPathComponent("out")
  let err = folder.appendingPathComponent("err")
  try Data().write(to: out)
  try Data().write(to: err)
  process.standardOutput = try FileHandle(forWritingTo: out)
  process.standardError = try FileHandle(forWritingTo: err)
  process.standardInput = FileHandle.nullDevice
  try process.run()
  process.waitUntilExit()
  return CommandResult(
    status: process.terminationReason == .exit
      ? process.terminationStatus : 128 + process.terminationStatus,
    stdout: String(decoding: try Data(contentsOf: out), as: UTF8.self),
    stderr: String(decoding: try Data(contentsOf: err), as: UTF8.self))
}
