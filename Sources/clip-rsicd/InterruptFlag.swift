import Dispatch
import Foundation
import Synchronization
import Training

/// Ctrl-C and SIGTERM: the first asks to stop after the step, the second ends the process. SIGHUP, which a
/// terminal that goes sends, often more than once, only ever asks; a run under nohup does not get it.
///
/// With several ranks mpirun takes Ctrl-C and sends SIGTERM to all: for Ctrl-C, and where a rank has died.
/// Then no step can be finished any more, and one of the ranks beside the dead one says so. SIGUSR1 sent to
/// mpirun comes to all ranks too, and leaves them the time that a step takes.
///
/// `@unchecked Sendable`: `sources` is written in the initialiser only.
final class InterruptFlag: @unchecked Sendable {
  private struct State {
    /// Of SIGINT, SIGTERM and SIGUSR1.
    var count = 0
    var hasEnded = false
    var isHungUp = false
  }

  private let state = Mutex(State())
  private let rank: Int
  private let neighbours: [Int: Int32]
  private let isAlone: Bool
  private let goOn: String
  private let willTell: @Sendable () -> Void
  private var sources: [any DispatchSourceSignal] = []

  var isSet: Bool { state.withLock { $0.count > 0 || $0.isHungUp } }

  /// - Parameters:
  ///   - goOn: the command that goes on from the last checkpoint.
  ///   - willTell: called before a line is written.
  init(_ ranks: any Ranks, goOn: String, willTell: @escaping @Sendable () -> Void) {
    (rank, neighbours, isAlone) = (ranks.rank, ranks.neighbours, ranks.count == 1)
    self.goOn = goOn
    self.willTell = willTell
    for number in isAlone ? [SIGINT, SIGTERM] : [SIGINT, SIGTERM, SIGUSR1] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [weak self] in self?.arrived() }
      source.resume()
      sources.append(source)
    }
    takeHangUps()
  }

  private func takeHangUps() {
    // Where it is ignored, nohup or a shell has seen to it.
    let before = signal(SIGHUP, SIG_IGN)
    if unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) { return }
    let source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: .global())
    source.setEventHandler { [weak self] in
      self?.state.withLock { $0.isHungUp = true }
    }
    source.resume()
    sources.append(source)
  }

  /// From now on signals do nothing: what ends now was agreed.
  func end() {
    state.withLock { $0.hasEnded = true }
    for source in sources { source.cancel() }
  }

  private func arrived() {
    let count = state.withLock { state -> Int? in
      state.count += 1
      return state.hasEnded ? nil : state.count
    }
    guard let count else { return }
    let dead = neighbours.filter { kill($0.value, 0) != 0 && errno == ESRCH }.keys.sorted()
    if let first = dead.first {
      abandon(dead: first, isTeller: rank == neighbours.keys.filter { !dead.contains($0) }.min())
    }
    if count > 1 {
      tell("Stopped at once; the last checkpoint is intact.")
      _exit(ErrorText.interrupted)
    }
    tell(
      isAlone
        ? "Interrupted: this step is finished and saved first; Ctrl-C again stops at once."
        : "Interrupted: this step is finished and saved first, if mpirun leaves it the time; the last "
          + "checkpoint is intact either way.")
  }

  private func tell(_ line: String) {
    guard rank == 0 else { return }
    willTell()
    ErrorText.note(line)
  }

  private func abandon(dead: Int, isTeller: Bool) -> Never {
    if isTeller {
      willTell()
      ErrorText.note(
        "Error: rank \(dead) has died, so the run ends; the last checkpoint is intact. Go on with: "
          + goOn)
    }
    // A rank that ended now would look dead to the others. mpirun ends all of them soon.
    sleep(3)
    _exit(ErrorText.badInput)
  }
}
