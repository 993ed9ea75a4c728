import Foundation
import TestSupport
import Testing

/// The embedded collection: made at the first run, once, and never half.
@Suite(.serialized)
struct GalleryTests {
  private func search(_ data: URL, _ more: [String] = []) throws -> CommandResult {
    try run(
      ["search", "planes parked next to a long terminal", "-k", "5"] + more,
      environment: ["XDG_DATA_HOME": data.path])
  }

  private func collection(_ data: URL) -> URL {
    data.appendingPathComponent("clip-rsicd/gallery/gallery.sqlite")
  }

  @Test(.timeLimit(.minutes(4))) func theFirstRunMakesItAndTheNextFindsIt() throws {
    try withTemporaryFolder { data in
      let first = try search(data, ["--json"])
      #expect(first.status == 0, "\(first.stderr)")
      let rows = try CollectionFixture.objects(first.stdout)
      #expect(rows.count == 5)
      for row in rows {
        let path = try #require(row["path"] as? String)
        #expect(FileManager.default.fileExists(atPath: path))
        #expect(row["category"] is String)
        #expect(row["caption"] is String)
      }
      let info = try run(["info", "--json"], environment: ["XDG_DATA_HOME": data.path])
      let facts = try #require(try CollectionFixture.objects(info.stdout).first)
      #expect(facts["images"] as? Int == 300)
      let categories = try #require(facts["categories"] as? [String: Int])
      #expect(categories.count == 30)
      #expect(categories.values.allSatisfy { $0 == 10 })
      let models = try #require(facts["models"] as? [[String: Any]])
      #expect(models.allSatisfy { $0["vectors"] as? Int == 300 })
      #expect(models.count == 2)

      let before = try FileManager.default.attributesOfItem(atPath: collection(data).path)
      let second = try search(data, ["--json"])
      #expect(second.stdout == first.stdout)
      #expect(second.stderr.isEmpty)
      let after = try FileManager.default.attributesOfItem(atPath: collection(data).path)
      #expect(before[.modificationDate] as? Date == after[.modificationDate] as? Date)

      // What another version drew is drawn again.
      let gallery = data.appendingPathComponent("clip-rsicd/gallery")
      try Data("drawings 0".utf8).write(to: gallery.appendingPathComponent("drawings"))
      try Data("drawings 0".utf8).write(to: gallery.appendingPathComponent("version"))
      let third = try search(data, ["--json"])
      #expect(third.stdout == first.stdout)
      #expect(third.stderr.contains("Drawing the gallery"))
    }
  }

  @Test(.timeLimit(.minutes(4))) func oneThatWasKilledHalfMadeIsMadeByTheOthers() throws {
    try withTemporaryFolder { data in
      let environment = ["XDG_DATA_HOME": data.path, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"]
      func start() throws -> Process {
        let process = Process()
        process.executableURL = Places.executable
        process.arguments = ["search", "a port", "-k", "1"]
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
      }
      let killed = try start()
      let folder = data.appendingPathComponent("clip-rsicd")
      while (try? FileManager.default.contentsOfDirectory(atPath: folder.path).count) ?? 0 < 2,
        killed.isRunning
      { usleep(5000) }
      kill(killed.processIdentifier, SIGKILL)
      killed.waitUntilExit()
      #expect(!FileManager.default.fileExists(atPath: collection(data).path))

      let two = [try start(), try start()]
      for process in two {
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
      }
      let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(!left.contains { $0.contains("partial") })
      let made = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/gallery")
      #expect(!made.contains { $0.contains("partial") }, "\(made)")
    }
  }

  /// A folder can be made there, and no file can be filled, as on a full disk.
  @Test func aPlaceThatTakesNoBytesIsNamed() throws {
    try withTemporaryFolder { data in
      // Through a pipe, since what is said is written into a file too.
      let script =
        "(ulimit -f 0; trap '' XFSZ; exec \"$0\" search 'a port') 2>&1 | cat; exit ${PIPESTATUS[0]}"
      let result = try run(
        ["-c", script, Places.executable.path], executable: URL(fileURLWithPath: "/bin/bash"),
        environment: ["XDG_DATA_HOME": data.path])
      #expect(result.status == 2)
      #expect(result.stdout.contains("XDG_DATA_HOME"), "\(result.stdout)")
      #expect(!FileManager.default.fileExists(atPath: collection(data).path))
    }
  }

  @Test func aPlaceThatCannotBeWrittenIsNamed() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("file")
      try Data().write(to: file)
      let result = try search(file)
      #expect(result.status == 2)
      #expect(result.stdout.isEmpty)
      #expect(result.stderr.contains("XDG_DATA_HOME"))
    }
  }
}
