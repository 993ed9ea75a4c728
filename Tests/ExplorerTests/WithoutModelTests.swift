import Explorer
import Frame
import ImageCollections
import Testing

/// A model that cannot be had costs what only it can tell: images are listed and shown all the same.
@Suite struct WithoutModelTests {
  private static let reason = "/models/rsicd-mini: not found; name its place with --model DIR"

  private func driver(columns: Int = 80) async -> Driver {
    var collection = FakeCollection()
    collection.loadError = Self.reason
    return await Driver.opened(collection: collection, columns: columns, rows: 24)
  }

  @Test func theListAndItsPictures() async {
    let driver = await driver()
    let shown = driver.canvas.text
    #expect(shown.contains("airport_1.jpg"))
    #expect(shown.contains("▚▞▚"))
    #expect(shown.contains("no model"))
    #expect(shown.contains("! no model: \(Self.reason)".prefix(40)))
    await driver.press("Enter", "j")
    #expect(driver.canvas.text.contains("airport_2.jpg"))
    #expect(driver.state.selectedImage?.filename == "airport_2.jpg")
  }

  /// What needs the model says so, and how to go on.
  @Test func aQuerySaysWhy() async {
    let driver = await driver()
    await driver.type("pier").press("Enter")
    #expect(driver.canvas.text.contains("No model: rsicd-mini cannot be loaded"))
    #expect(driver.canvas.text.contains("lists the images"))
    await driver.press("/", "Ctrl-U", "Enter")
    #expect(driver.canvas.text.contains("airport_1.jpg"))
  }

  @Test func imagesLikeOneNeedNoModel() async {
    let driver = await driver()
    await driver.press("Enter", "s")
    #expect(driver.canvas.text.contains("images like airport_1.jpg"))
    #expect(driver.canvas.text.contains("airport_2.jpg"))
  }

  @Test func categoriesAndTheirImages() async {
    let driver = await driver(columns: 120)
    await driver.press("Enter", "3")
    let table = driver.canvas.text
    #expect(table.contains("6 categories"))
    #expect(table.contains("no model: \(Self.reason)"))
    #expect(table.contains("beach"))
    await driver.press("j", "Enter")
    let opened = driver.canvas.text
    #expect(opened.contains("beach_1.jpg"))
    #expect(opened.contains("by name"))
    #expect(opened.contains("no model: "))
    #expect(!opened.contains("cosine"))
  }

  @Test func comparisonSaysWhy() async {
    let driver = await driver()
    await driver.type("pier").press("Enter", "2")
    #expect(driver.canvas.text.contains("No model"))
  }
}

/// The header says whose pictures these are.
@Suite struct HeaderTests {
  private func header(_ name: String, isDrawn: Bool, columns: Int) -> String {
    var state = State(size: Size(columns: columns, rows: 24))
    let models = FakeCollection().models
    state.collection = .ready(
      CollectionSummary(
        name: name, isDrawn: isDrawn, imageCount: 1027, models: models, categories: [],
        indexName: "exact"))
    return draw(state, columns: columns, rows: 24).text.split(separator: "\n").first.map(
      String.init) ?? ""
  }

  @Test(arguments: [
    ("rsicd", false, 120, "rsicd · clip-mini · 1,027 images · exact"),
    ("gallery", true, 120, "drawn gallery · clip-mini · 1,027 images · exact"),
    ("gallery", true, 80, "drawn gallery · clip-mini"), ("rsicd", false, 60, "rsicd · clip-mini"),
    ("gallery", true, 40, "clip-mini"),
    ("a collection with a very long name", false, 120, "a collection with a ver… · clip-mini"),
  ])
  func theCollectionIsNamed(_ name: String, _ isDrawn: Bool, _ columns: Int, _ text: String) {
    let shown = header(name, isDrawn: isDrawn, columns: columns)
    #expect(shown.contains(text), "\(shown)")
  }

  @Test(arguments: [
    ("/a/rsicd.sqlite", "rsicd"), ("v1.2.sqlite", "v1.2"), ("/a/plain", "plain"),
    ("/a/.hidden", ".hidden"),
  ])
  func theNameIsThatOfTheFile(_ path: String, _ name: String) {
    #expect(StoredCollection.name(ofCollection: path) == name)
  }

  @Test func modelsStandAsTheyWereNamed() {
    let models = FakeCollection().models
    func names(_ directories: [String]) -> [String] {
      StoredCollection.ordered(models, named: directories).map(\.name)
    }
    #expect(names([]) == ["clip-mini", "rsicd-mini"])
    #expect(names(["/m/rsicd-mini", "/m/clip-mini"]) == ["rsicd-mini", "clip-mini"])
    #expect(names(["/m/rsicd-mini"]) == ["clip-mini", "rsicd-mini"])
    #expect(names(["/m/clip-mini", "/n/clip-mini"]) == ["clip-mini", "rsicd-mini"])
  }

  /// In the order of indexing, the first model left; the arrow goes from left to right.
  @Test func modelsKeepTheirOrder() async {
    var collection = FakeCollection()
    collection.models = [collection.models[1], collection.models[0]]
    let driver = await Driver.opened(collection: collection, columns: 80, rows: 24)
    #expect(driver.state.models.map(\.name) == ["rsicd-mini", "clip-mini"])
    #expect(driver.state.comparedModels?.left.name == "rsicd-mini")
    #expect(driver.state.comparedModels?.right.name == "clip-mini")
  }
}
