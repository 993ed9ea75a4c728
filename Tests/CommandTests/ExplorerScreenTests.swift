import Foundation
import TestSupport
import Testing

/// The explorer in a real terminal, on a collection of its own with both models.
@Suite(.serialized, .enabled(if: Tmux.isInstalled))
struct ExplorerScreenTests {
  /// Runs `body` in a folder with `images.sqlite`, in which one name tries to steer the terminal.
  private func withCollection(_ body: (URL) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let images = folder.appendingPathComponent("images")
      try CollectionFixture.fill(images, count: 8)
      try CollectionFixture.picture(9).write(
        to: images.appendingPathComponent("bridge_\u{1b}]0;owned\u{7}\u{202e}9.jpg"))
      let made = try run([
        "index", images.path, "--model", CollectionFixture.baseline, "--model",
        CollectionFixture.model, "--into", folder.appendingPathComponent("images.sqlite").path,
      ])
      try #require(made.status == 0, "\(made.stderr)")
      try body(folder)
    }
  }

  private func explore(
    in folder: URL, columns: Int = 80, rows: Int = 24, arguments: String = "",
    environment: [String: String] = [:]
  ) throws -> Tmux {
    var values = ["XDG_STATE_HOME": folder.appendingPathComponent("state").path]
    values.merge(environment) { $1 }
    let tmux = try Tmux(columns: columns, rows: rows, environment: values)
    let collection = folder.appendingPathComponent("images.sqlite").path
    try tmux.command(
      "'\(Places.executable.path)' explore --collection '\(collection)' \(arguments); echo \"left:$?\""
    )
    try tmux.wait { $0.contains("Search") && $0.contains("airport_1.jpg") }
    return tmux
  }

  @Test(arguments: [(120, 40), (80, 24), (40, 10)])
  func everyViewAtEverySize(_ columns: Int, _ rows: Int) throws {
    try withCollection { folder in
      let tmux = try explore(in: folder, columns: columns, rows: rows)
      try tmux.type("airport")
      try tmux.wait { $0.contains("› airport") && $0.contains("1 ▉") && $0.contains("●") }
      try tmux.press("Enter", "j")
      try tmux.wait { $0.contains("▸ 2 ") }
      try tmux.press("2")
      try tmux.wait { $0.contains("overlap@10") }
      try tmux.press("3")
      try tmux.wait { $0.contains("2 categories") && $0.contains("rsicd-mi") }
      try tmux.press("Enter")
      try tmux.wait { $0.contains("airport ·") && $0.contains("of 4 right") }
      try tmux.press("?")
      try tmux.wait { $0.contains("In the category airport") }
      try tmux.press("q", "q")
      let screen = try tmux.wait { $0.contains("left:0") }
      #expect(!screen.contains("Categories"))
    }
  }

  @Test func picturesAndDetailsStandBesideTheList() throws {
    try withCollection { folder in
      let tmux = try explore(in: folder)
      try tmux.press("Escape")
      try tmux.wait(styles: true) { screen in
        ["64 × 64", "by name"].allSatisfy(screen.contains)
          && screen.contains { "▀▄▌▐▖▗▘▝▚▞".contains($0) }
      }
    }
  }

  @Test func namesCannotSteerTheTerminal() throws {
    try withCollection { folder in
      let tmux = try explore(in: folder)
      try tmux.press("Escape", "G")
      let screen = try tmux.wait { $0.contains("▸ 9 bridge_") }
      #expect(!screen.contains("\u{202e}"))
      #expect(try !tmux.value("pane_title").contains("owned"))
    }
  }

  @Test func aWindowThatIsTooSmallSaysSoAndRecovers() throws {
    try withCollection { folder in
      let tmux = try explore(in: folder)
      try tmux.press("Escape", "j", "j")
      try tmux.wait { $0.contains("▸ 3 ") }
      try tmux.resize(columns: 30, rows: 6)
      try tmux.wait { $0.contains("Too small") }
      try tmux.resize(columns: 100, rows: 30)
      try tmux.wait { $0.contains("▸ 3 ") && !$0.contains("Too small") }
    }
  }

  @Test func theSessionIsRememberedUnlessItShallNotBe() throws {
    try withCollection { folder in
      let state = folder.appendingPathComponent("state/clip-rsicd/explorer.json")
      let forgetful = try explore(in: folder, arguments: "--no-state")
      try forgetful.type("secret")
      try forgetful.press("Enter", "q")
      try forgetful.wait { $0.contains("left:0") }
      #expect(!FileManager.default.fileExists(atPath: state.path))

      let first = try explore(in: folder)
      try first.type("bridge")
      try first.press("Enter", "m", "q")
      try first.wait { $0.contains("left:0") }
      let second = try explore(in: folder)
      try second.wait { $0.contains("› bridge") && $0.contains("clip-mini · 9 images") }
      try second.press("/", "C-u", "Up")
      try second.wait { $0.contains("› bridge") }
    }
  }

  /// Models are being read and a query is embedded when `q` comes: nothing of that may outlive what it
  /// stands on.
  @Test func leavingInTheMiddleOfWorkIsNoCrash() throws {
    try withCollection { folder in
      let terminal = try Tmux(environment: ["XDG_STATE_HOME": folder.path])
      let collection = folder.appendingPathComponent("images.sqlite").path
      for attempt in 0..<24 {
        try terminal.command(
          "clear; '\(Places.executable.path)' explore --no-state --collection '\(collection)';"
            + " echo \"left:$?\"")
        try terminal.wait { $0.contains("Search") }
        Thread.sleep(forTimeInterval: 0.005 * Double(attempt % 8))
        try terminal.type("secret")
        try terminal.press("Enter", "q")
        let screen = try terminal.wait { $0.contains(/left:\d/) }
        try #require(screen.contains("left:0"), "attempt \(attempt): \(screen)")
      }
    }
  }

  @Test func withoutColourNothingIsColoured() throws {
    try withCollection { folder in
      let tmux = try explore(in: folder, environment: ["NO_COLOR": "1"])
      try tmux.type("airport")
      let screen = try tmux.wait(styles: true) { $0.contains("●") && $0.contains("64 × 64") }
      #expect(screen.firstMatch(of: /\u{1b}\[[0-9;]*\b(3[0-7]|4[0-7]|38|48)\b[0-9;]*m/) == nil)
    }
  }

  @Test func aPasteIsAQueryNotKeys() throws {
    try withCollection { folder in
      let tmux = try explore(in: folder)
      try tmux.press("Escape")
      try tmux.paste("quays at night")
      try tmux.wait { $0.contains("› quays at night") }
    }
  }

  @Test func withoutATerminalItIsRefused() throws {
    let result = try run(["explore", "--collection", "/nowhere.sqlite"])
    #expect(result.status == 2)
    #expect(result.stdout.isEmpty)
    #expect(result.stderr.contains("terminal"))
  }

  @Test func aScriptPrintsFrames() throws {
    try withCollection { folder in
      let script = folder.appendingPathComponent("keys")
      try Data("size 100 30\ntype bridge\nkey Enter j\nframe\nkey 2\n".utf8).write(to: script)
      let result = try run([
        "explore", "--collection", folder.appendingPathComponent("images.sqlite").path,
        "--no-state", "--script", script.path,
      ])
      #expect(result.status == 0, "\(result.stderr)")
      #expect(result.stdout.contains("▸ 2 "))
      #expect(result.stdout.contains("overlap@10"))
    }
  }
}
