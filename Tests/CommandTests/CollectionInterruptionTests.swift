import Foundation
import TestSupport
import Testing

/// Runs that end before they are done, by a signal or for want of room, and are taken up again.
@Suite(.serialized) struct CollectionInterruptionTests {
  typealias Fixture = CollectionFixture
  private static let count = 400

  private func arguments(_ folder: URL, into: String? = nil, _ more: [String] = []) -> [String] {
    [
      "index", folder.path + "/pictures", "--into", into ?? folder.path + "/c.sqlite", "--json",
      "--model", Fixture.model, "--model", Fixture.baseline,
    ] + more
  }

  /// Starts indexing on one thread and waits until some of it, not all, is stored.
  private func start(_ folder: URL) throws -> (process: Process, errors: URL) {
    let collection = folder.appendingPathComponent("c.sqlite")
    let errors = folder.appendingPathComponent("errors")
    try Data().write(to: errors)
    let process = Process()
    process.executableURL = Places.executable
    process.arguments = arguments(folder, ["--threads", "1"])
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    let deadline = Date().addingTimeInterval(60)
    while try Fixture.imageCount(collection) == 0 {
      try #require(process.isRunning, "ended before it could be stopped")
      try #require(Date() < deadline, "nothing was stored in a minute")
      usleep(20_000)
    }
    return (process, errors)
  }

  private func expectTheRestIsIndexed(_ folder: URL) throws {
    let stored = try Fixture.imageCount(folder.appendingPathComponent("c.sqlite"))
    #expect(stored > 0)
    #expect(stored < Self.count)
    let result = try run(arguments(folder))
    #expect(result.status == 0, "\(result.stderr)")
    #expect(try Fixture.number(result, "unchanged") == stored)
    #expect(try Fixture.number(result, "embedded") == Self.count - stored)
    let search = try run([
      "search", "stripes", "--collection", folder.path + "/c.sqlite", "--model", Fixture.model,
      "-k", "1000", "--files-only",
    ])
    #expect(Set(search.stdout.split(separator: "\n")).count == Self.count)
  }

  @Test(.timeLimit(.minutes(4))) func anInterruptedRunSaysHowToGoOn() throws {
    try withTemporaryFolder { folder in
      try Fixture.fill(folder.appendingPathComponent("pictures"), count: Self.count)
      let (process, errors) = try start(folder)
      process.interrupt()
      process.waitUntilExit()
      #expect(process.terminationReason == .exit)
      #expect(process.terminationStatus == 130)
      let text = try String(contentsOf: errors, encoding: .utf8)
      #expect(text.contains("goes on from there"))
      try expectTheRestIsIndexed(folder)
    }
  }

  @Test(.timeLimit(.minutes(4))) func aKilledRunLosesNothingThatWasStored() throws {
    try withTemporaryFolder { folder in
      try Fixture.fill(folder.appendingPathComponent("pictures"), count: Self.count)
      let (process, _) = try start(folder)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      try expectTheRestIsIndexed(folder)
    }
  }

  @Test(.enabled(if: SmallDisk.isPossible, "needs the right to mount"))
  func aFullDiskIsToldAndWhatWasThereKept() throws {
    try withTemporaryFolder { folder in
      let pictures = folder.appendingPathComponent("pictures")
      let disk = folder.appendingPathComponent("disk")
      try FileManager.default.createDirectory(at: disk, withIntermediateDirectories: true)
      try SmallDisk.mount(disk, kilobytes: 512)
      defer { SmallDisk.unmount(disk) }
      let collection = disk.path + "/c.sqlite"
      try Fixture.fill(pictures, count: 20)
      let first = try run(arguments(folder, into: collection))
      #expect(first.status == 0, "\(first.stderr)")
      try Fixture.fill(pictures, count: Self.count)
      let full = try run(arguments(folder, into: collection))
      #expect(full.status == 2)
      #expect(full.stderr.contains("the disk is full"), "\(full.stderr)")
      let search = try run([
        "search", "stripes", "--collection", collection, "--model", Fixture.model, "-k", "1000",
        "--files-only",
      ])
      #expect(search.status == 0, "\(search.stderr)")
      #expect(search.stdout.split(separator: "\n").count >= 20)
    }
  }
}

/// A file system with little room, where the tests may mount one.
enum SmallDisk {
  static var isPossible: Bool {
    guard geteuid() == 0 else { return false }
    let place = FileManager.default.temporaryDirectory
      .appendingPathComponent("clip-rsicd-mount-\(UUID().uuidString)")
    try? FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: place) }
    guard (try? mount(place, kilobytes: 64)) != nil else { return false }
    unmount(place)
    return true
  }

  static func mount(_ place: URL, kilobytes: Int) throws {
    let result = try run(
      ["-t", "tmpfs", "-o", "size=\(kilobytes)k", "tmpfs", place.path],
      executable: URL(fileURLWithPath: "/usr/bin/mount"))
    guard result.status == 0 else {
      throw CollectionFixture.Failure(description: result.stderr)
    }
  }

  static func unmount(_ place: URL) {
    _ = try? run([place.path], executable: URL(fileURLWithPath: "/usr/bin/umount"))
  }
}
