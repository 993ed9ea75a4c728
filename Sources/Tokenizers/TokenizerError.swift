import Texts

/// Why a tokenizer could not be made; its text names the file, what was expected and found.
public struct TokenizerError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Reason: Sendable, Equatable {
    /// The file cannot be opened or read, or is too long; the text says which.
    case unreadable(String)
    /// Not a JSON object of names and whole numbers: what was expected at that byte.
    case notVocabulary(expected: String, byte: Int)
    /// The file is not UTF-8.
    case notUTF8
    /// The same piece or the same id twice.
    case duplicate(piece: String, id: Int)
    /// An id below 0 or not below `limit`.
    case idOutOfRange(piece: String, limit: Int)
    case missingSpecialToken(String)
    /// merges.txt is absent, or holds no merge.
    case noMerges
    /// A line that is not two pieces with one space between them.
    case notMerge(line: Int)
    /// A merge of pieces, or into a piece, that the vocabulary does not have.
    case unknownPiece(String, line: Int)
    /// A text of fewer tokens than the start and the end.
    case contextTooShort(Int)
    /// A tokenizer.json of another kind: which setting, and what was found.
    case notCLIP(String)
    /// More pieces or merges than are accepted.
    case tooMany(limit: Int)
  }

  /// Path of the file.
  public let file: String
  public let reason: Reason

  package init(file: String, reason: Reason) {
    self.file = file
    self.reason = reason
  }

  /// One line without control characters.
  public var description: String {
    "\(safeForTerminal(file)): \(safeForTerminal(text))"
  }

  private var text: String {
    switch reason {
    case .unreadable(let why):
      "cannot be read: \(why); a CLIP directory has vocab.json and merges.txt, or tokenizer.json"
    case .notVocabulary(let expected, let byte):
      "not a vocabulary: \(expected) was expected at byte \(byte);"
        + " the file is one JSON object of pieces and their ids"
    case .notUTF8: "not UTF-8; was it packed or cut? Copy it again from the model's source"
    case .duplicate(let piece, let id): "piece \"\(piece)\" or its id \(id) is there twice"
    case .idOutOfRange(let piece, let limit):
      "the id of \"\(piece)\" is not in 0..<\(limit), the number of the text tower's embeddings;"
        + " vocabulary and weights must come from the same model"
    case .missingSpecialToken(let token):
      "no piece \"\(token)\"; a CLIP vocabulary ends with it"
    case .noMerges:
      "no merges; the vocabulary cannot be used without the merges.txt that belongs to it"
    case .notMerge(let line): "line \(line): two pieces with one space between them were expected"
    case .unknownPiece(let piece, let line):
      "line \(line) needs \"\(piece)\", which vocab.json does not have;"
        + " both files must come from the same model"
    case .contextTooShort(let length):
      "a context of \(length) tokens was asked for; start and end alone need 2"
    case .notCLIP(let what):
      "not CLIP's tokenizer: \(what); byte pairs (BPE) with </w> at a word's end were expected"
    case .tooMany(let limit): "more than \(limit) entries"
    }
  }
}
