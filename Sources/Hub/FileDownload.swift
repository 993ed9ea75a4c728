import Foundation
import Transfers

/// Where a file goes, and where it grows until it is whole.
struct FilePlace: Sendable {
  let final: String
  let partial: String
  let lock: String
}

extension HubSession {
  /// Fetches a file, going on from what an earlier try left, and checks it before it gets its name.
  /// - Parameters:
  ///   - isThere: asked again when the lock is held, for another process may have fetched it.
  ///   - meter: told of each piece.
  func download(
    _ file: RemoteFile, commit: String, to place: FilePlace, isThere: () -> Bool, meter: Meter
  ) throws {
    let name = "\(context.repository.text)/\(file.name)"
    do {
      let lock = try NameLock(place.lock, cancellation: context.cancellation) {
        context.note("\(name): another process is fetching it; waiting")
      }
      try withExtendedLifetime(lock) {
        guard !isThere() else {
          meter.add(file.size ?? 0)
          return
        }
        let partial = try PartialFile(place.partial)
        let receiver = try FileReceiver(file, name: name, partial: partial, meter: meter)
        try fill(receiver, file, commit: commit, name: name)
        try partial.finish(as: place.final)
      }
    } catch let error as TransferError {
      guard error.reason != .cancelled else { throw CancellationError() }
      throw HubError(name, error)
    }
  }

  /// Until the file is whole and what it should be. One that is whole and wrong is fetched once more
  /// from its beginning: what an earlier try left may be to blame.
  private func fill(_ receiver: FileReceiver, _ file: RemoteFile, commit: String, name: String)
    throws
  {
    let path = context.repository.path(of: file.name, commit: commit)
    for isLast in [false, true] {
      try retrying(name, progress: { receiver.count }) {
        guard !receiver.isWhole else { return }
        do {
          let answer = try ask(
            path, place: name, headers: receiver.rangeHeaders, receiver: receiver)
          try receiver.checkSource(answer)
        } catch let again as AnotherTry {
          if case .range = again.reason.reason { try receiver.startOver() }
          throw again
        }
        guard receiver.isWhole else {
          throw AnotherTry(
            reason: HubError(
              name, .length(expected: file.size ?? 0, found: receiver.count)))
        }
      }
      guard let wrong = try receiver.mismatch() else { return }
      try receiver.startOver()
      if isLast { throw wrong }
      context.note("\(wrong)")
    }
  }
}

/// Writes what comes in to the end of a partial file, and hashes it on the way.
private final class FileReceiver: HTTPReceiver {
  private let file: RemoteFile
  private let name: String
  private let partial: PartialFile
  private let meter: Meter
  private var digest: RunningDigest?
  /// The strong ETag of the host that sent the first part, so that it sends no part of another.
  private var validator: String?
  /// Where no size is known, a clean end is the only sign.
  private var hasEnded = false

  var count: Int { partial.count }
  var isWhole: Bool { file.size.map { $0 == count } ?? hasEnded }

  init(_ file: RemoteFile, name: String, partial: PartialFile, meter: Meter) throws {
    self.file = file
    self.name = name
    self.partial = partial
    self.meter = meter
    // Without a digest nothing tells whether what an earlier run left belongs to the rest.
    if file.digest == nil || file.size.map({ partial.count > $0 }) ?? true { try partial.empty() }
    digest = try Self.digest(file)
    if let digest { try partial.read { try digest.add($0) } }
    meter.add(partial.count)
  }

  private static func digest(_ file: RemoteFile) throws(TransferError) -> RunningDigest? {
    try file.digest.map { digest throws(TransferError) in
      try RunningDigest(digest, count: file.size ?? 0)
    }
  }

  /// `Range`, and `If-Range` where this run has seen what the first part was a part of.
  var rangeHeaders: [(name: String, value: String)] {
    // Without a digest and a validator nothing tells whether the rest belongs to it.
    guard count > 0, file.digest != nil || validator != nil else { return [] }
    return [("Range", "bytes=\(count)-")] + (validator.map { [("If-Range", $0)] } ?? [])
  }

  func startOver() throws(TransferError) {
    meter.add(-count)
    try partial.empty()
    digest = try Self.digest(file)
    validator = nil
    hasEnded = false
  }

  func begin(_ response: HTTPResponse) throws -> Bool {
    if let coding = response["Content-Encoding"], coding.lowercased() != "identity" {
      throw HubError(name, .encoded(String(coding.prefix(40))))
    }
    if response.status == 206 {
      guard let range = response.contentRange, range.start == count,
        file.size == nil || range.total == file.size
      else { throw AnotherTry(reason: HubError(name, .range)) }
    } else if count > 0 {
      // The whole file: the server knows no parts, or has another file now.
      try startOver()
    }
    if let size = file.size, let length = response.contentLength, count + length != size {
      throw AnotherTry(
        reason: HubError(name, .length(expected: size, found: count + length)))
    }
    validator = response["ETag"].flatMap { $0.hasPrefix("\"") ? $0 : nil }
    return true
  }

  func receive(_ bytes: [UInt8]) throws {
    if let size = file.size, count + bytes.count > size {
      throw AnotherTry(reason: HubError(name, .length(expected: size, found: count + bytes.count)))
    }
    try partial.append(bytes)
    try digest?.add(bytes)
    meter.add(bytes.count)
  }

  /// Compares what the hub says about the file while sending it with what it said before.
  func checkSource(_ answer: HubAnswer) throws {
    hasEnded = true
    guard let said = answer.first["X-Linked-Etag"], let digest = file.digest,
      let found = ContentDigest(said.trimmingCharacters(in: CharacterSet(charactersIn: "\"")))
    else { return }
    guard found == digest else {
      throw HubError(
        name, .digest(name: found.name, expected: digest.digits, found: found.digits))
    }
  }

  /// What is wrong with the whole file.
  func mismatch() throws -> HubError? {
    guard let expected = file.digest, let digest else { return nil }
    let found = try digest.digits()
    guard found != expected.digits else { return nil }
    return HubError(
      name, .digest(name: expected.name, expected: expected.digits, found: found))
  }
}
