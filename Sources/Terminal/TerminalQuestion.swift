import CNcurses
import Foundation
import Glibc

/// Asks the terminal what it is, before anything is drawn.
///
/// One write of all questions; the last is one that every terminal answers, so nothing waits for a
/// terminal that ignores the others. The answers never become keys: the terminal neither echoes nor
/// edits while they come, and what comes late is recognised by ``CursesKeys``.
enum TerminalQuestion {
  /// What may be asked, and why not where it may not.
  static func isAllowed(environment: [String: String]) -> Bool {
    guard isatty(STDOUT_FILENO) == 1, isatty(STDIN_FILENO) == 1 else { return false }
    // In the background, setting modes would stop the process.
    guard tcgetpgrp(STDIN_FILENO) == getpgrp() else { return false }
    let term = environment["TERM"] ?? ""
    // The old ones print what they do not know. GNU screen hands strings on to the terminal outside,
    // whose answer would not be screen's.
    if term.hasPrefix("screen"), (environment["TMUX"] ?? "").isEmpty { return false }
    return KnownTerminals.isModern(term)
  }

  /// Asks and waits until all answers have come, `milliseconds` at most.
  ///
  /// What was typed meanwhile is in the answers; the modes are as before.
  /// - Parameter octants: whether to try if an octant is drawn, which overwrites the cursor's line.
  static func ask(milliseconds: Int, octants: Bool) -> TerminalAnswers {
    var answers = TerminalAnswers(asksForCursor: octants)
    var saved = termios()
    guard tcgetattr(STDIN_FILENO, &saved) == 0 else { return answers }
    var modes = saved
    // Without signals from keys too: one that ends the process here would leave the terminal mute.
    modes.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
    modes.c_iflag &= ~tcflag_t(ICRNL | INLCR | IXON)
    withUnsafeMutableBytes(of: &modes.c_cc) {
      $0[Int(VMIN)] = 0
      $0[Int(VTIME)] = 0
    }
    guard tcsetattr(STDIN_FILENO, TCSANOW, &modes) == 0 else { return answers }
    defer { tcsetattr(STDIN_FILENO, TCSANOW, &saved) }
    let trial = octants ? TerminalAnswers.octantQuestion : ""
    guard write(trial + TerminalAnswers.questions) else { return answers }
    let end = ContinuousClock.now + .milliseconds(milliseconds)
    var bytes = [UInt8](repeating: 0, count: 1024)
    while !answers.isComplete {
      let left = end - .now
      guard left > .zero else { break }
      var file = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
      let wait = Int32(clamping: left.components.attoseconds / 1_000_000_000_000_000 + 1)
      let ready = poll(&file, 1, wait + Int32(clamping: left.components.seconds * 1000))
      if ready < 0, errno == EINTR { continue }
      guard ready > 0 else { break }
      let count = read(STDIN_FILENO, &bytes, bytes.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      answers.take(bytes.prefix(count))
      // Endless typing must not keep this waiting for ever.
      if answers.typed.count > 1 << 16 { break }
    }
    answers.endWaiting()
    return answers
  }

  /// Gives what was typed back to the terminal, for a program that reads no keys: the shell after it
  /// wants them. Ctrl-C is done here, since the terminal could not send its signal.
  static func giveBack(_ typed: [UInt8]) {
    if typed.contains(3) { raise(SIGINT) }
    for byte in typed where clip_type(STDIN_FILENO, CChar(bitPattern: byte)) != 0 { return }
  }

  private static func write(_ text: String) -> Bool {
    clip_flush()
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count > 0 { bytes = bytes.dropFirst(count) } else if errno != EINTR { return false }
    }
    return true
  }
}
