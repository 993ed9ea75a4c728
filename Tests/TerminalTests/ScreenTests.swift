import Foundation
import TestSupport
import Testing

/// The probe in a real terminal. One after another: each test has a tmux of its own, but two cores.
@Suite(.serialized, .enabled(if: Tmux.isInstalled))
struct ScreenTests {
  private let probe = Places.executable.deletingLastPathComponent()
    .appendingPathComponent("terminal-probe").path

  private func start(
    _ arguments: String = "", columns: Int = 80, rows: Int = 24, term: String = "tmux-256color",
    environment: [String: String] = [:]
  ) throws -> Tmux {
    let tmux = try Tmux(columns: columns, rows: rows, term: term, environment: environment)
    try tmux.command("\(probe) \(arguments); echo ended $?")
    return tmux
  }

  /// The terminal is as a shell needs it: old screen, cursor, echo, line editing, no mouse, no brackets.
  private func expectRestored(_ tmux: Tmux) throws {
    // Not the command line itself, which says `ended $?`.
    try tmux.wait { $0.contains(/ended [0-9n]/) && !$0.contains("last:") }
    #expect(try tmux.value("alternate_on") == "0")
    #expect(try tmux.value("cursor_flag") == "1")
    #expect(try tmux.value("mouse_any_flag") == "0")
    #expect(try tmux.value("keypad_flag") == "0" || tmux.value("keypad_cursor_flag") == "0")
    try tmux.command("clear; stty -a; echo it ec''hoes")
    let modes = try tmux.wait { $0.contains("it echoes") }
    for mode in [" icanon", " echo ", "isig", "icrnl", "opost", "ixon"] {
      #expect(modes.contains(mode), "\(mode) after the end")
      #expect(!modes.contains("-" + mode.trimmingCharacters(in: .whitespaces) + " "))
    }
  }

  @Test func direct() throws {
    let tmux = try start(environment: ["COLORTERM": "truecolor"])
    let shown = try tmux.wait(styles: true) { $0.contains("exact") }
    #expect(shown.contains("truecolor"))
    #expect(shown.contains("\u{1B}[38;2;255;132;0morange"))
    #expect(shown.contains("\u{1B}[38;2;0;0;8m\u{1B}[48;2;206;206;206mexact"))
    #expect(shown.contains("\u{1B}[31mred"))
    #expect(shown.contains("\u{1B}[7mreversed"))
  }

  @Test func colors256() throws {
    let tmux = try start()
    let shown = try tmux.wait(styles: true) { $0.contains("exact") }
    #expect(shown.contains("80x24 256"))
    #expect(shown.contains("\u{1B}[38;5;208morange"))
    #expect(!shown.contains("38;2;"))
    #expect(shown.contains("\u{1B}[48;5;"))
  }

  @Test func mono() throws {
    let tmux = try start(environment: ["NO_COLOR": "1", "COLORTERM": "truecolor"])
    let shown = try tmux.wait(styles: true) { $0.contains("exact") }
    #expect(shown.contains("80x24 none"))
    #expect(shown.contains("\u{1B}[7mreversed"))
    #expect(!shown.contains("38;") && !shown.contains("\u{1B}[31m"))
  }

  @Test func terminalWithoutColor() throws {
    let tmux = try start("--color-depth truecolor", term: "vt100")
    try tmux.wait { $0.contains("80x24 none") && $0.contains("exact") }
  }

  @Test func moreColorsThanPairs() throws {
    let tmux = try start("--color-depth 16", term: "xterm-color")
    try tmux.wait { $0.contains("80x24 16") }
    try tmux.type("m")
    try tmux.wait { $0.contains("last: character(\"m\")") && $0.contains("exact") }
  }

  @Test func wideCharactersKeepColumns() throws {
    let tmux = try start()
    let lines = try tmux.wait { $0.contains("exact") }.split(separator: "\n").map(String.init)
    let names = [
      "日本語.jpg          |", "e\u{301}te\u{301}.jpg             |", "שלום.jpg            |",
      "👩🚀DE.jpg          |", "a␛[31m␊.jpg         |", "…▸│▉▍.jpg           |",
    ]
    for (line, name) in zip(lines[3...], names) { #expect(line.hasPrefix(name), "\(line)") }
  }

  @Test func resize() throws {
    let tmux = try start()
    try tmux.wait { $0.contains("probe 80x24") }
    for (columns, rows) in [(120, 40), (40, 10), (10, 4), (2, 1), (100, 30)] {
      try tmux.resize(columns: columns, rows: rows)
      if columns < 15 { continue }
      try tmux.wait { $0.contains("probe \(columns)x\(rows)") }
    }
    try tmux.type("q")
    try expectRestored(tmux)
  }

  @Test func tinyFromTheStart() throws {
    let tmux = try start(columns: 10, rows: 4)
    try tmux.wait { $0.contains("probe 10x4") }
    try tmux.type("q")
    try tmux.wait { $0.contains("ended 0") }
  }

  @Test func keys() throws {
    let tmux = try start()
    try tmux.wait { $0.contains("last: none") }
    let expected = [
      ("Up", "key(Frame.Input.NamedKey.up)"), ("Home", "key(Frame.Input.NamedKey.home)"),
      ("NPage", "key(Frame.Input.NamedKey.pageDown)"), ("Enter", "key(Frame.Input.NamedKey.enter)"),
      ("BTab", "key(Frame.Input.NamedKey.backTab)"), ("F1", "key(Frame.Input.NamedKey.f1)"),
      ("Escape", "key(Frame.Input.NamedKey.escape)"),
      ("BSpace", "key(Frame.Input.NamedKey.backspace)"), ("C-d", "control(\"d\")"),
    ]
    for (key, input) in expected {
      try tmux.press(key)
      try tmux.wait { $0.contains("last: \(input)") }
    }
    try tmux.type("日")
    try tmux.wait { $0.contains("last: character(\"日\")") }
    try tmux.type("\u{1B}[?9999zé")
    try tmux.wait { $0.contains("last: character(\"é\")") }
    try tmux.type("w")
    try tmux.wait { $0.contains("last: woken") }
    try tmux.press("C-l")
    try tmux.wait { $0.contains("control(\"l\")") && $0.contains("exact") }
  }

  @Test func mouse() throws {
    let tmux = try start(columns: 140)
    try tmux.wait { $0.contains("last: none") }
    #expect(try tmux.value("mouse_any_flag") == "1")
    // What the terminal sends for a press at column 11, row 6 in the oldest form.
    try tmux.type("\u{1B}[M +&")
    try tmux.wait { $0.contains("click, column: 10, row: 5") }
    try tmux.type("\u{1B}[Ma+&")
    try tmux.wait { $0.contains("wheelDown, column: 10, row: 5") }
  }

  @Test func twoClicksAtOnceAreADoubleClick() throws {
    let tmux = try start(columns: 140)
    try tmux.wait { $0.contains("last: none") }
    try tmux.type("\u{1B}[M +&")
    try tmux.type("\u{1B}[M#+&")
    try tmux.type("\u{1B}[M +&")
    try tmux.wait { $0.contains("doubleClick, column: 10, row: 5") }
  }

  @Test func copiedTextIsOnTheTerminalsClipboard() throws {
    let tmux = try start()
    try tmux.wait { $0.contains("last: none") }
    #expect(tmux.clipboard() == nil)
    try tmux.type("y")
    try tmux.wait { _ in tmux.clipboard() == "copied" }
  }

  @Test func mouseOff() throws {
    let tmux = try start("--no-mouse")
    try tmux.wait { $0.contains("last: none") }
    #expect(try tmux.value("mouse_any_flag") == "0")
  }

  @Test func paste() throws {
    let tmux = try start()
    try tmux.wait { $0.contains("last: none") }
    try tmux.paste("two\nlines q")
    try tmux.wait { $0.contains("last: paste(\"two\\nlines q\")") }
  }

  @Test func suspendAndResume() throws {
    let tmux = try start()
    try tmux.wait { $0.contains("last: none") }
    try tmux.press("C-z")
    try tmux.wait { $0.contains("Stopped") && $0.contains("ready$") }
    try tmux.command("echo in''between")
    try tmux.wait { $0.contains("inbetween") }
    #expect(try tmux.value("mouse_any_flag") == "0")
    try tmux.resize(columns: 100, rows: 30)
    try tmux.command("fg")
    try tmux.wait { $0.contains("probe 100x30") && $0.contains("exact") }
    #expect(try tmux.value("alternate_on") == "1")
    #expect(try tmux.value("mouse_any_flag") == "1")
    try tmux.type("k")
    try tmux.wait { $0.contains("last: character(\"k\")") }
    try tmux.type("q")
    try tmux.wait { $0.contains("inbetween") }
    try tmux.command("echo ended now")
    try expectRestored(tmux)
  }

  @Test(arguments: [
    ("q", "ended 0"), ("e", "ended 3"), ("x", "ended 13"), ("a", "ended 134"),
  ])
  func everyEndRestores(key: String, ended: String) throws {
    let tmux = try start()
    try tmux.wait { $0.contains("last: none") }
    try tmux.type(key)
    try tmux.wait { $0.contains(ended) }
    try expectRestored(tmux)
  }

  @Test(arguments: ["TERM", "HUP", "INT", "SEGV", "QUIT"])
  func everySignalRestores(signal: String) throws {
    let tmux = try start("& P=$!; (sleep 1; kill -\(signal) $P) & fg %1")
    try tmux.wait { $0.contains("last: none") }
    try tmux.wait { !$0.contains("last: none") }
    try tmux.command("echo ended now")
    try expectRestored(tmux)
  }

  @Test func stopSignalFromOutside() throws {
    let tmux = try start("& P=$!; (sleep 1; kill -TSTP $P) & fg %1")
    try tmux.wait { $0.contains("last: none") }
    try tmux.wait { $0.contains("Stopped") }
    try tmux.command("fg %1")
    try tmux.wait { $0.contains("probe") && $0.contains("exact") }
  }

  @Test func withoutUTF8() throws {
    let tmux = try start(environment: ["LANG": "C"])
    let shown = try tmux.wait { $0.contains("exact") }
    #expect(!shown.unicodeScalars.contains { !$0.isASCII })
    #expect(shown.contains("~>|#-.jpg           |"))
  }

  @Test(arguments: [
    ("dumb", "cannot draw on a terminal of type 'dumb'"),
    ("nonesuch", "'nonesuch' is unknown here"),
    ("", "TERM is not set"),
  ])
  func unsuitableTerminalsAreRefused(term: String, text: String) throws {
    let tmux = try Tmux(columns: 120)
    try tmux.command("clear; TERM=\(term) \(probe); echo ended $?")
    let shown = try tmux.wait { $0.contains(/ended [0-9]/) && !$0.contains("clear;") }
    #expect(shown.contains(text))
    #expect(shown.contains("ended 2"))
    #expect(shown.split(separator: "\n").filter { !$0.contains("ready$") }.count == 2)
  }

  /// None of these is in Debian's ncurses-base.
  @Test(arguments: [
    "xterm-kitty", "alacritty", "foot", "xterm-ghostty", "wezterm", "xterm-direct", "kitty",
  ])
  func modernTerminalsWithoutTheirDescription(term: String) throws {
    let tmux = try Tmux(columns: 120)
    try tmux.command("clear; TERM=\(term) \(probe); echo ended $?")
    try tmux.wait { $0.contains("probe 120x24 truecolor") && $0.contains("last: none") }
    try tmux.type("q")
    try tmux.wait { $0.contains("ended 0") }
    try tmux.command("clear; TERM=\(term) \(probe) --facts")
    try tmux.wait { $0.contains("description: xterm-256color, since that of '\(term)'") }
  }

  /// tmux answers at once, and nothing of what it answers is a key.
  @Test func answersAreNoKeys() throws {
    let tmux = try start()
    let shown = try tmux.wait { $0.contains("exact") }
    #expect(shown.contains("last: none"))
    Thread.sleep(forTimeInterval: 0.5)
    #expect(try tmux.screen().contains("last: none"))
  }

  @Test func noTerminalIsRefused() throws {
    let result = try run(
      [], executable: URL(fileURLWithPath: probe), environment: ["TERM": "xterm-256color"])
    #expect(result.status == 2)
    #expect(result.stdout.isEmpty)
    #expect(result.stderr.split(separator: "\n").count == 1)
    #expect(result.stderr.contains("stdin is none"))
  }

  @Test func facts() throws {
    let result = try run(
      ["--facts"], executable: URL(fileURLWithPath: probe),
      environment: ["TERM": "xterm-256color", "COLORTERM": "truecolor"])
    #expect(result.status == 0)
    #expect(result.stdout.contains("colours: 256"))
    #expect(result.stdout.contains("colour depth: truecolor"))
    #expect(result.stdout.contains("UTF-8: yes"))
    #expect(!result.stdout.contains("\u{1B}"))
  }
}
