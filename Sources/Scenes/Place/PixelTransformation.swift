import Foundation
import Imaging

/// Columns and rows of a picture → coordinates of a map, an affine transformation. Columns and rows count
/// from the outer corner of the upper left pixel, whose centre is (0.5, 0.5).
public struct PixelTransformation: Sendable, Hashable {
  /// x = xColumn · column + xRow · row + x, and y likewise.
  public let xColumn, xRow, x: Double
  public let yColumn, yRow, y: Double

  /// `nil` where a number is none, or where the picture would have no area.
  public init?(
    xColumn: Double, xRow: Double, x: Double, yColumn: Double, yRow: Double, y: Double
  ) {
    let determinant = xColumn * yRow - xRow * yColumn
    guard determinant.isFinite, determinant != 0, x.isFinite, y.isFinite else { return nil }
    (self.xColumn, self.xRow, self.x) = (xColumn, xRow, x)
    (self.yColumn, self.yRow, self.y) = (yColumn, yRow, y)
  }

  public func map(column: Double, row: Double) -> (x: Double, y: Double) {
    (xColumn * column + xRow * row + x, yColumn * column + yRow * row + y)
  }

  public func pixel(x: Double, y: Double) -> (column: Double, row: Double) {
    let determinant = xColumn * yRow - xRow * yColumn
    let (dx, dy) = (x - self.x, y - self.y)
    return ((dx * yRow - dy * xRow) / determinant, (dy * xColumn - dx * yColumn) / determinant)
  }

  /// As this, of a picture whose numbers are those of pixels' centres.
  fileprivate var fromCentres: PixelTransformation? {
    let start = map(column: -0.5, row: -0.5)
    return PixelTransformation(
      xColumn: xColumn, xRow: xRow, x: start.x, yColumn: yColumn, yRow: yRow, y: start.y)
  }

  /// GeoTIFF's (OGC 19-008r4, 7.2 and B.6): a transformation, else a scale and a tie point.
  init?(_ tags: EarthTags, _ keys: GeoKeys) {
    let found: PixelTransformation?
    let (matrix, scale, ties) = (tags.transformation, tags.pixelScale, tags.tiePoints)
    if matrix.count >= 8 {
      found = PixelTransformation(
        xColumn: matrix[0], xRow: matrix[1], x: matrix[3], yColumn: matrix[4], yRow: matrix[5],
        y: matrix[7])
    } else if scale.count >= 2, ties.count >= 6 {
      found = PixelTransformation(
        xColumn: scale[0], xRow: 0, x: ties[3] - ties[0] * scale[0], yColumn: 0, yRow: -scale[1],
        y: ties[4] + ties[1] * scale[1])
    } else {
      found = nil
    }
    guard let place = keys.isPoint ? found?.fromCentres : found else { return nil }
    self = place
  }

  /// The text of a world file for a part of the picture.
  public func worldFile(of region: PixelRegion) -> String {
    let start = map(column: Double(region.x) + 0.5, row: Double(region.y) + 0.5)
    return [xColumn, yColumn, xRow, yRow, start.x, start.y].map { "\($0)\n" }.joined()
  }

  /// A world file's six lines: the map's x and y for a step of a column, for a step of a row, and of the
  /// upper left pixel's centre.
  init?(worldFile text: String) {
    let numbers = text.split(whereSeparator: \.isWhitespace).prefix(7).map {
      Double($0.replacing(",", with: "."))
    }
    let six = numbers.compactMap { $0 }
    guard numbers.count == 6, six.count == 6,
      let place = PixelTransformation(
        xColumn: six[0], xRow: six[2], x: six[4], yColumn: six[1], yRow: six[3], y: six[5]
      )?.fromCentres
    else { return nil }
    self = place
  }
}

/// GeoTIFF's keys (OGC 19-008r4).
struct GeoKeys: Equatable {
  private var numbers: [Int: Int] = [:]
  private var texts: [Int: String] = [:]
  private var doubles: [Int: [Double]] = [:]

  /// Keys that are damaged are left out.
  init(_ tags: EarthTags) {
    let keys = tags.keys
    guard keys.count >= 4, keys[0] == 1 else { return }
    let text = Array(tags.keyTexts.utf8)
    for index in 0..<min(Int(keys[3]), keys.count / 4 - 1) {
      let entry = keys[(4 * index + 4)..<(4 * index + 8)].map { Int($0) }
      let (key, location, count, value) = (entry[0], entry[1], entry[2], entry[3])
      switch location {
      case 0: numbers[key] = value
      case 34_736 where value + count <= tags.keyDoubles.count:
        doubles[key] = Array(tags.keyDoubles[value..<value + count])
      case 34_737 where value + count <= text.count:
        let part = text[value..<value + count]
        texts[key] = String(decoding: part, as: UTF8.self)
          .trimmingCharacters(in: CharacterSet(charactersIn: "|\0"))
      default: break
      }
    }
  }

  /// GTRasterTypeGeoKey: coordinates are those of pixels' centres.
  var isPoint: Bool { numbers[1025] == 2 }

  private static let userDefined = 32_767

  /// What PROJ makes a reference system of: a code of EPSG, or a text that some writers put beside keys
  /// of their own.
  var definition: String? {
    for key in [3072, 2048] {
      if let code = numbers[key], (1024...32_766).contains(code) { return "EPSG:\(code)" }
      if numbers[key] == Self.userDefined || key == 2048 { break }
    }
    for key in [1026, 3073, 2049] {
      guard let text = texts[key] else { continue }
      if let start = text.range(of: "ESRI PE String = ") {
        return String(text[start.upperBound...])
      }
    }
    return nil
  }

  var isEmpty: Bool { numbers.isEmpty && texts.isEmpty && doubles.isEmpty }
}
