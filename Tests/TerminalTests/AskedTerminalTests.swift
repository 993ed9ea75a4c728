import Foundation
import TestSupport
import Testing

/// Programs on a terminal that is asked what it is, and answers well, badly, late or not at all.
@Suite(.serialized) struct AskedTerminalTests {
  private let probe = Places.executable.deletingLastPathComponent()
    .appendingPathComponent("terminal-probe").path

  // Answers, each with what ends them all.
  static let attributes = "\u{1B}[?62;22c"
  static let keeps = "\u{1B}P1$r0;48:2:1:2:3m\u{1B}\\"
  static let keepsNot = "\u{1B}P0$r\u{1B}\\"
  static let describes = "\u{1B}P1+r524742=38\u{1B}\\"
  static let describesNot = "\u{1B}P0+r524742\u{1B}\\\u{1B}P0+r5463\u{1B}\\"
  static let kitty = "\u{1B}P>|kitty(0.26.5)\u{1B}\\"
  static let light = "\u{1B}]11;rgb:ffff/ffff/eeee\u{1B}\\"

  private func terminal(
    _ arguments: [String] = [], _ answer: PseudoTerminal.Answer?,
    environment: [String: String] = [:]
  ) throws -> PseudoTerminal {
    // As over ssh, which passes TERM on and nothing else.
    try PseudoTerminal(
      [probe] + arguments,
      environment: [
        "TERM": "xterm-256color", "SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22",
      ].merging(environment) { $1 }, answer: answer)
  }

  @Test(arguments: [
    (kitty + keeps + describes + light + attributes, "truecolor", "answered (DECRQSS)"),
    (keeps + attributes, "truecolor", "answered (DECRQSS)"),
    (keepsNot + describes + attributes, "truecolor", "answered (XTGETTCAP)"),
    (keepsNot + describesNot + attributes, "256", "TERM; the terminal says of no more"),
    (attributes, "256", "TERM; the terminal says of no more"),
    ("", "256", "TERM; no answer in time"),
    // Another colour than was set, as a terminal of 256 gives back.
    ("\u{1B}P1$r0;48;5;16m\u{1B}\\" + attributes, "256", "TERM; the terminal says of no more"),
    // Garbage: strings without an end, an unknown one, bytes that are no UTF-8 text of ours.
    ("\u{1B}Pzz;;\u{1B}]9;\u{7}\u{1B}[999999999999999999z", "256", "TERM; no answer in time"),
    ("\u{1B}P$r48:2\u{1B}\\\u{1B}P1$r\u{1B}\\\u{1B}P\u{1B}\\" + attributes, "256", "no more"),
  ])
  func theAnswerDecides(_ text: String, _ depth: String, _ reason: String) throws {
    let said = try terminal(["--facts"], .init(text: text)).all()
    #expect(said.contains("colour depth: \(depth)\r\n"))
    #expect(said.contains(reason), "\(said.debugDescription)")
  }

  @Test func whatIsSaidBesides() throws {
    let said = try terminal(
      ["--facts"], .init(text: Self.kitty + Self.keeps + Self.light + Self.attributes)
    ).all()
    #expect(said.contains("terminal: kitty(0.26.5)"))
    #expect(said.contains("symbols: sextant"))
    #expect(said.contains("background: light"))
  }

  /// A byte at a time, as over a slow line.
  @Test func splitAnswers() throws {
    let answer = Self.kitty + Self.keeps + Self.describes + Self.light + Self.attributes
    let said = try terminal(["--facts"], .init(text: answer, pieces: 3)).all()
    #expect(said.contains("colour depth: truecolor"))
    #expect(said.contains("terminal: kitty(0.26.5)"))
  }

  /// Keys typed before and between the answers reach the program, in order.
  @Test func keysAreNotLost() throws {
    let terminal = try terminal(
      [], .init(text: "k" + Self.kitty + "é" + Self.keeps + "\u{1B}[B" + Self.attributes + "z"))
    try terminal.wait { $0.contains("last: character(\"z\")") || $0.contains("\"z\"") }
    #expect(terminal.output.contains("truecolor"))
    // The last of those that came at once is shown; q after them ends.
    terminal.type("q")
    _ = terminal.all(seconds: 10)
  }

  /// Escape pressed while nothing answers is a key, not the beginning of an answer for ever.
  @Test func escapeWhileAskingIsAKey() throws {
    let terminal = try terminal([], .init(text: "\u{1B}"))
    try terminal.wait { $0.contains("NamedKey.escape") }
    terminal.type("k")
    try terminal.wait { $0.contains("character(\"k\")") }
  }

  /// Longer than the screen waits: what comes then is neither shown nor taken for keys.
  @Test(arguments: [0, 5])
  func lateAnswersAreNoKeys(_ pieces: Int) throws {
    let terminal = try terminal(
      [],
      .init(
        text: Self.kitty + Self.keeps + Self.describes + Self.light + Self.attributes, delay: 700,
        pieces: pieces))
    try terminal.wait { $0.contains("last: none") }
    terminal.pass(seconds: 1)
    #expect(!terminal.output.contains("character("))
    #expect(terminal.output.contains("80x24 256"))
    terminal.type("k")
    try terminal.wait { $0.contains("character(\"k\")") }
  }

  /// An answer that has begun when the time is up goes on later.
  @Test func answersAcrossTheEndOfTheWaiting() throws {
    let terminal = try terminal([], .init(text: "\u{1B}P1$r0;48:2"))
    try terminal.wait { $0.contains("last: none") }
    terminal.type(":1:2:3m\u{1B}\\" + Self.attributes)
    terminal.pass(seconds: 0.5)
    #expect(!terminal.output.contains("character("))
    terminal.type("k")
    try terminal.wait { $0.contains("character(\"k\")") }
  }

  /// A string that never ends does not swallow the keys of a session.
  @Test func garbageWithoutEndLeavesTheKeys() throws {
    let terminal = try terminal([], .init(text: "\u{1B}P1$r garbage"))
    try terminal.wait { $0.contains("last: none") }
    terminal.pass(seconds: 1.2)
    terminal.type("k")
    try terminal.wait { $0.contains("character(\"k\")") }
  }

  /// Nothing is asked where the environment knows, or where the terminal would print it.
  @Test(arguments: [["NO_COLOR": "1", "TERM": "vt220"], ["TERM": "linux"]])
  func oldTerminalsAreNotAsked(_ environment: [String: String]) throws {
    let said = try terminal(["--facts"], nil, environment: environment).all()
    #expect(!said.contains("\u{1B}P"))
    #expect(said.contains("full screen: yes"))
  }

  /// Octants: where the cursor stands after one tells whether it was drawn.
  @Test(arguments: [
    ("\u{1B}[5;2R", "symbols: octant", "shown"), ("\u{1B}[5;1R", "symbols: sextant", "not shown"),
    ("\u{1B}[5;3R", "symbols: sextant", "not shown"), ("", "symbols: octant", "not asked"),
  ])
  func octantsAreTried(_ cursor: String, _ symbols: String, _ reason: String) throws {
    let said = try terminal(
      ["--facts", "--symbols", "octant"],
      .init(text: cursor + Self.keeps + Self.attributes)
    ).all()
    #expect(said.contains(symbols), "\(said.debugDescription)")
    #expect(said.contains("octants: " + reason), "\(said.debugDescription)")
  }
}

/// The same inside of a tmux whose own terminal is made up.
@Suite(.serialized, .enabled(if: Tmux.isInstalled)) struct TmuxPassthroughTests {
  private let probe = Places.executable.deletingLastPathComponent()
    .appendingPathComponent("terminal-probe").path

  private func facts(features: [String], _ arguments: String = "") throws -> String {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("clip-outer-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (out, socket) = (folder.path + "/out", folder.path + "/socket")
    let terminal = try PseudoTerminal(
      ["/usr/bin/tmux", "-u", "-f", "/dev/null", "-S", socket] + features + [
        "new-session",
        "'\(probe)' --facts \(arguments); '\(probe)' --facts \(arguments) > '\(out)' "
          + "2>&1 < /dev/tty; echo said; sleep 20",
      ],
      environment: ["TERM": "xterm-256color", "HOME": folder.path],
      answer: .init(text: "\u{1B}[?62;22c"))
    try terminal.wait { $0.contains("said") }
    let text = terminal.output
    terminal.type("\u{3}")
    return text
  }

  @Test func itsTerminalsColorsCount() throws {
    #expect(try facts(features: ["-T", "RGB"]).contains("its terminal has RGB"))
    #expect(try facts(features: []).contains("no RGB outside"))
  }

  /// tmux 3.3 drops what its C library has no width for: sextants stand in, and that is said.
  @Test func octantsThatTmuxDropsBecomeSextants() throws {
    let said = try facts(features: [], "--symbols octant")
    let isShown = said.contains("octants: shown")
    #expect(said.contains(isShown ? "symbols: octant" : "symbols: sextant"))
    #expect(said.contains("octants: "))
  }
}
