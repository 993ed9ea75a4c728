import CLIP
import Dispatch
import Foundation

/// One measurement of ours, as a JSON line: `bench image MODEL THREADS BATCH REPEATS`,
/// `bench text MODEL THREADS TOKENS REPEATS`, `bench search VECTORS WIDTH THREADS REPEATS`.
///
/// The driver runs it in turn with each peer, so that a machine whose speed drifts is the same for both.
@main
struct Bench {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 6, let last = Int(arguments[5]), let fourth = Int(arguments[4]),
      let third = Int(arguments[3])
    else {
      FileHandle.standardError.write(Data("bench: image|text|search and four arguments\n".utf8))
      exit(2)
    }
    switch arguments[1] {
    case "image": try images(arguments[2], threads: third, batch: fourth, repeats: last)
    case "text": try texts(arguments[2], threads: third, tokens: fourth, repeats: last)
    case "search":
      try await search(
        count: Int(arguments[2]) ?? 0, width: third, threads: fourth, repeats: last)
    default: exit(2)
    }
  }

  /// Median seconds of `repeats` runs after two that are not counted.
  static func median(_ repeats: Int, _ body: () throws -> Void) rethrows -> Double {
    try body()
    try body()
    var seconds: [Double] = []
    for _ in 0..<repeats {
      let start = ContinuousClock.now
      try body()
      seconds.append((ContinuousClock.now - start) / .seconds(1))
    }
    return seconds.sorted()[repeats / 2]
  }

  static func report(_ name: String, _ seconds: Double, count: Int) {
    print("{\"name\":\"\(name)\",\"seconds\":\(seconds),\"count\":\(count)}")
  }

  static func images(_ path: String, threads: Int, batch: Int, repeats: Int) throws {
    let model = try CLIPModel(contentsOf: path, threads: threads)
    let side = model.configuration.imageSize
    let pixels = (0..<batch * 3 * side * side).map { Float($0 % 251) / 125 - 1 }
    let seconds = try median(repeats) {
      _ = try model.embedShared(preprocessed: pixels, count: batch)
    }
    report("image", seconds, count: batch)
  }

  static func texts(_ path: String, threads: Int, tokens: Int, repeats: Int) throws {
    let model = try CLIPModel(contentsOf: path, threads: threads)
    let ids =
      [model.tokenizer.startToken] + (0..<Int32(tokens - 2)).map { 300 + $0 }
      + [model.tokenizer.endToken]
    let seconds = try median(repeats) { _ = try model.embed(tokens: [ids]) }
    report("text", seconds, count: 1)
  }
}
