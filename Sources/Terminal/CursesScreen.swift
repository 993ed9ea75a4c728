import CNcurses
import Foundation
import Frame
import Glibc

/// The terminal's full screen through ncurses: a canvas goes out, keys and mouse come in.
///
/// Used from one thread (it is not Sendable); only ``waker`` may be called from others. There can be one
/// at a time. The terminal is given back by ``close()``, at deinit, at `exit` and at any fatal signal.
public final class CursesScreen: Screen {
  public let depth: ColorDepth
  /// Whether characters beyond ASCII can be sent.
  public let unicode: Bool
  /// What the terminal said of itself.
  public let abilities: TerminalAbilities
  private let screen: OpaquePointer
  private let colors: Int
  private let usesMouse: Bool
  private var isOpen = true
  private var pairs: ColorPairs
  private var keys: CursesKeys
  private var drawn = DrawnCells()
  private var lastCanvas: Canvas?

  /// Takes the terminal.
  /// - Parameters:
  ///   - depth: colours to use, at most what the terminal's description has; none to find out, for
  ///     which the terminal is asked.
  ///   - mouse: whether clicks and the wheel are reported.
  ///   - octants: whether to try if the terminal draws them.
  /// - Throws: ``TerminalError`` where this is no terminal, or none that can show a full screen.
  public init(
    depth wanted: ColorDepth? = nil, mouse: Bool = true, octants: Bool = false,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(TerminalError) {
    if isatty(STDIN_FILENO) == 0 { throw .notATerminal(stream: "stdin") }
    if isatty(STDOUT_FILENO) == 0 { throw .notATerminal(stream: "stdout") }
    let term = environment["TERM"] ?? ""
    let description = try TerminalDescription(term: term)
    setlocale(LC_CTYPE, "")
    unicode = TerminalFacts.isUTF8
    TerminalGuard.saveModes()
    abilities = TerminalAbilities(
      environment: environment, wanted: wanted, asks: true, octants: octants)
    let choice = description.choose(abilities.depth)
    guard let screen = choice.open() ?? clip_newterm(description.term) else {
      throw .unknown(term: term)
    }
    self.screen = screen
    set_term(screen)
    var depth = choice.depth
    if depth == .mono || !has_colors() || start_color() == ERR {
      depth = .mono
    } else {
      use_default_colors()
    }
    self.depth = depth
    colors = Int(clip_colors())
    pairs = ColorPairs(limit: depth == .mono ? 1 : Int(clip_color_pairs()))
    // The table of pairs grows by copying; the last one first makes it whole at once.
    if depth != .mono { init_extended_pair(Int32(pairs.limit - 1), -1, -1) }
    usesMouse = mouse
    keys = CursesKeys(typed: abilities.typed, late: abilities.late)
    raw()
    noecho()
    nonl()
    keypad(clip_window(), true)
    nodelay(clip_window(), true)
    leaveok(clip_window(), false)
    set_escdelay(25)
    CursesKeys.defineKeys()
    if mouse {
      mousemask(CursesKeys.mouseMask, nil)
      mouseinterval(0)
    }
    TerminalGuard.activate(reset: description.resetBytes)
    setBracketedPaste(true)
    applySize()
    // The person typing waits for this thread, while others compute for seconds.
    _ = clip_ask_for_short_turns(100_000)
  }

  deinit { close() }

  /// Gives the terminal back. Nothing is shown after that.
  public func close() {
    guard isOpen else { return }
    isOpen = false
    setBracketedPaste(false)
    endwin()
    TerminalGuard.restore()
    TerminalGuard.deactivate()
    delscreen(screen)
  }

  public var size: (columns: Int, rows: Int) {
    isOpen ? (max(1, Int(clip_columns())), max(1, Int(clip_lines()))) : (80, 24)
  }

  public var hasColor: Bool { depth != .mono }

  public var waker: @Sendable () -> Void { { TerminalGuard.wake() } }

  // MARK: Output

  public func present(_ canvas: Canvas) {
    guard isOpen else { return }
    lastCanvas = canvas
    let size = self.size
    let shown = unicode ? canvas : canvas.asciiOnly()
    pairs.beginFrame()
    var looks: [Style: DrawnCells.Look] = [:]
    drawn.draw(shown, columns: size.columns, rows: size.rows) { style in
      if let look = looks[style] { return look }
      let look = self.look(style, of: shown)
      looks[style] = look
      return look
    }
    if let cursor = shown.cursor, cursor.column < size.columns, cursor.row < size.rows {
      curs_set(1)
      wmove(clip_window(), Int32(cursor.row), Int32(cursor.column))
    } else {
      curs_set(0)
    }
    wrefresh(clip_window())
  }

  /// Repaints everything (Ctrl-L).
  public func redraw() {
    guard isOpen else { return }
    drawn = DrawnCells()
    clearok(clip_window(), true)
    if let lastCanvas { present(lastCanvas) } else { wrefresh(clip_window()) }
  }

  private func pairKey(_ style: Style) -> ColorPairs.Key {
    ColorPairs.Key(
      foreground: depth.number(style.foreground, colors: colors),
      background: depth.number(style.background, colors: colors))
  }

  private func look(_ style: Style, of canvas: Canvas) -> DrawnCells.Look {
    var attributes: attr_t = 0
    if style.bold { attributes |= clip_bold() }
    if style.dim { attributes |= clip_dim() }
    if style.underline { attributes |= clip_underline() }
    if style.reverse { attributes |= clip_reverse() }
    // Eight colours: the bright ones are the plain ones in bold.
    if colors == 8, depth == .colors16, case .named(let n) = style.foreground, n & 15 > 7 {
      attributes |= clip_bold()
    }
    guard depth != .mono else { return DrawnCells.Look(attributes: attributes, pair: 0) }
    let pair = pairs.pair(for: pairKey(style)) {
      Set(Set(canvas.cells.lazy.map(\.style)).map(pairKey))
    } define: {
      init_extended_pair($0, $1.foreground, $1.background) != ERR
    }
    return DrawnCells.Look(attributes: attributes, pair: pair, isExact: !pairs.gaveStandIn)
  }

  // MARK: Input

  public func waitForInput(milliseconds: Int) -> [Input] {
    guard isOpen else { return [] }
    // What curses has read already would not be seen by poll.
    var inputs = keys.read()
    if inputs.isEmpty {
      var files = [
        pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
        pollfd(fd: TerminalGuard.state.pointee.wakeRead, events: Int16(POLLIN), revents: 0),
      ]
      let limit = keys.isPasting ? min(milliseconds < 0 ? 1000 : milliseconds, 1000) : milliseconds
      let ready = poll(&files, 2, Int32(clamping: limit))
      // A terminal that is gone reads as its end for ever: end as SIGHUP would.
      if files[0].revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0,
        files[0].revents & Int16(POLLIN) == 0
      {
        raise(SIGHUP)
      }
      if ready > 0 { inputs = keys.read() } else if ready == 0 { inputs = keys.endPaste() }
    }
    drainWaker()
    return signalled() + inputs
  }

  private func drainWaker() {
    var bytes = [UInt8](repeating: 0, count: 64)
    while read(TerminalGuard.state.pointee.wakeRead, &bytes, bytes.count) > 0 {}
  }

  /// Does what signals asked for since the last wait.
  private func signalled() -> [Input] {
    let state = TerminalGuard.state
    if state.pointee.shallStop != 0 {
      state.pointee.shallStop = 0
      suspend()
    }
    if state.pointee.wasContinued != 0 {
      state.pointee.wasContinued = 0
      takeBack()
    }
    guard state.pointee.wasResized != 0 else { return [] }
    state.pointee.wasResized = 0
    applySize()
    return [.resized(columns: size.columns, rows: size.rows)]
  }

  /// Tells curses the size that the terminal has now.
  private func applySize() {
    var window = winsize()
    if clip_window_size(STDOUT_FILENO, &window) == 0, window.ws_col > 0, window.ws_row > 0 {
      resizeterm(Int32(min(window.ws_row, 4096)), Int32(min(window.ws_col, 4096)))
    }
    drawn = DrawnCells()
    clearok(clip_window(), true)
  }

  // MARK: Suspending

  public func suspend() {
    guard isOpen else { return }
    setBracketedPaste(false)
    endwin()
    let state = TerminalGuard.state
    state.pointee.isActive = 0
    state.pointee.wasContinued = 0
    signal(SIGTSTP, SIG_DFL)
    // The whole group stops, as it does when the terminal's own driver sees Ctrl-Z.
    kill(0, SIGTSTP)
    // The signal may take effect on another thread a moment later; go on when continued, or where
    // nothing can stop this process (no shell above it).
    for _ in 0..<20 where state.pointee.wasContinued == 0 { usleep(10_000) }
    state.pointee.wasContinued = 0
    TerminalGuard.catchStop()
    state.pointee.isActive = 1
    takeBack()
    // The size may have changed meanwhile.
    state.pointee.wasResized = 1
    TerminalGuard.wake()
  }

  /// Sets curses' modes again and repaints.
  private func takeBack() {
    reset_prog_mode()
    setBracketedPaste(true)
    if usesMouse {
      // Curses switches the mouse off when it leaves and on when its mask changes.
      mousemask(0, nil)
      mousemask(CursesKeys.mouseMask, nil)
    }
    redraw()
  }

  public func copyToClipboard(_ text: String) {
    guard isOpen, text.utf8.count <= 74_994 else { return }
    send("\u{1B}]52;c;\(Data(text.utf8).base64EncodedString())\u{7}")
  }

  private func setBracketedPaste(_ isOn: Bool) { send("\u{1B}[?2004\(isOn ? "h" : "l")") }

  /// Sends a control sequence of our own, after what curses has written.
  private func send(_ sequence: String) {
    clip_flush()
    var bytes = Array(sequence.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count > 0 { bytes = bytes.dropFirst(count) } else if errno != EINTR { return }
    }
  }
}
