import Foundation
import Synchronization
import Training

/// Ranks that are threads of this process: what MPI does between processes, without it.
struct ThreadRanks: Ranks {
  let rank: Int
  private let meeting: Meeting

  var count: Int { meeting.count }
  var neighbours: [Int: Int32] {
    Dictionary(uniqueKeysWithValues: (0..<count).map { ($0, getpid()) })
  }

  func sum(_ values: inout [Float]) throws {
    let all = try meeting.exchange(values, rank)
    values = all[0]
    for other in all.dropFirst() {
      for index in values.indices { values[index] += other[index] }
    }
  }
  func gather(_ block: [Float]) throws -> [Float] {
    try meeting.exchange(block, rank).flatMap { $0 }
  }
  func gather(_ block: [Int]) throws -> [Int] { try meeting.exchange(block, rank).flatMap { $0 } }
  func broadcast(_ values: inout [Float]) throws { values = try meeting.exchange(values, rank)[0] }
  func broadcast(_ bytes: inout [UInt8]) throws { bytes = try meeting.exchange(bytes, rank)[0] }
  func end() {}
  func abort(_ code: Int32) -> Never { exit(code) }

  /// Runs `body` on so many ranks and gives what each returned or threw.
  static func run<Value: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (ThreadRanks) throws -> Value
  ) -> [Result<Value, any Error>] {
    let meeting = Meeting(count: count)
    let results = Mutex<[Int: Result<Value, any Error>]>([:])
    let group = DispatchGroup()
    for rank in 0..<count {
      group.enter()
      let thread = Thread {
        let result = Result { try body(ThreadRanks(rank: rank, meeting: meeting)) }
        results.withLock { $0[rank] = result }
        group.leave()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    group.wait()
    let all = results.withLock { $0 }
    return (0..<count).compactMap { all[$0] }
  }

  /// Where values are laid down and, once all are there, taken up.
  ///
  /// `@unchecked Sendable`: everything that changes is read and written with `condition` locked.
  private final class Meeting: @unchecked Sendable {
    let count: Int
    private let condition = NSCondition()
    private var rounds: [Int: [Int: any Sendable]] = [:]
    private var taken: [Int: Int] = [:]
    /// The next round of each rank.
    private var next: [Int]

    init(count: Int) {
      self.count = count
      next = Array(repeating: 0, count: count)
    }

    /// All ranks' values.
    /// - Throws: ``Apart`` where one does not come, or comes with something else.
    func exchange<Value: Sendable>(_ value: Value, _ rank: Int) throws -> [Value] {
      condition.lock()
      defer { condition.unlock() }
      let round = next[rank]
      next[rank] += 1
      rounds[round, default: [:]][rank] = value
      condition.broadcast()
      let end = Date().addingTimeInterval(60)
      while rounds[round]?.count != count {
        guard condition.wait(until: end) else { throw Apart() }
      }
      let all = rounds[round] ?? [:]
      taken[round, default: 0] += 1
      if taken[round] == count { (rounds[round], taken[round]) = (nil, nil) }
      let values = (0..<count).compactMap { all[$0] as? Value }
      guard values.count == count else { throw Apart() }
      return values
    }
  }

  struct Apart: Error {}
}
