import Foundation
import Glibc

/// A terminal of our own making: a program runs on it, and what it is asked it answers as it is told to.
final class PseudoTerminal {
  /// When and how the answer to the questions is sent.
  struct Answer {
    var text: String
    /// After so many milliseconds.
    var delay = 0
    /// In pieces of so many bytes, 2 ms apart; whole where 0.
    var pieces = 0
  }

  private let master: Int32
  private var process: pid_t = 0
  private var answer: Answer?
  private(set) var output = ""
  // Linux' numbers, which Glibc's module does not have: TIOCSPTLCK, TIOCGPTN and POSIX_SPAWN_SETSID.
  private static let setLock: UInt = 0x4004_5431
  private static let getNumber: UInt = 0x8004_5430
  private static let newSession: Int16 = 0x80

  /// What ends the questions: that for the primary attributes.
  private static let lastQuestion = "\u{1B}[c"

  /// Starts a program whose session this is the terminal of.
  init(
    _ arguments: [String], environment: [String: String], columns: UInt16 = 80, rows: UInt16 = 24,
    answer: Answer?
  ) throws {
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var (locked, number): (Int32, Int32) = (0, 0)
    guard master >= 0, ioctl(master, Self.setLock, &locked) == 0,
      ioctl(master, Self.getNumber, &number) == 0
    else { throw POSIXError(.ENODEV) }
    let name = "/dev/pts/\(number)"
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    self.answer = answer
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // Opened by the leader of a session, it becomes its terminal.
    posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(
      &attributes, Self.newSession | Int16(POSIX_SPAWN_SETSIGMASK))
    let settings = ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"].merging(environment) { $1 }
    let words = arguments.map { strdup($0) } + [nil]
    let variables = settings.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for word in words + variables { free(word) } }
    let failure = posix_spawn(&process, arguments[0], &actions, &attributes, words, variables)
    guard failure == 0 else { throw POSIXError(POSIXErrorCode(rawValue: failure) ?? .ENOENT) }
  }

  deinit {
    if process > 0 {
      kill(process, SIGKILL)
      var status: Int32 = 0
      waitpid(process, &status, 0)
    }
    close(master)
  }

  func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
  }

  /// Reads what the program sends, and answers, until the output is as wanted.
  /// - Throws: ``POSIXError`` where it never is; the output is then told.
  @discardableResult
  func wait(seconds: Double = 20, until condition: (String) -> Bool) throws -> String {
    let end = Date().addingTimeInterval(seconds)
    while !condition(output) {
      guard Date() < end, step(milliseconds: 50) else {
        print("the terminal got: \(output.debugDescription)")
        throw POSIXError(.ETIMEDOUT)
      }
    }
    return output
  }

  /// Goes on for a while, whatever comes.
  func pass(seconds: Double) {
    let end = Date().addingTimeInterval(seconds)
    while Date() < end, step(milliseconds: 20) {}
  }

  /// Everything up to the program's end.
  func all(seconds: Double = 20) -> String {
    let end = Date().addingTimeInterval(seconds)
    while Date() < end, step(milliseconds: 50) {}
    return output
  }

  /// False where the program is gone.
  private func step(milliseconds: Int32) -> Bool {
    var file = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    guard poll(&file, 1, milliseconds) > 0 else { return true }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = read(master, &bytes, bytes.count)
    guard count > 0 else { return false }
    output += String(decoding: bytes.prefix(count), as: UTF8.self)
    if let answer, output.contains(Self.lastQuestion) {
      self.answer = nil
      send(answer)
    }
    return true
  }

  private func send(_ answer: Answer) {
    usleep(UInt32(answer.delay) * 1000)
    var bytes = Array(answer.text.utf8)[...]
    while !bytes.isEmpty {
      let piece = answer.pieces == 0 ? bytes : bytes.prefix(answer.pieces)
      let count = piece.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
      if answer.pieces > 0 { usleep(2000) }
    }
  }
}
