import Foundation
import Threads
import Transfers

/// How patient a download is.
package struct HubSettings: Sendable {
  /// Files fetched at a time.
  package var parallel = 4
  /// Tries in a row that bring nothing.
  package var attempts = 6
  /// Seconds before the second try; twice as many before each further one.
  package var pause = 0.5
  package var longestPause = 30.0
  /// Seconds that `Retry-After` may ask for.
  package var longestRetryAfter = 300.0
  package var redirects = 8
  package var http = HTTPSettings()

  package init() {}
}

/// What all threads of a download share.
struct HubContext: Sendable {
  let endpoint: WebAddress
  let token: HubToken?
  let settings: HubSettings
  let cancellation: StopFlag
  let repository: HubRepository
  let note: @Sendable (String) -> Void

  init(
    _ repository: HubRepository, environment: HubEnvironment, settings: HubSettings,
    cancellation: StopFlag, note: @escaping @Sendable (String) -> Void
  ) throws(HubError) {
    do throws(TransferError) {
      endpoint = try WebAddress(environment.endpoint)
    } catch {
      throw HubError(
        "HF_ENDPOINT", .variable(expected: "an address such as https://huggingface.co"))
    }
    guard !environment.endpoint.contains("?") else {
      throw HubError(
        "HF_ENDPOINT", .variable(expected: "an address such as https://huggingface.co"))
    }
    let token = try environment.token()
    let mayTravel = endpoint.isEncrypted || endpoint.isLoopback
    if token != nil, !mayTravel {
      note("The token is not sent, for \(endpoint.origin) is not encrypted.")
    }
    self.token = mayTravel ? token : nil
    self.settings = settings
    self.cancellation = cancellation
    self.repository = repository
    self.note = note
  }

  func address(_ path: String) throws(TransferError) -> WebAddress {
    // An endpoint may have a path of its own, which `text` ends with a slash or not.
    var base = endpoint.text
    while base.hasSuffix("/") { base.removeLast() }
    return try WebAddress(base + path)
  }

  /// The page where tokens are made.
  var tokenPage: String { "\(endpoint.origin)/settings/tokens" }
  var page: String {
    "\(endpoint.origin)/\(repository.kind == .dataset ? "datasets/" : "")\(repository.id)"
  }
}

/// A failure after which another try may succeed.
struct AnotherTry: Error {
  let reason: HubError
  /// Seconds that the server asks to wait.
  var after: Double?
}

/// An answer, with the redirects that led to it.
struct HubAnswer {
  let response: HTTPResponse
  /// Headers of the hub itself, which come before the first redirect: `X-Linked-Etag`, `X-Repo-Commit`.
  let first: HTTPResponse
  let isFromHub: Bool

  /// What the hub calls the contents: `X-Linked-Etag` of large files, else the `ETag`.
  var tag: String? {
    guard let text = first["X-Linked-Etag"] ?? first["ETag"] ?? response["ETag"] else { return nil }
    let bare = text.hasPrefix("W/") ? String(text.dropFirst(2)) : text
    return bare.trimmingCharacters(in: CharacterSet(charactersIn: "\""))
  }

  var size: Int? {
    first["X-Linked-Size"].flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
      ?? response.contentLength
  }
}

/// Where an answer may send one on to.
package enum Redirect {
  package static func next(from address: WebAddress, location: String?, place: String) throws
    -> WebAddress
  {
    guard let location, !location.isEmpty else { throw HubError(place, .noTarget) }
    let next = try address.following(location)
    guard next.isEncrypted || !address.isEncrypted else {
      throw HubError(place, .downgrade(to: next.origin))
    }
    return next
  }
}

/// One thread's conversation with the hub: redirects, the token's rules, and tries again.
final class HubSession {
  let context: HubContext
  private let connection: HTTPConnection

  init(_ context: HubContext) throws(HubError) {
    self.context = context
    do throws(TransferError) {
      connection = try HTTPConnection(context.settings.http)
    } catch {
      throw HubError(context.repository.text, error)
    }
  }

  /// Asks once and follows redirects. The token goes only to the hub's own scheme, host and port, and no
  /// redirect from https to http is followed.
  /// - Throws: ``HubError``, or ``AnotherTry`` where that may help.
  func ask(
    _ path: String, method: HTTPRequest.Method = .get, place: String,
    headers: [(name: String, value: String)] = [], receiver: any HTTPReceiver
  ) throws -> HubAnswer {
    do {
      var address = try context.address(path)
      var first: HTTPResponse?
      for _ in 0...context.settings.redirects {
        let isHub = address.hasOrigin(of: context.endpoint)
        var sent = headers + [("Accept-Encoding", "identity")]
        if isHub, let token = context.token { sent.append(token.header) }
        let response = try connection.send(
          HTTPRequest(address, method: method, headers: sent), to: SuccessReceiver(receiver),
          cancellation: context.cancellation)
        if first == nil { first = response }
        guard [301, 302, 303, 307, 308].contains(response.status) else {
          try check(response, isFromHub: isHub, place: place)
          return HubAnswer(response: response, first: first ?? response, isFromHub: isHub)
        }
        address = try Redirect.next(from: address, location: response["Location"], place: place)
      }
      throw HubError(place, .tooManyRedirects(context.settings.redirects))
    } catch let error as TransferError {
      switch error.reason {
      case .cancelled: throw CancellationError()
      case .broken: throw AnotherTry(reason: HubError(place, error))
      default: throw HubError(place, error)
      }
    }
  }

  /// Turns a status that is no success into what it means.
  private func check(_ response: HTTPResponse, isFromHub: Bool, place: String) throws {
    let hasToken = context.token != nil
    let code = response["X-Error-Code"]
    switch response.status {
    case 200..<300: return
    case 408, 425, 429, 500, 502, 503, 504:
      throw AnotherTry(
        reason: HubError(place, .status(response.status)), after: response.retryAfter)
    case _ where !isFromHub && response.status != 416:
      // A signed address that has run out; the hub gives a new one.
      throw AnotherTry(reason: HubError(place, .status(response.status)))
    case _ where code == "GatedRepo": throw HubError(place, .gated(page: context.page))
    case 401:
      throw HubError(place, .unauthorized(hasToken: hasToken, page: context.tokenPage))
    case 403: throw HubError(place, .forbidden(page: context.page))
    case 404 where code == "RevisionNotFound":
      throw HubError(context.repository.id, .noRevision(context.repository.revision))
    case 404 where place != context.repository.text: throw HubError(place, .noFile)
    case 404:
      throw HubError(place, .noRepository(kind: context.repository.kind, hasToken: hasToken))
    case 416: throw AnotherTry(reason: HubError(place, .range))
    default: throw HubError(place, .status(response.status))
    }
  }

  /// Does something again and again as long as that may help.
  /// - Parameters:
  ///   - progress: bytes that are there; tries count anew when they have grown.
  func retrying<Result>(
    _ place: String, progress: () -> Int = { 0 }, _ body: () throws -> Result
  ) throws -> Result {
    let settings = context.settings
    var failures = 0
    var mark = progress()
    // Growing by a byte at a time must end some day too.
    for _ in 0..<1000 {
      do {
        return try body()
      } catch let again as AnotherTry {
        if context.cancellation.isSet { throw CancellationError() }
        if progress() > mark { failures = 0 }
        mark = progress()
        failures += 1
        guard failures < settings.attempts else { throw again.reason }
        if let after = again.after, after > settings.longestRetryAfter {
          throw HubError(
            place,
            .waitTooLong(
              seconds: Int(min(after, 1e9)), limit: Int(settings.longestRetryAfter)))
        }
        let usual = settings.pause * Double(1 << min(failures - 1, 10))
        let seconds =
          again.after ?? min(usual, settings.longestPause) * Double.random(in: 0.75...1)
        if seconds >= 1 {
          context.note("\(again.reason); trying again in \(Int(seconds.rounded(.up))) s")
        }
        try wait(seconds)
      }
    }
    throw HubError(place, .transfer("broke off a thousand times"))
  }

  private func wait(_ seconds: Double) throws {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
      if context.cancellation.isSet { throw CancellationError() }
      Thread.sleep(forTimeInterval: min(0.05, max(0.001, (end - .now) / .seconds(1))))
    }
  }

  /// The repository's files at its revision.
  func listing() throws -> RepositoryListing {
    let place = context.repository.text
    let bytes = try retrying(place) {
      let memory = MemoryReceiver(
        place: context.endpoint.origin, limit: RepositoryListing.mostBytes)
      _ = try ask(context.repository.listingPath, place: place, receiver: memory)
      return memory.bytes
    }
    return try RepositoryListing(bytes, of: context.repository)
  }

  /// A listed file with all that must be known before it is fetched; what the list leaves out, the
  /// headers say.
  func describe(_ entry: RepositoryListing.Entry, commit: String) throws -> RemoteFile {
    guard SafeFileName.isSafe(entry.name) else {
      throw HubError(context.repository.text, .fileName(String(entry.name.prefix(200))))
    }
    if let size = entry.size, let digest = entry.digest {
      return RemoteFile(name: entry.name, size: size, digest: digest, tag: digest.digits)
    }
    let place = "\(context.repository.text)/\(entry.name)"
    let answer = try retrying(place) {
      try ask(
        context.repository.path(of: entry.name, commit: commit), method: .head, place: place,
        receiver: MemoryReceiver(place: place, limit: .max))
    }
    guard let tag = answer.tag ?? entry.digest?.digits, Self.isTag(tag) else {
      throw HubError(place, .listing("there is no ETag that names its contents"))
    }
    let size = entry.size ?? answer.size
    var digest = entry.digest ?? ContentDigest(tag)
    // Git hashes the length first.
    if case .gitBlob = digest, size == nil { digest = nil }
    return RemoteFile(name: entry.name, size: size, digest: digest, tag: digest?.digits ?? tag)
  }

  /// A tag becomes a name in the cache.
  private static func isTag(_ text: String) -> Bool {
    (1...128).contains(text.utf8.count) && text.first != "."
      && text.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
          || [0x2D, 0x2E, 0x5F].contains($0)
      }
  }
}

/// Lets only the body of a success through: what redirects and errors say is read and dropped where it
/// is short, and left where it is not.
private final class SuccessReceiver: HTTPReceiver {
  private let inner: any HTTPReceiver
  private var passes = false

  init(_ inner: any HTTPReceiver) { self.inner = inner }

  func begin(_ response: HTTPResponse) throws -> Bool {
    passes = (200..<300).contains(response.status)
    return passes
      ? try inner.begin(response) : response.contentLength.map { $0 <= 16 << 10 } ?? false
  }

  func receive(_ bytes: [UInt8]) throws { if passes { try inner.receive(bytes) } }
}
