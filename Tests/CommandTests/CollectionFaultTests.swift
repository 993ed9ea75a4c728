import Foundation
import TestSupport
import Testing

/// Disks that are full at any write, files that end anywhere, bits that flip, two writers.
///
/// `CLIP_RSICD_FAULTS=150 make test` tries so many places of each kind; without it a few.
@Suite(.serialized) struct CollectionFaultTests {
  typealias Fixture = CollectionFixture
  private static let first = 20
  private static let count = 120
  private static var faults: Int {
    ProcessInfo.processInfo.environment["CLIP_RSICD_FAULTS"].flatMap(Int.init) ?? 6
  }
  /// At most so many of the places, evenly.
  private static func some(_ places: some Sequence<Int>) -> [Int] {
    let all = Array(places)
    return all.count <= faults
      ? all : (0..<faults).map { all[$0 * (all.count - 1) / max(1, faults - 1)] }
  }

  // MARK: A workshop that remembers what is right

  /// Pictures, a collection of them, and what a search prints of it.
  private struct Bench {
    let folder: URL
    var collection: URL { folder.appendingPathComponent("c.sqlite") }

    func indexing(into collection: String, of pictures: String = "pictures") -> [String] {
      [
        "index", "\(folder.path)/\(pictures)", "--into", collection, "--json", "--model",
        Fixture.model, "--captions", folder.path + "/captions.jsonl",
      ]
    }
    func index() throws -> CommandResult { try run(indexing(into: collection.path)) }
    func check(_ more: String...) throws -> CommandResult {
      try run(["check", collection.path, "--json"] + more)
    }
    /// Every row with its caption, category and score, which is of the vector.
    func dump() throws -> String {
      try run([
        "search", "stripes", "--collection", collection.path, "--model", Fixture.model, "-k",
        "100000", "--json",
      ]).stdout
    }
    func clear() {
      for end in ["", "-wal", "-shm", "-journal", ".lock", ".damaged", ".damaged-wal"] {
        try? FileManager.default.removeItem(atPath: collection.path + end)
      }
    }
    /// Repaired, indexed once more, it is what it was.
    func expectWhole(_ whole: String, _ place: String) throws {
      let repaired = try check("--repair")
      if repaired.status == 2 {
        // Nothing of it can be read: that is said, and it is left to be made anew.
        #expect(repaired.stderr.hasPrefix("Error: "), "\(place): \(repaired.stderr)")
        clear()
      } else {
        #expect(repaired.status == 0, "\(place): \(repaired.stdout)\(repaired.stderr)")
        #expect(try check().status == 0, "\(place)")
      }
      let again = try index()
      #expect(again.status == 0, "\(place): \(again.stderr)")
      let now = try dump()
      #expect(Self.isSame(now, whole), "\(place): \(now)")
    }

    /// Whether both have the same images with the same words, and scores that differ by rounding alone: a
    /// vector that is made again in a batch of another size is the same to the bit on some processors only.
    private static func isSame(_ one: String, _ other: String) -> Bool {
      func rows(_ text: String) -> [String: (score: Double, words: [String])] {
        var rows: [String: (score: Double, words: [String])] = [:]
        for line in text.split(separator: "\n") {
          guard
            let row = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
            let path = row["path"] as? String, let score = row["score"] as? Double
          else { return [:] }
          rows[path] = (score, [row["category"], row["caption"]].map { "\($0 ?? "")" })
        }
        return rows
      }
      let (left, right) = (rows(one), rows(other))
      return !left.isEmpty && left.count == right.count
        && left.allSatisfy { path, row in
          guard let twin = right[path] else { return false }
          return row.words == twin.words && abs(row.score - twin.score) < 1e-6
        }
    }
  }

  private func withBench(count: Int = count, _ body: (Bench) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let bench = Bench(folder: folder)
      let names = try Fixture.fill(folder.appendingPathComponent("pictures"), count: count)
      try names.map { "{\"filename\": \"\($0)\", \"captions\": [\"stripes of \($0)\", \"lines\"]}" }
        .joined(separator: "\n")
        .write(
          to: folder.appendingPathComponent("captions.jsonl"), atomically: true, encoding: .utf8)
      try body(bench)
    }
  }

  // MARK: Full disks

  private enum Step {
    case program([String])
    /// Kilobytes of the disk from here on.
    case resize(Int)
    /// Kilobytes that are free from here on.
    case leave(Int)
    case shell(String)
  }

  /// Runs steps beside a tmpfs, in a name space of its own, and tells what its programs said.
  private func onDisk(_ bench: Bench, kilobytes: Int, _ steps: [Step]) throws -> [CommandResult] {
    let log = bench.folder.path + "/log"
    let disk = bench.folder.path + "/disk"
    try? FileManager.default.removeItem(atPath: log)
    for folder in [log, disk] {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
    func remount(_ size: String) -> String { "mount -o remount,size=\(size)k '\(disk)' || exit 98" }
    var lines = ["mount -t tmpfs -o size=\(kilobytes)k none '\(disk)' || exit 99"]
    var programs = 0
    for step in steps {
      switch step {
      case .resize(let size): lines.append(remount("\(size)"))
      case .leave(let free):
        lines.append("used=$(df -k --output=used '\(disk)' | tail -n 1)")
        lines.append(remount("$((used + \(free)))"))
      case .shell(let line): lines.append(line)
      case .program(let words):
        let command = ([Places.executable.path] + words).map { "'\($0)'" }.joined(separator: " ")
        let file = "\(log)/\(programs)"
        lines.append("\(command) > '\(file).out' 2> '\(file).err' < /dev/null")
        lines.append("echo $? > '\(file).rc'")
        programs += 1
      }
    }
    let result = try run(
      ["-rm", "/bin/sh", "-c", lines.joined(separator: "\n")],
      executable: URL(fileURLWithPath: "/usr/bin/unshare"))
    try #require(result.status == 0, "\(result.status): \(result.stderr)")
    return try (0..<programs).map { place in
      func text(_ end: String) throws -> String {
        String(
          decoding: try Data(contentsOf: URL(fileURLWithPath: "\(log)/\(place).\(end)")),
          as: UTF8.self)
      }
      let status = try text("rc").trimmingCharacters(in: .whitespacesAndNewlines)
      return CommandResult(
        status: Int32(status) ?? -1, stdout: try text("out"), stderr: try text("err"))
    }
  }

  private func expectFull(_ result: CommandResult, _ place: String) {
    #expect(result.status == 2, "\(place): \(result.status) \(result.stderr)")
    let errors = result.stderr.split(separator: "\n").filter { $0.hasPrefix("Error: ") }
    #expect(
      errors.count == 1 && result.stderr.contains("the disk is full"),
      "\(place): \(result.stderr)")
  }

  /// A page of SQLite is a page of tmpfs: with a page more, the next write is the one that fails.
  /// - Parameter started: whether a collection is there already, of which pictures have changed.
  @Test(
    .enabled(if: SystemLimitTests.canMount), .timeLimit(.minutes(60)), arguments: [false, true])
  func aDiskThatIsFullAtAnyWriteLosesNothing(started: Bool) throws {
    try withBench { bench in
      let first = started ? Self.first : 0
      try Fixture.fill(bench.folder.appendingPathComponent("some"), count: Self.first)
      let file = bench.folder.path + "/disk/c.sqlite"
      let indexing = Step.program(bench.indexing(into: file))
      let checking = Step.program(["check", file, "--json"])
      let listing = Step.program([
        "search", "stripes", "--collection", file, "--model", Fixture.model, "-k", "1000",
        "--files-only",
      ])
      // Pictures of the first run are in another folder, which the second one leaves alone.
      let start: [Step] =
        started ? [.program(bench.indexing(into: file, of: "some"))] : []
      var (tried, refused, stored) = (0, 0, Set<Int>())
      for size in Self.some(stride(from: started ? 0 : 4, through: 640, by: 4)) {
        let place = "\(size) kB, \(started ? "free" : "in all")"
        let limit = started ? Step.leave(size) : .resize(size)
        let results = try onDisk(
          bench, kilobytes: 8192,
          start + [limit, indexing, .resize(65536), checking, listing, indexing, checking, listing])
        let (full, checked, listed) = (
          results[start.count], results[start.count + 1], results[start.count + 2]
        )
        tried += 1
        if full.status != 0 {
          refused += 1
          expectFull(full, place)
        }
        let kept = listed.stdout.split(separator: "\n").count
        stored.insert(kept)
        // Where not even its tables could be made, that is said; nothing was acknowledged.
        let isEmpty = checked.status == 2 && checked.stderr.contains("nothing was indexed into it")
        #expect(checked.status == 0 || isEmpty && !started, "\(place): \(checked)")
        #expect(full.status == 0 ? kept == first + Self.count : kept >= first, "\(place): \(kept)")
        #expect(listed.stdout.split(separator: "\n").count { $0.contains("/some/") } == first)
        // What was stored is not made again, and nothing is missing afterwards.
        let (again, sound, all) = (
          results[start.count + 3], results[start.count + 4], results[start.count + 5]
        )
        #expect(again.status == 0 && sound.status == 0, "\(place): \(again.stderr)")
        #expect(try Fixture.number(again, "unchanged") == kept - first, "\(place)")
        #expect(all.stdout.split(separator: "\n").count == first + Self.count, "\(place)")
      }
      #expect(refused > 2 && refused < tried && stored.count > 1, "\(refused) of \(tried)")
      print("full disks, \(started ? "a second" : "a first") run: \(refused) of \(tried) refused")
    }
  }

  @Test(.enabled(if: SystemLimitTests.canMount), .timeLimit(.minutes(60)))
  func aDiskThatIsFullWhileRepairingLeavesTheDamagedFile() throws {
    try withBench { bench in
      try #require(try bench.index().status == 0)
      var bytes = try Data(contentsOf: bench.collection)
      let page = bytes.count / 4096 / 2 * 4096
      bytes.replaceSubrange(page..<page + 4096, with: Data(count: 4096))
      let damaged = bench.folder.path + "/damaged"
      try bytes.write(to: URL(fileURLWithPath: damaged))
      let file = bench.folder.path + "/disk/c.sqlite"
      let repairing = Step.program(["check", file, "--repair", "--json"])
      let indexing = Step.program(bench.indexing(into: file))
      var refused = 0
      let places = Self.some(stride(from: 0, through: 900, by: 4))
      for free in places {
        let place = "\(free) kB free"
        let results = try onDisk(
          bench, kilobytes: 65536,
          [
            .shell("cp '\(damaged)' '\(file)'"), .leave(free), repairing, .resize(65536),
            .shell("cp '\(file)' '\(bench.folder.path)/after'"),
            .shell(
              "rm -f '\(bench.folder.path)/before'; cp '\(file).damaged' '\(bench.folder.path)/before'"
            ),
            repairing, indexing,
            .program(["check", file, "--json"]),
          ])
        if results[0].status != 0 {
          refused += 1
          expectFull(results[0], place)
          // As it was, or whole under its other name, with what could be saved in its place.
          let kept = ["after", "before"].map {
            (try? Data(contentsOf: bench.folder.appendingPathComponent($0))) == bytes
          }
          #expect(kept.contains(true), "\(place): the damaged file is gone")
        }
        #expect(results[1].status == 0, "\(place): \(results[1])")
        #expect(results[2].status == 0, "\(place): \(results[2].stderr)")
        #expect(try Fixture.number(results[3], "vectors") == Self.count, "\(place)")
      }
      #expect(refused > 1 && refused < places.count, "\(refused) of \(places.count)")
      print("full disks while repairing: \(refused) of \(places.count) refused")
    }
  }

  // MARK: Files cut off, bits turned over

  /// The collection of a run that was killed with its last batches in the -wal alone.
  private func killed(_ bench: Bench) throws -> (main: Data, ahead: Data) {
    for _ in 0..<20 {
      bench.clear()
      let process = Process()
      process.executableURL = Places.executable
      process.arguments = bench.indexing(into: bench.collection.path) + ["--threads", "1"]
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      let ahead = URL(fileURLWithPath: bench.collection.path + "-wal")
      while process.isRunning, try Fixture.imageCount(bench.collection) == 0 { usleep(2_000) }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      if let written = try? Data(contentsOf: ahead), written.count > 100_000 {
        return (try Data(contentsOf: bench.collection), written)
      }
    }
    throw Fixture.Failure(description: "no run could be killed with a batch in its -wal")
  }

  @Test(.timeLimit(.minutes(60))) func aLogThatEndsAnywhereIsSound() throws {
    try withBench { bench in
      let (main, ahead) = try killed(bench)
      var last = 0
      let log = URL(fileURLWithPath: bench.collection.path + "-wal")
      let places = Self.some(stride(from: 0, to: ahead.count, by: 1031)) + [ahead.count]
      for length in places {
        bench.clear()
        try main.write(to: bench.collection)
        try ahead.prefix(length).write(to: log)
        let checked = try bench.check()
        let isEmpty = checked.status == 2 && checked.stderr.contains("nothing was indexed into it")
        #expect(checked.status == 0 || isEmpty, "\(length): \(checked)")
        // Whole batches, and with a longer log never fewer.
        let kept = try Fixture.imageCount(bench.collection)
        #expect(kept >= last && kept <= Self.count, "\(length): \(last), \(kept)")
        last = kept
      }
      #expect(last > 0)
      #expect(try bench.index().status == 0)
      #expect(try Fixture.imageCount(bench.collection) == Self.count)
      print("logs cut off: \(places.count)")
    }
  }

  @Test(.timeLimit(.minutes(60))) func aFileThatEndsAnywhereIsToldAndRepaired() throws {
    try withBench { bench in
      try #require(try bench.index().status == 0)
      let (whole, rows) = (try Data(contentsOf: bench.collection), try bench.dump())
      var (saved, places) = (0, Self.some(stride(from: 1, to: whole.count, by: 2039)))
      places.append(whole.count - 1)
      for length in places {
        bench.clear()
        try whole.prefix(length).write(to: bench.collection)
        let checked = try bench.check()
        #expect([1, 2].contains(checked.status), "\(length): \(checked)")
        let repaired = try bench.check("--repair")
        if repaired.status == 0 { saved += try Fixture.number(repaired, "images") > 0 ? 1 : 0 }
        try bench.expectWhole(rows, "cut at \(length)")
      }
      print("files cut off: \(places.count), \(saved) gave images back")
    }
  }

  @Test(.timeLimit(.minutes(60))) func aBitThatFlipsInAnyPageIsFoundOrChangesNothing() throws {
    try withBench { bench in
      try #require(try bench.index().status == 0)
      let (whole, rows) = (try Data(contentsOf: bench.collection), try bench.dump())
      var generator = SystemRandomNumberGenerator()
      let pages = whole.count / 4096
      var (found, harmless, lost) = (0, 0, 0)
      for number in 0..<max(Self.faults, 8) {
        var bytes = whole
        let page = Self.faults >= pages ? number % pages : number * pages / max(Self.faults, 8)
        let byte = 4096 * page + Int.random(in: 0..<4096, using: &generator)
        let bit = Int.random(in: 0..<8, using: &generator)
        bytes[byte] ^= UInt8(1 << bit)
        let place = "byte \(byte), bit \(bit)"
        bench.clear()
        try bytes.write(to: bench.collection)
        // Whoever does not check before it searches gets rows or an error, never a crash.
        for arguments in [
          ["info", "--collection", bench.collection.path],
          ["search", "stripes", "--collection", bench.collection.path, "--model", Fixture.model],
        ] {
          let result = try run(arguments)
          #expect([0, 1, 2].contains(result.status), "\(place): \(arguments[0]) \(result.status)")
        }
        let checked = try bench.check()
        switch checked.status {
        case 0:
          // Free space and the like: whatever it was, each row is what it was.
          harmless += 1
          #expect(try bench.dump() == rows, "\(place) was called sound")
          continue
        case 1: found += 1
        case 2: lost += 1
        default: Issue.record("\(place): \(checked)")
        }
        try bench.expectWhole(rows, place)
      }
      #expect(found > 0)
      print("bits turned over: \(found) found, \(harmless) in unused bytes, \(lost) in the header")
    }
  }

  // MARK: Two writers

  @Test(.timeLimit(.minutes(20))) func ofTwoWritersOneIsRefusedAndNothingLost() throws {
    try withBench { bench in
      for round in 0..<max(2, min(Self.faults / 3, 50)) {
        bench.clear()
        let outputs = (0..<3).map { bench.folder.appendingPathComponent("errors-\($0)") }
        let processes = try outputs.enumerated().map { place, file in
          try Data().write(to: file)
          let process = Process()
          process.executableURL = Places.executable
          // The third one repairs.
          process.arguments =
            place == 2
            ? ["check", bench.collection.path, "--repair"]
            : bench.indexing(into: bench.collection.path)
          process.standardInput = FileHandle.nullDevice
          process.standardOutput = FileHandle.nullDevice
          process.standardError = try FileHandle(forWritingTo: file)
          return process
        }
        try processes[0].run()
        try processes[1].run()
        usleep(UInt32.random(in: 0..<600_000))
        try processes[2].run()
        for process in processes { process.waitUntilExit() }
        let texts = try outputs.map { try String(contentsOf: $0, encoding: .utf8) }
        let codes = processes.map(\.terminationStatus)
        #expect(codes.prefix(2).contains(0), "round \(round): \(texts)")
        for (code, text) in zip(codes, texts) where code != 0 {
          let isBusy = text.contains("another process") && text.contains("is indexing into it")
          let isEarly =
            text.contains("there is no such collection")
            || text.contains("nothing was indexed into it")
          #expect(code == 2 && (isBusy || isEarly), "round \(round): \(code) \(text)")
        }
        #expect(try bench.check().status == 0)
        #expect(try Fixture.imageCount(bench.collection) == Self.count)
      }
    }
  }
}
