import Explorer
import Frame
import Testing

/// Each view at three sizes, as a person would see it.
@Suite struct ScreensTests {
  static let sizes = [(120, 40), (80, 24), (40, 10)]

  @Test(arguments: sizes) func search(_ columns: Int, _ rows: Int) async throws {
    let driver = await Driver.opened(columns: columns, rows: rows)
    await driver.type("planes in an airport").press("Enter", "j")
    try expectSnapshot(driver.canvas, "search-\(columns)x\(rows)")
  }

  @Test(arguments: sizes) func typing(_ columns: Int, _ rows: Int) async throws {
    let driver = await Driver.opened(columns: columns, rows: rows)
    await driver.type("beach").press("Left", "Left")
    try expectSnapshot(driver.canvas, "typing-\(columns)x\(rows)")
  }

  @Test(arguments: sizes) func opened(_ columns: Int, _ rows: Int) async throws {
    let driver = await Driver.opened(columns: columns, rows: rows)
    await driver.type("port").press("Enter", "Enter")
    try expectSnapshot(driver.canvas, "opened-\(columns)x\(rows)")
  }

  @Test(arguments: sizes) func compare(_ columns: Int, _ rows: Int) async throws {
    let driver = await Driver.opened(columns: columns, rows: rows)
    await driver.type("a bridge").press("Enter", "c", "j")
    try expectSnapshot(driver.canvas, "compare-\(columns)x\(rows)")
  }

  @Test(arguments: sizes) func confusion(_ columns: Int, _ rows: Int) async throws {
    let driver = await Driver.opened(columns: columns, rows: rows)
    await driver.press("Esc", "3", "x", "j", "l", "l")
    try expectSnapshot(driver.canvas, "confusion-\(columns)x\(rows)")
  }

  @Test(arguments: sizes) func categories(_ columns: Int, _ rows: Int) async throws {
    let driver = await Driver.opened(columns: columns, rows: rows)
    await driver.press("Esc", "3", "o")
    try expectSnapshot(driver.canvas, "categories-\(columns)x\(rows)")
  }

  @Test(arguments: sizes) func category(_ columns: Int, _ rows: Int) async throws {
    let driver = await Driver.opened(columns: columns, rows: rows)
    await driver.press("Esc", "3", "j", "Enter", "n")
    try expectSnapshot(driver.canvas, "category-\(columns)x\(rows)")
  }

  @Test(arguments: sizes) func help(_ columns: Int, _ rows: Int) async throws {
    let driver = await Driver.opened(columns: columns, rows: rows)
    await driver.press("Esc", "?")
    try expectSnapshot(driver.canvas, "help-\(columns)x\(rows)")
  }

  @Test func first() throws {
    try expectSnapshot(Driver(columns: 80, rows: 24).canvas, "first-80x24")
  }

  @Test func empty() async throws {
    var collection = FakeCollection()
    collection.images = []
    let driver = await Driver.opened(collection: collection, columns: 80, rows: 24)
    try expectSnapshot(driver.canvas, "empty-80x24")
  }

  @Test func noMatch() async throws {
    let driver = await Driver.opened(columns: 80, rows: 24)
    await driver.type("boats category:nowhere")
    try expectSnapshot(driver.canvas, "no-match-80x24")
  }

  @Test func brokenModel() async throws {
    var collection = FakeCollection()
    collection.loadError =
      "/models/rsicd-mini/model.safetensors: not found; name its place with --model DIR"
    let driver = await Driver.opened(collection: collection, columns: 80, rows: 24)
    await driver.type("pier").press("Enter")
    try expectSnapshot(driver.canvas, "broken-model-80x24")
  }

  @Test func brokenCollection() async throws {
    var collection = FakeCollection()
    collection.openError =
      "scenes.sqlite: version 7, this program reads version 1; index the folder anew"
    let driver = await Driver.opened(collection: collection, columns: 80, rows: 24)
    try expectSnapshot(driver.canvas, "broken-collection-80x24")
  }

  @Test func withoutUnicode() async throws {
    let driver = await Driver.opened(columns: 80, rows: 24)
    driver.state.unicode = false
    await driver.type("bridge").press("Enter", "2")
    try expectSnapshot(driver.canvas, "compare-ascii-80x24")
  }
}
