import Terminal
import Testing

@Suite struct TerminalAnswersTests {
  private func answers(_ text: String) -> TerminalAnswers {
    var answers = TerminalAnswers()
    answers.take(text.utf8)
    return answers
  }

  private let kitty =
    "\u{1B}P>|kitty(0.26.5)\u{1B}\\\u{1B}P1$r0;48:2:1:2:3m\u{1B}\\\u{1B}P1+r524742=\u{1B}\\"
    + "\u{1B}]11;rgb:ffff/fafa/e0e0\u{1B}\\\u{1B}[>1;4000;29c\u{1B}[?62;c"

  @Test func whatATerminalSays() {
    let found = answers(kitty)
    #expect(found.name == "kitty(0.26.5)")
    #expect(found.keepsDirectColor == true)
    #expect(found.describesDirectColor == true)
    #expect(found.secondary == [1, 4000, 29])
    #expect(found.background.map { Int($0.y.rounded()) } == 250)
    #expect(found.isComplete && found.typed.isEmpty)
  }

  /// Keys between, before and after the answers stay what they are, in order.
  @Test func keysAreKept() {
    let found = answers("ab\u{1B}[?62c\u{1B}[Aé\u{1B}P0$r\u{1B}\\\u{1B}x\u{3}")
    #expect(String(decoding: found.typed, as: UTF8.self) == "ab\u{1B}[Aé\u{1B}x\u{3}")
    #expect(found.keepsDirectColor == false)
  }

  @Test func answersInPieces() {
    var pieces = TerminalAnswers()
    for byte in kitty.utf8 { pieces.take([byte]) }
    #expect(pieces == answers(kitty))
  }

  @Test func whatNeverEndsIsBounded() {
    let found = answers("\u{1B}P" + String(repeating: "x", count: 10_000))
    #expect(found.typed.count > 9_000)
    #expect(!found.isComplete)
  }

  @Test(arguments: [
    ("\u{1B}P1$r0;48:2::1:2:3m\u{1B}\\", true), ("\u{1B}P1$r48;2;1;2;3m\u{1B}\\", true),
    ("\u{1B}P1$r0;48;5;16m\u{1B}\\", false), ("\u{1B}P0$rm\u{1B}\\", false),
  ])
  func directColorIsKept(_ answer: String, _ keeps: Bool) {
    #expect(answers(answer).keepsDirectColor == keeps)
    let abilities = TerminalAbilities(
      environment: ["TERM": "xterm-256color"], wanted: nil, client: nil,
      answers: answers(answer + "\u{1B}[?62c"))
    #expect(abilities.depth == (keeps ? .direct : .colors256))
  }

  @Test func theEnvironmentGoesFirst() {
    func depth(_ environment: [String: String], wanted: ColorDepth? = nil) -> ColorDepth {
      TerminalAbilities(
        environment: environment, wanted: wanted, client: nil, answers: answers(kitty)
      ).depth
    }
    #expect(depth(["TERM": "xterm-256color", "NO_COLOR": "1"]) == .mono)
    #expect(depth(["TERM": "xterm-256color"], wanted: .colors16) == .colors16)
    #expect(depth(["TERM": "xterm-256color"]) == .direct)
  }

  @Test func tmuxSaysWhatIsOutside() throws {
    let client = try #require(
      TmuxClient.parse("xterm-256color\tkitty(0.26.5)\t256,RGB,bpaste,title\n"))
    let inside = ["TERM": "tmux-256color", "TMUX": "/tmp/tmux-0/default,1,0"]
    let abilities = TerminalAbilities(
      environment: inside, wanted: nil, client: client, answers: answers("\u{1B}[?1;2c"))
    #expect(abilities.depth == .direct)
    #expect(abilities.name == "kitty(0.26.5)")
    let without = TerminalAbilities(
      environment: inside, wanted: nil, client: TmuxClient.parse("xterm\t\t256\n"), answers: nil)
    #expect(without.depth == .colors256)
    #expect(!without.drawsSextants)
    #expect(TmuxClient.parse("\t\t\n") == nil)
  }

  @Test(arguments: [
    ("kitty(0.26.5)", true), ("kitty(0.19.2)", false), ("foot(1.13.1)", true),
    ("WezTerm 20230712-072601-f4abf8fd", true), ("VTE(7200)", true), ("VTE(5800)", false),
    ("ghostty 1.0.1", true), ("alacritty 0.14.1", true), ("alacritty 0.13.2", false),
    ("XTerm(379)", false), ("Konsole 22.12.3", false), ("tmux 3.3a", false), ("", false),
  ])
  func sextants(_ name: String, _ draws: Bool) {
    #expect(KnownTerminals.drawsSextants(named: name) == draws)
  }
}
