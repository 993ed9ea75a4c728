import Dispatch
import Synchronization

/// Work in portions: workers take them one after the other, do them at once, each on a thread of its own, and
/// hand the results to the caller, which only receives. No worker waits for another.
package final class Relay<Portion: Sendable, Output: Sendable>: Sendable {
  private enum Message: Sendable {
    case result(Result<Output, any Error>)
    case ended
  }

  private let take: @Sendable () throws -> Portion?
  private let work: @Sendable (Portion) throws -> Output
  private let workers: Int
  private let messages = Mutex<[Message]>([])
  private let available = DispatchSemaphore(value: 0)
  /// Results that may wait for the caller.
  private let room: DispatchSemaphore
  private let taking = Mutex(())
  private let isOver = StopFlag()

  /// - Parameters:
  ///   - workers: at least 1.
  ///   - take: the next portion, `nil` after the last; called by one worker at a time.
  ///   - work: what is made of it.
  package init(
    workers: Int, take: @escaping @Sendable () throws -> Portion?,
    work: @escaping @Sendable (Portion) throws -> Output
  ) {
    self.workers = max(1, workers)
    (self.take, self.work) = (take, work)
    room = DispatchSemaphore(value: 4 * self.workers)
  }

  /// Runs to the end; results come in the order in which they are ready.
  /// - Throws: the first error of a portion or of `receive`, after all workers have ended; `ThreadError`.
  package func run(_ name: String, _ receive: (Output) throws -> Void) throws {
    var started = 0
    for number in 0..<workers {
      do throws(ThreadError) {
        try OwnThread.start("\(name) \(number)", stackBytes: 4 << 20) { [self] in
          workOn()
          send(.ended)
        }
        started += 1
      } catch {
        // Fewer do the same work.
        guard started > 0 else { throw error }
      }
    }
    var failure: (any Error)?
    while started > 0 {
      available.wait()
      guard let message = messages.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else {
        continue
      }
      switch message {
      case .ended: started -= 1
      case .result(let result):
        room.signal()
        // After a failure the rest is only drained, so that no worker waits for room for ever.
        guard failure == nil else { continue }
        do {
          try receive(try result.get())
        } catch {
          failure = error
          isOver.set()
        }
      }
    }
    if let failure { throw failure }
  }

  private func send(_ message: Message) {
    messages.withLock { $0.append(message) }
    available.signal()
  }

  private func workOn() {
    while !isOver.isSet {
      room.wait()
      let portion = Result { try taking.withLock { _ in isOver.isSet ? nil : try take() } }
      switch portion {
      case .success(nil):
        room.signal()
        return
      case .success(let portion?): send(.result(Result { try work(portion) }))
      case .failure(let error):
        isOver.set()
        send(.result(.failure(error)))
      }
    }
  }
}
