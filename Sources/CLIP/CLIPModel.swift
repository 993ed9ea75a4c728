import Imaging

/// A CLIP checkpoint, ready to embed. Immutable, shared and safe to call from several tasks at once.
///
///     let model = try CLIPModel(contentsOf: "assets/models/rsicd-mini")
///     let query = try model.embed(texts: ["planes beside a long terminal"])
public final class CLIPModel: Sendable {
  /// The directory's last path component, e.g. `rsicd-mini`.
  public let name: String
  public let directory: String
  /// Hexadecimal SHA-256 over weights, configuration, preprocessing and tokenizer: what vectors belong to.
  public let fingerprint: String
  /// Width of the shared space.
  public let embeddingWidth: Int
  /// `exp(logit_scale)`: what cosines are multiplied with before a softmax.
  public let logitScale: Float
  /// Threads used by a call.
  public let threads: Int

  /// Opens a Hugging Face CLIP directory. Weights are mapped; each tower is packed at its first use.
  /// - Parameter threads: of one call; the machine's cores by default.
  public init(contentsOf directory: String, threads: Int? = nil) throws {
    name = ""
    self.directory = directory
    fingerprint = ""
    embeddingWidth = 0
    logitScale = 0
    self.threads = threads ?? 1
  }

  /// Unit vectors of texts, `[texts.count, embeddingWidth]`. Blocks the calling thread.
  public func embed(texts: [String]) throws -> EmbeddingMatrix {
    EmbeddingMatrix(count: 0, width: embeddingWidth, values: [])
  }

  /// Unit vectors of pictures, `[images.count, embeddingWidth]`. Blocks the calling thread.
  public func embed(images: [Pixels]) throws -> EmbeddingMatrix {
    EmbeddingMatrix(count: 0, width: embeddingWidth, values: [])
  }

  /// As ``embed(texts:)``, waiting without holding the caller's thread.
  public func embeddings(forTexts texts: [String]) async throws -> EmbeddingMatrix {
    try embed(texts: texts)
  }

  /// As ``embed(images:)``, waiting without holding the caller's thread.
  public func embeddings(forImages images: [Pixels]) async throws -> EmbeddingMatrix {
    try embed(images: images)
  }

  /// Decoded picture → what the vision tower reads, `3 · side · side` floats, channel by channel;
  /// `CLIPImageProcessor`'s resize, centre crop, rescale and normalise.
  public func preprocess(_ image: Pixels) -> [Float] { [] }

  /// Unit vectors of preprocessed pictures, `count` times what ``preprocess(_:)`` gives, back to back.
  /// Runs on the calling thread alone: a pipeline that has a worker on every core calls this from each.
  public func embed(preprocessed: [Float], count: Int) throws -> EmbeddingMatrix {
    EmbeddingMatrix(count: 0, width: embeddingWidth, values: [])
  }

  /// Zero-shot classification: one prompt per label, softmax of `logitScale · cosine`.
  /// - Parameter template: `{category}` is replaced with each label.
  /// - Returns: per image the probability of each label, in the order of `labels`.
  public func classify(
    _ images: [Pixels], labels: [String], template: String = "An aerial photograph of {category}"
  ) throws -> [[Float]] { [] }
}
