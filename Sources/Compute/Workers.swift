import Foundation
import Synchronization
import Threads

/// A fixed number of threads for matrix work, apart from Swift's cooperative pool.
///
/// They are threads of their own, not dispatch queues: on Linux queues share one pool of as many
/// threads as there are cores with Swift's tasks, and callers that wait here would fill it; work then
/// stands still until the pool notices, a second later. And OpenMP keeps a team for each thread that
/// ever started one: so the work always runs on the same few threads.
public final class Workers: Sendable {
  public let count: Int
  private let workers: [Worker]
  /// Held while work is handed out: parts that wait for each other must come in one order everywhere.
  private let order = Mutex(())

  public init(count: Int) {
    self.count = max(1, count)
    workers = (0..<self.count).map { Worker(name: "compute \($0)") }
  }

  deinit { for worker in workers { worker.end() } }

  /// Runs `body(0) … body(parts − 1)` on as many workers and waits for all; the first error is thrown.
  /// Not to be called by a part: it would wait for itself.
  /// - Throws: `ThreadError` too, before any part runs: parts may wait for each other.
  public func run<Result: Sendable>(
    parts: Int, _ body: @escaping @Sendable (Int) throws -> Result
  ) throws -> [Result] {
    precondition(
      !workers.contains { $0.isCurrent }, "a part of a work that waits for its own workers")
    for worker in workers.prefix(parts) { try worker.start() }
    let results = Mutex<[Int: Swift.Result<Result, any Error>]>([:])
    let group = DispatchGroup()
    order.withLock { _ in
      for part in 0..<parts {
        group.enter()
        workers[part % count].add {
          let result = Swift.Result { try body(part) }
          results.withLock { $0[part] = result }
          group.leave()
        }
      }
    }
    group.wait()
    let finished = results.withLock { $0 }
    return try (0..<parts).compactMap { try finished[$0]?.get() }
  }
}

/// One thread and the work that waits for it, oldest first.
private final class Worker: Sendable {
  private struct State {
    var waiting: [@Sendable () -> Void] = []
    var isStarted = false
    var hasEnded = false
    var thread: pthread_t?
  }

  private let name: String
  private let state = Mutex(State())
  private let signal = DispatchSemaphore(value: 0)

  init(name: String) { self.name = name }

  /// Whether it is the thread that asks.
  var isCurrent: Bool {
    state.withLock { $0.thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
  }

  /// The thread is started before its first work: a model that only describes itself needs none.
  func start() throws(ThreadError) {
    try state.withLock { state throws(ThreadError) in
      guard !state.isStarted else { return }
      try OwnThread.start(name) { [self] in loop() }
      state.isStarted = true
    }
  }

  func add(_ work: @escaping @Sendable () -> Void) {
    state.withLock { $0.waiting.append(work) }
    signal.signal()
  }

  /// Lets the thread end when it has done what waits.
  func end() {
    state.withLock { $0.hasEnded = true }
    signal.signal()
  }

  private func loop() {
    state.withLock { $0.thread = pthread_self() }
    while true {
      signal.wait()
      let next = state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
      if let next {
        next()
      } else if state.withLock({ $0.hasEnded }) {
        return
      }
    }
  }
}
