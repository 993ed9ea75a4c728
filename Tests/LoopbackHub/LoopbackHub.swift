import Foundation
import Synchronization
import Transfers

/// A hub on loopback with one repository, and the other host that its large files lie on.
///
/// Asks and answers as huggingface.co does: the list with sizes and digests, small files directly, large
/// ones by a redirect with `X-Linked-Etag` and `X-Linked-Size` to a host that knows ranges.
public final class LoopbackHub: Sendable {
  public struct File: Sendable {
    public var bytes: [UInt8]
    public var isLarge: Bool

    public init(bytes: [UInt8], isLarge: Bool) {
      self.bytes = bytes
      self.isLarge = isLarge
    }
  }
  public typealias Fault = @Sendable (LoopbackServer.Request, inout LoopbackServer.Reply) -> Void

  public enum Host: Sendable { case hub, store }

  public struct Asked: Sendable {
    public let host: Host
    public let path: String
    public let request: LoopbackServer.Request
  }

  public struct State: Sendable {
    public var files: [String: File] = [:]
    public var commit = String(repeating: "a", count: 40)
    /// What happens to the next answers for a file (`list` for the list), in this order.
    public var faults: [String: [Fault]] = [:]
    /// What happens to every answer.
    public var always: [String: Fault] = [:]
    public var asked: [Asked] = []
    /// Bytes of files sent by either host.
    public var token: String?
    public var listsDigests = true
    /// Listed besides the files.
    public var moreNames: [String] = []
  }

  public let state: Mutex<State>
  private let servers: Mutex<(hub: LoopbackServer, store: LoopbackServer)?>
  public let id: String
  private let kind: String

  public init(
    _ id: String = "org/name", kind: String = "models", files: [String: File] = [:]
  ) throws {
    self.id = id
    self.kind = kind
    state = Mutex(State(files: files))
    servers = Mutex(nil)
    let store = try LoopbackServer { [weak self] in self?.store($0) ?? .text(503) }
    let storeAddress = store.address
    let hub = try LoopbackServer { [weak self] in
      self?.hub($0, store: storeAddress) ?? .text(503)
    }
    servers.withLock { $0 = (hub, store) }
  }

  public var address: String { servers.withLock { $0?.hub.address ?? "" } }
  public var asked: [Asked] { state.withLock { $0.asked } }

  public func asked(_ path: String, host: Host? = nil) -> [Asked] {
    asked.filter { $0.path.contains(path) && (host == nil || $0.host == host) }
  }

  public func forget() { state.withLock { $0.asked = [] } }

  public func fault(_ name: String, times: Int = 1, _ fault: @escaping Fault) {
    state.withLock { $0.faults[name, default: []] += Array(repeating: fault, count: times) }
  }

  public func always(_ name: String, _ fault: @escaping Fault) {
    state.withLock { $0.always[name] = fault }
  }

  // MARK: Answers

  private func hub(_ request: LoopbackServer.Request, store: String) -> LoopbackServer.Reply {
    let path = request.target.removingPercentEncoding ?? request.target
    let state = self.state.withLock { state in
      state.asked.append(Asked(host: .hub, path: request.target, request: request))
      return state
    }
    let prefix = (kind == "datasets" ? "/datasets" : "") + "/\(id)/resolve/\(state.commit)/"
    if let token = state.token, request["Authorization"] != "Bearer \(token)" {
      return .text(401, "{}", [("X-Error-Code", "RepoNotFound")])
    }
    if path == "/api/\(kind)/\(id)/revision/main?blobs=true" {
      return faulty("list", request, .text(200, list(state)))
    }
    if path.hasPrefix("/api/") {
      let code = path.contains("/\(id)/") ? "RevisionNotFound" : "RepoNotFound"
      return .text(404, "{}", [("X-Error-Code", code)])
    }
    guard path.hasPrefix(prefix), case let name = String(path.dropFirst(prefix.count)),
      let file = state.files[name]
    else { return .text(404, "", [("X-Error-Code", "EntryNotFound")]) }
    guard file.isLarge else {
      var reply = LoopbackServer.Reply.file(file.bytes, request, etag: Self.gitBlob(file.bytes))
      reply.headers.append(("X-Repo-Commit", state.commit))
      return faulty(name, request, reply)
    }
    let reply = LoopbackServer.Reply.text(
      302, "Found",
      [
        ("Location", "\(store)/stored/\(name)?signature=secret"),
        ("X-Linked-Etag", "\"\(Self.sha256(file.bytes))\""),
        ("X-Linked-Size", "\(file.bytes.count)"), ("X-Repo-Commit", state.commit),
      ])
    return faulty("redirect", request, reply)
  }

  private func store(_ request: LoopbackServer.Request) -> LoopbackServer.Reply {
    let state = self.state.withLock { state in
      state.asked.append(Asked(host: .store, path: request.target, request: request))
      return state
    }
    let name = request.target.dropFirst("/stored/".count).prefix { $0 != "?" }
    guard let file = state.files[String(name)] else { return .text(404) }
    return faulty(String(name), request, .file(file.bytes, request, etag: "store-\(name)"))
  }

  private func faulty(
    _ name: String, _ request: LoopbackServer.Request, _ reply: LoopbackServer.Reply
  ) -> LoopbackServer.Reply {
    let faults = state.withLock { state -> [Fault] in
      var faults = state.always[name].map { [$0] } ?? []
      if state.faults[name]?.isEmpty == false, let next = state.faults[name]?.removeFirst() {
        faults.append(next)
      }
      return faults
    }
    var reply = reply
    for fault in faults { fault(request, &reply) }
    return reply
  }

  private func list(_ state: State) -> String {
    var siblings: [[String: Any]] = state.files.map { name, file in
      var entry: [String: Any] = ["rfilename": name]
      guard state.listsDigests else { return entry }
      entry["size"] = file.bytes.count
      entry["blobId"] = Self.gitBlob(file.bytes)
      if file.isLarge {
        entry["lfs"] = [
          "sha256": Self.sha256(file.bytes), "size": file.bytes.count, "pointerSize": 130,
        ]
      }
      return entry
    }
    siblings += state.moreNames.map { ["rfilename": $0, "size": 1, "blobId": Self.gitBlob([0])] }
    let object: [String: Any] = ["sha": state.commit, "siblings": siblings, "private": false]
    let data = (try? JSONSerialization.data(withJSONObject: object)) ?? Data()
    return String(decoding: data, as: UTF8.self)
  }

  // MARK: Digests

  public static func sha256(_ bytes: [UInt8]) -> String {
    digest(.sha256(""), bytes)
  }

  public static func gitBlob(_ bytes: [UInt8]) -> String {
    digest(.gitBlob(""), bytes)
  }

  private static func digest(_ kind: ContentDigest, _ bytes: [UInt8]) -> String {
    let digest = try? RunningDigest(kind, count: bytes.count)
    try? digest?.add(bytes)
    return (try? digest?.digits()) ?? ""
  }

  /// Bytes that look like nothing, always the same for a seed.
  public static func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 33)
    }
  }

  /// A repository with a model that looks whole.
  public static func model(weights count: Int = 300_000) throws -> LoopbackHub {
    try LoopbackHub(files: modelFiles(weights: count))
  }

  public static func modelFiles(weights count: Int = 300_000) -> [String: File] {
    func small(_ text: String) -> File { File(bytes: Array(text.utf8), isLarge: false) }
    return [
      "README.md": small("# name"), "config.json": small("{\"model_type\": \"clip\"}"),
      "preprocessor_config.json": small("{}"), "vocab.json": small("{\"a\": 0}"),
      "merges.txt": small("#version: 0.2\n"),
      "model.safetensors": File(bytes: noise(count), isLarge: true),
      "pytorch_model.bin": File(bytes: noise(1000, seed: 2), isLarge: true),
      "flax_model.msgpack": File(bytes: noise(1000, seed: 3), isLarge: true),
      "tf_model.h5": File(bytes: noise(1000, seed: 4), isLarge: true),
    ]
  }
}
