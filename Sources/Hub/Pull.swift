import Foundation
import Synchronization
import Transfers
import Threads

/// What is fetched, and where it goes.
public struct PullRequest: Sendable {
  public var repository: HubRepository
  /// A folder for the files; `nil` is the hub's cache, which Python's tools share.
  public var into: String?
  public var environment: HubEnvironment
  package var settings = HubSettings()

  public init(_ repository: HubRepository, into: String? = nil, environment: HubEnvironment) {
    self.repository = repository
    self.into = into
    self.environment = environment
  }
}

/// What is about to be fetched.
public struct PullPlan: Sendable, Equatable {
  public let commit: String
  public let directory: String
  public let files: Int
  /// The size of all files.
  public let bytes: Int
  /// How much of that is here already.
  public let presentBytes: Int
  /// Files whose contents cannot be checked, since the hub gives no digest for them.
  public let unchecked: Int
}

public struct PullProgress: Sendable, Equatable {
  /// Bytes that are here.
  public let done: Int
  public let total: Int
  /// Over the last seconds.
  public let bytesPerSecond: Double

  public var secondsLeft: Double? {
    bytesPerSecond > 0 ? Double(max(0, total - done)) / bytesPerSecond : nil
  }
}

public enum PullEvent: Sendable {
  case planned(PullPlan)
  case progress(PullProgress)
  /// A file is whole, checked and has its name; `digest` is `nil` where the hub gave none.
  case fetched(name: String, bytes: Int, digest: String?)
  case note(String)
}

/// What a download left.
public struct PullReport: Sendable, Equatable {
  /// The folder to name as `--model`, or that has the data set's files.
  public let directory: String
  public let commit: String
  public let files: [String]
  public let bytes: Int
  public let fetchedBytes: Int
}

/// Downloads a model or a data set; what is already here is not fetched again, and what an interrupted
/// run left is gone on with.
/// - Parameter report: called on the threads that have something to tell.
/// - Throws: ``HubError``, and `CancellationError` when the task is cancelled.
public func pull(
  _ request: PullRequest, report: @escaping @Sendable (PullEvent) -> Void
) async throws -> PullReport {
  let cancellation = StopFlag()
  return try await withTaskCancellationHandler {
    try await OwnThread.run("pull") { try Pull(request, cancellation, report).run() }
  } onCancel: {
    cancellation.set()
  }
}

/// One download.
private struct Pull: Sendable {
  let request: PullRequest
  let cancellation: StopFlag
  let report: @Sendable (PullEvent) -> Void
  let cache: HubCache

  init(
    _ request: PullRequest, _ cancellation: StopFlag,
    _ report: @escaping @Sendable (PullEvent) -> Void
  ) {
    self.request = request
    self.cancellation = cancellation
    self.report = report
    cache = HubCache(request.environment.cache, request.repository)
  }

  func run() throws -> PullReport {
    guard !request.environment.isOffline else { return try offline() }
    let report = report
    var settings = request.settings
    settings.http.certificates = request.environment.certificates
    let context = try HubContext(
      request.repository, environment: request.environment, settings: settings,
      cancellation: cancellation, note: { report(.note($0)) })
    let session = try HubSession(context)
    let listing = try session.listing()
    let destination = try Destination(request, cache, commit: listing.commit)
    let files = try chosen(from: listing, session, destination)
    let (missing, plan) = self.plan(files, listing.commit, destination)
    try checkSpace(plan, destination)
    report(.planned(plan))
    let meter = Meter(
      total: plan.bytes, present: plan.presentBytes - partialBytes(missing, destination)
    ) {
      report(.progress($0))
    }
    try fetch(missing, context, destination, meter)
    try destination.finish()
    return PullReport(
      directory: destination.directory, commit: listing.commit, files: files.map(\.name),
      bytes: plan.bytes, fetchedBytes: plan.bytes - plan.presentBytes)
  }

  /// What is in the cache is as good as fetched.
  private func offline() throws -> PullReport {
    guard request.into == nil, let commit = cache.commit(), let folder = try? cache.directory()
    else {
      throw HubError(request.repository.text, .offline)
    }
    report(.note("HF_HUB_OFFLINE is set: this is what is in the cache."))
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
    let sizes = names.compactMap { name in
      Folders.fileSize("\(folder)/\(name)").map { (name: name, size: $0) }
    }
    return PullReport(
      directory: folder, commit: commit, files: sizes.map(\.name).sorted(),
      bytes: saturatingSum(sizes.map(\.size)), fetchedBytes: 0)
  }

  /// The files that are needed. Shards are named by their index, so that is fetched first.
  private func chosen(
    from listing: RepositoryListing, _ session: HubSession, _ destination: Destination
  ) throws -> [RemoteFile] {
    let place = request.repository.text
    func describe(_ names: [String]) throws -> [RemoteFile] {
      try names.map { name in
        guard SafeFileName.isSafe(name) else {
          throw HubError(place, .fileName(String(name.prefix(200))))
        }
        guard let entry = listing.entry(name) else {
          throw HubError("\(place)/\(name)", .noFile)
        }
        return try session.describe(entry, commit: listing.commit)
      }
    }
    guard request.repository.kind == .model else {
      // All names are looked at before the first file is made.
      for entry in listing.entries where !SafeFileName.isSafe(entry.name) {
        throw HubError(place, .fileName(String(entry.name.prefix(200))))
      }
      return try describe(listing.entries.map(\.name))
    }
    let chosen: ModelFiles?
    do throws(ModelFiles.SeveralArchives) {
      chosen = try ModelFiles(among: listing.entries.map(\.name), file: request.repository.file)
    } catch {
      throw HubError(place, .severalWeights(error.names.map { String($0.prefix(200)) }))
    }
    guard let needed = chosen else {
      if request.repository.file != nil { throw HubError(place, .noSuchFile(nearby(listing))) }
      let found = listing.entries.prefix(8).map { String($0.name.prefix(60)) }
      throw HubError(
        place, .noWeights(found: found + (listing.entries.count > 8 ? ["…"] : [])))
    }
    guard needed.hasConfiguration else { throw HubError(place, .noConfiguration) }
    let files = try describe(needed.names)
    guard let index = needed.index, let file = files.first(where: { $0.name == index }) else {
      return files
    }
    let silent = Meter(total: 0, present: 0) { _ in }
    if !destination.has(file) { try destination.fetch(file, session, silent) }
    guard let shards = HubCache.shards(in: destination.path(of: file)) else {
      throw HubError("\(place)/\(index)", .listing("it is no index with weight_map"))
    }
    let folder = index.lastIndex(of: "/").map { String(index[...$0]) } ?? ""
    return try files + describe(shards.map { folder + $0 }.filter { !needed.names.contains($0) })
  }

  /// Files that may have been meant.
  private func nearby(_ listing: RepositoryListing) -> [String] {
    let endings = ModelFiles.archiveEndings + [".safetensors", ".bin", ".msgpack"]
    return listing.entries.map(\.name).filter { name in endings.contains { name.hasSuffix($0) } }
      .sorted().prefix(20).map { String($0.prefix(200)) }
  }

  private func partialBytes(_ files: [RemoteFile], _ destination: Destination) -> Int {
    files.reduce(0) { $0 + destination.partialBytes($1) }
  }

  private func plan(_ files: [RemoteFile], _ commit: String, _ destination: Destination)
    -> (missing: [RemoteFile], plan: PullPlan)
  {
    let missing = files.filter { !destination.has($0) }
    let bytes = saturatingSum(files.map { $0.size ?? 0 })
    let absent = saturatingSum(missing.map { $0.size ?? 0 })
    let plan = PullPlan(
      commit: commit, directory: destination.directory, files: files.count, bytes: bytes,
      presentBytes: bytes - absent + partialBytes(missing, destination),
      unchecked: missing.count { $0.digest == nil })
    return (missing, plan)
  }

  /// Room that is left free.
  private static let margin = 1 << 20

  private func checkSpace(_ plan: PullPlan, _ destination: Destination) throws {
    let needed = plan.bytes - plan.presentBytes
    guard needed > 0, let free = Folders.freeBytes(at: destination.directory) else { return }
    guard needed <= free - Self.margin else {
      throw HubError(
        request.repository.text,
        .noSpace(needed: needed, free: free, folder: destination.directory))
    }
  }

  /// Largest first, on several threads; the first failure stops the others.
  private func fetch(
    _ files: [RemoteFile], _ context: HubContext, _ destination: Destination, _ meter: Meter
  ) throws {
    let queue = Mutex(files.sorted { ($0.size ?? 0) < ($1.size ?? 0) })
    let failure = Mutex<(any Error)?>(nil)
    let report = report
    let group = DispatchGroup()
    for _ in 0..<min(context.settings.parallel, files.count) {
      group.enter()
      let download: @Sendable () -> Void = {
        defer { group.leave() }
        do {
          let session = try HubSession(context)
          while let file = queue.withLock({ $0.popLast() }) {
            if cancellation.isSet { throw CancellationError() }
            try destination.fetch(file, session, meter)
            report(
              .fetched(name: file.name, bytes: file.size ?? 0, digest: file.digest?.name))
          }
        } catch {
          failure.withLock { first in
            // What the others throw once they are stopped tells nothing.
            if first == nil { first = error }
          }
          cancellation.set()
        }
      }
      do throws(ThreadError) {
        try OwnThread.start("pull", download)
      } catch {
        failure.withLock { first in if first == nil { first = error } }
        cancellation.set()
        group.leave()
      }
    }
    group.wait()
    if let failure = failure.withLock({ $0 }) { throw failure }
  }
}

/// A server may say any size of any number of files.
private func saturatingSum(_ sizes: [Int]) -> Int {
  sizes.reduce(0) { sum, size in
    let (total, isTooMuch) = sum.addingReportingOverflow(size)
    return isTooMuch ? Int.max : total
  }
}
