import CLIP
import Foundation
import Hub

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

  static func model(_ name: String) throws -> String {
    try folder().appendingPathComponent("models/\(name)").path
  }

  /// The folder of what is given as `--model`: a path, or `ORG/NAME[@REVISION]` that was pulled before.
  static func directory(ofModel name: String) throws -> String {
    try ModelPlace.directory(
      name, environment: HubEnvironment(ProcessInfo.processInfo.environment))
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
