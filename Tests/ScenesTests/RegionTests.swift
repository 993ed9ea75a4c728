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

  @Test(arguments: ["both", "gml", "gml-degrees", "geojp2", "band16"])
  func `a JPEG 2000 without a loss is what the TIFF of the same samples is`(name: String) throws {
    func whole(_ end: String) throws -> (picture: DecodedPicture, regions: Pixels) {
      let path = PlaceTests.folder.appendingPathComponent(name + end).path
      let regions = try RegionReader(path)
      let all = PixelRegion(x: 0, y: 0, width: regions.width, height: regions.height)
      return (try ImageReader().read(path), try regions.read(all).pixels)
    }
    let (wavelets, same) = (try whole(".jp2"), try whole("-same.tif"))
    #expect(wavelets.picture.pixels == same.picture.pixels)
    #expect(wavelets.regions == same.regions)
    #expect(wavelets.picture.notes == same.picture.notes)
    #expect(wavelets.picture.facts.format == .jpeg2000)
  }

  @Test func `a JPEG 2000 in small is made of its smaller resolutions`() throws {
    let path = PlaceTests.folder.appendingPathComponent("both.jp2").path
    let small = try ImageReader().read(path, detail: .atLeast(40)).pixels
    #expect(small.width == 75 && small.height == 55)
    let whole = try ImageReader().read(path).pixels
    func mean(_ pixels: Pixels) -> Double {
      Double(pixels.bytes.reduce(0) { $0 + Int($1) }) / Double(pixels.bytes.count)
    }
    #expect(abs(mean(small) - mean(whole)) < 3)
  }

  @Test func `no data is told, by its value`() throws {
    let regions = try RegionReader(PlaceTests.folder.appendingPathComponent("nodata.tif").path)
    let whole = PixelRegion(x: 0, y: 0, width: regions.width, height: regions.height)
    // 5 stands nowhere in all three bands.
    #expect(try regions.read(whole).hasData == nil)
  }
}
