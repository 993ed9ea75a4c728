import ArgumentParser
import ImageCollections
import Scenes

/// How scenes are cut into windows.
struct WindowOptions: ParsableArguments {
  @Option(
    help: """
      Sides of the windows in pixels (default: 224,448,896, or 100, 200 and 400 m on the ground where that is more; \
      those that fit).
      """)
  var pixels: String?

  @Option(help: "Sides of the windows in metres on the ground, instead.")
  var metres: String?

  @Option(
    help: "Step from one window to the next, as a share of its side: 0.1 to 1 (default: 0.5).")
  var stride: Double?

  var areGiven: Bool { pixels != nil || metres != nil || stride != nil }

  func validate() throws {
    if let stride, !WindowPlan.strideRange.contains(stride) {
      throw ValidationError("--stride is \(stride), expected 0.1 to 1")
    }
    guard pixels == nil || metres == nil else {
      throw ValidationError("give one of --pixels and --metres")
    }
    _ = try size
  }

  /// `nil` where nothing is said.
  var size: WindowSize? {
    get throws {
      if let pixels {
        return .pixels(try Self.numbers(pixels, "--pixels", WindowPlan.sideRange))
      }
      return try metres.map {
        .metres(try Self.numbers($0, "--metres", WindowSize.metresRange))
      }
    }
  }

  /// As ``size``, of options that were validated.
  var chosen: WindowSize? { (try? size) ?? nil }

  private static func numbers(_ text: String, _ name: String, _ range: ClosedRange<Int>) throws
    -> [Int]
  {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count <= 16, numbers.allSatisfy({ $0.map(range.contains) ?? false }) else {
      throw ValidationError(
        "\(name) is \"\(text)\", expected numbers from \(range.lowerBound) to \(range.upperBound) such as "
          + "224,448")
    }
    return numbers.compactMap { $0 }
  }
}

/// Which pictures of an index are scenes.
struct SceneOptions: ParsableArguments {
  @Flag(
    help: """
      Cut large pictures into windows, each of them searchable: files that are named, and those in folders with \
      more than 600 pixels on the longer side.
      """)
  var scenes = false

  @Option(
    name: .customLong("scenes-above"),
    help:
      "Pixels on the longer side above which a picture in a folder is a scene; implies --scenes.")
  var limit: Int?

  @OptionGroup var windows: WindowOptions

  func validate() throws {
    if let limit, !(16...1_000_000).contains(limit) {
      throw ValidationError("--scenes-above is \(limit), expected 16 to 1000000")
    }
    if windows.areGiven, !scenes, limit == nil {
      throw ValidationError("--pixels, --metres and --stride are for scenes: add --scenes")
    }
  }

  /// `nil` where no new scene is wanted.
  var request: SceneRequest? {
    get throws {
      guard scenes || limit != nil else { return nil }
      var request = SceneRequest()
      request.above = limit ?? SceneRequest.usualLimit
      request.size = try windows.size
      request.stride = windows.stride
      return request
    }
  }
}
