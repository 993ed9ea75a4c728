import Explorer
import Frame
import Testing

@Suite struct CategoriesTests {
  @Test func theWidestGapComesFirst() async throws {
    let driver = await Driver.opened()
    await driver.press("Esc", "3", "o")
    let first = try #require(driver.state.orderedCategories.first)
    let accuracies = driver.state.models.compactMap {
      driver.state.categories.accuracy[$0.id]?.value?.byCategory
    }
    let gaps = FakeCollection.categories.map { abs(accuracies[0][$0]! - accuracies[1][$0]!) }
    let gap = abs(accuracies[0][first.name]! - accuracies[1][first.name]!)
    #expect(gap == gaps.max())
  }

  @Test func theLargestComesFirstAndEqualOnesByName() async {
    var collection = FakeCollection()
    collection.images.removeAll { $0.category == "beach" && $0.id % 2 == 0 }
    collection.images.removeAll { $0.category == "airport" && $0.id % 2 == 0 }
    let driver = await Driver.opened(collection: collection)
    driver.state.categories.order = .count
    #expect(
      driver.state.orderedCategories.map(\.name)
        == ["bridge", "forest", "port", "storagetanks", "airport", "beach"])
  }

  @Test func anOpenedCategoryShowsMistakes() async {
    let driver = await Driver.opened()
    await driver.press("Esc", "3", "Enter")
    #expect(driver.state.categories.opened?.name == "airport")
    #expect(driver.canvas.text.contains("✗ forest"))
    await driver.press("n")
    let row = driver.state.categories.opened?.selectedRow
    #expect(row?.verdicts.last == "forest")
    await driver.press("Esc")
    #expect(driver.state.categories.opened == nil)
  }

  @Test func aCellOfTheConfusionMatrixOpensItsImages() async throws {
    let driver = await Driver.opened()
    await driver.press("Esc", "3", "x")
    let model = try #require(driver.state.model)
    let confusion = try #require(driver.state.categories.accuracy[model.id]?.value?.confusion)
    // The first cell beside the diagonal that has images.
    let cells = confusion.categories.indices.flatMap { own in
      confusion.categories.indices.map { (own, $0) }
    }
    let (own, other) = try #require(
      cells.first { $0.0 != $0.1 && confusion.counts[$0.0][$0.1] > 0 })
    for _ in 0..<own { await driver.press("j") }
    for _ in 0..<other { await driver.press("l") }
    await driver.press("Enter")
    let opened = try #require(driver.state.categories.opened)
    #expect(opened.name == confusion.categories[own])
    #expect(opened.takenFor == confusion.categories[other])
    #expect(opened.rows.count == confusion.counts[own][other])
    #expect(opened.rows.allSatisfy { $0.image.category == opened.name })
    await driver.press("Esc")
    #expect(driver.state.categories.opened == nil)
    #expect(driver.state.categories.matrix?.row.selected == own)
    // By the mouse: the corner of the matrix, then back to the table.
    driver.send(.mouse(.init(kind: .click, column: 3, row: 3)))
    #expect(driver.state.categories.matrix?.row.selected == 0)
    await driver.press("h", "h", "x")
    #expect(driver.state.categories.matrix == nil)
  }
}
