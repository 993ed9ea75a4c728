import Foundation
import Hub
import TestSupport
import Testing
import Transfers
import LoopbackHub

@Suite struct PullTests {
  @Test("what a model needs comes into the cache's own layout, weights once and in the best format")
  func layout() async throws {
    let hub = try LoopbackHub.model()
    try await Workbench.with(hub) { bench in
      let events = Events()
      let report = try await bench.pull(events: events)
      let commit = hub.state.withLock { $0.commit }
      #expect(report.directory == "\(bench.repositoryFolder)/snapshots/\(commit)")
      #expect(
        Set(report.files)
          == [
            "config.json", "preprocessor_config.json", "vocab.json", "merges.txt",
            "model.safetensors",
          ])
      #expect(bench.bytes("\(bench.repositoryFolder)/refs/main") == Array(commit.utf8))
      for (name, file) in LoopbackHub.modelFiles() where report.files.contains(name) {
        let path = "\(report.directory)/\(name)"
        #expect(bench.bytes(path) == file.bytes)
        let digest =
          file.isLarge ? LoopbackHub.sha256(file.bytes) : LoopbackHub.gitBlob(file.bytes)
        #expect(
          try FileManager.default.destinationOfSymbolicLink(atPath: path)
            == "../../blobs/\(digest)")
      }
      #expect(bench.files("\(bench.repositoryFolder)/blobs").count == 5)
      for other in ["README", "pytorch", "flax", "tf_model"] { #expect(hub.asked(other).isEmpty) }
      #expect(events.plan?.bytes == report.bytes)
      #expect(events.plan?.presentBytes == 0)
      #expect(report.fetchedBytes == report.bytes)
      #expect(events.plan?.unchecked == 0)
    }
  }

  @Test("git's and SHA-256 digests are those of sha256sum and git hash-object")
  func digests() {
    let bytes = Array("hello\n".utf8)
    #expect(LoopbackHub.gitBlob(bytes) == "ce013625030ba8dba906f756967f9e9ca394464a")
    #expect(
      LoopbackHub.sha256(bytes)
        == "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03")
  }

  @Test("pulled again, only the list is asked for; a moved branch brings what is new")
  func again() async throws {
    let hub = try LoopbackHub.model()
    try await Workbench.with(hub) { bench in
      try await bench.pull()
      hub.forget()
      let second = try await bench.pull()
      #expect(hub.asked.count == 1)
      #expect(second.fetchedBytes == 0)
      hub.forget()
      hub.state.withLock {
        $0.commit = String(repeating: "b", count: 40)
        $0.files["config.json"]?.bytes = Array("{}".utf8)
      }
      let third = try await bench.pull()
      #expect(third.directory.hasSuffix(String(repeating: "b", count: 40)))
      #expect(hub.asked("/resolve/").map(\.path).allSatisfy { $0.hasSuffix("config.json") })
      #expect(bench.bytes("\(third.directory)/config.json") == Array("{}".utf8))
      // The older commit stays as it was.
      #expect(bench.bytes("\(second.directory)/config.json") != Array("{}".utf8))
    }
  }

  @Test(
    "--into takes files under their names, what is equal stays, what the cache has is not fetched")
  func into() async throws {
    let hub = try LoopbackHub.model()
    try await Workbench.with(hub) { bench in
      let folder = bench.path("model")
      let report = try await bench.pull(try bench.request(into: folder))
      #expect(report.directory == folder)
      #expect(Set(bench.files(folder)) == Set(report.files))
      #expect(bench.files(bench.cache).isEmpty)
      hub.forget()
      try Data("{\"model_type\": \"no\"}".utf8)
        .write(to: URL(fileURLWithPath: "\(folder)/config.json"))
      let second = try await bench.pull(try bench.request(into: folder))
      #expect(hub.asked("/resolve/").map(\.path).allSatisfy { $0.hasSuffix("config.json") })
      #expect(second.fetchedBytes == LoopbackHub.modelFiles()["config.json"]?.bytes.count)
      #expect(
        bench.bytes("\(folder)/config.json") == LoopbackHub.modelFiles()["config.json"]?.bytes)
      try await bench.pull()
      hub.forget()
      let other = bench.path("other")
      try await bench.pull(try bench.request(into: other))
      #expect(hub.asked.count == 1)
      #expect(bench.bytes("\(other)/model.safetensors") == LoopbackHub.noise(300_000))
    }
  }

  @Test("a data set comes whole, with its folders, from its own addresses")
  func dataset() async throws {
    let files = [
      "README.md": LoopbackHub.File(bytes: [1, 2], isLarge: false),
      "data/train 1.parquet": LoopbackHub.File(bytes: LoopbackHub.noise(5000), isLarge: false),
      "data/deep/images.zip": LoopbackHub.File(bytes: LoopbackHub.noise(9000), isLarge: true),
      "empty.txt": LoopbackHub.File(bytes: [], isLarge: false),
    ]
    let hub = try LoopbackHub(kind: "datasets", files: files)
    try await Workbench.with(hub) { bench in
      let report = try await bench.pull(try bench.request(kind: .dataset))
      #expect(report.directory.hasPrefix("\(bench.cache)/datasets--org--name/snapshots/"))
      for (name, file) in files {
        #expect(bench.bytes("\(report.directory)/\(name)") == file.bytes)
      }
      let folder = bench.path("data")
      try await bench.pull(try bench.request(kind: .dataset, into: folder))
      #expect(bench.files(folder) == files.keys.sorted())
    }
  }

  @Test("shards are those that the index names")
  func shards() async throws {
    var files = LoopbackHub.modelFiles()
    files["model.safetensors"] = nil
    let index =
      #"{"weight_map": {"a": "m-1.safetensors", "b": "m-2.safetensors", "c": "m-1.safetensors"}}"#
    files["model.safetensors.index.json"] = .init(bytes: Array(index.utf8), isLarge: false)
    files["m-1.safetensors"] = .init(bytes: LoopbackHub.noise(900), isLarge: true)
    files["m-2.safetensors"] = .init(bytes: LoopbackHub.noise(800), isLarge: true)
    files["m-3.safetensors"] = .init(bytes: LoopbackHub.noise(700), isLarge: true)
    let hub = try LoopbackHub(files: files)
    try await Workbench.with(hub) { bench in
      let report = try await bench.pull()
      #expect(report.files.contains("m-1.safetensors") && report.files.contains("m-2.safetensors"))
      #expect(!report.files.contains("m-3.safetensors"))
      let environment = HubEnvironment(bench.variables)
      #expect(try ModelPlace.directory("org/name", environment: environment) == report.directory)
      try FileManager.default.removeItem(atPath: "\(report.directory)/m-2.safetensors")
      #expect(throws: HubError.self) {
        try ModelPlace.directory("org/name", environment: environment)
      }
    }
  }

  @Test("a list without sizes and digests is filled in from X-Linked-Etag, ETag and lengths")
  func sparseList() async throws {
    let hub = try LoopbackHub.model()
    hub.state.withLock { $0.listsDigests = false }
    try await Workbench.with(hub) { bench in
      let events = Events()
      let report = try await bench.pull(events: events)
      #expect(events.plan?.unchecked == 0)
      #expect(report.bytes > 300_000)
      let weights = LoopbackHub.noise(300_000)
      #expect(
        bench.bytes("\(bench.repositoryFolder)/blobs/\(LoopbackHub.sha256(weights))") == weights)
    }
  }

  @Test("two pulls at a time fetch each file once")
  func twoAtATime() async throws {
    let hub = try LoopbackHub.model()
    hub.always("model.safetensors") { _, reply in reply.trickle = (30_000, 0.02) }
    try await Workbench.with(hub) { bench in
      async let one = bench.pull()
      async let other = bench.pull()
      let reports = try await [one, other]
      #expect(reports[0].directory == reports[1].directory)
      #expect(hub.asked("model.safetensors", host: .store).count == 1)
      #expect(
        bench.bytes("\(reports[0].directory)/model.safetensors") == LoopbackHub.noise(300_000))
    }
  }

  @Test("offline nothing is asked; what is in the cache is enough")
  func offline() async throws {
    let hub = try LoopbackHub.model()
    try await Workbench.with(hub) { bench in
      let request = try bench.request(variables: ["HF_HUB_OFFLINE": "1"])
      let told1 = try await bench.refusal(request)
      #expect(told1.contains("HF_HUB_OFFLINE is set"), "\(told1)")
      #expect(hub.asked.isEmpty)
      let report = try await bench.pull()
      hub.forget()
      let again = try await bench.pull(request)
      #expect(again.directory == report.directory)
      #expect(hub.asked.isEmpty)
    }
  }

  @Test("a repository without weights or configuration is refused before anything is fetched")
  func noModel() async throws {
    for (missing, words) in [
      (["model.safetensors", "pytorch_model.bin", "flax_model.msgpack"], "has no weights"),
      (["config.json"], "neither config.json nor open_clip_config.json"),
    ] {
      var files = LoopbackHub.modelFiles()
      for name in missing { files[name] = nil }
      let hub = try LoopbackHub(files: files)
      try await Workbench.with(hub) { bench in
        let told2 = try await bench.refusal()
        #expect(told2.contains(words), "\(told2)")
        #expect(hub.asked("/resolve/").isEmpty)
      }
    }
  }

  @Test("more than the disk has room for is refused before anything is fetched")
  func noSpace() async throws {
    let hub = try LoopbackHub.model()
    hub.always("list") { _, reply in
      let text = String(decoding: reply.body, as: UTF8.self)
      reply.body = Array(text.replacing("\"size\":300000", with: "\"size\":1000000000000000").utf8)
    }
    try await Workbench.with(hub) { bench in
      let words = try await bench.refusal()
      #expect(words.contains("bytes in") && words.hasSuffix("are free"), "\(words)")
      #expect(hub.asked("/resolve/").isEmpty)
    }
  }
}
