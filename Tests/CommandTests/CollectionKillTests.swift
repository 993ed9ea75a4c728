import Foundation
import RandomNumbers
import TestSupport
import Testing

/// kill -9 at random moments of indexing. `CLIP_RSICD_KILLS=200 make test` makes it long.
@Suite(.serialized) struct CollectionKillTests {
  typealias Fixture = CollectionFixture
  private static let pictures = 120
  /// Other moments at each run; `CLIP_RSICD_KILL_SEED` repeats those of a run that failed.
  private static func random(_ test: String = #function) -> RandomNumbers {
    let given = ProcessInfo.processInfo.environment["CLIP_RSICD_KILL_SEED"].flatMap(UInt64.init)
    let seed = given ?? UInt64.random(in: 0...UInt64.max)
    print("\(test): CLIP_RSICD_KILL_SEED=\(seed)")
    return RandomNumbers(seed: seed)
  }
  private static var kills: Int {
    ProcessInfo.processInfo.environment["CLIP_RSICD_KILLS"].flatMap(Int.init) ?? 10
  }

  private func arguments(_ folder: URL) -> [String] {
    [
      "index", folder.path + "/pictures", "--into", folder.path + "/c.sqlite", "--json",
      "--model", Fixture.model, "--captions", folder.path + "/captions.jsonl",
    ]
  }

  /// Changes some pictures, takes one away and adds one, so that a run has all its phases.
  private func change(_ folder: URL, round: Int, _ random: inout some RandomNumberGenerator) throws
  {
    for _ in 0..<12 {
      let number = Int.random(in: 1...Self.pictures, using: &random)
      let name = "pictures/\(number % 2 == 1 ? "airport" : "bridge")_\(number).jpg"
      let file = folder.appendingPathComponent(name)
      try Fixture.picture(number + 1000 * round).write(to: file)
    }
    let (old, new) = ("pictures/port_\(round - 1).jpg", "pictures/port_\(round).jpg")
    try? FileManager.default.removeItem(at: folder.appendingPathComponent(old))
    try Fixture.picture(round).write(to: folder.appendingPathComponent(new))
  }

  /// Pictures and their captions.
  private func fill(_ folder: URL) throws {
    let names = try Fixture.fill(
      folder.appendingPathComponent("pictures"), count: Self.pictures)
    try names.map { "{\"filename\": \"\($0)\", \"captions\": [\"seen in \($0)\"]}" }
      .joined(separator: "\n")
      .write(
        to: folder.appendingPathComponent("captions.jsonl"), atomically: true, encoding: .utf8)
  }

  /// A run of the program that is not waited for and says nothing.
  private func start(_ arguments: [String]) throws -> Process {
    let process = Process()
    process.executableURL = Places.executable
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  /// How long a run takes that nobody kills.
  private func seconds(_ folder: URL) throws -> Double {
    let start = Date()
    try #require(try run(arguments(folder)).status == 0)
    return Date().timeIntervalSince(start)
  }

  @Test(.timeLimit(.minutes(60)))
  func killedAtAnyMomentACollectionIsSoundAndLosesNothing() throws {
    try withTemporaryFolder { folder in
      var random = Self.random()
      try fill(folder)
      let collection = folder.appendingPathComponent("c.sqlite")
      let whole = try seconds(folder)
      try change(folder, round: 0, &random)
      let update = try seconds(folder)
      var killed = 0
      for round in 1...Self.kills {
        // Every third round from nothing, where the file itself is made.
        let isWhole = round % 3 == 0
        if isWhole { try FileManager.default.removeItem(at: collection) }
        try change(folder, round: round, &random)
        let before = try Fixture.imageCount(collection)
        let process = try start(arguments(folder))
        usleep(UInt32(Double.random(in: 0...(isWhole ? whole : update), using: &random) * 1e6))
        let stored = try Fixture.imageCount(collection)
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        if process.terminationReason == .uncaughtSignal { killed += 1 }
        guard FileManager.default.fileExists(atPath: collection.path) else {
          #expect(stored == 0)
          continue
        }
        let check = try run(["check", collection.path])
        // A file that the kill left empty is no collection yet.
        let isEmpty = try Data(contentsOf: collection).isEmpty
        #expect(check.status == 0 || isEmpty, "round \(round): \(check.stdout)\(check.stderr)")
        let after = try Fixture.imageCount(collection)
        // One picture was taken away since.
        #expect(after >= max(stored, before) - 1, "round \(round): \(before), \(stored), \(after)")
      }
      let result = try run(arguments(folder))
      #expect(result.status == 0, "\(result.stderr)")
      #expect(try Fixture.imageCount(collection) == Self.pictures + 1)
      #expect(try run(["check", collection.path]).status == 0)
      #expect(killed > Self.kills / 3, "only \(killed) of \(Self.kills) were still at work")
      print("killed \(killed) of \(Self.kills) runs")
    }
  }

  /// A collection whose file is cut off, and how many images a repair saves of it, in how many seconds.
  private func withCutCollection(_ body: (URL, Data, Int, Double) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try fill(folder)
      _ = try seconds(folder)
      let collection = folder.appendingPathComponent("c.sqlite")
      let whole = try Data(contentsOf: collection)
      let cut = whole.prefix(whole.count * 7 / 10 / 4096 * 4096)
      try cut.write(to: collection)
      let start = Date()
      let repaired = try run(["check", collection.path, "--repair"])
      let time = Date().timeIntervalSince(start)
      try #require(repaired.status == 0, "\(repaired.stderr)")
      try body(collection, cut, try Fixture.imageCount(collection), time)
    }
  }

  @Test(.timeLimit(.minutes(60)))
  func aRepairThatIsKilledCanBeMadeAgainAndSavesAsMuch() throws {
    try withCutCollection { collection, cut, saved, time in
      try #require(saved > 0)
      let original = collection.path + ".damaged"
      var random = Self.random()
      var killed = 0
      for round in 1...Self.kills {
        try FileManager.default.removeItem(atPath: original)
        try cut.write(to: collection)
        let process = try start(["check", collection.path, "--repair"])
        usleep(UInt32(Double.random(in: 0...time, using: &random) * 1e6))
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        if process.terminationReason == .uncaughtSignal { killed += 1 }
        let again = try run(["check", collection.path, "--repair"])
        #expect(again.status == 0, "round \(round): \(again.stdout)\(again.stderr)")
        #expect(try Fixture.imageCount(collection) == saved, "round \(round)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: original)) == cut, "round \(round)")
        let left = try FileManager.default.contentsOfDirectory(
          atPath: collection.deletingLastPathComponent().path)
        #expect(!left.contains { $0.contains("repair") }, "round \(round): \(left)")
      }
      #expect(killed > Self.kills / 3, "only \(killed) of \(Self.kills) were still at work")
      print("killed \(killed) of \(Self.kills) repairs")
    }
  }

  @Test func aRepairThatWasKilledWhileItReplacedTheFileIsMadeAgain() throws {
    try withCutCollection { collection, cut, saved, _ in
      let original = collection.path + ".damaged"
      try FileManager.default.removeItem(atPath: original)
      try cut.write(to: collection)
      // Both names, and a companion that has only the second: as far as it comes before the new file.
      try FileManager.default.linkItem(atPath: collection.path, toPath: original)
      let companion = Data("what was written ahead".utf8)
      try companion.write(to: URL(fileURLWithPath: original + "-wal"))
      let again = try run(["check", collection.path, "--repair"])
      #expect(again.status == 0, "\(again.stdout)\(again.stderr)")
      #expect(try Fixture.imageCount(collection) == saved)
      #expect(try Data(contentsOf: URL(fileURLWithPath: original)) == cut)
      // It went back to the collection, and with the damaged file again.
      #expect(try Data(contentsOf: URL(fileURLWithPath: original + "-wal")) == companion)
    }
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")))
  func whatAKilledWriterHadBegunIsRolledBackForAReader() throws {
    try withTemporaryFolder { folder in
      try Fixture.fill(folder.appendingPathComponent("pictures"), count: 3)
      let file = folder.path + "/c.sqlite"
      try #require(
        try run([
          "index", folder.path + "/pictures", "--into", file, "--model", Fixture.model,
        ]).status == 0)
      // A journal that has to be rolled back: the process ends in the middle of a transaction whose pages
      // are in the file already.
      let script = """
        import os, sqlite3, sys
        c = sqlite3.connect(sys.argv[1], isolation_level=None)
        c.execute("PRAGMA journal_mode = DELETE"); c.execute("PRAGMA cache_size = 1")
        c.execute("BEGIN IMMEDIATE"); c.execute("DELETE FROM images")
        c.execute("INSERT INTO captions SELECT id, 0, zeroblob(90000), 0 FROM models")
        c.execute("DELETE FROM vectors")
        os._exit(0)
        """
      _ = try run(["-c", script, file], executable: URL(fileURLWithPath: "/usr/bin/python3"))
      try #require(FileManager.default.fileExists(atPath: file + "-journal"))
      let found = try run([
        "search", "stripes", "--collection", file, "--model", Fixture.model,
      ])
      #expect(found.status == 0, "\(found.stderr)")
      #expect(try run(["check", file]).status == 0)
      #expect(try Fixture.imageCount(URL(fileURLWithPath: file)) == 3)
    }
  }
}
