import ArgumentParser
import Foundation
import GeoPackages
import Imaging
import Scenes

/// Files of found places for other programs.
struct PlaceFiles: ParsableArguments {
  @Option(help: "Write places as GeoJSON.", completion: .file())
  var geojson: String?

  @Option(
    help: "Write places as a GeoPackage, which QGIS opens with their outlines.", completion: .file()
  )
  var gpkg: String?

  @Option(help: "Write places as KML, for Google Earth.", completion: .file())
  var kml: String?

  @Option(
    help: "Save each window as PNG, with a world file where it has a place, in a folder.",
    completion: .directory)
  var crops: String?

  /// - Parameter reader: how scenes are read.
  /// - Throws: ``CommandError`` where a file cannot be written, or none of the windows has a place.
  func write(
    _ windows: [PlacedWindow], query: String, model: String, reader: ImageReader
  ) throws {
    if geojson != nil || gpkg != nil || kml != nil {
      let placed = windows.filter { $0.corners != nil }
      if placed.isEmpty, !windows.isEmpty {
        throw CommandError(
          "no place on earth is known of what was found, so there is nothing for "
            + "\([geojson, gpkg, kml].compactMap { $0 }.joined(separator: ", "))")
      }
      if placed.count < windows.count {
        Output.note(
          "\(windows.count - placed.count) of \(windows.count) are not in it: no place on earth is known of them"
        )
      }
      if let geojson {
        try Self.write(
          Data(PlaceExport.geoJSON(placed, query: query, model: model).utf8), to: geojson)
      }
      if let kml {
        try Self.write(Data(PlaceExport.kml(placed, query: query, model: model).utf8), to: kml)
      }
      if let gpkg {
        try Self.describing(gpkg) {
          try GeoPackage.write(placed, query: query, model: model, to: gpkg)
        }
      }
    }
    if let crops { try save(windows, in: crops, reader) }
  }

  private func save(_ windows: [PlacedWindow], in folder: String, _ reader: ImageReader) throws {
    try Self.describing(folder) {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
    }
    // One after the other of a scene, which is opened once.
    for (path, some) in Dictionary(grouping: windows, by: \.scene).sorted(by: { $0.key < $1.key }) {
      let scene = try Scene(path, reader)
      for window in some {
        let name = window.name.replacing("#", with: "_").replacing(",", with: "_")
        let start =
          "\(folder)/\(String(repeating: "0", count: max(0, 3 - "\(window.rank)".count)))\(window.rank)_\(name)"
        try Self.write(Data(PNG.encode(try scene.read(window.region).pixels)), to: start + ".png")
        guard let place = window.place else { continue }
        try Self.write(
          Data(place.transformation.worldFile(of: window.region).utf8), to: start + ".pgw")
        try Self.write(
          Data((place.system.wkt ?? place.system.definition).utf8), to: start + ".prj")
      }
    }
  }

  static func write(_ data: Data, to path: String) throws {
    try describing(path) { try data.write(to: URL(fileURLWithPath: path), options: .atomic) }
  }

  private static func describing(_ path: String, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as CocoaError {
      throw CommandError("\(path): cannot be written: \(error.localizedDescription)")
    } catch let error as GeoPackageError {
      throw CommandError("\(path): cannot be written: \(error.words)")
    }
  }
}
