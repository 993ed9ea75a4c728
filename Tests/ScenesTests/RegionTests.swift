import Foundation
import Imaging
import Scenes
import TestSupport
import Testing

/// Rectangles of a scene are what the whole picture has there.
@Suite struct RegionTests {
  static let files = PlaceTests.expected.keys.sorted()

  @Test(arguments: files)
  func `a rectangle has the pixels of the whole`(name: String) throws {
    let path = PlaceTests.folder.appendingPathComponent(name).path
    let whole = try ImageReader().read(path).pixels
    let regions = try RegionReader(path)
    let (width, height) = (regions.width, regions.height)
    for region in [
      PixelRegion(x: 0, y: 0, width: width, height: height),
      PixelRegion(x: 3, y: 5, width: 1, height: 1),
      PixelRegion(x: 11, y: 7, width: width - 13, height: height - 9),
      PixelRegion(x: width - 17, y: height - 20, width: 17, height: 20),
    ] {
      let part = try regions.read(region).pixels
      let wanted = whole.cropped(
        x: region.x, y: region.y, width: region.width, height: region.height)
      #expect(part == wanted, "\(region)")
    }
  }

  @Test func `no data is told, by its value`() throws {
    let regions = try RegionReader(PlaceTests.folder.appendingPathComponent("nodata.tif").path)
    let whole = PixelRegion(x: 0, y: 0, width: regions.width, height: regions.height)
    // 5 stands nowhere in all three bands.
    #expect(try regions.read(whole).hasData == nil)
  }
}
