import Dispatch
import Synchronization

/// A fixed number of threads for matrix work, apart from Swift's cooperative pool.
///
/// One long matrix product would hold a thread of the pool for its whole time, and OpenMP keeps a
/// team for each thread that ever started one: so the work always runs on the same few threads.
public final class Workers: Sendable {
  public let count: Int
  private let queues: [DispatchQueue]

  public init(count: Int) {
    self.count = max(1, count)
    queues = (0..<self.count).map {
      DispatchQueue(label: "clip-rsicd.compute.\($0)", qos: .userInitiated)
    }
  }

  /// Runs `body(0) … body(parts − 1)` on as many workers and waits for all; the first error is thrown.
  public func run<Result: Sendable>(
    parts: Int, _ body: @escaping @Sendable (Int) throws -> Result
  ) throws -> [Result] {
    let results = Mutex<[Int: Swift.Result<Result, any Error>]>([:])
    let group = DispatchGroup()
    for part in 0..<parts {
      queues[part % count].async(group: group) {
        let result = Swift.Result { try body(part) }
        results.withLock { $0[part] = result }
      }
    }
    group.wait()
    let finished = results.withLock { $0 }
    return try (0..<parts).compactMap { try finished[$0]?.get() }
  }
}
