import Foundation
import Hub
import TestSupport
import Testing
import Transfers
import LoopbackHub

/// Who sees the token, and what refusals say.
@Suite struct AccessTests {
  private static let token = "hf_veryverysecret"

  @Test("the token goes to the hub and to no other host")
  func token() async throws {
    let hub = try LoopbackHub.model()
    hub.state.withLock { $0.token = Self.token }
    try await Workbench.with(hub) { bench in
      let events = Events()
      try await bench.pull(
        try bench.request(variables: ["HF_TOKEN": Self.token]), events: events)
      for asked in hub.asked {
        let expected = asked.host == .hub ? "Bearer \(Self.token)" : nil
        #expect(asked.request["Authorization"] == expected)
      }
      #expect(hub.asked("model.safetensors", host: .store).count == 1)
      #expect(!"\(events.list)".contains(Self.token))
    }
  }

  @Test(
    "another name of the same machine is another host; back at the hub the token is there again")
  func otherName() async throws {
    let hub = try LoopbackHub.model()
    hub.state.withLock { $0.token = Self.token }
    let other = hub.address.replacing("127.0.0.1", with: "localhost")
    hub.always("redirect") { request, reply in
      reply.headers = [("Location", "\(other)\(request.target)")]
    }
    try await Workbench.with(hub) { bench in
      let words = try await bench.refusal(
        try bench.request(variables: ["HF_TOKEN": Self.token]))
      let sent = hub.asked("model.safetensors").map(\.request)
      #expect(sent.contains { $0["Host"]?.hasPrefix("localhost") == true })
      for request in sent {
        let isHub = request["Host"]?.hasPrefix("127.0.0.1") == true
        #expect((request["Authorization"] != nil) == isHub)
      }
      #expect(!words.contains(Self.token))
    }
  }

  @Test("scheme, host and port make an origin")
  func origins() throws {
    let hub = try WebAddress("https://huggingface.co/api")
    for (text, isSame) in [
      ("https://huggingface.co/x", true), ("https://HuggingFace.co:443/x", true),
      ("http://huggingface.co/x", false), ("https://huggingface.co:8443/x", false),
      ("https://huggingface.co.evil.example/x", false),
      ("https://evil.example/huggingface.co", false),
      ("https://cdn.huggingface.co/x", false),
    ] {
      #expect(try WebAddress(text).hasOrigin(of: hub) == isSame, "\(text)")
    }
    for text in [
      "https://huggingface.co@evil.example/", "https://a:b@huggingface.co/", "ftp://huggingface.co",
      "https://", "https://evil.example\\@huggingface.co", "https://hugging\nface.co", "",
      "https://huggingface.co:99999/",
    ] {
      #expect(throws: TransferError.self, "\(text)") { try WebAddress(text) }
    }
    #expect(try hub.following("/other?x=1#y").text == "https://huggingface.co/other?x=1")
    #expect(try hub.following("//other.example/x").host == "other.example")
    #expect(try hub.following("http://huggingface.co/x").isEncrypted == false)
  }

  @Test(
    "only this machine's own addresses are loopback",
    arguments: [
      ("http://localhost/x", true), ("http://127.0.0.1:8080", true), ("http://127.9.8.7", true),
      ("http://[::1]/", true), ("http://127.0.0.1.5/", false), ("http://127.example.com/", false),
      ("http://127.0.0.1.example.com/", false), ("http://localhost.example.com/", false),
      ("http://128.0.0.1/", false),
    ])
  func loopback(text: String, isLoopback: Bool) throws {
    #expect(try WebAddress(text).isLoopback == isLoopback)
  }

  @Test("nothing is followed from https to http")
  func downgrade() throws {
    let secure = try WebAddress("https://huggingface.co/x")
    #expect(throws: HubError.self) {
      try Redirect.next(from: secure, location: "http://huggingface.co/x", place: "org/name")
    }
    #expect(
      try Redirect.next(from: secure, location: "/y", place: "org/name").text
        == "https://huggingface.co/y")
  }

  @Test("the token comes from HF_TOKEN, or from the token file below HF_HOME")
  func tokenFile() async throws {
    let hub = try LoopbackHub.model()
    hub.state.withLock { $0.token = Self.token }
    try await Workbench.with(hub) { bench in
      let home = bench.path("home")
      try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
      try Data("\(Self.token)\n".utf8).write(to: URL(fileURLWithPath: "\(home)/token"))
      try await bench.pull()
      let words = try await bench.refusal(
        try bench.request("org/name@none", variables: ["HF_TOKEN": "hf_other"]))
      #expect(words.contains("does not accept the token (401)"))
      #expect(!words.contains("hf_other") && !words.contains(Self.token))
    }
  }

  @Test("a token that could end the header is refused and not repeated")
  func oddToken() async throws {
    let hub = try LoopbackHub.model()
    try await Workbench.with(hub) { bench in
      for text in ["hf_a\r\nX-Evil: 1", "hf a", "hf_\u{e9}", String(repeating: "x", count: 2000)] {
        let words = try await bench.refusal(try bench.request(variables: ["HF_TOKEN": text]))
        #expect(words.hasPrefix("HF_TOKEN: expected a token"), "\(words)")
        #expect(!words.contains(text))
      }
      #expect(hub.asked.isEmpty)
    }
  }

  @Test("refusals say what happened")
  func refusals() async throws {
    let cases: [(LoopbackServer.Reply, [String])] = [
      (.text(401), ["no such repository, or it is private (401)"]),
      (.text(403, "", [("X-Error-Code", "GatedRepo")]), ["access must be asked for"]),
      (.text(401, "", [("X-Error-Code", "GatedRepo")]), ["access must be asked for"]),
      (.text(403), ["refuses access (403)"]),
      (.text(404, "", [("X-Error-Code", "RepoNotFound")]), ["no such model (404)"]),
      (.text(404), ["no such model (404)"]),
      (.text(418), ["status 418"]),
    ]
    for (answer, words) in cases {
      let hub = try LoopbackHub.model()
      hub.always("list") { _, reply in reply = answer }
      try await Workbench.with(hub) { bench in
        let refusal = try await bench.refusal()
        for word in words { #expect(refusal.contains(word), "\(refusal)") }
        #expect(hub.asked.count == 1)
      }
    }
    let hub = try LoopbackHub.model()
    try await Workbench.with(hub) { bench in
      let noRevision = try await bench.refusal(try bench.request("org/name@v9"))
      #expect(noRevision.contains("has no revision v9"))
      let noModel = try await bench.refusal(try bench.request("org/other"))
      #expect(noModel.contains("no such model (404)"))
      hub.always("model.safetensors") { _, reply in reply = .text(404) }
      hub.always("config.json") { _, reply in reply = .text(404) }
      let told = try await bench.refusal()
      #expect(told.contains("lists it and does not have it"), "\(told)")
    }
  }
}
