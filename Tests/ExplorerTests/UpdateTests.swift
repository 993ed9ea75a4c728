import Tokenizers
import Models
import Explorer
import Foundation
import Frame
import ImageCollections
import Retrieval
import TestSupport
import Testing

@Suite struct SearchTests {
  @Test func typingRanksAsYouType() async {
    let driver = await Driver.opened()
    await driver.type("beach")
    #expect(driver.state.search.hits.first?.image.category == "beach")
    #expect(driver.header.contains("rsicd-mini · 36 images · exact"))
    #expect(driver.lines[1].contains("7 ms   1–36 of 36"))
  }

  /// The footer says that `/` leads to the line, also to somebody who is there already.
  @Test func aSlashInAnEmptyLineIsNoText() async {
    let driver = await Driver.opened()
    await driver.type("/beach")
    #expect(driver.state.query.text == "beach")
    await driver.type(" a/b")
    #expect(driver.state.query.text == "beach a/b")
  }

  @Test func whatAnAnswerSaysOfItselfIsShown() async throws {
    let driver = await Driver.opened()
    func question(_ text: String) throws -> (SearchRequest, Int) {
      for character in text { driver.send(.character(character)) }
      let asked = driver.takeWaiting().compactMap { effect -> (SearchRequest, Int)? in
        guard case .ask(let question) = effect else { return nil }
        return (question as? SearchQuestion).map { ($0.request, $0.generation) }
      }
      return try #require(asked.last)
    }
    let (request, first) = try question("boats")
    let cut = Ranking.Note.textCut(TextCut(text: "boats", tokens: 31, read: 30))
    var ranking = try await driver.collection.rank(request)
    ranking.notes = [cut]
    driver.apply(.answered(SearchAnswer(ranking: ranking, generation: first)))
    #expect(driver.state.message?.text == "\(cut)")
    // Without rows the reason stands in their place.
    let (_, second) = try question(" category:prot")
    let refused = RetrievalError.noCategory("prot", known: ["port"])
    driver.apply(
      .answered(
        SearchAnswer(
          ranking: Ranking(hits: [], total: 0, milliseconds: 0, notes: [.refused(refused)]),
          generation: second)))
    let frame = draw(driver.state, columns: 120, rows: 40).text
    #expect(frame.contains("No image matches"))
    #expect(frame.contains("no category prot; there are port"))
  }

  @Test func theNewestKeystrokeWins() async throws {
    let driver = await Driver.opened()
    driver.send(.character("b"))
    let older = driver.takeWaiting()
    await driver.type("each")
    let rows = driver.state.search.hits
    for effect in older {
      let late = try #require(await driver.answer(effect))
      driver.apply(late)
    }
    #expect(driver.state.search.hits == rows)
    #expect(!driver.state.search.isRunning)
  }

  @Test func aStaleFailureIsDropped() async {
    let driver = await Driver.opened()
    await driver.type("beach")
    driver.apply(.answered(SearchAnswer(failure: "too late", generation: 1)))
    #expect(!driver.canvas.text.contains("too late"))
  }

  @Test func similarImagesAndBack() async {
    let driver = await Driver.opened()
    await driver.type("forest").press("Enter", "j")
    let selected = driver.state.selectedImage
    await driver.press("s")
    #expect(driver.state.search.like == selected)
    #expect(!driver.state.search.hits.contains { $0.image == selected })
    #expect(driver.lines[1].contains("images like \(selected?.filename ?? "")"))
    await driver.press("u")
    #expect(driver.state.search.like == nil)
    #expect(driver.state.selectedImage == selected)
    #expect(driver.state.query.text == "forest")
  }

  @Test func anAnswerToWhatWasLeftIsDropped() async {
    let driver = await Driver.opened()
    await driver.type("forest").press("Enter")
    let hits = driver.state.search.hits
    driver.send(.character("s"))
    let similar = driver.takeWaiting()
    await driver.press("Esc")
    for effect in similar { if let late = await driver.answer(effect) { driver.apply(late) } }
    #expect(driver.state.search.hits == hits)
  }

  @Test func modelsChangeWithMAndArrows() async {
    let driver = await Driver.opened()
    await driver.type("port").press("Enter", "m")
    #expect(driver.state.model?.name == "clip-mini")
    #expect(driver.footer.hasSuffix("clip-mini ◂▸ rsicd-mini"))
    await driver.press("Right")
    #expect(driver.state.model?.name == "rsicd-mini")
    await driver.press("Left")
    #expect(driver.state.model?.name == "clip-mini")
  }

  @Test func softmaxNeedsAText() async {
    let driver = await Driver.opened()
    await driver.type("port").press("Enter", "p")
    #expect(driver.lines[2].contains("%"))
    await driver.press("s")
    #expect(!driver.lines[2].contains("%"))
    await driver.press("p")
    #expect(driver.footer.contains("Softmax needs a text query"))
  }

  @Test func aCategoryCanBeAskedFor() async {
    let driver = await Driver.opened()
    await driver.type("boats category:port").press("Enter")
    #expect(driver.state.search.hits.count == 6)
    #expect(driver.state.search.hits.allSatisfy { $0.image.category == "port" })
  }

  @Test func moreRowsAreFetchedNearTheEnd() async {
    var collection = FakeCollection()
    collection.images = FakeCollection.images(perCategory: 100)
    let driver = await Driver.opened(collection: collection)
    await driver.type("beach").press("Enter")
    #expect(driver.state.search.hits.count == 200)
    await driver.press("G")
    #expect(driver.state.search.hits.count == 600)
    #expect(driver.state.search.position.selected == 199)
  }

  @Test func afterNoMatchTheNextQuestionIsSaidToBeSearchedFor() async {
    let driver = await Driver.opened()
    await driver.type("boats category:nowhere").press("Enter")
    #expect(driver.canvas.text.contains("No image matches"))
    driver.send(.character("/"))
    driver.send(.character("x"))
    #expect(driver.canvas.text.contains("Searching"))
    await driver.answerAll()
    #expect(driver.canvas.text.contains("No image matches"))
  }

  @Test func whileMoreRowsAreOnTheirWayNoMoreAreAskedFor() async {
    var collection = FakeCollection()
    collection.images = FakeCollection.images(perCategory: 400)
    let driver = await Driver.opened(collection: collection)
    await driver.type("beach").press("Enter")
    let first = driver.state.search.limit
    #expect(driver.state.search.hits.count == first)
    for _ in 0..<3 { driver.send(.key(.end)) }
    #expect(driver.state.search.limit == 4 * first)
    await driver.answerAll()
    #expect(driver.state.search.hits.count == 4 * first)
  }

  @Test func pathsAreCopiedAndOpenedOutside() async {
    let driver = await Driver.opened()
    await driver.type("port").press("Enter", "y", "o")
    let path = driver.state.selectedImage?.path ?? ""
    var copied: String?
    var opened: String?
    for effect in driver.told {
      if case .copy(let text) = effect { copied = text }
      if case .openExternally(let text) = effect { opened = text }
    }
    #expect(copied == path)
    #expect(opened == path)
  }
}

@Suite struct MotionTests {
  @Test func viAndLessKeysMove() async {
    let driver = await Driver.opened()
    await driver.press("Esc")
    let selected = { (driver: Driver) -> Int in driver.state.search.position.selected }
    await driver.press("j", "j", "k")
    #expect(selected(driver) == 1)
    await driver.press("G")
    #expect(selected(driver) == 35)
    await driver.press("g", "5", "j")
    #expect(selected(driver) == 5)
    await driver.press("0", "1", "2", "G")
    #expect(selected(driver) == 11)
    await driver.press("Ctrl-U", "Ctrl-U")
    #expect(selected(driver) == 0)
    await driver.press("9", "9", "9", "9", "9", "9", "j")
    #expect(selected(driver) == 35)
  }

  @Test func aCountThatIsNotUsedIsForgotten() async {
    let driver = await Driver.opened()
    await driver.press("Esc", "7", "x", "j")
    #expect(driver.state.search.position.selected == 1)
  }

  @Test func digitsAndTabsChangeTheView() async {
    let driver = await Driver.opened()
    await driver.press("Esc", "2")
    #expect(driver.state.view == .compare)
    await driver.press("Tab")
    #expect(driver.state.view == .categories)
    await driver.press("Tab")
    #expect(driver.state.view == .search)
    await driver.press("Shift-Tab")
    #expect(driver.state.view == .categories)
  }

  @Test func theMouseSelectsOpensScrollsAndChangesViews() async {
    let driver = await Driver.opened()
    await driver.type("port")
    driver.send(.mouse(.init(kind: .click, column: 30, row: 5)))
    #expect(driver.state.search.position.selected == 3)
    #expect(!driver.state.query.isFocused)
    driver.send(.mouse(.init(kind: .doubleClick, column: 12, row: 4)))
    #expect(driver.state.search.position.selected == 2)
    #expect(driver.state.isOpened)
    driver.send(.mouse(.init(kind: .wheelDown, column: 12, row: 4)))
    #expect(driver.state.search.position.selected == 5)
    let tab = driver.header.distance(
      from: driver.header.startIndex, to: driver.header.firstRange(of: "Categories")!.lowerBound)
    driver.send(.mouse(.init(kind: .click, column: tab, row: 0)))
    #expect(driver.state.view == .categories)
    driver.send(.mouse(.init(kind: .click, column: 500, row: 500)))
    driver.send(.mouse(.init(kind: .click, column: -1, row: -1)))
  }

  /// The documents' table of keys says nothing that the program's own table does not.
  @Test func theDocumentsNameKeysThatThereAre() throws {
    let document = try String(
      contentsOf: Places.package.appendingPathComponent("docs/searching.md"), encoding: .utf8)
    let chapter = try #require(document.components(separatedBy: "\n## The explorer\n").last)
    let lines = chapter.components(separatedBy: "\n").drop { !$0.hasPrefix("| Key |") }
      .prefix { $0.hasPrefix("|") }.filter { $0.hasPrefix("| `") }
    #expect(lines.count >= 6)
    let known = Set(
      Context.all.flatMap(\.bindings).flatMap { $0.keys.split(separator: " ").map(String.init) })
    for line in lines {
      for key in line.matches(of: /`([^`]+)`/) {
        #expect(known.contains(String(key.1)), "\(key.1) is in the documents' table only")
      }
    }
  }

  @Test func helpNamesTheKeysOfTheViewOnly() async {
    let driver = await Driver.opened(columns: 120, rows: 60)
    await driver.press("Esc", "?")
    #expect(driver.canvas.text.contains("images like the selected one"))
    #expect(!driver.canvas.text.contains("misclassified"))
    await driver.press("?", "3", "F1")
    #expect(driver.canvas.text.contains("sort by name"))
    #expect(!driver.canvas.text.contains("images like the selected one"))
    await driver.press("Esc")
    #expect(driver.state.help == nil)
  }

  @Test func aLongerScreenShowsTheHelpThatWasScrolledFromItsStart() async {
    let driver = await Driver.opened(columns: 120, rows: 12)
    await driver.press("Esc", "?")
    let start = driver.lines[1]
    await driver.press("G")
    #expect(driver.lines[1] != start)
    driver.send(.resized(columns: 120, rows: 100))
    #expect(driver.lines[1] == start)
  }

  @Test(arguments: [(0, 0), (1, 1), (10, 4), (39, 10), (40, 9)])
  func aScreenThatIsTooSmallSaysSoAndRecovers(_ columns: Int, _ rows: Int) async {
    let driver = await Driver.opened()
    await driver.type("port").press("Enter", "j")
    let before = driver.canvas
    driver.send(.resized(columns: columns, rows: rows))
    await driver.press("j", "k")
    #expect(driver.canvas.columns == columns)
    if columns >= 10, rows >= 2 { #expect(driver.canvas.text.hasPrefix("Too small")) }
    driver.send(.resized(columns: 120, rows: 40))
    #expect(driver.canvas == before)
  }

  /// Every key in every view at every odd size: nothing may trap, every frame is whole, and what is
  /// selected is in its list and on the screen.
  @Test func anyKeyAnywhere() async {
    var keys: [Input] = Input.NamedKey.allCases.map { .key($0) }
    keys += "abcdefghijklmnoprstuvwxyzGN/?0123456789 é日".map { .character($0) }
    keys += "abcdefghijklmnoprstuvwxyz".map { .control($0) }
    let driver = await Driver.opened()
    var seed: UInt64 = 42
    for step in 0..<4_000 {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let number = Int(seed >> 33)
      if step % 23 == 0 {
        driver.send(.resized(columns: number % 140, rows: number / 7 % 50))
      } else if step % 7 == 0 {
        let event = Input.MouseEvent(
          kind: number % 2 == 0 ? .click : .doubleClick, column: number % 120, row: number / 9 % 40)
        driver.send(.mouse(event))
      } else {
        driver.send(keys[number % keys.count])
      }
      if number % 3 == 0 { await driver.answerAll() }
      driver.state.isEnding = false
      let problem = driver.canvas.checkInvariants() ?? driver.state.problem
      #expect(problem == nil, "step \(step)")
      if problem != nil { break }
    }
  }
}
