import Foundation
import Imaging
import Scenes
import TestSupport
import Testing

@Suite struct HeatMapFileTests {
  @Test(arguments: PlaceTests.expected.keys.sorted())
  func `the band of scores lies where the scene lies`(name: String) throws {
    let scene = try PlaceTests.scene(name)
    guard case .found(let place) = scene.place else { throw ImageError(name: name, reason: .empty) }
    let windows = WindowPlan(sides: [16]).windows(width: scene.width, height: scene.height)
    let heat = HeatMap(
      windows.enumerated().map { ($1, Float($0)) }, width: scene.width, height: scene.height,
      step: 8)
    guard let bytes = heat.geoTIFF(of: place) else {
      // A .prj names its system in words.
      #expect(name == "world.tif")
      return
    }
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("heat.tif")
      try Data(bytes).write(to: file)
      let band = try Scene(file.path)
      #expect(band.width == heat.columns && band.height == heat.rows)
      guard case .found(let found) = band.place else {
        throw ImageError(name: name, reason: .empty)
      }
      for (column, row) in [(0.0, 0.0), (3, 2), (1.5, 1)] {
        let wanted = try #require(place.position(column: column * 8, row: row * 8))
        let there = try #require(found.position(column: column, row: row))
        #expect(abs(there.longitude - wanted.longitude) < 1e-9)
        #expect(abs(there.latitude - wanted.latitude) < 1e-9)
      }
    }
  }
}
