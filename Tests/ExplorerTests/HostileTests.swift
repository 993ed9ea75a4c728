import Explorer
import Frame
import ImageCollections
import Testing

@Suite struct HostileTests {
  private func collection(name: String, caption: String) -> FakeCollection {
    var collection = FakeCollection()
    let image = collection.images[0]
    collection.images[0] = IndexedImage(
      id: image.id, path: "/images/\(name)", category: "airport", split: nil, captions: [caption],
      width: 0, height: -5, byteCount: .max)
    return collection
  }

  @Test(arguments: [(120, 40), (80, 24), (40, 10)])
  func controlsNeverReachACell(_ columns: Int, _ rows: Int) async {
    let name = "a\u{1b}]0;x\u{7}\n\t\u{9b}31m\u{202e}\u{0}.jpg"
    let collection = collection(name: name, caption: "evil \u{1b}[2J caption\r\u{8}\u{85} here")
    for keys in [["Esc"], ["Esc", "Enter"], ["Esc", "3", "Enter"], ["Esc", "y"], ["Esc", "s"]] {
      let driver = await Driver.opened(collection: collection, columns: columns, rows: rows)
      for key in keys { await driver.press(key) }
      for cell in driver.canvas.cells {
        for scalar in cell.glyph.unicodeScalars {
          #expect(scalar.properties.generalCategory != .control)
          #expect(scalar.value != 0x202E)
        }
      }
    }
  }

  @Test(arguments: ["a\n;reboot\n.jpg", "a\u{1b}[200~.jpg", "a\r.jpg", "a\u{9b}.jpg"])
  func aPathThatAShellWouldRunIsNotCopied(name: String) async {
    let driver = await Driver.opened(collection: collection(name: name, caption: "planes"))
    await driver.press("Esc", "y")
    #expect(driver.state.selectedImage?.path == "/images/\(name)")
    #expect(driver.told.allSatisfy { if case .copy = $0 { false } else { true } })
    #expect(driver.state.message?.isError == true)
  }

  @Test func wideNamesShiftNoColumn() async {
    let collection = collection(name: "空港と飛行機の写真が長い名前で続く.jpg", caption: "飛行機 👩‍👩‍👧 e\u{301}")
    let driver = await Driver.opened(collection: collection, columns: 80, rows: 24)
    await driver.press("Esc")
    let canvas = driver.canvas
    // The rule between list and pane stands in one column.
    let rule = (0..<canvas.columns).first { canvas[$0, 20].glyph == "│" }
    #expect(rule != nil)
    if let rule {
      for row in 2..<23 { #expect(canvas[rule, row].glyph == "│", "row \(row)") }
    }
  }
}
