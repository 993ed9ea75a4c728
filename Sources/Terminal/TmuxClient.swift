import Foundation
import Glibc

/// The terminal outside of tmux, as tmux knows it: it asked when it was attached, and answers programs
/// inside only for itself.
package struct TmuxClient: Sendable, Equatable {
  /// As the terminal names itself; empty where it has not.
  package var name = ""
  package var features: Set<String> = []

  /// Whether direct colour goes through, rather than being changed to the nearest of 256.
  package var hasDirectColor: Bool { features.contains("RGB") }

  /// Asks the tmux that this process runs in; `nil` where there is none, where it does not answer in time, or
  /// where nobody is attached.
  static func ask(environment: [String: String], milliseconds: Int = 300) -> TmuxClient? {
    guard !(environment["TMUX"] ?? "").isEmpty,
      let tmux = executable(path: environment["PATH"] ?? "")
    else { return nil }
    var arguments = [tmux, "display-message", "-p"]
    if let pane = environment["TMUX_PANE"], pane.hasPrefix("%") { arguments += ["-t", pane] }
    arguments.append("#{client_termname}\t#{client_termtype}\t#{client_termfeatures}")
    guard let answer = output(of: arguments, environment, milliseconds) else { return nil }
    return parse(answer)
  }

  package static func parse(_ answer: String) -> TmuxClient? {
    let fields = answer.trimmingCharacters(in: .newlines)
      .split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    guard fields.count == 3, !fields[0].isEmpty else { return nil }
    let features = Set(fields[2].split(separator: ",").map(String.init))
    // Without an answer to tmux' question the name of the client's TERM is all there is.
    let name = fields[1].isEmpty ? KnownTerminals.name(ofTerm: fields[0]) ?? "" : fields[1]
    return TmuxClient(name: name, features: features)
  }

  private static func executable(path: String) -> String? {
    path.split(separator: ":").filter { $0.hasPrefix("/") }.map { "\($0)/tmux" }
      .first { access($0, X_OK) == 0 }
  }

  /// What a program prints, 4 KiB at most; nothing where it fails or takes too long.
  private static func output(
    of arguments: [String], _ environment: [String: String], _ milliseconds: Int
  ) -> String? {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    let words = arguments.map { strdup($0) } + [nil]
    let settings = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for word in words + settings { free(word) } }
    var process: pid_t = 0
    let failure = posix_spawn(&process, arguments[0], &actions, nil, words, settings)
    close(ends[1])
    guard failure == 0 else { return nil }
    let bytes = everything(from: ends[0], milliseconds)
    if bytes == nil { kill(process, SIGKILL) }
    var status: Int32 = 0
    while waitpid(process, &status, 0) == -1, errno == EINTR {}
    return status == 0 ? bytes.map { String(decoding: $0, as: UTF8.self) } : nil
  }

  private static func everything(from file: Int32, _ milliseconds: Int) -> [UInt8]? {
    let end = ContinuousClock.now + .milliseconds(milliseconds)
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1024)
    while bytes.count < 4096 {
      let left = end - .now
      guard left > .zero else { return nil }
      var poll = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
      let wait = left.components.attoseconds / 1_000_000_000_000_000 + 1
      let ready = Glibc.poll(&poll, 1, Int32(clamping: wait))
      if ready < 0, errno == EINTR { continue }
      guard ready > 0 else { return nil }
      let count = read(file, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return bytes }
      bytes += buffer.prefix(count)
    }
    return bytes
  }
}
