import Compute
import Foundation

/// The processes that train one model together, each a rank with a part of every batch, as MPI calls
/// them.
///
/// All ranks make the same calls in the same order, each from the thread that it was started on; a call
/// waits until all have made it. What may fail on one rank alone goes through ``agree(_:)``, so that
/// none is waited for in vain.
public protocol Ranks {
  /// 0 ..< ``count``; the first writes and tells.
  var rank: Int { get }
  var count: Int { get }
  /// The ranks on this machine by number, this one among them, and their process ids.
  var neighbours: [Int: Int32] { get }

  /// Each number becomes its sum over the ranks; all have equally many, and all get the same sums.
  func sum(_ values: inout [Float]) throws
  /// All ranks' blocks, the first rank's first; they may differ in size.
  func gather(_ block: [Float]) throws -> [Float]
  func gather(_ block: [Int]) throws -> [Int]
  /// Takes the first rank's numbers, equally many on all.
  func broadcast(_ values: inout [Float]) throws
  /// Takes the first rank's bytes, whatever was there before.
  func broadcast(_ bytes: inout [UInt8]) throws

  /// Waits for all, and lets go of them: the last call of a run that ends as agreed.
  func end()
  /// Ends the process, and with it all others: for a failure that the others do not know of.
  func abort(_ code: Int32) -> Never
}

/// A process that trains alone.
public struct SingleRank: Ranks {
  public let rank = 0
  public let count = 1
  public var neighbours: [Int: Int32] { [0: getpid()] }
  public init() {}
  public func sum(_ values: inout [Float]) {}
  public func gather(_ block: [Float]) -> [Float] { block }
  public func gather(_ block: [Int]) -> [Int] { block }
  public func broadcast(_ values: inout [Float]) {}
  public func broadcast(_ bytes: inout [UInt8]) {}
  public func end() {}
  public func abort(_ code: Int32) -> Never { exit(code) }
}

/// Why ranks cannot work together, or no longer.
public struct RanksError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was expected and what was found.
  public let description: String
  /// Whether the run can go on from its last checkpoint.
  public let canResume: Bool
  public init(_ description: String, canResume: Bool = false) {
    self.description = description
    self.canResume = canResume
  }
}

/// The end of a run on all ranks, for what happened on one of them.
public struct RunEnded: Error, CustomStringConvertible {
  /// What happened; `nil` on all ranks but the one that tells it.
  public let cause: (any Error)?
  let isAboutData: Bool

  public init(cause: (any Error)?) {
    self.init(cause: cause, isAboutData: false)
  }

  init(cause: (any Error)?, isAboutData: Bool) {
    self.cause = cause
    self.isAboutData = isAboutData
  }

  public var description: String { cause.map { "\($0)" } ?? "another rank ended the run" }
}

extension Ranks {
  public var isFirst: Bool { rank == 0 }

  /// Does what may fail on some ranks only. `body` waits for no other rank.
  /// - Throws: ``RunEnded`` on every rank where it failed on any, `CancellationError` on every rank where
  ///   it was cancelled on any; on a single rank what `body` throws.
  public func agree<Result>(_ body: () throws -> Result) throws -> Result {
    if count == 1 { return try body() }
    let result = Swift.Result { try body() }
    let found = try gather([Outcome(result).rawValue])
    let worst = found.max().flatMap(Outcome.init) ?? .fine
    switch worst {
    case .fine: return try result.get()
    case .cancelled: throw CancellationError()
    case .dataLost, .failed:
      var cause: (any Error)?
      if rank == found.firstIndex(of: worst.rawValue), case .failure(let error) = result {
        cause = error
      }
      throw RunEnded(cause: cause, isAboutData: worst == .dataLost)
    }
  }

  /// The sum over the ranks, the first's first.
  func sum(_ value: Double) throws -> Double {
    if count == 1 { return value }
    return try gather([Int(Int64(bitPattern: value.bitPattern))])
      .reduce(0) { $0 + Double(bitPattern: UInt64(bitPattern: Int64($1))) }
  }

  /// Processors for each rank of this machine: its share, and no more than it is bound to.
  var processors: Int {
    let share = ProcessInfo.processInfo.activeProcessorCount / neighbours.count
    return max(1, min(Processors.allowed, share))
  }

  /// The note for a first rank to which mpirun leaves fewer processors than its share.
  var bindingNote: String? {
    let share = ProcessInfo.processInfo.activeProcessorCount / neighbours.count
    guard count > 1, isFirst, Processors.allowed < share else { return nil }
    return
      "mpirun binds this rank to \(Processors.allowed) of \(share) cores that it could have: start it "
      + "with --bind-to none"
  }
}

/// How a piece of work ended on a rank, the worse the higher.
private enum Outcome: Int {
  case fine, cancelled, dataLost, failed

  init<Value>(_ result: Result<Value, any Error>) {
    switch result {
    case .success: self = .fine
    case .failure(is CancellationError): self = .cancelled
    case .failure(let error): self = error.isAboutData ? .dataLost : .failed
    }
  }
}

extension Error {
  /// Whether the pictures are to blame, on this rank or another.
  var isAboutData: Bool {
    (self as? RunError)?.isAboutData ?? (self as? RunEnded)?.isAboutData ?? false
  }

  /// The same with more words; on ranks where others tell, none.
  func adding(_ words: String, wayOut: RunError.WayOut) -> any Error {
    guard let ended = self as? RunEnded else {
      return RunError("\(self)\(words)", wayOut: wayOut)
    }
    return RunEnded(
      cause: ended.cause?.adding(words, wayOut: wayOut), isAboutData: ended.isAboutData)
  }
}
