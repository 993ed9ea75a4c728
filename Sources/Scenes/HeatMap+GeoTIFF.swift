import Foundation

extension HeatMap {
  /// A TIFF of one band of scores in single precision, with its place on earth; NaN is "no data". Other
  /// programs lay it over the scene.
  /// - Returns: `nil` where the scene's reference system has no code of EPSG, by which alone it is named here.
  public func geoTIFF(of place: ScenePlace) -> [UInt8]? {
    guard let keys = Self.keys(of: place.system) else { return nil }
    let (t, side) = (place.transformation, Double(cellSide))
    var file = TIFFWriter(
      width: columns, height: rows,
      samples: values.flatMap { value in
        (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt32($0))) }
      })
    if t.xRow == 0, t.yColumn == 0, t.yRow < 0, t.xColumn > 0 {
      file.doubles[33_550] = [t.xColumn * side, -t.yRow * side, 0]
      file.doubles[33_922] = [0, 0, 0, t.x, t.y, 0]
    } else {
      file.doubles[34_264] = [
        t.xColumn * side, t.xRow * side, 0, t.x, t.yColumn * side, t.yRow * side, 0, t.y,
        0, 0, 0, 0, 0, 0, 0, 1,
      ]
    }
    file.shorts[34_735] = keys
    file.texts[42_113] = "nan"
    return file.bytes
  }

  /// Version 1.1, three keys: the kind of model, pixels are areas, and the system's code.
  private static func keys(of system: ReferenceSystem) -> [UInt16]? {
    guard system.definition.hasPrefix("EPSG:"), let code = UInt16(system.definition.dropFirst(5)),
      let isProjected = system.isProjected
    else { return nil }
    return [
      1, 1, 0, 3, 1024, 0, 1, isProjected ? 1 : 2, 1025, 0, 1, 1, isProjected ? 3072 : 2048, 0, 1,
      code,
    ]
  }
}

/// The plainest TIFF: one band of 32-bit floating point in one strip, little endian.
private struct TIFFWriter {
  let width: Int
  let height: Int
  let samples: [UInt8]
  var doubles: [Int: [Double]] = [:]
  var shorts: [Int: [UInt16]] = [:]
  var texts: [Int: String] = [:]

  init(width: Int, height: Int, samples: [UInt8]) {
    (self.width, self.height, self.samples) = (width, height, samples)
  }

  private func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  var bytes: [UInt8] {
    // Tag, type, count and value: 3 is 16 bits, 4 is 32, 12 double precision, 2 text.
    var fields: [(tag: Int, type: Int, count: Int, value: [UInt8])] = [
      (256, 4, 1, little(width, 4)), (257, 4, 1, little(height, 4)), (258, 3, 1, little(32, 2)),
      (259, 3, 1, little(1, 2)), (262, 3, 1, little(1, 2)), (273, 4, 1, little(8, 4)),
      (277, 3, 1, little(1, 2)), (278, 4, 1, little(height, 4)),
      (279, 4, 1, little(samples.count, 4)), (339, 3, 1, little(3, 2)),
    ]
    fields += doubles.map { tag, values in
      (
        tag, 12, values.count,
        values.flatMap { little(Int(bitPattern: UInt(truncatingIfNeeded: $0.bitPattern)), 8) }
      )
    }
    fields += shorts.map { ($0, 3, $1.count, $1.flatMap { little(Int($0), 2) }) }
    fields += texts.map { ($0, 2, $1.utf8.count + 1, Array($1.utf8) + [0]) }
    var data = samples
    var directory = little(fields.count, 2)
    for field in fields.sorted(by: { $0.tag < $1.tag }) {
      directory += little(field.tag, 2) + little(field.type, 2) + little(field.count, 4)
      if field.value.count <= 4 {
        directory += field.value + [UInt8](repeating: 0, count: 4 - field.value.count)
      } else {
        directory += little(8 + data.count, 4)
        data += field.value + [UInt8](repeating: 0, count: field.value.count % 2)
      }
    }
    return [0x49, 0x49, 42, 0] + little(8 + data.count, 4) + data + directory + little(0, 4)
  }
}
