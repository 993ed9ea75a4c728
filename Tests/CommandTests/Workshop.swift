import Foundation
import Imaging
import TestSupport

/// A folder with pictures of plain colours, their captions and a collection of them, made by the program.
///
///     pictures/airport_1.jpg … port_4.jpg   three categories of four
///     pictures/captions.jsonl
///     pictures.sqlite                       with vectors of rsicd-mini
struct Workshop {
  static let categories = ["airport", "forest", "port"]
  static let picturesPerCategory = 4

  let folder: URL
  var pictures: URL { folder.appendingPathComponent("pictures") }
  var captions: String { path("pictures/captions.jsonl") }
  var collection: String { path("pictures.sqlite") }

  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  /// Runs the program with everything of the user's kept inside the folder.
  func program(
    _ arguments: String..., environment: [String: String] = [:], through wrapper: [String] = []
  ) throws -> CommandResult {
    try program(arguments, environment: environment, through: wrapper)
  }

  func program(
    _ arguments: [String], environment: [String: String] = [:], through wrapper: [String] = []
  ) throws -> CommandResult {
    let values = ["XDG_DATA_HOME": path("data")].merging(environment) { $1 }
    guard let first = wrapper.first else {
      return try run(arguments, environment: values, directory: folder)
    }
    return try run(
      wrapper.dropFirst() + [Places.executable.path] + arguments,
      executable: URL(fileURLWithPath: first), environment: values, directory: folder)
  }

  /// A workshop without a collection.
  static func withPictures<Result>(_ body: (Workshop) throws -> Result) throws -> Result {
    try withTemporaryFolder { folder in
      let workshop = Workshop(folder: folder)
      try FileManager.default.createDirectory(
        at: workshop.pictures, withIntermediateDirectories: true)
      var lines: [String] = []
      for (place, category) in categories.enumerated() {
        for number in 1...picturesPerCategory {
          let name = "\(category)_\(number).jpg"
          try workshop.write(
            picture(hue: place, shade: number), to: "pictures/\(name)")
          lines.append(
            "{\"filename\": \"\(name)\", \"captions\": [\"\(category) number \(number)\"]}")
        }
      }
      try workshop.write(Array(lines.joined(separator: "\n").utf8), to: "pictures/captions.jsonl")
      return try body(workshop)
    }
  }

  /// A workshop with the collection indexed.
  static func withCollection<Result>(_ body: (Workshop) throws -> Result) throws -> Result {
    try withPictures { workshop in
      let made = try workshop.index()
      guard made.status == 0 else { throw Failure(text: made.stderr) }
      return try body(workshop)
    }
  }

  func index(
    _ more: String..., environment: [String: String] = [:], through wrapper: [String] = []
  ) throws -> CommandResult {
    try program(
      [
        "index", pictures.path, "--captions", captions, "--into", collection, "--model",
        Places.model("rsicd-mini"),
      ] + more, environment: environment, through: wrapper)
  }

  struct Failure: Error { let text: String }

  func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: folder.appendingPathComponent(name))
  }

  /// A JPEG of 48 × 40 pixels with stripes of one colour.
  static func picture(hue: Int, shade: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    for row in 0..<40 {
      for column in 0..<48 {
        let stripe = (row / (3 + shade) + column / 8) % 2 == 0
        for channel in 0..<3 {
          bytes.append(channel == hue ? (stripe ? 200 : 120) : UInt8(20 * shade))
        }
      }
    }
    return try JPEG.encode(Pixels(width: 48, height: 40, bytes: bytes))
  }

  /// A copy of a shipped model that a test may spoil.
  func copyOfModel(_ name: String = "model") throws -> URL {
    let copy = folder.appendingPathComponent(name)
    try FileManager.default.copyItem(
      at: URL(fileURLWithPath: Places.model("rsicd-mini")), to: copy)
    return copy
  }

  /// What is in the collection, as the program says it.
  func vectors() throws -> Int {
    let info = try program("info", "--collection", collection, "--json")
    let models = try JSONLines(info.stdout).objects.first?["models"] as? [[String: Any]]
    return models?.compactMap { $0["vectors"] as? Int }.reduce(0, +) ?? -1
  }
}

/// Output of one JSON object a line.
struct JSONLines {
  let objects: [[String: Any]]

  init(_ text: String) throws {
    objects = try text.split(separator: "\n").map {
      guard let object = try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
      else { throw Workshop.Failure(text: "no object: \($0)") }
      return object
    }
  }

  var first: [String: Any] { objects.first ?? [:] }
}
