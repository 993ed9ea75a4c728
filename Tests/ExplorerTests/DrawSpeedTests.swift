import Explorer
import Frame
import ImageCollections
import Testing

@Suite struct DrawSpeedTests {
  /// A key has 16 ms from press to repaint; update and draw may take a part of it only. The bound is
  /// wide, since tests share their machine.
  @Test func aKeyIsCheap() async {
    var collection = FakeCollection()
    collection.images = FakeCollection.images(perCategory: 300)
    let driver = await Driver.opened(collection: collection, columns: 200, rows: 60)
    await driver.type("beach").press("Enter", "2")
    let clock = ContinuousClock()
    var times: [Duration] = []
    for _ in 0..<200 {
      times.append(
        clock.measure {
          driver.send(.character("j"))
          _ = driver.canvas
        })
    }
    times.sort()
    #expect(times[100] < .milliseconds(8), "median \(times[100])")
  }
}
