import Foundation
import Hub
import Testing
import LoopbackHub

/// Repositories that publish weights as single files, with nothing beside them.
@Suite struct SingleFileTests {
  private static func noise(_ count: Int) -> LoopbackHub.File {
    .init(bytes: LoopbackHub.noise(count), isLarge: true)
  }

  /// As chendelong/RemoteCLIP and Zilun/GeoRSCLIP are laid out.
  private static func hub() throws -> LoopbackHub {
    try LoopbackHub(files: [
      "README.md": .init(bytes: Array("a model".utf8), isLarge: false),
      "RemoteCLIP-RN50.pt": noise(700), "RemoteCLIP-ViT-B-32.pt": noise(900),
      "ckpt/RS5M_ViT-B-32.pt": noise(1100),
      "ckpt/open_clip_config.json": .init(bytes: Array("{}".utf8), isLarge: false),
    ])
  }

  @Test("several files of weights are listed, and nothing is fetched")
  func several() async throws {
    let hub = try Self.hub()
    try await Workbench.with(hub) { bench in
      let words = try await bench.refusal()
      #expect(
        words.contains("RemoteCLIP-RN50.pt, RemoteCLIP-ViT-B-32.pt, ckpt/RS5M_ViT-B-32.pt"))
      #expect(!hub.asked.contains { $0.path.hasSuffix(".pt") })
    }
  }

  @Test("the named file comes alone, and the same name is then a model's")
  func named() async throws {
    let hub = try Self.hub()
    try await Workbench.with(hub) { bench in
      let name = "org/name:RemoteCLIP-ViT-B-32.pt"
      let report = try await bench.pull(try bench.request(name))
      #expect(report.files == ["RemoteCLIP-ViT-B-32.pt"])
      let environment = HubEnvironment(bench.variables)
      let place = try ModelPlace.directory(name, environment: environment)
      #expect(place == "\(report.directory)/RemoteCLIP-ViT-B-32.pt")
      #expect(bench.bytes(place) == LoopbackHub.noise(900))
      // The only weights that are here are the repository's, too.
      #expect(try ModelPlace.directory("org/name", environment: environment) == place)
      // One more, and its name must be said.
      _ = try await bench.pull(try bench.request("org/name:RemoteCLIP-RN50.pt"))
      #expect {
        try ModelPlace.directory("org/name", environment: environment)
      } throws: {
        "\($0)".contains("several files of weights")
      }
      #expect(try ModelPlace.directory(name, environment: environment) == place)
    }
  }

  @Test("what lies beside a named file comes with it")
  func beside() async throws {
    let hub = try Self.hub()
    try await Workbench.with(hub) { bench in
      let report = try await bench.pull(try bench.request("org/name@main:ckpt/RS5M_ViT-B-32.pt"))
      #expect(report.files.sorted() == ["ckpt/RS5M_ViT-B-32.pt", "ckpt/open_clip_config.json"])
      let into = bench.path("into")
      let other = try await bench.pull(
        try bench.request("org/name:ckpt/RS5M_ViT-B-32.pt", into: into))
      #expect(other.directory == into)
      #expect(bench.bytes("\(into)/ckpt/RS5M_ViT-B-32.pt") == LoopbackHub.noise(1100))
    }
  }

  @Test("a file that is not there is refused with those that are")
  func missing() async throws {
    let hub = try Self.hub()
    try await Workbench.with(hub) { bench in
      let words = try await bench.refusal(try bench.request("org/name:RS5M_ViT-H-14.pt"))
      #expect(words.hasPrefix("org/name:RS5M_ViT-H-14.pt: is no file of the repository"))
      #expect(words.contains("ckpt/RS5M_ViT-B-32.pt"))
    }
  }

  @Test("one file of weights alone needs no name")
  func alone() async throws {
    let hub = try LoopbackHub(files: ["weights/model-v2.ckpt": Self.noise(500)])
    try await Workbench.with(hub) { bench in
      let report = try await bench.pull()
      #expect(report.files == ["weights/model-v2.ckpt"])
      let place = try ModelPlace.directory(
        "org/name", environment: HubEnvironment(bench.variables))
      #expect(place == "\(report.directory)/weights/model-v2.ckpt")
    }
  }

  @Test("transformers 5's processor_config.json comes with a model")
  func processor() async throws {
    var files = LoopbackHub.modelFiles()
    files["processor_config.json"] = .init(bytes: Array("{}".utf8), isLarge: false)
    let hub = try LoopbackHub(files: files)
    try await Workbench.with(hub) { bench in
      let report = try await bench.pull()
      #expect(report.files.contains("processor_config.json"))
    }
  }

  @Test(
    "a path that could leave the folder is no file's",
    arguments: ["org/name:../x.pt", "org/name:/etc/x.pt", "org/name:a//b.pt", "org/name:"])
  func unsafe(name: String) throws {
    #expect(throws: HubError.self) { try HubRepository(name, kind: .model) }
  }
}
