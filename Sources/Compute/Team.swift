import Foundation
import Synchronization
import Threads

/// Threads that share out many short loops: what training does thousands of times a step.
///
/// The caller is one of them, and does what is left to do where the system gives no thread. Between loops the others look out for some microseconds before they
/// sleep, so that a loop of a millisecond can be shared; ``Workers`` is for longer work.
/// Pieces are taken in whatever order threads are free, so a piece may only write what is its own:
/// then the result depends neither on who took it nor on the number of threads.
package final class Team: Sendable {
  package let threads: Int
  private let helpers: [Helper]

  package init(threads: Int) {
    self.threads = max(1, threads)
    helpers = (1..<max(2, self.threads)).prefix(self.threads - 1).map { Helper(number: $0) }
  }

  deinit { for helper in helpers { helper.end() } }

  /// Runs `body(0) … body(count − 1)` and waits for all; an error of one of them is thrown.
  /// oneDNN calls inside of a piece use the piece's thread alone.
  package func forEach(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
    if let error = run(Loop(count: count, body: body)) { throw error }
  }

  /// As ``forEach(_:_:)`` for what cannot fail.
  package func share(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    _ = run(Loop(count: count, body: body))
  }

  private func run(_ loop: Loop) -> (any Error)? {
    let used = helpers.prefix(max(0, loop.count - 1)).filter { $0.start(loop) }
    loop.work()
    for helper in used { helper.wait() }
    return loop.failure.withLock { $0 }
  }
}

/// One loop: pieces are numbered, and whichever thread is free takes the next number.
private final class Loop: Sendable {
  let count: Int
  let next = Atomic<Int>(0)
  let body: @Sendable (Int) throws -> Void
  let failure = Mutex<(any Error)?>(nil)

  init(count: Int, body: @escaping @Sendable (Int) throws -> Void) {
    self.count = count
    self.body = body
  }

  func work() {
    Engine.useThreads(1)
    while true {
      let piece = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard piece < count else { return }
      do { try body(piece) } catch { failure.withLock { $0 = $0 ?? error } }
    }
  }
}

/// A thread of a team, started with its first loop.
private final class Helper: Sendable {
  private enum State { static let idle = 0, ready = 1, asleep = 2, ended = 3 }
  /// Looks before sleeping or giving the processor to another.
  private static let looks = 20_000

  private let number: Int
  private let state = Atomic<Int>(State.idle)
  private let loop = Mutex<Loop?>(nil)
  private let isStarted = Atomic<Bool>(false)
  private let signal = DispatchSemaphore(value: 0)

  init(number: Int) { self.number = number }

  /// - Returns: false where there is no thread for it; it is tried again with the next loop.
  func start(_ next: Loop) -> Bool {
    loop.withLock { $0 = next }
    let before = state.exchange(State.ready, ordering: .acquiringAndReleasing)
    if before == State.asleep { signal.signal() }
    guard !isStarted.exchange(true, ordering: .relaxed) else { return true }
    do throws(ThreadError) {
      try OwnThread.start("team \(number)") { [self] in run() }
      return true
    } catch {
      isStarted.store(false, ordering: .relaxed)
      state.store(State.idle, ordering: .releasing)
      loop.withLock { $0 = nil }
      return false
    }
  }

  /// Waits until the loop is done; by then only pieces that were already taken are left.
  func wait() {
    var looked = 0
    while state.load(ordering: .acquiring) == State.ready {
      looked += 1
      if looked > Self.looks { sched_yield() }
    }
  }

  func end() {
    if state.exchange(State.ended, ordering: .acquiringAndReleasing) == State.asleep {
      signal.signal()
    }
  }

  private func run() {
    while true {
      var looked = 0
      while state.load(ordering: .acquiring) == State.idle, looked < Self.looks {
        looked += 1
      }
      let slept = state.compareExchange(
        expected: State.idle, desired: State.asleep, ordering: .acquiringAndReleasing
      ).exchanged
      if slept { signal.wait() }
      guard state.load(ordering: .acquiring) == State.ready else { return }
      let next = loop.withLock { current -> Loop? in
        defer { current = nil }
        return current
      }
      next?.work()
      // An end that came meanwhile stays.
      _ = state.compareExchange(
        expected: State.ready, desired: State.idle, ordering: .acquiringAndReleasing)
    }
  }
}
