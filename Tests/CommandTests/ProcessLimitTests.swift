import Foundation
import TestSupport
import Testing

/// What the system does not give: threads, descriptors, memory, standard streams, long paths. Every
/// command ends by itself, with a sentence and code 2; none reads as "nothing found".
///
/// `CLIP_RSICD_FAULTS` goes through every limit instead of a few.
@Suite struct ProcessLimitTests {
  private static let isLong = ProcessInfo.processInfo.environment["CLIP_RSICD_FAULTS"] != nil
  /// A limit on processes does not bind root: the program runs as a user who has none of them.
  private static let other =
    getuid() == 0
    ? ["/usr/bin/setpriv", "--reuid=54329", "--regid=54329", "--clear-groups"] : []
  static var canBeOther: Bool {
    guard let first = other.first else { return false }
    let result = try? run(
      other.dropFirst() + [Places.executable.path, "--version"],
      executable: URL(fileURLWithPath: first))
    return result?.status == 0
  }

  /// Runs the program in a shell that has set a limit; 124 is a hang.
  private func limited(_ limit: String, _ arguments: [String], as user: [String] = []) throws
    -> (status: Int32, stdout: String, stderr: String)
  {
    let command =
      ["timeout", "-k", "1", "60"] + user
      + ["/bin/bash", "-c", "ulimit -c 0; \(limit) && exec \"$@\"", "sh", Places.executable.path]
    let result = try run(command + arguments, executable: URL(fileURLWithPath: "/usr/bin/env"))
    return (result.status, result.stdout, result.stderr)
  }

  private static let embedding = [
    "embed", "--text", "a port", "--model", Places.model("rsicd-mini"), "--json",
  ]

  private func expectDoneOrTold(
    _ result: (status: Int32, stdout: String, stderr: String), _ words: String, _ limit: String
  ) {
    if result.status == 0 {
      #expect(!result.stdout.isEmpty)
    } else {
      #expect(result.status == 2, "\(limit): \(result)")
      #expect(result.stdout == "")
      let errors = result.stderr.split(separator: "\n").filter { $0.hasPrefix("Error: ") }
      #expect(errors.count == 1 && result.stderr.contains(words), "\(limit): \(result.stderr)")
    }
  }

  @Test("few processes: a sentence and 2, no waiting for a thread", .enabled(if: canBeOther))
  func fewProcesses() throws {
    for limit in Self.isLong ? Array(1...60) : [1, 3, 4, 7] {
      let result = try limited("ulimit -u \(limit)", Self.embedding, as: Self.other)
      expectDoneOrTold(result, "ulimit -u", "-u \(limit)")
    }
  }

  @Test("few descriptors: a sentence and 2")
  func fewDescriptors() throws {
    // With three the dynamic loader itself cannot open the libraries.
    for limit in Self.isLong ? Array(4...60) : [4, 6, 9, 13] {
      let result = try limited("ulimit -n \(limit)", Self.embedding)
      expectDoneOrTold(result, "too many open files", "-n \(limit)")
    }
  }

  @Test("little memory: a sentence and 2, with two models too")
  func littleMemory() throws {
    try Workshop.withPictures { workshop in
      for limit in Self.isLong ? Array(stride(from: 250, through: 2000, by: 50)) : [250, 450, 700] {
        let new = workshop.path("\(limit).sqlite")
        let result = try limited(
          "ulimit -v \(limit << 10)",
          [
            "index", workshop.pictures.path, "--into", new, "--model",
            Places.model("rsicd-mini"), "--model", Places.model("clip-mini"), "--json",
          ])
        expectDoneOrTold(result, "memory", "-v \(limit) MiB")
      }
    }
  }

  @Test(
    "closed standard streams are no place for a collection", arguments: ["2>&-", "<&- >&- 2>&-"])
  func closedStreams(closing: String) throws {
    try Workshop.withPictures { workshop in
      let script = "exec \"$@\" \(closing)"
      let result = try run(
        [
          "-c", script, "sh", Places.executable.path, "index", workshop.pictures.path, "--into",
          workshop.collection, "--model", Places.model("rsicd-mini"),
        ], executable: URL(fileURLWithPath: "/bin/sh"))
      // Where there is no stdout, what was to be told is lost, and that is an error.
      #expect(result.status == (closing.contains(">&- 2") ? 2 : 0))
      let check = try workshop.program("check", workshop.collection)
      #expect(check.status == 0 && check.stdout.contains("sound"), "\(check)")
    }
  }

  @Test("a path that SQLite does not open is told by its length, and leaves nothing")
  func longPath() throws {
    try Workshop.withPictures { workshop in
      var folder = workshop.path("long")
      while folder.utf8.count < 500 { folder += "/" + String(repeating: "x", count: 100) }
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let result = try workshop.program(
        "index", workshop.pictures.path, "--into", folder + "/c.sqlite", "--model",
        Places.model("rsicd-mini"))
      #expect(result.status == 2)
      #expect(result.stderr.contains("SQLite opens none of more than 504"), "\(result.stderr)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
    }
  }

  @Test("a read-only file system is called one", .enabled(if: SystemLimitTests.canMount))
  func readOnlyFileSystem() throws {
    try Workshop.withCollection { workshop in
      let script = """
        mount --bind '\(workshop.folder.path)' '\(workshop.folder.path)' \
          && mount -o remount,ro,bind '\(workshop.folder.path)' && exec "$@"
        """
      let result = try workshop.program(
        [
          "index", workshop.pictures.path, "--into", workshop.collection, "--model",
          Places.model("clip-mini"),
        ], through: ["/usr/bin/unshare", "-rm", "/bin/sh", "-c", script, "sh"])
      #expect(result.status == 2)
      #expect(result.stderr.contains("its file system is read-only"), "\(result.stderr)")
    }
  }
}
