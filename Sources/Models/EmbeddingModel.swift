import Imaging
import Tokenizers

/// A model that puts texts and pictures into one space, whatever its family: unit vectors, whose cosines
/// times ``logitScale`` are the logits of a zero-shot classification.
///
/// Immutable, shared and safe to call from several tasks at once.
public protocol EmbeddingModel: ImageEmbedder {
  /// What the user should know about how the files were read, in sentences.
  var notes: [String] { get }
  /// The name of the architecture that the weights may be of instead, where that had to be guessed.
  var otherReading: String? { get }
  /// Threads used by a call.
  var threads: Int { get }
  /// `exp(logit_scale)`: what cosines are multiplied with before a softmax.
  var logitScale: Float { get }
  /// What it is made of, for a summary.
  var facts: ModelFacts { get }
  /// Tokens of a text that are read.
  var textLimit: Int { get }

  /// What of a text is not read; `nil` where all of it is.
  func cut(_ text: String) -> TextCut?
  /// Unit vectors, `[texts.count, embeddingWidth]`. Blocks the calling thread.
  func embed(texts: [String]) throws -> EmbeddingMatrix
  /// Unit vectors, `[images.count, embeddingWidth]`. Blocks the calling thread.
  func embed(images: [Pixels]) throws -> EmbeddingMatrix
  /// As ``ImageEmbedder/embed(preprocessed:count:)``, on all of the model's threads.
  func embedShared(preprocessed: [Float], count: Int) throws -> EmbeddingMatrix
  /// As ``embed(texts:)``, waiting without holding the caller's thread.
  func embeddings(forTexts texts: [String]) async throws -> EmbeddingMatrix
  /// As ``embed(images:)``, waiting without holding the caller's thread.
  func embeddings(forImages images: [Pixels]) async throws -> EmbeddingMatrix
  /// The same weights read as they were for the vectors of another fingerprint.
  /// - Returns: `nil` where that is of other files, or of no other reading.
  func reread(asIn fingerprint: String) throws -> (any EmbeddingModel)?
}

extension EmbeddingModel {
  public var otherReading: String? { nil }
}

/// What indexing needs of a model.
public protocol ImageEmbedder: Sendable {
  var name: String { get }
  /// What vectors belong to: weights, configuration and preprocessing.
  var fingerprint: String { get }
  /// The folder, or the file of weights that was named.
  var directory: String { get }
  /// Width of the shared space.
  var embeddingWidth: Int { get }
  /// Decoded picture → the tower's input.
  func preprocess(_ image: Pixels) -> [Float]
  /// Unit vectors of `count` inputs, back to back, on the calling thread.
  func embed(preprocessed: [Float], count: Int) throws -> EmbeddingMatrix
}

/// What a model is made of.
public struct ModelFacts: Sendable, Equatable {
  /// Sizes of a tower.
  public struct Tower: Sendable, Equatable {
    public let width, layers, heads, headWidth, intermediateWidth: Int
    /// As transformers' config.json has it.
    public let activation: String
  }

  /// Which files the weights come from, and their types, e.g. `pytorch_model.bin, F16`.
  public let weights: String
  public let parameterCount: Int
  /// How its sizes and rules are known.
  public let provenance: ModelProvenance
  public let vision, text: Tower
  public let patchSize, imageSize: Int
  /// Most tokens of a text, start and end included.
  public let contextLength: Int
  public let vocabularySize: Int
  /// Which position of a text its vector is taken from, as the end of a sentence.
  public let pooling: String
  /// What is done to texts before they are cut into tokens.
  public let textCleaning: String
}

/// The families of models, and how one is opened.
public enum EmbeddingModels {
  /// A new family is a folder beside CLIP's and one entry here; the first that takes a place opens it.
  static var families: [any ModelFamily.Type] { [CLIPFamily.self] }

  /// - Parameters:
  ///   - path: a folder, or a file of weights in one.
  ///   - name: of the published model that weights without a configuration are, `ViT-B-32-quickgelu`.
  ///   - threads: of one call; the machine's cores by default.
  ///   - imageSize: of the pictures, where not the model's own.
  /// - Throws: what the family throws that the files come nearest to: ``CLIPError``, ``TokenizerError``,
  ///   `CheckpointError`.
  public static func open(
    _ path: String, as name: String? = nil, threads: Int? = nil, imageSize: Int? = nil
  ) throws -> any EmbeddingModel {
    let family = families.first { $0.takes(path) } ?? CLIPFamily.self
    return try family.open(path, as: name, threads: threads, imageSize: imageSize)
  }

  /// Width of a model's vectors by its configuration, without reading its weights; `nil` where that does
  /// not tell it.
  public static func embeddingWidth(_ path: String) -> Int? {
    let family = families.first { $0.takes(path) } ?? CLIPFamily.self
    return family.embeddingWidth(path)
  }

  /// Whether a folder, or that of a file, says what its model is.
  public static func hasConfiguration(_ path: String) -> Bool {
    ModelFolder.hasConfiguration(path)
  }

  /// The picture size that a fingerprint of a model says, where it is not the model's own.
  public static func imageSize(ofFingerprint text: String) -> Int? {
    let model = text.prefix { $0 != "~" && $0 != "+" }
    guard let mark = model.lastIndex(of: "@") else { return nil }
    return Int(model[model.index(after: mark)...])
  }
}

/// How models of one family are recognised and opened.
protocol ModelFamily {
  /// Whether the files are of this family, by their configuration.
  static func takes(_ path: String) -> Bool
  static func open(_ path: String, as name: String?, threads: Int?, imageSize: Int?) throws
    -> any EmbeddingModel
  static func embeddingWidth(_ path: String) -> Int?
}
