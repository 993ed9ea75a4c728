import Imaging
import Scenes
import TestSupport
import Testing

/// Which windows a scene is cut into, and how they are read.
@Suite struct WindowTests {
  @Test(arguments: [(224, 224), (225, 500), (1000, 700), (90, 300), (17, 16)])
  func `windows of each side cover the scene to its edges`(width: Int, height: Int) {
    let plan = WindowPlan(sides: [224, 448, 64])
    let windows = plan.windows(width: width, height: height)
    let sides = Set(windows.map(\.width))
    let fitting = Set([64, 224, 448].filter { $0 <= min(width, height) })
    #expect(sides == (fitting.isEmpty ? [min(width, height)] : fitting))
    for side in sides {
      var covered = [Bool](repeating: false, count: width * height)
      for window in windows where window.width == side {
        #expect(window.height == side)
        #expect(window.x >= 0 && window.x + side <= width)
        #expect(window.y >= 0 && window.y + side <= height)
        for y in window.y..<window.y + side {
          for x in window.x..<window.x + side { covered[y * width + x] = true }
        }
      }
      #expect(!covered.contains(false), "\(side)")
    }
    #expect(Set(windows).count == windows.count)
  }

  @Test func `neighbours overlap by half, and the last one lies at the edge`() {
    let windows = WindowPlan(sides: [100]).windows(width: 230, height: 100)
    #expect(windows.map(\.x) == [0, 50, 100, 130])
    let tiles = WindowPlan(sides: [100], stride: 1, coversEdges: false)
    #expect(tiles.windows(width: 230, height: 199).map(\.x) == [0, 100])
    #expect(WindowPlan(sides: [100]).step(width: 230, height: 100) == 50)
  }

  @Test(arguments: ["tiled.tif", "planar16.tif", "utm-north.tif"], [1 << 26, 1])
  func `windows are what the whole picture has there, however little is kept`(
    name: String, bytes: Int
  ) throws {
    let scene = try PlaceTests.scene(name)
    let whole = try ImageReader().read(scene.path).pixels
    let windows = WindowPlan(sides: [16, 24], stride: 0.4)
      .windows(width: scene.width, height: scene.height)
    var seen: Set<PixelRegion> = []
    let reader = WindowReader(scene, windows, keeping: bytes)
    while let window = try reader.next() {
      let region = window.region
      #expect(
        window.pixels
          == whole.cropped(
            x: region.x, y: region.y, width: region.width, height: region.height), "\(region)")
      #expect(window.dataShare == 1)
      seen.insert(region)
    }
    #expect(seen == Set(windows))
  }

  @Test func `the overview is the mean of its cells`() throws {
    let scene = try PlaceTests.scene("tiled.tif")
    let whole = try ImageReader().read(scene.path).pixels
    let overview = try scene.overview(side: 50)
    #expect(overview.width == 50 && overview.height == 38)
    for (column, row) in [(0, 0), (49, 36), (20, 11)] {
      var sum = 0
      for y in 4 * row..<4 * row + 4 {
        for x in 4 * column..<4 * column + 4 { sum += Int(whole.bytes[3 * (y * 200 + x)]) }
      }
      let found = Int(overview.bytes[3 * (row * 50 + column)])
      #expect(abs(Double(found) - Double(sum) / 16) <= 0.5)
    }
  }

  @Test func `heat is the mean of the windows over a place, of each size alike`() {
    let windows: [(region: PixelRegion, score: Float)] = [
      (PixelRegion(x: 0, y: 0, width: 10, height: 10), 1),
      (PixelRegion(x: 10, y: 0, width: 10, height: 10), 0),
      (PixelRegion(x: 0, y: 0, width: 20, height: 20), 0.5),
    ]
    let heat = HeatMap(windows, width: 30, height: 20, step: 5)
    #expect(heat.columns == 6 && heat.rows == 4 && heat.cellSide == 5)
    #expect(heat.values[0] == 0.75)
    #expect(heat.values[3] == 0.25)
    #expect(heat.values[2 * 6] == 0.5)
    #expect(heat.values[5].isNaN)
    #expect(heat.range == 0.25...0.75)
  }
}
