import CLIP
import Imaging

/// What the indexer needs of a model; tests bring their own.
public protocol ImageEmbedder: Sendable {
  var name: String { get }
  /// What vectors belong to: weights, configuration and preprocessing.
  var fingerprint: String { get }
  var directory: String { get }
  var embeddingWidth: Int { get }
  /// Decoded picture → the tower's input.
  func preprocess(_ image: Pixels) -> [Float]
  /// Unit vectors of `count` inputs, back to back, on the calling thread.
  func embed(preprocessed: [Float], count: Int) throws -> EmbeddingMatrix
}

extension CLIPModel: ImageEmbedder {}
