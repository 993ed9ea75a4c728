import Explorer
import Foundation
import Frame
import TestSupport
import Retrieval
import Testing

@Suite struct QueryLineTests {
  private func line(_ text: String, keys: String...) async -> String {
    let driver = await Driver.opened()
    await driver.type(text)
    for key in keys { await driver.press(key) }
    await driver.type("|")
    return driver.state.query.text
  }

  @Test func emacsKeys() async {
    #expect(await line("one two", keys: "Ctrl-A") == "|one two")
    #expect(await line("one two", keys: "Home", "Ctrl-E") == "one two|")
    #expect(await line("one two", keys: "Ctrl-W") == "one |")
    #expect(await line("one two", keys: "Left", "Left", "Left", "Ctrl-K") == "one |")
    #expect(await line("one two", keys: "Left", "Left", "Left", "Ctrl-U") == "|two")
    #expect(await line("one", keys: "Left", "Backspace") == "o|e")
    #expect(await line("one", keys: "Home", "Del") == "|ne")
    #expect(await line("日本", keys: "Left") == "日|本")
  }

  @Test func lettersThatAreKeysElsewhereAreLetters() async {
    let driver = await Driver.opened()
    await driver.type("quay? 123")
    #expect(driver.state.query.text == "quay? 123")
    #expect(!driver.state.isEnding)
  }

  @Test func anAccentJoinsItsLetter() async {
    let driver = await Driver.opened()
    driver.send(.character("e"))
    driver.send(.paste("\u{301}"))
    #expect(driver.state.query.text == "e\u{301}")
    #expect(driver.state.query.caret == 1)
  }

  @Test func pastedControlsStayOut() async {
    let driver = await Driver.opened()
    driver.send(.paste("a\u{1b}[31mb\nc\u{7}"))
    #expect(driver.state.query.text == "a[31mb c")
    driver.send(.paste(String(repeating: "x", count: 100_000)))
    #expect(driver.state.query.characters.count == 1_000)
  }

  @Test func aLineThatIsEnteredAgainMovesToTheEndOfTheHistory() async {
    let driver = await Driver.opened()
    for text in ["beach", "port", "beach"] {
      await driver.type(text).press("Enter", "/", "Ctrl-U")
    }
    #expect(driver.state.query.history == ["port", "beach"])
  }

  @Test func theOldestLinesAreForgotten() async {
    let lines = (0..<500).map { "line \($0)" }
    let driver = await Driver.opened(saved: SavedState(history: lines))
    #expect(driver.state.query.history == lines)
    await driver.type("the newest").press("Enter")
    #expect(driver.state.query.history == lines.dropFirst() + ["the newest"])
  }

  @Test func historyWalksAndComesBack() async {
    let driver = await Driver.opened()
    await driver.type("beach").press("Enter", "/", "Ctrl-U")
    await driver.type("port").press("Enter", "/", "Ctrl-U")
    await driver.type("dra").press("Up")
    #expect(driver.state.query.text == "port")
    await driver.press("Ctrl-P")
    #expect(driver.state.query.text == "beach")
    await driver.press("Up")
    #expect(driver.state.query.text == "beach")
    await driver.press("Down", "Ctrl-N")
    #expect(driver.state.query.text == "dra")
    #expect(driver.state.query.history == ["beach", "port"])
  }

  @Test func theSessionIsRemembered() async throws {
    let driver = await Driver.opened()
    await driver.type("beach").press("Enter", "m", "j", "j")
    let saved = driver.state.saved
    #expect(saved.model == "clip-mini")
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("clip-rsicd-test-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = try #require(StateFile(environment: ["XDG_STATE_HOME": folder.path]))
    #expect(file.read() == SavedState())
    try file.write(saved)
    #expect(file.read() == saved)
    let next = await Driver.opened(saved: file.read())
    #expect(next.state.query.text == "beach")
    #expect(next.state.model?.name == "clip-mini")
    #expect(next.state.selectedImage == driver.state.selectedImage)
    #expect(!next.state.query.isFocused)
    try Data("not JSON".utf8).write(to: URL(fileURLWithPath: file.path))
    #expect(file.read() == SavedState())
  }

  @Test func theStateDirectoryFollowsXDG() {
    #expect(
      StateFile(environment: ["XDG_STATE_HOME": "/s", "HOME": "/h"])?.path
        == "/s/clip-rsicd/explorer.json")
    #expect(
      StateFile(environment: ["XDG_STATE_HOME": "relative", "HOME": "/h"])?.path
        == "/h/.local/state/clip-rsicd/explorer.json")
    #expect(StateFile(environment: [:]) == nil)
  }
}

@Suite struct QueryWordsTests {
  @Test(arguments: [
    ("planes in an airport", "airport"), ("baseball fields by the road", "baseballfield"),
    ("a parking lot", "parking"), ("storage tank", "storagetanks"), ("two churches", "church"),
    ("dense residential area", "denseresidential"), ("the park in the port city", "park"),
  ])
  func aQueryNamesACategory(_ query: String, _ category: String) {
    let all = [
      "airport", "baseballfield", "church", "denseresidential", "park", "parking", "port",
      "storagetanks",
    ]
    #expect(categoryNamed(in: query, among: all) == category)
  }

  /// By letters and digits alone, however the folders are spelled.
  @Test(arguments: [
    ("two storage tanks", "storage_tanks"),
    ("a Ground Track Field seen from above", "ground_track_field"),
    ("agricultural00", "Agricultural00"), ("a Straße", "strasse"),
    ("ferry terminal", "Ferry Terminal"),
    ("a very long name of five words", "very-long name_of five words"),
  ])
  func spellingsDoNotMatter(_ query: String, _ category: String) {
    let all = [
      "storage_tanks", "ground_track_field", "Agricultural00", "Ferry Terminal",
      "very-long name_of five words",
    ]
    #expect(categoryNamed(in: query, among: all) == (all.contains(category) ? category : nil))
  }

  @Test func partsOfWordsAreNotNames() {
    #expect(categoryNamed(in: "transport of apartments", among: ["port", "park"]) == nil)
    #expect(categoryNamed(in: "", among: ["port"]) == nil)
  }
}
