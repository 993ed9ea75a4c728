import Frame
import Synchronization

/// Input and answers in, frames out.
///
///     wait ─▶ all input and all answers that have come ─▶ update each ─▶ draw once ─▶ present
///                          ▲                                 │
///                          └────────── tasks ◀── effects ────┘
///
/// Everything but the tasks happens on the thread that calls ``run()``, which waits for nothing else
/// than the screen.
public final class EventLoop {
  /// Answers of tasks, on their way to the interface's thread.
  private final class Mailbox: Sendable {
    private let actions = Mutex<[Action]>([])
    func put(_ action: Action) { actions.withLock { $0.append(action) } }
    func takeAll() -> [Action] {
      actions.withLock { waiting in
        defer { waiting = [] }
        return waiting
      }
    }
    var isEmpty: Bool { actions.withLock { $0.isEmpty } }
  }

  public private(set) var state: State
  private let screen: any Screen
  private let mailbox = Mailbox()
  private let runner: EffectRunner
  /// Work to be started once the frame is out: it must not take the cores from that.
  private var waiting: [Effect] = []
  /// The terminal may show something else than the frame presented last.
  private var mustPresent = true
  /// The canvas presented last.
  public private(set) var frame = Canvas(columns: 0, rows: 0)

  public init(screen: any Screen, sources: ExplorerSources, state: State) {
    self.screen = screen
    self.state = state
    let (mailbox, wake) = (mailbox, screen.waker)
    runner = EffectRunner(sources: sources) { action in
      mailbox.put(action)
      wake()
    } finished: {
      wake()
    }
  }

  /// Runs until somebody quits.
  public func run() {
    start()
    while !state.isEnding {
      if advance(screen.waitForInput(milliseconds: -1)), !state.isEnding { present() }
    }
    finish()
  }

  /// Shows a first frame before it opens the collection, so that nobody looks at an empty screen.
  func start() {
    fitToScreen()
    present()
    runner.run(.ask(CollectionQuestion()))
  }

  func finish() {
    runner.cancelAll()
    runner.saveLast(state.saved)
  }

  /// Nothing is under way and nothing waits to be shown.
  var isIdle: Bool {
    runner.isIdle && mailbox.isEmpty && (waiting.isEmpty || state.isEnding)
  }

  /// Takes input and all answers that wait. True where something may have changed.
  func advance(_ inputs: [Input]) -> Bool {
    var changed = false
    for input in inputs where !state.isEnding {
      if case .resized = input { mustPresent = true }
      for action in actions(for: input, in: state) {
        apply(action)
        changed = true
      }
    }
    for action in mailbox.takeAll() {
      apply(action)
      changed = true
    }
    return changed
  }

  func present() {
    fitToScreen()
    let next = draw(state, columns: state.size.columns, rows: state.size.rows)
    // An answer that changes nothing to be seen, say a picture drawn ahead, costs the screen nothing.
    if next != frame || mustPresent {
      frame = next
      mustPresent = false
      screen.present(frame)
    }
    startWaiting()
  }

  private func startWaiting() {
    for effect in waiting { runner.run(effect) }
    waiting = []
  }

  private func fitToScreen() {
    let size = Size(columns: screen.size.columns, rows: screen.size.rows)
    guard size != state.size else { return }
    apply(.resize(size))
    mustPresent = true
  }

  private func apply(_ action: Action) {
    for effect in update(&state, action) {
      switch effect {
      case .copy(let text): screen.copyToClipboard(text)
      case .suspend:
        screen.suspend()
        mustPresent = true
      case .redraw: screen.redraw()
      default: waiting.append(effect)
      }
    }
  }
}
