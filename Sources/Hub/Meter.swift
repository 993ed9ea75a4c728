import Synchronization

/// Bytes of a download, counted by many threads.
final class Meter: Sendable {
  private struct State {
    var done: Int
    /// When how many bytes were there, over the last seconds.
    var samples: [(time: ContinuousClock.Instant, done: Int)] = []
    var lastReport = ContinuousClock.now - .seconds(1)
  }

  private static let window = Duration.seconds(5)
  private let state: Mutex<State>
  private let total: Int
  private let report: @Sendable (PullProgress) -> Void

  init(total: Int, present: Int, report: @escaping @Sendable (PullProgress) -> Void) {
    self.total = total
    self.report = report
    state = Mutex(State(done: present))
  }

  func add(_ bytes: Int) {
    let progress = state.withLock { state -> PullProgress? in
      state.done += bytes
      let now = ContinuousClock.now
      guard now - state.lastReport >= .milliseconds(100) else { return nil }
      state.lastReport = now
      state.samples.append((now, state.done))
      state.samples.removeAll { now - $0.time > Self.window }
      return measured(state, now)
    }
    if let progress { report(progress) }
  }

  private func measured(_ state: State, _ now: ContinuousClock.Instant) -> PullProgress {
    var rate = 0.0
    if let first = state.samples.first, now > first.time {
      rate = max(0, Double(state.done - first.done) / ((now - first.time) / .seconds(1)))
    }
    return PullProgress(done: state.done, total: total, bytesPerSecond: rate)
  }
}
