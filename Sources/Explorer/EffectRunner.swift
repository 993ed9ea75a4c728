import Dispatch
import Frame
import Synchronization

/// Runs effects as tasks and hands their answers on as actions.
///
/// A newer search cancels the older one, and likewise for previews and opened categories; what a
/// cancelled task still finds is dropped. Nothing here waits on the interface's thread.
public final class EffectRunner: Sendable {
  private struct Work {
    /// The newest of each slot.
    var tasks: [String: Task<Void, Never>] = [:]
    var running = 0
  }

  private static let saving = "save"

  private let sources: ExplorerSources
  private let post: @Sendable (Action) -> Void
  private let finished: @Sendable () -> Void
  private let work = Mutex(Work())

  /// - Parameters:
  ///   - post: takes an answer; called from any thread.
  ///   - finished: called when ``isIdle`` may have become true; from any thread.
  public init(
    sources: ExplorerSources, post: @escaping @Sendable (Action) -> Void,
    finished: @escaping @Sendable () -> Void = {}
  ) {
    self.sources = sources
    self.post = post
    self.finished = finished
  }

  /// Nothing is under way; all answers have been posted.
  public var isIdle: Bool { work.withLock { $0.running == 0 } }

  /// Starts an effect. Those of the screen (``Effect/copy(_:)`` …) are not for here.
  public func run(_ effect: Effect) {
    switch effect {
    case .ask(let question):
      let (sources, post) = (sources, post)
      start(question.slot) {
        .answered(
          try await question.answer(from: sources) { early in post(.answered(early)) })
      } orElse: {
        .answered(question.failure($0))
      }
    case .openExternally(let path):
      let open = sources.openExternally
      start("open externally") {
        try open(path)
        return .told(Message("Opening \(path)"))
      } orElse: {
        .told(Message($0, isError: true))
      }
    case .save(let state): save(state)
    case .copy, .suspend, .redraw: break
    }
  }

  /// Cancels what is under way.
  public func cancelAll() {
    let tasks = work.withLock { Array($0.tasks.values) }
    for task in tasks { task.cancel() }
  }

  private func start(
    _ slot: String, _ body: @escaping @Sendable () async throws -> Action,
    orElse failure: @escaping @Sendable (String) -> Action
  ) {
    let (post, sentence) = (post, sources.sentence)
    add(slot, cancelsOlder: true) { _ in
      do {
        let answer = try await body()
        if !Task.isCancelled { post(answer) }
      } catch is CancellationError {
        // A newer one is under way.
      } catch {
        if !Task.isCancelled { post(failure(sentence(error))) }
      }
    }
  }

  /// Saves one after the other, so that the newest remains.
  private func save(_ state: SavedState) {
    let (write, post, sentence) = (sources.save, post, sources.sentence)
    add(Self.saving, cancelsOlder: false) { older in
      await older?.value
      do {
        try write(state)
      } catch {
        post(.told(Message("The history cannot be saved: \(sentence(error))", isError: true)))
      }
    }
  }

  /// Saves once what is still being saved is done, so that no older state takes the place of this one.
  /// Blocks, two seconds at most: for the end, when there is no screen to wait for any more.
  public func saveLast(_ state: SavedState) {
    let (write, done) = (sources.save, DispatchSemaphore(value: 0))
    let older = work.withLock { $0.tasks[Self.saving] }
    Task.detached {
      await older?.value
      // The terminal matters more than the history; the first failure was reported.
      try? write(state)
      done.signal()
    }
    _ = done.wait(timeout: .now() + 2)
  }

  private func add(
    _ slot: String, cancelsOlder: Bool,
    _ body: @escaping @Sendable (_ older: Task<Void, Never>?) async -> Void
  ) {
    let finished = finished
    work.withLock { work in
      let older = work.tasks[slot]
      if cancelsOlder { older?.cancel() }
      work.running += 1
      work.tasks[slot] = Task.detached { [self] in
        await body(older)
        self.work.withLock { $0.running -= 1 }
        finished()
      }
    }
  }
}
