import Foundation
import Hub
import Synchronization
import LoopbackHub

/// A folder with a cache of its own, and pulls into it that lose no time waiting.
struct Workbench: Sendable {
  let folder: URL
  let hub: LoopbackHub
  var variables: [String: String]

  var cache: String { folder.appendingPathComponent("home/hub").path }
  var repositoryFolder: String { "\(cache)/models--org--name" }
  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  static func with<Result>(
    _ hub: LoopbackHub, _ body: (Workbench) async throws -> Result
  ) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("clip-rsicd-hub-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(
      Workbench(
        folder: folder, hub: hub,
        variables: [
          "HF_HOME": folder.appendingPathComponent("home").path, "HF_ENDPOINT": hub.address,
        ]))
  }

  func request(
    _ name: String = "org/name", kind: HubRepository.Kind = .model, into: String? = nil,
    variables more: [String: String] = [:]
  ) throws -> PullRequest {
    var request = PullRequest(
      try HubRepository(name, kind: kind), into: into,
      environment: HubEnvironment(variables.merging(more) { $1 }))
    request.settings.pause = 0.01
    request.settings.http.stallSeconds = 2
    return request
  }

  @discardableResult
  func pull(_ request: PullRequest? = nil, events: Events = Events()) async throws -> PullReport {
    try await Hub.pull(try request ?? self.request()) { events.add($0) }
  }

  /// What a pull throws, in words.
  func refusal(_ request: PullRequest? = nil, events: Events = Events()) async throws -> String {
    do {
      let report = try await pull(request, events: events)
      return "nothing thrown: \(report)"
    } catch let error as HubError {
      return "\(error)"
    }
  }

  /// All files below a folder, without links.
  func files(_ folder: String) -> [String] {
    let all = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
    return all.filter {
      let type = try? FileManager.default.attributesOfItem(atPath: "\(folder)/\($0)")[.type]
      return type as? FileAttributeType == .typeRegular
    }.sorted()
  }

  func bytes(_ path: String) -> [UInt8]? {
    FileManager.default.contents(atPath: path).map { Array($0) }
  }
}

/// What a pull told.
final class Events: Sendable {
  private let all = Mutex<[PullEvent]>([])

  func add(_ event: PullEvent) { all.withLock { $0.append(event) } }

  var list: [PullEvent] { all.withLock { $0 } }
  var plan: PullPlan? {
    list.compactMap { if case .planned(let plan) = $0 { plan } else { nil } }.first
  }
  var progress: [PullProgress] {
    list.compactMap { if case .progress(let progress) = $0 { progress } else { nil } }
  }
  var notes: [String] {
    list.compactMap { if case .note(let text) = $0 { text } else { nil } }
  }
}

/// Lines from other threads.
final class Mailbox: Sendable {
  private let lines = Mutex<[String]>([])
  func add(_ line: String) { lines.withLock { $0.append(line) } }
  var list: [String] { lines.withLock { $0 } }
}
