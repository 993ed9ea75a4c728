import Explorer
import Frame
import Testing

@Suite struct CompareTests {
  @Test func movesAndFigures() async {
    let driver = await Driver.opened()
    await driver.type("beach").press("Enter", "2")
    let text = driver.canvas.text
    #expect(text.contains("overlap@10"))
    #expect(text.contains("RBO"))
    #expect(text.contains("P@10 0.60"))
    #expect(text.contains("▲") && text.contains("▼") && text.contains("●"))
    let image = driver.state.selectedImage
    await driver.press("Left")
    #expect(driver.state.compare.side == .left)
    #expect(driver.state.selectedImage == image)
  }

  @Test func mLeavesTheModelsInTheirOrder() async {
    let driver = await Driver.opened()
    await driver.type("beach").press("Enter", "2")
    let ranking = driver.state.model?.name
    let changes = driver.canvas.text
    #expect(driver.state.compare.side == (ranking == "clip-mini" ? .left : .right))
    await driver.press("m")
    #expect(driver.state.model?.name != ranking)
    #expect(driver.state.comparedModels?.left.name == "clip-mini")
    #expect(driver.state.comparedModels?.right.name == "rsicd-mini")
    #expect(driver.state.compare.side == (ranking == "clip-mini" ? .right : .left))
    #expect(driver.canvas.text != changes)
  }

  @Test func aModelThatIsRememberedStaysInItsPlace() async {
    let driver = await Driver.opened(saved: SavedState(model: "clip-mini"))
    await driver.type("beach").press("Enter", "2")
    #expect(driver.state.comparedModels?.left.name == "clip-mini")
    #expect(driver.state.compare.side == .left)
  }

  @Test func oneModelIsNotEnough() async {
    var collection = FakeCollection()
    collection.models.removeLast()
    let driver = await Driver.opened(collection: collection)
    await driver.type("beach").press("Enter", "2")
    #expect(driver.canvas.text.contains("Compare needs two models"))
  }

  @Test func anEmptyQueryComparesNothing() async {
    let driver = await Driver.opened()
    await driver.press("Esc", "2")
    #expect(driver.canvas.text.contains("Nothing to compare yet"))
  }
}
