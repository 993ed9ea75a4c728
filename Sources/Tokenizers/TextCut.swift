/// A text of which a model reads only the start.
public struct TextCut: Sendable, Hashable, CustomStringConvertible {
  public let text: String
  /// Tokens of the text, without start and end.
  public let tokens: Int
  /// Those that are read.
  public let read: Int

  public init(text: String, tokens: Int, read: Int) {
    (self.text, self.tokens, self.read) = (text, tokens, read)
  }

  public var description: String {
    "\(tokens) tokens, of which the model reads the first \(read): \(text)"
  }
}

extension Tokenizer {
  /// What of a text is not read; `nil` where all of it is.
  public func cut(_ text: String) -> TextCut? {
    // Only what fills the context may go on behind it.
    guard encode(text).count == contextLength else { return nil }
    let count = encode(text, truncated: false).count
    guard count > contextLength else { return nil }
    return TextCut(text: text, tokens: count - 2, read: contextLength - 2)
  }
}
