import Foundation
import Hub
import TestSupport
import Testing
import Transfers
import LoopbackHub

/// A hub, or somebody on the way to it, that means harm.
@Suite struct HostileHubTests {
  @Test(
    "a data set whose names would leave the folder is refused whole",
    arguments: [
      "../../x", "/etc/x", "a/../../x", "a\u{0}b", "a\\..\\x", "..", ".", "a//b", "a/", "", "a\nb",
      ".git/hooks/post-checkout", "a/.GIT/config", ".clip-rsicd-pull/x",
      String(repeating: "n", count: 256), String(repeating: "d/", count: 600) + "x",
    ])
  func names(_ name: String) async throws {
    let hub = try LoopbackHub(
      kind: "datasets", files: ["good.txt": .init(bytes: [1], isLarge: false)])
    hub.state.withLock { $0.moreNames = [name] }
    try await Workbench.with(hub) { bench in
      for into in [nil, bench.path("folder/into")] {
        let words = try await bench.refusal(try bench.request(kind: .dataset, into: into))
        #expect(words.contains("could leave the folder"), "\(words)")
        #expect(!words.unicodeScalars.contains { $0.value < 0x20 })
      }
      #expect(hub.asked("/resolve/").isEmpty)
      #expect(bench.files(bench.folder.path).isEmpty)
    }
  }

  @Test("an index that names shards elsewhere is refused; bad names that are not needed do no harm")
  func shards() async throws {
    for shard in ["../../x.safetensors", "/etc/passwd", "config.json/../../x"] {
      var files = LoopbackHub.modelFiles()
      files["model.safetensors"] = nil
      let index = "{\"weight_map\": {\"a\": \"\(shard)\"}}"
      files["model.safetensors.index.json"] = .init(bytes: Array(index.utf8), isLarge: false)
      let hub = try LoopbackHub(files: files)
      hub.state.withLock { $0.moreNames = [shard] }
      try await Workbench.with(hub) { bench in
        let told1 = try await bench.refusal()
        #expect(told1.contains("could leave the folder"), "\(told1)")
      }
    }
    let hub = try LoopbackHub.model()
    hub.state.withLock { $0.moreNames = ["../../x", "/etc/x"] }
    try await Workbench.with(hub) { bench in
      let report = try await bench.pull()
      #expect(report.files.count == 5)
    }
  }

  @Test("links in the cache that lead out of it are neither written through nor read")
  func links() async throws {
    let hub = try LoopbackHub.model()
    try await Workbench.with(hub) { bench in
      let manager = FileManager.default
      let outside = bench.path("outside")
      try manager.createDirectory(atPath: outside, withIntermediateDirectories: true)
      try manager.createDirectory(
        atPath: bench.repositoryFolder, withIntermediateDirectories: true)
      try manager.createSymbolicLink(
        atPath: "\(bench.repositoryFolder)/blobs", withDestinationPath: outside)
      let told2 = try await bench.refusal()
      #expect(told2.contains("leads out of the cache"), "\(told2)")
      #expect(bench.files(outside).isEmpty)
      try manager.removeItem(atPath: "\(bench.repositoryFolder)/blobs")

      let report = try await bench.pull()
      let environment = HubEnvironment(bench.variables)
      #expect(try ModelPlace.directory("org/name", environment: environment) == report.directory)
      let config = "\(report.directory)/config.json"
      try manager.removeItem(atPath: config)
      try Data("{}".utf8).write(to: URL(fileURLWithPath: "\(outside)/secret"))
      try manager.createSymbolicLink(atPath: config, withDestinationPath: "\(outside)/secret")
      #expect { try ModelPlace.directory("org/name", environment: environment) } throws: {
        "\($0)".contains("leads out of the cache")
      }
      // The next pull puts it right, and leaves what it led to alone.
      try await bench.pull()
      #expect(bench.bytes("\(outside)/secret") == Array("{}".utf8))
      #expect(try ModelPlace.directory("org/name", environment: environment) == report.directory)
    }
  }

  @Test("a link in place of a partial file is not followed")
  func linkedPartial() async throws {
    let hub = try LoopbackHub.model()
    try await Workbench.with(hub) { bench in
      let blobs = "\(bench.repositoryFolder)/blobs"
      try FileManager.default.createDirectory(atPath: blobs, withIntermediateDirectories: true)
      let victim = bench.path("victim")
      try Data("precious".utf8).write(to: URL(fileURLWithPath: victim))
      try FileManager.default.createSymbolicLink(
        atPath: "\(blobs)/\(LoopbackHub.sha256(LoopbackHub.noise(300_000))).incomplete",
        withDestinationPath: victim)
      let told3 = try await bench.refusal()
      #expect(told3.contains("cannot be written"), "\(told3)")
      #expect(bench.bytes(victim) == Array("precious".utf8))
    }
  }

  @Test("lists that are none, too long or impossible are refused, in bounded time and memory")
  func lists() async throws {
    let sha = String(repeating: "a", count: 40)
    let many =
      "{\"sha\":\"\(sha)\",\"siblings\":["
      + String(repeating: "{\"rfilename\":\"a\"},", count: 1_000_000) + "{\"rfilename\":\"b\"}]}"
    let cases: [(String, @Sendable (inout LoopbackServer.Reply) -> Void)] = [
      ("is not JSON", { $0.body = Array("<html>".utf8) }),
      ("is not JSON", { $0.body = Array("[]".utf8) }),
      ("is not JSON", { $0.body = Array(String(repeating: "[", count: 1_000_000).utf8) }),
      ("is no commit", { $0.body = Array("{\"sha\": \"../..\", \"siblings\": []}".utf8) }),
      (
        "impossible size",
        {
          $0.body = Array(
            "{\"sha\": \"\(sha)\", \"siblings\": [{\"rfilename\": \"a\", \"size\": -1}]}".utf8)
        }
      ),
      (
        "listed twice",
        {
          $0.body = Array(
            "{\"sha\": \"\(sha)\", \"siblings\": [{\"rfilename\": \"a\"},{\"rfilename\": \"a\"}]}"
              .utf8)
        }
      ),
      ("more than 100000 files", { $0.body = Array(many.utf8) }),
      ("sends more than", { $0.announced = 1 << 30 }),
      (
        "sends more than",
        {
          $0.body = [UInt8](repeating: 0x20, count: 1 << 20)
          $0.repeats = 1 << 10
          $0.announcesLength = false
        }
      ),
    ]
    for (words, spoil) in cases {
      let hub = try LoopbackHub.model()
      hub.always("list") { _, reply in spoil(&reply) }
      try await Workbench.with(hub) { bench in
        let refusal = try await bench.refusal()
        #expect(refusal.contains(words), "\(refusal)")
      }
    }
  }

  @Test("endless headers are cut off")
  func headers() async throws {
    let hub = try LoopbackHub.model()
    hub.always("list") { _, reply in
      reply.headers += (0..<3000).map { ("X-\($0)", String(repeating: "x", count: 100)) }
    }
    try await Workbench.with(hub) { bench in
      let words = try await bench.refusal()
      #expect(words.contains("sends more than") || words.contains("Weird"), "\(words)")
    }
  }

  @Test("redirects without end, without address, to other schemes or with user names are refused")
  func redirects() async throws {
    for (location, words) in [
      ("/somewhere", "more than 8 times"), ("", "without an address"),
      ("file:///etc/passwd", "its scheme is file"), ("ftp://127.0.0.1/x", "its scheme is ftp"),
      ("http://user:secret@127.0.0.1/", "is no http or https address"),
      ("http://a b/", "spaces, controls or backslashes"),
    ] {
      let hub = try LoopbackHub.model()
      let address = hub.address
      hub.always("redirect") { request, reply in
        reply.headers = location.isEmpty ? [] : [("Location", location)]
        if location == "/somewhere" {
          reply.headers = [("Location", "\(address)\(request.target)")]
        }
      }
      try await Workbench.with(hub) { bench in
        let refusal = try await bench.refusal()
        #expect(refusal.contains(words), "\(refusal)")
        #expect(!refusal.contains("secret"))
      }
    }
  }

  @Test("compressed contents are refused, not unpacked")
  func compressed() async throws {
    let hub = try LoopbackHub.model()
    hub.always("config.json") { _, reply in reply.headers.append(("Content-Encoding", "gzip")) }
    try await Workbench.with(hub) { bench in
      let told4 = try await bench.refusal()
      #expect(told4.contains("sends it as gzip"), "\(told4)")
      #expect(hub.asked("config.json").allSatisfy { $0.request["Accept-Encoding"] == "identity" })
    }
  }
}
