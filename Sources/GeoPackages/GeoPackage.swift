import Foundation
import GRDB
import Scenes

/// A GeoPackage 1.2 (OGC 12-128r15) of one layer of outlines with their properties, and QGIS's way of showing
/// it: a file that a GIS opens as it is.
public enum GeoPackage {
  static let layer = "hits"

  /// Writes the windows that have a place on earth, in WGS 84. A file that is there is replaced when the new one
  /// is whole.
  /// - Throws: ``GeoPackageError``
  public static func write(
    _ windows: [PlacedWindow], query: String, model: String, to path: String
  ) throws(GeoPackageError) {
    let url = URL(fileURLWithPath: path)
    let temporary = url.deletingLastPathComponent()
      .appendingPathComponent(
        ".\(url.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier)")
    defer { try? FileManager.default.removeItem(at: temporary) }
    do {
      let queue = try DatabaseQueue(path: temporary.path)
      try queue.write { database in
        try database.execute(sql: "PRAGMA application_id = \(0x4750_4B47)")
        try database.execute(sql: "PRAGMA user_version = 10200")
        try database.execute(sql: tables)
        try describe(windows, database)
        for window in windows { try insert(window, query, model, database) }
      }
      try queue.close()
    } catch {
      throw GeoPackageError(words: (error as? DatabaseError)?.message ?? "\(error)")
    }
    // rename(2): the name is never without a file.
    guard unsafe rename(temporary.path, path) == 0 else {
      throw GeoPackageError(words: unsafe String(cString: strerror(errno)))
    }
  }

  private static func describe(_ windows: [PlacedWindow], _ database: Database) throws {
    let corners = windows.compactMap(\.corners).flatMap { $0 }
    let (x, y) = (corners.map(\.longitude), corners.map(\.latitude))
    try database.execute(
      sql: """
        INSERT INTO gpkg_contents
          (table_name, data_type, identifier, description, min_x, min_y, max_x, max_y, srs_id)
        VALUES (?, 'features', ?, '', ?, ?, ?, ?, 4326)
        """, arguments: [layer, layer, x.min(), y.min(), x.max(), y.max()])
    try database.execute(
      sql: "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 'MULTIPOLYGON', 4326, 0, 0)",
      arguments: [layer])
    try database.execute(
      sql: """
        INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column,
          styleName, styleQML, styleSLD, useAsDefault, description, owner)
        VALUES ('', '', ?, 'geom', 'outlines', ?, '', 1, '', '')
        """, arguments: [layer, style])
  }

  private static func insert(
    _ window: PlacedWindow, _ query: String, _ model: String, _ database: Database
  ) throws {
    guard let corners = window.corners else { return }
    let region = window.region
    try database.execute(
      sql: """
        INSERT INTO \(layer)
          (geom, rank, score, query, model, scene, x, y, width, height, taken)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        geometry(GeoJSON.parts(of: corners)), window.rank, Double(window.score), query, model,
        window.scene, region.x, region.y, region.width, region.height, window.taken,
      ])
  }

  /// A multipolygon in GeoPackage's binary (2.1.3): its header with an envelope, then well-known binary, all
  /// little endian.
  static func geometry(_ rings: [[(x: Double, y: Double)]]) -> Data {
    var data = Data("GP".utf8) + [0, 0b0000_0011]
    func add<Bits: FixedWidthInteger>(_ value: Bits) {
      for shift in stride(from: 0, to: Bits.bitWidth, by: 8) {
        data.append(UInt8(truncatingIfNeeded: value >> Bits(shift)))
      }
    }
    func add(_ value: Double) { add(value.bitPattern) }
    add(UInt32(4326))
    let (x, y) = (rings.flatMap { $0 }.map(\.x), rings.flatMap { $0 }.map(\.y))
    for bound in [x.min(), x.max(), y.min(), y.max()] { add(bound ?? 0) }
    data.append(1)
    add(UInt32(6))
    add(UInt32(rings.count))
    for ring in rings {
      data.append(1)
      add(UInt32(3))
      add(UInt32(1))
      let closed = ring + ring.prefix(1)
      add(UInt32(closed.count))
      for point in closed {
        add(point.x)
        add(point.y)
      }
    }
    return data
  }

  private static let tables = """
    CREATE TABLE gpkg_spatial_ref_sys (
      srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL,
      organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
    INSERT INTO gpkg_spatial_ref_sys VALUES
      ('Undefined cartesian SRS', -1, 'NONE', -1, 'undefined', NULL),
      ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', NULL),
      ('WGS 84 geodetic', 4326, 'EPSG', 4326, 'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",\
    6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,\
    AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],\
    AUTHORITY["EPSG","4326"]]', NULL);
    CREATE TABLE gpkg_contents (
      table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
      description TEXT DEFAULT '',
      last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
      min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
      CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
    CREATE TABLE gpkg_geometry_columns (
      table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
      srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
      CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
      CONSTRAINT uk_gc_table_name UNIQUE (table_name),
      CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
      CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
    CREATE TABLE hits (
      fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom MULTIPOLYGON, rank INTEGER, score REAL,
      query TEXT, model TEXT, scene TEXT, x INTEGER, y INTEGER, width INTEGER, height INTEGER,
      taken TEXT);
    CREATE TABLE layer_styles (
      id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
      f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
      styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
      owner TEXT(30), ui TEXT(30),
      update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
    INSERT INTO gpkg_contents (table_name, data_type, identifier)
      VALUES ('layer_styles', 'attributes', 'layer_styles');
    """

  /// An orange outline without filling, with the rank beside it.
  private static let style = """
    <!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
    <qgis version="3.22" styleCategories="Symbology|Labeling" labelsEnabled="1">
    <renderer-v2 type="singleSymbol" symbollevels="0" enableorderby="0" forceraster="0"><symbols>
    <symbol type="fill" name="0" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleLine" enabled="1" locked="0" pass="0"><Option type="Map">
    <Option type="QString" name="line_color" value="255,128,32,255"/>
    <Option type="QString" name="line_width" value="0.8"/>
    <Option type="QString" name="line_width_unit" value="MM"/></Option></layer>
    </symbol></symbols></renderer-v2>
    <labeling type="simple"><settings><text-style fieldName="rank" fontSize="10"\
     textColor="255,128,32,255"><text-buffer bufferDraw="1" bufferSize="1"\
     bufferColor="255,255,255,255"/></text-style></settings></labeling>
    </qgis>
    """
}

/// A GeoPackage cannot be written, in the system's words.
public struct GeoPackageError: Error, Sendable, Equatable {
  public let words: String
}
