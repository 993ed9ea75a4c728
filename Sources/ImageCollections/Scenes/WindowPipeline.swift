import Imaging
import Models
import Scenes
import Threads

/// A window that is to be embedded.
package struct WindowTask: Sendable {
  package let region: PixelRegion
  /// Places in the pipeline's models.
  package let models: [Int]

  package init(_ region: PixelRegion, models: [Int]) {
    (self.region, self.models) = (region, models)
  }
}

/// What became of it.
package struct WindowOutcome: Sendable {
  package let region: PixelRegion
  /// By the place of their model; empty where the window holds too little data.
  package var vectors: [Int: [Float]]
}

/// Windows of a scene → vectors. Each worker reads a few windows, which is done by one at a time since the
/// rows of a scene are read once, and takes them through preprocessing and the towers on its own thread.
///
/// Unchecked: the scene is touched by one worker at a time, as ``Relay`` takes portions.
package final class WindowPipeline: @unchecked Sendable {
  private let reader: WindowReader
  private let wanted: [PixelRegion: [Int]]
  private let models: [any ImageEmbedder]
  private let leastData: Double
  private let workers: Int
  private let isCancelled: @Sendable () -> Bool

  /// Windows that a worker takes at a time; the towers' own measure.
  private static let handful = 8

  private struct Portion: Sendable {
    var windows: [WindowPixels] = []
    var empty: [PixelRegion] = []
  }

  /// - Parameters:
  ///   - leastData: share of a window's pixels; one with less is not embedded.
  package init(
    _ scene: Scene, _ tasks: [WindowTask], models: [any ImageEmbedder], leastData: Double,
    threads: Int, isCancelled: @escaping @Sendable () -> Bool
  ) {
    reader = WindowReader(scene, tasks.map(\.region))
    wanted = Dictionary(tasks.map { ($0.region, $0.models) }, uniquingKeysWith: { $1 })
    self.models = models
    self.leastData = leastData
    self.isCancelled = isCancelled
    workers = max(1, min(threads, (tasks.count + Self.handful - 1) / Self.handful))
  }

  /// Hands outcomes to `receive` on the calling thread, in the order in which they are ready.
  /// - Throws: `ImageError`, what a model throws, `CancellationError`, `ThreadError`.
  package func run(_ receive: ([WindowOutcome]) throws -> Void) throws {
    try Relay(workers: workers) { [self] in
      try portion()
    } work: { [self] in
      try embed($0)
    }.run("windows", receive)
  }

  private func portion() throws -> Portion? {
    var portion = Portion()
    // Of empty ones no more than make a line of progress.
    while portion.windows.count < Self.handful, portion.empty.count < 64 * Self.handful {
      if isCancelled() { throw CancellationError() }
      guard let window = try reader.next() else { break }
      if window.dataShare < leastData {
        portion.empty.append(window.region)
      } else {
        portion.windows.append(window)
      }
    }
    return portion.windows.isEmpty && portion.empty.isEmpty ? nil : portion
  }

  private func embed(_ portion: Portion) throws -> [WindowOutcome] {
    if isCancelled() { throw CancellationError() }
    var outcomes = portion.windows.map { WindowOutcome(region: $0.region, vectors: [:]) }
    for (place, model) in models.enumerated() {
      let rows = portion.windows.indices.filter {
        wanted[portion.windows[$0].region]?.contains(place) ?? false
      }
      guard !rows.isEmpty else { continue }
      var inputs: [Float] = []
      for row in rows { inputs += model.preprocess(portion.windows[row].pixels) }
      let matrix = try model.embed(preprocessed: inputs, count: rows.count)
      for (number, row) in rows.enumerated() { outcomes[row].vectors[place] = matrix[row: number] }
    }
    return outcomes + portion.empty.map { WindowOutcome(region: $0, vectors: [:]) }
  }
}
