import Foundation
import TestSupport
import Testing

/// What the system refuses: permissions, space, a reader that leaves, an interrupt. Where the tests run
/// as root, the program runs without root's right to ignore permissions.
@Suite struct SystemLimitTests {
  /// Runs what follows under the file permissions of an ordinary user.
  static let ordinary =
    getuid() == 0 ? ["/usr/bin/setpriv", "--bounding-set=-dac_override,-dac_read_search"] : []
  static var canBeOrdinary: Bool {
    guard let first = ordinary.first else { return true }
    let result = try? run(
      ordinary.dropFirst() + ["/bin/true"], executable: URL(fileURLWithPath: first))
    return result?.status == 0
  }
  static var canMount: Bool {
    let result = try? run(
      ["-rm", "/bin/sh", "-c", "mount -t tmpfs -o size=64k none /mnt"],
      executable: URL(fileURLWithPath: "/usr/bin/unshare"))
    return result?.status == 0
  }

  @Test("a folder that cannot be read is named, the rest is indexed", .enabled(if: canBeOrdinary))
  func unreadableFolder() throws {
    try Workshop.withPictures { workshop in
      let closed = workshop.pictures.appendingPathComponent("closed")
      try FileManager.default.createDirectory(at: closed, withIntermediateDirectories: true)
      chmod(closed.path, 0)
      defer { chmod(closed.path, 0o755) }
      let result = try workshop.index("--json", through: Self.ordinary)
      #expect(result.status == 2)
      #expect(result.stderr.contains("\(closed.path): cannot be read"))
      let report = try JSONLines(result.stdout).first
      #expect(report["unreadable_folders"] as? Int == 1)
      #expect(report["embedded"] as? Int == 12)
    }
  }

  @Test("a read-only collection is searched, not written, and stays", .enabled(if: canBeOrdinary))
  func readOnly() throws {
    try Workshop.withCollection { workshop in
      let before = try Data(contentsOf: URL(fileURLWithPath: workshop.collection))
      chmod(workshop.collection, 0o444)
      chmod(workshop.folder.path, 0o555)
      defer { chmod(workshop.folder.path, 0o755) }
      let search = try workshop.program(
        "search", "a port", "--collection", workshop.collection, through: Self.ordinary)
      #expect(search.status == 0)
      let index = try workshop.index(
        "--model", Places.model("clip-mini"), through: Self.ordinary)
      #expect(index.status == 2)
      #expect(index.stdout == "")
      #expect(index.stderr.contains("Error: \(workshop.collection): cannot be written"))
      #expect(try Data(contentsOf: URL(fileURLWithPath: workshop.collection)) == before)
    }
  }

  @Test("a full disk is told in one line, exit code 2", .enabled(if: canMount))
  func fullDisk() throws {
    try Workshop.withPictures { workshop in
      let disk = workshop.path("disk")
      try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
      let script = "mount -t tmpfs -o size=64k none '\(disk)' && exec \"$@\""
      let result = try workshop.program(
        [
          "index", workshop.pictures.path, "--into", disk + "/c.sqlite", "--model",
          Places.model("rsicd-mini"),
        ], through: ["/usr/bin/unshare", "-rm", "/bin/sh", "-c", script, "sh"])
      #expect(result.status == 2)
      #expect(result.stdout == "")
      let errors = result.stderr.split(separator: "\n").filter { $0.hasPrefix("Error: ") }
      #expect(errors.count == 1)
      #expect(errors.first?.contains("the disk is full") == true, "\(result.stderr)")
    }
  }

  @Test("results that cannot be written are an error, not silence")
  func fullOutput() throws {
    let script = "exec \"$@\" > /dev/full"
    let result = try run(
      ["-c", script, "sh", Places.executable.path, "embed", "--text", "a port", "--json"],
      executable: URL(fileURLWithPath: "/bin/sh"))
    #expect(result.status == 2)
    #expect(result.stderr == "Error: the results cannot be written: No space left on device\n")
  }

  @Test("a reader that has seen enough is no error")
  func closedPipe() throws {
    let script = "\"$@\" | head -c 20 > /dev/null"
    let texts = (0..<200).flatMap { ["--text", "port \($0)"] }
    let result = try run(
      ["-c", script, "sh", Places.executable.path, "embed"] + texts,
      executable: URL(fileURLWithPath: "/bin/sh"))
    #expect(result.stderr == "")
  }

  @Test("an interrupt ends with 130, keeps what was done and says how to go on")
  func interrupt() throws {
    try Workshop.withPictures { workshop in
      // Enough pictures for a run of seconds; what stands behind a picture makes it another file.
      let picture = try Data(contentsOf: URL(fileURLWithPath: workshop.path("pictures/port_1.jpg")))
      for number in 1...4000 {
        try (picture + Data("\(number)".utf8))
          .write(to: URL(fileURLWithPath: workshop.path("pictures/many_\(number).jpg")))
      }
      let script = """
        "$@" & pid=$!
        while kill -0 $pid && [ ! -e '\(workshop.collection)' ]; do sleep 0.1; done
        sleep 1; kill -INT $pid; wait $pid
        """
      // A shell without job control starts its background with the interrupt ignored; the program
      // takes it all the same.
      let result = try workshop.program(
        [
          "index", workshop.pictures.path, "--into", workshop.collection, "--threads", "1",
          "--model", Places.model("rsicd-mini"),
        ], through: ["/bin/sh", "-c", script, "sh"])
      #expect(result.status == 130)
      #expect(result.stdout == "")
      #expect(result.stderr.contains("Interrupted; what was indexed is kept."))
      let done = try workshop.vectors()
      #expect(done > 0 && done < 4012)
    }
  }
}
