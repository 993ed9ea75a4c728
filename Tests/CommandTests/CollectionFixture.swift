import Foundation
import Imaging
import TestSupport

/// Folders of small pictures, and the program run on them.
enum CollectionFixture {
  static let model = Places.model("rsicd-mini")
  static let baseline = Places.model("clip-mini")

  /// A picture of stripes, another for each `number`.
  static func picture(_ number: Int, side: Int = 64) throws -> Data {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(3 * side * side)
    for y in 0..<side {
      for x in 0..<side {
        let stripe = (x * (number % 5 + 1) + y * (number % 7)) / 8
        bytes += [
          UInt8(truncatingIfNeeded: stripe * 37), UInt8(truncatingIfNeeded: number * 53 + y),
          UInt8(truncatingIfNeeded: stripe * 11 + number),
        ]
      }
    }
    return Data(try JPEG.encode(Pixels(width: side, height: side, bytes: bytes)))
  }

  /// airport_1.jpg, bridge_2.jpg, airport_3.jpg … in `folder`.
  @discardableResult
  static func fill(_ folder: URL, count: Int) throws -> [String] {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return try (1...count).map { number in
      let name = "\(number % 2 == 1 ? "airport" : "bridge")_\(number).jpg"
      try picture(number).write(to: folder.appendingPathComponent(name))
      return name
    }
  }

  /// One object per line.
  static func objects(_ text: String) throws -> [[String: Any]] {
    try text.split(separator: "\n").map { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      guard let object else { throw Failure(description: "no JSON object: \(line)") }
      return object
    }
  }

  static func number(_ result: CommandResult, _ key: String) throws -> Int {
    guard let value = try objects(result.stdout).first?[key] as? Int else {
      throw Failure(description: "no \(key) in: \(result.stdout)\(result.stderr)")
    }
    return value
  }

  /// Images in a collection; none while it is not there or not ready.
  static func imageCount(_ collection: URL) throws -> Int {
    let result = try run(["info", "--collection", collection.path, "--json"])
    return result.status == 0 ? try number(result, "images") : 0
  }

  struct Failure: Error, CustomStringConvertible { let description: String }
}

/// The program as a user who may not do everything: permissions do not bind root.
enum Unprivileged {
  private static let changer = "/usr/bin/setpriv"
  private static var isRoot: Bool { geteuid() == 0 }
  static var isPossible: Bool {
    !isRoot || FileManager.default.isExecutableFile(atPath: changer)
  }

  /// Runs the program; for root, a copy of it that anyone may run, from `folder`.
  static func run(_ arguments: [String], in folder: URL) throws -> CommandResult {
    guard isRoot else { return try TestSupport.run(arguments) }
    let copy = folder.appendingPathComponent("clip-rsicd")
    if !FileManager.default.fileExists(atPath: copy.path) {
      try FileManager.default.copyItem(at: Places.executable, to: copy)
    }
    return try TestSupport.run(
      ["--reuid=65534", "--regid=65534", "--clear-groups", copy.path] + arguments,
      executable: URL(fileURLWithPath: changer))
  }

  /// A copy of the model that anyone may read.
  static func model(in folder: URL) throws -> String {
    let copy = folder.appendingPathComponent("rsicd-mini")
    try FileManager.default.copyItem(
      at: URL(fileURLWithPath: CollectionFixture.model), to: copy)
    return copy.path
  }
}
