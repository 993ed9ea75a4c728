import Models
import Foundation
import ImageCollections
import Imaging
import Retrieval

/// A stand-in for a model: the mean colour, so that a test knows each vector.
package struct MeanColor: ImageEmbedder {
  package var name: String
  package var fingerprint: String
  package let directory = "/models/mean"
  package let embeddingWidth = 3
  /// Lets so many calls through and holds the others until it is opened.
  package var gate: Gate?

  package init(name: String = "mean", fingerprint: String = "f1", gate: Gate? = nil) {
    (self.name, self.fingerprint, self.gate) = (name, fingerprint, gate)
  }

  package func preprocess(_ image: Pixels) -> [Float] {
    (0..<3).map { channel in
      let values = stride(from: channel, to: image.bytes.count, by: 3).map {
        Float(image.bytes[$0])
      }
      return values.reduce(0, +) / Float(values.count)
    }
  }

  package func embed(preprocessed: [Float], count: Int) throws -> EmbeddingMatrix {
    gate?.pass()
    let values = (0..<count).flatMap { row -> [Float] in
      let color = preprocessed[3 * row..<3 * row + 3]
      let length = color.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return color.map { length > 0 ? $0 / length : 0 }
    }
    return EmbeddingMatrix(count: count, width: 3, values: values)
  }
}

/// So many calls did not come within ten seconds.
struct TooFewCalls: Error { let wanted: Int }

/// A door that a test opens when it has seen what it waited for.
package final class Gate: @unchecked Sendable {
  private let condition = NSCondition()
  // Guarded by `condition`.
  private var free: Int
  private var isOpen = false
  private var arrived = 0

  package init(free: Int = 0) { self.free = free }

  package func pass() {
    condition.withLock {
      arrived += 1
      if free > 0 {
        free -= 1
        return
      }
      while !isOpen { condition.wait() }
    }
  }

  package func open() {
    condition.withLock {
      isOpen = true
      condition.broadcast()
    }
  }

  /// Waits until so many calls have come, at most ten seconds.
  package func wait(for calls: Int) async throws {
    for _ in 0..<1000 {
      if condition.withLock({ arrived >= calls }) { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    throw TooFewCalls(wanted: calls)
  }
}

extension ImageCollection {
  /// The rows nearest to a vector, by the way that is shipped.
  package func ranked(_ vector: [Float], _ model: IndexedModel, limit: Int) async throws -> [Hit] {
    try await Retriever(self) { _ in throw CancellationError() }.rank(
      SearchRequest(subject: .vector(vector), model: model, limit: limit)
    ).hits
  }
}
