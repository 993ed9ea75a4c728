import Foundation
import Hub
import TestSupport
import Testing
import LoopbackHub

/// What a line and a server may do in the middle of a file.
@Suite struct BrokenLineTests {
  private static let weights = LoopbackHub.noise(300_000)

  @Test("after a break the rest is asked for, by Range and If-Range, and nothing comes twice")
  func breaks() async throws {
    let hub = try LoopbackHub.model()
    hub.fault("model.safetensors") { _, reply in reply.cutAfter = 100_000 }
    hub.fault("model.safetensors") { _, reply in reply.cutAfter = 50_000 }
    try await Workbench.with(hub) { bench in
      let report = try await bench.pull()
      #expect(bench.bytes("\(report.directory)/model.safetensors") == Self.weights)
      let asked = hub.asked("model.safetensors", host: .store).map(\.request)
      #expect(asked.map(\.rangeStart) == [nil, 100_000, 150_000])
      #expect(asked.last?["If-Range"] == "\"store-model.safetensors\"")
    }
  }

  @Test("a run that was stopped leaves what came, and the next one goes on from there")
  func stopped() async throws {
    let hub = try LoopbackHub.model()
    hub.fault("model.safetensors") { _, reply in reply.stall = (200_000, 20) }
    try await Workbench.with(hub) { bench in
      let pull = Task { try await bench.pull() }
      let partial =
        "\(bench.repositoryFolder)/blobs/\(LoopbackHub.sha256(Self.weights)).incomplete"
      for _ in 0..<500 where bench.bytes(partial)?.count != 200_000 {
        try await Task.sleep(for: .milliseconds(10))
      }
      pull.cancel()
      await #expect(throws: CancellationError.self) { try await pull.value }
      #expect(bench.bytes(partial)?.count == 200_000)
      #expect(bench.bytes("\(bench.repositoryFolder)/refs/main") == nil)
      hub.forget()
      let events = Events()
      let report = try await bench.pull(events: events)
      #expect(hub.asked("model.safetensors", host: .store).map(\.request.rangeStart) == [200_000])
      #expect((events.plan?.presentBytes ?? 0) >= 200_000)
      #expect(bench.bytes("\(report.directory)/model.safetensors") == Self.weights)
      #expect(bench.bytes(partial) == nil)
    }
  }

  @Test("what an earlier run left and is wrong is found out and fetched anew")
  func wrongRest() async throws {
    let hub = try LoopbackHub.model()
    try await Workbench.with(hub) { bench in
      let blobs = "\(bench.repositoryFolder)/blobs"
      try FileManager.default.createDirectory(atPath: blobs, withIntermediateDirectories: true)
      let partial = "\(blobs)/\(LoopbackHub.sha256(Self.weights)).incomplete"
      try Data(repeating: 7, count: 1000).write(to: URL(fileURLWithPath: partial))
      let report = try await bench.pull()
      #expect(bench.bytes("\(report.directory)/model.safetensors") == Self.weights)
      #expect(
        hub.asked("model.safetensors", host: .store).map(\.request.rangeStart) == [1000, nil])
    }
  }

  @Test("a server without ranges sends all of it again")
  func noRanges() async throws {
    let hub = try LoopbackHub.model()
    hub.fault("model.safetensors") { _, reply in reply.cutAfter = 100_000 }
    hub.fault("model.safetensors") { _, reply in
      reply = LoopbackServer.Reply(headers: [("ETag", "\"x\"")], body: Self.weights)
    }
    try await Workbench.with(hub) { bench in
      let report = try await bench.pull()
      #expect(bench.bytes("\(report.directory)/model.safetensors") == Self.weights)
      #expect(hub.asked("model.safetensors", host: .store).count == 2)
    }
  }

  @Test("another part than was asked for is not put behind the first one")
  func wrongPart() async throws {
    let hub = try LoopbackHub.model()
    hub.fault("model.safetensors") { _, reply in reply.cutAfter = 100_000 }
    hub.fault("model.safetensors") { _, reply in
      reply.headers = [("Content-Range", "bytes 5-300004/300000")]
    }
    try await Workbench.with(hub) { bench in
      let report = try await bench.pull()
      #expect(bench.bytes("\(report.directory)/model.safetensors") == Self.weights)
      let asked = hub.asked("model.safetensors", host: .store)
      #expect(asked.map(\.request.rangeStart) == [nil, 100_000, nil])
    }
  }

  @Test("a part of a file of another length is not put behind the first one")
  func otherTotal() async throws {
    let hub = try LoopbackHub.model()
    hub.fault("model.safetensors") { _, reply in reply.cutAfter = 100_000 }
    hub.fault("model.safetensors") { _, reply in
      reply.headers =
        reply.headers.filter { $0.0 != "Content-Range" }
        + [("Content-Range", "bytes 100000-299999/300001")]
    }
    try await Workbench.with(hub) { bench in
      let report = try await bench.pull()
      #expect(bench.bytes("\(report.directory)/model.safetensors") == Self.weights)
      let asked = hub.asked("model.safetensors", host: .store)
      #expect(asked.map(\.request.rangeStart) == [nil, 100_000, nil])
    }
  }

  @Test("tries that bring something do not count as tries in vain")
  func manyBreaks() async throws {
    let hub = try LoopbackHub.model()
    hub.fault("model.safetensors", times: 10) { _, reply in reply.cutAfter = 20_000 }
    try await Workbench.with(hub) { bench in
      let report = try await bench.pull()
      #expect(bench.bytes("\(report.directory)/model.safetensors") == Self.weights)
      #expect(hub.asked("model.safetensors", host: .store).count == 11)
    }
  }

  @Test("what nothing vouches for is fetched from its beginning after a break")
  func withoutDigest() async throws {
    let hub = try LoopbackHub.model()
    hub.state.withLock { $0.listsDigests = false }
    // A tag that is no digest in the headers, and none at all with the contents.
    hub.always("vocab.json") { request, reply in
      reply.headers = reply.headers.filter { $0.0 != "ETag" }
      if request.method == "HEAD" { reply.headers.append(("ETag", "\"v1\"")) }
    }
    hub.fault("vocab.json") { request, reply in if request.method != "HEAD" { reply.cutAfter = 3 } }
    hub.fault("vocab.json") { request, reply in if request.method != "HEAD" { reply.cutAfter = 3 } }
    try await Workbench.with(hub) { bench in
      let report = try await bench.pull()
      #expect(bench.bytes("\(report.directory)/vocab.json") == Array("{\"a\": 0}".utf8))
      let asked = hub.asked("vocab.json").filter { $0.request.method != "HEAD" }
      #expect(asked.count >= 2 && asked.allSatisfy { $0.request.rangeStart == nil })
    }
  }

  @Test("contents that are not what the hub has are refused, and nothing of them stays")
  func wrongContents() async throws {
    for name in ["model.safetensors", "config.json"] {
      let hub = try LoopbackHub.model()
      hub.always(name) { _, reply in reply.body[reply.body.count / 2] ^= 1 }
      try await Workbench.with(hub) { bench in
        let words = try await bench.refusal()
        #expect(words.contains("org/name/\(name)"), "\(words)")
        #expect(words.contains(name == "config.json" ? "its git blob sha1 is" : "its sha256 is"))
        let commit = hub.state.withLock { $0.commit }
        #expect(bench.bytes("\(bench.repositoryFolder)/snapshots/\(commit)/\(name)") == nil)
        #expect(bench.bytes("\(bench.repositoryFolder)/refs/main") == nil)
        let file = try #require(LoopbackHub.modelFiles()[name])
        let digest =
          file.isLarge ? LoopbackHub.sha256(file.bytes) : LoopbackHub.gitBlob(file.bytes)
        #expect(bench.bytes("\(bench.repositoryFolder)/blobs/\(digest)") == nil)
        #expect(bench.bytes("\(bench.repositoryFolder)/blobs/\(digest).incomplete") == [])
      }
    }
  }

  @Test("a wrong digest in the redirect is told before anything is written")
  func wrongLink() async throws {
    let hub = try LoopbackHub.model()
    hub.always("redirect") { _, reply in
      reply.headers = reply.headers.map {
        $0.0 == "X-Linked-Etag" ? ($0.0, String(repeating: "0", count: 64)) : $0
      }
    }
    try await Workbench.with(hub) { bench in
      let told1 = try await bench.refusal()
      #expect(told1.contains("its sha256 is 0000"), "\(told1)")
    }
  }

  @Test("lengths that are not the listed ones: too long, too short, announced or not")
  func lengths() async throws {
    let faults: [LoopbackHub.Fault] = [
      { _, reply in reply.body += [1, 2, 3] },
      { _, reply in
        reply.body += LoopbackHub.noise(500_000)
        reply.announcesLength = false
      },
      { _, reply in reply.body.removeLast(10) },
      { _, reply in
        reply.body = []
        reply.announcesLength = false
      },
    ]
    for fault in faults {
      let hub = try LoopbackHub.model()
      hub.always("model.safetensors", fault)
      try await Workbench.with(hub) { bench in
        let words = try await bench.refusal()
        #expect(words.contains("org/name/model.safetensors: "), "\(words)")
        #expect(words.contains("expected 300000"), "\(words)")
        #expect(
          bench.files("\(bench.repositoryFolder)/blobs").allSatisfy {
            (bench.bytes("\(bench.repositoryFolder)/blobs/\($0)")?.count ?? 0) <= 300_000
          })
      }
    }
  }

  @Test("a slow line is waited for; one that stands still is given up and asked again")
  func slow() async throws {
    let hub = try LoopbackHub.model(weights: 40_000)
    hub.fault("model.safetensors") { _, reply in reply.trickle = (1000, 0.03) }
    hub.fault("merges.txt") { _, reply in reply.stall = (3, 30) }
    try await Workbench.with(hub) { bench in
      let events = Events()
      let report = try await bench.pull(events: events)
      #expect(bench.bytes("\(report.directory)/model.safetensors") == LoopbackHub.noise(40_000))
      #expect(hub.asked("model.safetensors", host: .store).count == 1)
      #expect(hub.asked("merges.txt").map(\.request.rangeStart) == [nil, 3])
      let done = events.progress.map(\.done)
      #expect(done.count > 3 && done == done.sorted())
      #expect(events.progress.allSatisfy { $0.done <= $0.total })
    }
  }

  @Test("500 and 503 are tried again, and end in a sentence when they stay")
  func serverErrors() async throws {
    let hub = try LoopbackHub.model()
    hub.fault("list", times: 2) { _, reply in reply = .text(500) }
    hub.fault("model.safetensors", times: 2) { _, reply in reply = .text(503) }
    try await Workbench.with(hub) { bench in
      try await bench.pull()
      hub.always("list") { _, reply in reply = .text(500) }
      hub.forget()
      let told2 = try await bench.refusal()
      #expect(told2.contains("org/name: the hub answers with status 500"), "\(told2)")
      #expect(hub.asked.count == 6)
    }
  }

  @Test("429 is waited for as long as Retry-After says, within reason")
  func tooMany() async throws {
    let hub = try LoopbackHub.model()
    hub.fault("list") { _, reply in reply = .text(429, "", [("Retry-After", "1")]) }
    try await Workbench.with(hub) { bench in
      let events = Events()
      let start = ContinuousClock.now
      try await bench.pull(events: events)
      #expect(ContinuousClock.now - start >= .seconds(1))
      #expect(events.notes.contains { $0.contains("429") && $0.contains("trying again in 1 s") })
      hub.fault("list") { _, reply in reply = .text(429, "", [("Retry-After", "86400")]) }
      let told3 = try await bench.refusal()
      #expect(told3.contains("wait 86400 seconds"), "\(told3)")
    }
  }

  @Test("an address that has run out is asked for anew")
  func expired() async throws {
    let hub = try LoopbackHub.model()
    hub.fault("model.safetensors") { _, reply in reply = .text(403) }
    try await Workbench.with(hub) { bench in
      try await bench.pull()
      #expect(hub.asked("/resolve/").count { $0.path.contains("model.safetensors") } == 2)
    }
  }

  @Test("nobody listens: a sentence, after some tries")
  func nobody() async throws {
    let hub = try LoopbackHub.model()
    try await Workbench.with(hub) { bench in
      let words = try await bench.refusal(
        try bench.request(variables: ["HF_ENDPOINT": "http://127.0.0.1:1"]))
      #expect(words.contains("no connection can be made"), "\(words)")
    }
  }
}
