import Foundation
import Imaging
import TestSupport
import Testing
import LoopbackHub

/// The built program against the loopback hub.
@Suite struct PullCommandTests {
  /// A hub with the shipped rsicd-mini.
  private static func miniHub() throws -> LoopbackHub {
    let folder = URL(fileURLWithPath: Places.model("rsicd-mini"))
    var files: [String: LoopbackHub.File] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      files[name] = LoopbackHub.File(
        bytes: Array(try Data(contentsOf: folder.appendingPathComponent(name))),
        isLarge: name == "model.safetensors")
    }
    return try LoopbackHub("org/rsicd-tiny", files: files)
  }

  private static func program(
    _ bench: Workbench, _ arguments: [String], _ more: [String: String] = [:]
  ) throws -> CommandResult {
    try run(
      arguments, environment: bench.variables.merging(more) { $1 }, directory: bench.folder)
  }

  private static func makePictures(_ bench: Workbench) throws {
    let folder = bench.folder.appendingPathComponent("pictures")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, color) in [
      ("red_1", [200, 40, 40]), ("green_1", [30, 160, 50]), ("blue_1", [40, 60, 200]),
    ] {
      let bytes = (0..<48 * 40).flatMap { _ in color.map { UInt8($0) } }
      try Data(JPEG.encode(Pixels(width: 48, height: 40, bytes: bytes)))
        .write(to: folder.appendingPathComponent("\(name).jpg"))
    }
  }

  @Test("the command says what to do about a refusal")
  func remedies() async throws {
    let cases: [(LoopbackServer.Reply, [String])] = [
      (.text(401), ["private (401); check the spelling, or put a token of", "in HF_TOKEN"]),
      (
        .text(403, "", [("X-Error-Code", "GatedRepo")]),
        ["(gated repository): open http", "/org/name in a browser", "put a token of that account"]
      ),
      (.text(403), ["refuses access (403); the token in HF_TOKEN must be allowed"]),
      (
        .text(404, "", [("X-Error-Code", "RepoNotFound")]),
        ["no such model (404); check the spelling; a data set needs --dataset; a private one"]
      ),
      (.text(418), ["status 418; try again later"]),
    ]
    for (answer, words) in cases {
      let hub = try LoopbackHub.model()
      hub.always("list") { _, reply in reply = answer }
      try await Workbench.with(hub) { bench in
        let result = try Self.program(bench, ["pull", "org/name"])
        #expect(result.status == 2 && result.stdout.isEmpty)
        for word in words { #expect(result.stderr.contains(word), "\(result.stderr)") }
      }
    }
  }

  @Test("pull, index and search with --model ORG/NAME, in one go")
  func endToEnd() async throws {
    let hub = try Self.miniHub()
    try await Workbench.with(hub) { bench in
      let before = try Self.program(bench, ["embed", "--text", "a", "--model", "org/rsicd-tiny"])
      #expect(before.status == 2)
      #expect(before.stderr.contains("download it with: clip-rsicd pull org/rsicd-tiny"))
      #expect(hub.asked.isEmpty)

      let pulled = try Self.program(bench, ["pull", "org/rsicd-tiny"])
      #expect(pulled.status == 0, "\(pulled.stderr)")
      #expect(pulled.stdout.hasPrefix("org/rsicd-tiny: 7 files, "))
      #expect(pulled.stderr.contains("org/rsicd-tiny at aaaaaaaaaaaa: 7 files, "))
      #expect(pulled.stderr.contains("Use it with: --model org/rsicd-tiny"))
      #expect(!pulled.stderr.contains("\u{1B}"))
      hub.forget()

      try Self.makePictures(bench)
      let indexed = try Self.program(
        bench,
        ["index", "pictures", "--into", "p.sqlite", "--model", "org/rsicd-tiny"])
      #expect(indexed.status == 0, "\(indexed.stderr)")
      let search = ["search", "a red square", "--collection", "p.sqlite", "--json"]
      let found = try Self.program(bench, search + ["--model", "org/rsicd-tiny"])
      #expect(found.status == 0, "\(found.stderr)")
      #expect(found.stdout.split(separator: "\n").count == 3)
      // The same contents from another folder are the same model.
      let direct = try Self.program(bench, search + ["--model", Places.model("rsicd-mini")])
      #expect(direct.stdout == found.stdout)
      let info = try Self.program(bench, ["info", "--model", "org/rsicd-tiny@main", "--json"])
      #expect(info.stdout.contains("\"model\":\"rsicd-tiny\""), "\(info.stdout)")
      #expect(hub.asked.isEmpty)
    }
  }

  @Test("--json tells plan, files and end, one object a line")
  func json() async throws {
    let hub = try LoopbackHub.model()
    try await Workbench.with(hub) { bench in
      let result = try Self.program(bench, ["pull", "org/name", "--into", "model", "--json"])
      #expect(result.status == 0, "\(result.stderr)")
      let events = try result.stdout.split(separator: "\n").map {
        try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
      }
      #expect(events.first?["event"] as? String == "planned")
      #expect(events.count { $0["event"] as? String == "fetched" } == 5)
      #expect(
        events.contains {
          $0["file"] as? String == "model.safetensors" && $0["checked"] as? String == "sha256"
        })
      #expect(events.last?["event"] as? String == "finished")
      #expect((events.last?["directory"] as? String)?.hasSuffix("/model") == true)
      #expect(events.last?["bytes"] as? Int == events.first?["bytes"] as? Int)
    }
  }

  @Test("a data set's packed files stay packed, and it is said how to unpack them")
  func dataset() async throws {
    let hub = try LoopbackHub(
      kind: "datasets",
      files: [
        "a.zip": .init(bytes: [1], isLarge: true), "b.parquet": .init(bytes: [2], isLarge: true),
      ])
    try await Workbench.with(hub) { bench in
      let result = try Self.program(bench, ["pull", "--dataset", "org/name", "--into", "data"])
      #expect(result.status == 0, "\(result.stderr)")
      #expect(bench.files(bench.path("data")) == ["a.zip", "b.parquet"])
      #expect(
        result.stderr.contains("data/a.zip -d FOLDER") && result.stderr.contains("Parquet files"))
      #expect(!result.stderr.contains("--model"))
    }
  }

  @Test("advice that may be copied into a shell is one word there, whatever a file is called")
  func quotedAdvice() async throws {
    let hub = try LoopbackHub(
      kind: "datasets", files: ["a';reboot;'.zip": .init(bytes: [1], isLarge: true)])
    try await Workbench.with(hub) { bench in
      let result = try Self.program(bench, ["pull", "--dataset", "org/name", "--into", "data"])
      #expect(result.status == 0, "\(result.stderr)")
      #expect(
        result.stderr.contains(#"/data/a'\'';reboot;'\''.zip' -d FOLDER"#), "\(result.stderr)")
    }
  }

  @Test(
    "a disk that fills up while a file comes is told; with room the same command goes on",
    .enabled(if: SmallFileSystem.isPossible, "needs the right to mount"))
  func fullDisk() async throws {
    let hub = try LoopbackHub.model()
    hub.fault("model.safetensors") { _, reply in reply.stall = (200_000, 3) }
    try await Workbench.with(hub) { bench in
      let disk = bench.path("disk")
      try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
      try SmallFileSystem.mount(disk, kilobytes: 4096)
      defer { SmallFileSystem.unmount(disk) }
      let weights = LoopbackHub.sha256(LoopbackHub.noise(300_000))
      let partial = "\(disk)/model/.clip-rsicd-pull/\(weights).incomplete"
      let pulling = Task.detached {
        try Self.program(bench, ["pull", "org/name", "--into", "disk/model"])
      }
      for _ in 0..<1000 where bench.bytes(partial)?.count ?? 0 < 200_000 {
        try await Task.sleep(for: .milliseconds(10))
      }
      // Somebody else takes the rest of the disk while the line is slow.
      let filler = open(disk + "/filler", O_WRONLY | O_CREAT, 0o600)
      let block = [UInt8](repeating: 1, count: 4096)
      while write(filler, block, block.count) > 0 {}
      close(filler)
      let full = try await pulling.value
      #expect(full.status == 2, "\(full.stdout)\(full.stderr)")
      #expect(full.stderr.contains("No space left on device") || full.stderr.contains("full"))
      #expect(!FileManager.default.fileExists(atPath: disk + "/model/model.safetensors"))
      try FileManager.default.removeItem(atPath: disk + "/filler")
      hub.forget()
      let again = try Self.program(bench, ["pull", "org/name", "--into", "disk/model"])
      #expect(again.status == 0, "\(again.stderr)")
      #expect(bench.bytes(disk + "/model/model.safetensors") == LoopbackHub.noise(300_000))
      let asked = hub.asked("model.safetensors", host: .store).compactMap(\.request.rangeStart)
      #expect(asked.first ?? 0 >= 200_000, "what had come was kept: \(asked)")
    }
  }

  @Test("Ctrl-C ends with 130, what came is kept, and the same command goes on")
  func interrupted() async throws {
    let hub = try LoopbackHub.model()
    hub.fault("model.safetensors") { _, reply in reply.stall = (200_000, 30) }
    try await Workbench.with(hub) { bench in
      let process = Process()
      process.executableURL = Places.executable
      process.arguments = ["pull", "org/name"]
      process.environment = bench.variables.merging(["PATH": "/usr/bin:/bin"]) { $1 }
      let errors = Pipe()
      process.standardError = errors
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      let weights = LoopbackHub.sha256(LoopbackHub.noise(300_000))
      let partial = "\(bench.repositoryFolder)/blobs/\(weights).incomplete"
      for _ in 0..<1000 where bench.bytes(partial)?.count != 200_000 {
        try await Task.sleep(for: .milliseconds(10))
      }
      process.interrupt()
      process.waitUntilExit()
      #expect(process.terminationStatus == 130)
      let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      #expect(text.contains("Interrupted; what came is kept"))
      #expect(bench.bytes(partial)?.count == 200_000)
      hub.forget()
      let again = try Self.program(bench, ["pull", "org/name"])
      #expect(again.status == 0)
      #expect(again.stderr.contains("of them here"))
      #expect(hub.asked("model.safetensors", host: .store).map(\.request.rangeStart) == [200_000])
    }
  }

  @Test("killed in the middle, the next run goes on too")
  func killed() async throws {
    let hub = try LoopbackHub.model()
    hub.fault("model.safetensors") { _, reply in reply.stall = (200_000, 30) }
    try await Workbench.with(hub) { bench in
      let process = Process()
      process.executableURL = Places.executable
      process.arguments = ["pull", "org/name", "--into", "model"]
      process.environment = bench.variables.merging(["PATH": "/usr/bin:/bin"]) { $1 }
      process.currentDirectoryURL = bench.folder
      process.standardError = FileHandle.nullDevice
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      let weights = LoopbackHub.sha256(LoopbackHub.noise(300_000))
      let partial = bench.path("model/.clip-rsicd-pull/\(weights).incomplete")
      for _ in 0..<1000 where bench.bytes(partial)?.count != 200_000 {
        try await Task.sleep(for: .milliseconds(10))
      }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      hub.forget()
      let again = try Self.program(bench, ["pull", "org/name", "--into", "model"])
      #expect(again.status == 0)
      #expect(hub.asked("model.safetensors", host: .store).map(\.request.rangeStart) == [200_000])
      #expect(bench.bytes(bench.path("model/model.safetensors")) == LoopbackHub.noise(300_000))
      #expect(!FileManager.default.fileExists(atPath: bench.path("model/.clip-rsicd-pull")))
    }
  }

  @Test("http_proxy is respected, and a token goes through no unencrypted line")
  func proxy() async throws {
    let hub = try LoopbackHub.model()
    hub.state.withLock { $0.token = nil }
    try await Workbench.with(hub) { bench in
      let asked = Mailbox()
      let proxy = try LoopbackServer { request in
        asked.add("\(request.target) \(request["Authorization"] ?? "-")")
        return .text(404)
      }
      let result = try Self.program(
        bench, ["pull", "org/name"],
        [
          "HF_ENDPOINT": "http://hub.invalid", "http_proxy": proxy.address,
          "HF_TOKEN": "hf_veryverysecret",
        ])
      #expect(result.status == 2)
      #expect(
        asked.list == ["http://hub.invalid/api/models/org/name/revision/main?blobs=true -"])
      #expect(result.stderr.contains("The token is not sent"))
      #expect(!(result.stderr + result.stdout).contains("veryverysecret"))
      // This machine is asked directly.
      let direct = try Self.program(
        bench, ["pull", "org/name"], ["http_proxy": "http://127.0.0.1:1"])
      #expect(direct.status == 0, "\(direct.stderr)")
    }
  }

  @Test("a hub that answers with escape sequences does not steer the terminal")
  func escapes() async throws {
    let hub = try LoopbackHub(
      kind: "datasets", files: ["a\u{202E}b\u{9B}c.txt": .init(bytes: [1], isLarge: false)])
    hub.always("list") { _, reply in reply.headers.append(("X-Error-Message", "\u{1B}[2J")) }
    try await Workbench.with(hub) { bench in
      let result = try Self.program(
        bench, ["pull", "--dataset", "org/name", "--into", "x\u{1B}y", "--json"])
      let all = result.stdout + result.stderr
      #expect(!all.unicodeScalars.contains { [0x1B, 0x9B, 0x202E].contains($0.value) })
    }
  }

  @Test(
    "misuse is told in a line",
    arguments: [
      (["pull"], "<repository>"), (["pull", "name"], "expected ORG/NAME"),
      (["pull", "a/b@../c"], "is no branch, tag or commit"),
      (["pull", "a/b", "--into", ""], "--into is empty"),
    ])
  func misuse(_ arguments: [String], _ words: String) throws {
    let result = try run(arguments)
    #expect(result.status == 2)
    #expect(result.stdout == "")
    #expect(result.stderr.contains(words), "\(result.stderr)")
  }

  @Test("a broken HF_ENDPOINT is named")
  func endpoint() throws {
    for text in ["huggingface", "ftp://x", "http://a b", "https://x/?q"] {
      let result = try run(["pull", "a/b"], environment: ["HF_ENDPOINT": text])
      #expect(result.status == 2)
      #expect(result.stderr.contains("HF_ENDPOINT: expected an address"), "\(result.stderr)")
    }
  }
}

/// A file system with little room, where the tests may mount one.
private enum SmallFileSystem {
  static var isPossible: Bool {
    guard geteuid() == 0 else { return false }
    let place = NSTemporaryDirectory() + "clip-rsicd-mount-\(UUID().uuidString)"
    try? FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: place) }
    guard (try? mount(place, kilobytes: 64)) != nil else { return false }
    unmount(place)
    return true
  }

  static func mount(_ place: String, kilobytes: Int) throws {
    let result = try run(
      ["-t", "tmpfs", "-o", "size=\(kilobytes)k", "tmpfs", place],
      executable: URL(fileURLWithPath: "/usr/bin/mount"))
    guard result.status == 0 else { throw CocoaError(.fileWriteNoPermission) }
  }

  static func unmount(_ place: String) {
    _ = try? run([place], executable: URL(fileURLWithPath: "/usr/bin/umount"))
  }
}
