import CNcurses
import Glibc

/// Gives the terminal back at any end of the process: a return, `exit`, a signal that ends it, a crash.
///
/// The handlers do only what is allowed inside a signal (write, tcsetattr, sigaction, raise) on memory
/// that was prepared beforehand.
enum TerminalGuard {
  /// What the handlers read. Plain memory, allocated once and never freed.
  struct State {
    var isActive: Int32 = 0
    var wasResized: Int32 = 0
    var shallStop: Int32 = 0
    var wasContinued: Int32 = 0
    var wakeRead: Int32 = -1
    var wakeWrite: Int32 = -1
    var saved = termios()
    var reset: UnsafeMutablePointer<UInt8>?
    var resetCount = 0
  }

  /// Proof for `nonisolated(unsafe)`: the pointer never changes. Its fields are set by the one thread
  /// that owns the screen; handlers read them and set whole words, as `sig_atomic_t` allows.
  nonisolated(unsafe) static let state: UnsafeMutablePointer<State> = {
    let state = UnsafeMutablePointer<State>.allocate(capacity: 1)
    state.initialize(to: State())
    var ends: [Int32] = [-1, -1]
    if pipe(&ends) == 0 {
      for end in ends {
        _ = fcntl(end, F_SETFL, O_NONBLOCK)
        _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      }
      state.pointee.wakeRead = ends[0]
      state.pointee.wakeWrite = ends[1]
    }
    return state
  }()

  private static let fatal = [
    SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGSEGV, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE,
  ]

  /// Remembers the terminal's modes, before curses changes them.
  static func saveModes() { tcgetattr(STDIN_FILENO, &state.pointee.saved) }

  /// Takes over the signals, after curses has taken the terminal.
  static func activate(reset: [UInt8]) {
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, reset.count))
    for (index, byte) in reset.enumerated() { bytes[index] = byte }
    let old = state.pointee.reset
    state.pointee.isActive = 0
    state.pointee.reset = bytes
    state.pointee.resetCount = reset.count
    old?.deallocate()
    prepareStack()
    for signal in fatal {
      install(signal, flags: SA_ONSTACK) { number in
        TerminalGuard.restore()
        // Default action again; the signal is blocked here and acts as soon as this returns.
        signalDefault(number)
        raise(number)
      }
    }
    install(SIGWINCH) { _ in
      TerminalGuard.state.pointee.wasResized = 1
      TerminalGuard.wake()
    }
    catchStop()
    install(SIGCONT) { _ in
      TerminalGuard.state.pointee.wasContinued = 1
      TerminalGuard.wake()
    }
    unblock()
    state.pointee.isActive = 1
    _ = registerExit
  }

  /// Lets the signals through: a parent may have left them blocked, and the mask is inherited.
  private static func unblock() {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in fatal + [SIGWINCH, SIGTSTP, SIGCONT] { sigaddset(&set, signal) }
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }

  /// Takes SIGTSTP, which ``CursesScreen/suspend()`` gives up for the moment it stops.
  static func catchStop() {
    install(SIGTSTP) { _ in
      TerminalGuard.state.pointee.shallStop = 1
      TerminalGuard.wake()
    }
  }

  static func deactivate() {
    state.pointee.isActive = 0
    for signal in fatal + [SIGWINCH, SIGTSTP, SIGCONT] { signalDefault(signal) }
  }

  /// Runs the restoring at `exit`, registered once.
  private static let registerExit: Bool = atexit { TerminalGuard.restore() } == 0

  /// Writes the bytes that reset the terminal and sets its old modes. Safe inside a signal.
  static func restore() {
    guard state.pointee.isActive != 0 else { return }
    state.pointee.isActive = 0
    // In the background, setting modes would stop the process before it can end.
    signal(SIGTTOU, SIG_IGN)
    if let reset = state.pointee.reset {
      _ = write(STDOUT_FILENO, reset, state.pointee.resetCount)
    }
    tcsetattr(STDIN_FILENO, TCSANOW, &state.pointee.saved)
  }

  /// Ends a wait under way, or the next one. Safe from any thread and inside a signal.
  static func wake() {
    var byte: UInt8 = 1
    let error = errno
    _ = write(state.pointee.wakeWrite, &byte, 1)
    errno = error
  }

  /// A stack of its own for the handlers, so that a stack overflow is survived long enough.
  private static func prepareStack() {
    var current = stack_t()
    guard sigaltstack(nil, &current) == 0, current.ss_flags & Int32(SS_DISABLE) != 0 else { return }
    let size = 64 * 1024
    var stack = stack_t()
    stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
    stack.ss_size = size
    sigaltstack(&stack, nil)
  }

  private static func install(
    _ number: Int32, flags: Int32 = 0, _ handler: @escaping @convention(c) (Int32) -> Void
  ) {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = handler
    action.sa_flags = flags
    sigaction(number, &action, nil)
  }
}

private func signalDefault(_ number: Int32) {
  var action = sigaction()
  action.__sigaction_handler.sa_handler = SIG_DFL
  sigaction(number, &action, nil)
}
