import Explorer
import Frame
import Testing

/// What holds for every view in the list, those to come too.
@Suite struct ViewListTests {
  @Test(
    "each view has its number, its tab and its place among the next ones", arguments: View.allCases)
  func reached(_ view: View) async throws {
    let number = try #require(View.allCases.firstIndex(of: view)) + 1
    let driver = await Driver.opened()
    await driver.press("Esc", "\(number)")
    #expect(driver.state.view == view)
    #expect(driver.header.contains(view.title))
    for _ in View.allCases { await driver.press("Tab") }
    #expect(driver.state.view == view)
  }

  @Test("a view is what it was for the next session", arguments: View.allCases)
  func saved(_ view: View) async throws {
    let driver = await Driver.opened(saved: SavedState(view: view))
    #expect(driver.state.view == view && driver.state.saved.view == view)
  }

  @Test("no key stands twice in one place, and each says what it does", arguments: Context.all)
  func keys(_ context: Context) {
    var seen: Set<Input> = []
    for binding in context.bindings {
      #expect(!binding.help.isEmpty && !binding.keys.isEmpty)
      for input in binding.inputs {
        #expect(seen.insert(input).inserted, "\(input) in \(context)")
        #expect(context.command(for: input) == binding.command)
      }
    }
  }

  @Test("every place leads to the help and out of the program", arguments: Context.all)
  func ways(_ context: Context) {
    #expect(context.command(for: .key(.f1))?.name == "help")
    #expect(context.command(for: .control("c"))?.name == "quit")
  }
}
