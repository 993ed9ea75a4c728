import Models
import Files
import Foundation
import Gallery
import Hub
import ImageCollections

/// Where the program's own files are, and the user's.
enum Assets {
  /// The folder with the shipped models: `$CLIP_RSICD_ASSETS`, else `../share/clip-rsicd` beside the
  /// executable, else the `assets` of the checkout that the executable was built in.
  static func folder() throws -> URL {
    let environment = ProcessInfo.processInfo.environment
    if let given = environment["CLIP_RSICD_ASSETS"], !given.isEmpty {
      return URL(fileURLWithPath: given)
    }
    let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    var place = executable.deletingLastPathComponent()
    var candidates = [
      place.deletingLastPathComponent().appendingPathComponent("share/clip-rsicd")
    ]
    while place.path != "/" {
      candidates.append(place.appendingPathComponent("assets"))
      place.deleteLastPathComponent()
    }
    let found = candidates.first {
      FileManager.default.fileExists(atPath: $0.appendingPathComponent("models").path)
    }
    guard let found else {
      throw CommandError(
        "the shipped models were not found beside \(executable.path); "
          + "set CLIP_RSICD_ASSETS to the folder that has models/, or give --model")
    }
    return found
  }

  /// The fine-tuned model that the program ships.
  static let fineTuned = "rsicd-mini"
  /// The baseline that the program ships.
  static let baseline = "clip-mini"

  /// The collection that is there without one.
  static var gallery: Gallery {
    Gallery(folder: dataFolder().appendingPathComponent("gallery")) {
      try [baseline, fineTuned].map(model)
    }
  }

  static func model(_ name: String) throws -> String {
    try folder().appendingPathComponent("models/\(name)").path
  }

  /// The folder of what is given as `--model`: a path, the name of a shipped model, or
  /// `ORG/NAME[@REVISION]` that was pulled before.
  static func directory(ofModel name: String) throws -> String {
    try directory(ofModel: name, in: [])
  }

  private static func place(ofModel name: String, in stored: [IndexedModel]) throws -> String {
    if !FileManager.default.fileExists(atPath: name), !name.contains("/") {
      if let shipped = shippedModel(name) { return shipped }
      let ours =
        stored.isEmpty
        ? "" : "; the collection has vectors of \(stored.map(\.name).joined(separator: ", "))"
      throw CommandError(
        "\(name): nothing here is called so, and the shipped models are \(fineTuned) and "
          + "\(baseline)\(ours); give a folder, a file of weights, or ORG/NAME once pulled")
    }
    return try ModelPlace.directory(
      name, environment: HubEnvironment(ProcessInfo.processInfo.environment))
  }

  /// The folder of what is given as `--model` where a collection is at hand: names of its models are
  /// their folders.
  static func directory(ofModel name: String, in stored: [IndexedModel]) throws -> String {
    try indexed(name, in: stored)?.directory ?? place(ofModel: name, in: stored)
  }

  /// The collection's model of this name, where no file or folder is called so.
  static func indexed(_ name: String, in stored: [IndexedModel]) -> IndexedModel? {
    guard !FileManager.default.fileExists(atPath: name) else { return nil }
    return stored.first { PathBytes($0.name) == PathBytes(name) }
  }

  private static func shippedModel(_ name: String) -> String? {
    guard !name.isEmpty, !name.contains("/"), name != ".", name != "..",
      let place = try? model(name), FileManager.default.fileExists(atPath: place)
    else { return nil }
    return place
  }

  /// Folders among which a collection's model may be that is not where it was: the shipped ones, and
  /// what was pulled from the hub.
  static func knownModels() -> [String] {
    let shipped = [fineTuned, baseline].compactMap { try? model($0) }
    let cache = HubEnvironment(ProcessInfo.processInfo.environment).cache
    func names(_ folder: String) -> [String] {
      ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }
    let pulled = names(cache).filter { $0.hasPrefix("models--") }.flatMap { repository in
      names("\(cache)/\(repository)/snapshots").map { "\(cache)/\(repository)/snapshots/\($0)" }
    }
    return shipped + pulled.prefix(64)
  }

  /// `$XDG_DATA_HOME/clip-rsicd`, by default in `~/.local/share`.
  static func dataFolder() -> URL {
    let environment = ProcessInfo.processInfo.environment
    if let given = environment["XDG_DATA_HOME"], given.hasPrefix("/") {
      return URL(fileURLWithPath: given).appendingPathComponent("clip-rsicd")
    }
    let home = environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? NSHomeDirectory()
    return URL(fileURLWithPath: home).appendingPathComponent(".local/share/clip-rsicd")
  }
}
