import ArgumentParser
import Foundation
import ImageCollections
import Retrieval
import Scenes
import VectorIndexes

/// Where on earth, and when, images are to lie.
struct PlaceOptions: ParsableArguments {
  @Option(
    help: "Only images of scenes that reach into this box, in degrees: WEST,SOUTH,EAST,NORTH.")
  var bbox: String?

  @Option(help: "Only images whose middle is so near, in degrees and kilometres: LON,LAT,KM.")
  var near: String?

  @Option(
    help: "Only images whose middle lies in the polygons of a GeoJSON file.", completion: .file())
  var area: String?

  @Option(help: "Only scenes taken on this day or later, as 2020-01-31.")
  var since: String?

  @Option(help: "Only scenes taken on this day or earlier.")
  var until: String?

  func validate() throws {
    _ = try box
    _ = try circle
    for (name, day) in [("--since", since), ("--until", until)] {
      if let day, SceneDate.day(day) == nil {
        throw ValidationError("\(name) is \"\(day)\", expected a day such as 2020-01-31")
      }
    }
  }

  private var box: GeographicArea? {
    get throws {
      guard let bbox else { return nil }
      let numbers = Self.numbers(bbox)
      guard numbers.count == 4,
        let area = GeographicArea(
          west: numbers[0], south: numbers[1], east: numbers[2], north: numbers[3])
      else {
        throw ValidationError(
          "--bbox is \"\(bbox)\", expected WEST,SOUTH,EAST,NORTH in degrees, such as 6.8,45.7,7.3,46.1"
        )
      }
      return area
    }
  }

  private var circle: PlaceFilter.Circle? {
    get throws {
      guard let near else { return nil }
      let numbers = Self.numbers(near)
      guard numbers.count == 3, (0...20_100).contains(numbers[2]), abs(numbers[0]) <= 180,
        let middle = GeographicPosition(longitude: numbers[0], latitude: numbers[1])
      else {
        throw ValidationError(
          "--near is \"\(near)\", expected LON,LAT,KM, such as 7.2114,43.7203,5")
      }
      return .init(middle: middle, kilometres: numbers[2])
    }
  }

  /// Empty where one of them is no number.
  private static func numbers(_ text: String) -> [Double] {
    let all = text.split(separator: ",", omittingEmptySubsequences: false).map {
      Double($0.trimmingCharacters(in: .whitespaces))
    }
    let numbers = all.compactMap { $0 }.filter(\.isFinite)
    return numbers.count == all.count ? numbers : []
  }

  /// What is asked for, `nil` where nothing is.
  /// - Throws: where the file of an area cannot be used.
  var filter: PlaceFilter? {
    get throws {
      guard bbox != nil || near != nil || area != nil || since != nil || until != nil else {
        return nil
      }
      var filter = PlaceFilter()
      filter.box = try box
      filter.circle = try circle
      filter.polygons = try area.map(Self.polygons)
      (filter.since, filter.until) = (since, until)
      return filter
    }
  }

  private static func polygons(_ path: String) throws -> GeoJSONPolygons {
    do throws(GeoJSONPolygons.Failure) {
      return try GeoJSONPolygons(ofFile: path)
    } catch {
      let words =
        switch error {
        case .unreadable(let words): "cannot be read: \(words)"
        case .notGeoJSON: "is no GeoJSON"
        case .noPolygons: "holds no polygon"
        case .tooLarge(let limit): "is larger than \(limit >> 20) MB"
        }
      throw CommandError("\(path): it \(words); --area takes polygons in WGS 84")
    }
  }
}
