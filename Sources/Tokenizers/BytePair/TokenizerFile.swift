/// tokenizer.json of the `tokenizers` library: vocabulary and merges in one file, with the settings of
/// which CLIP's are the only ones accepted.
///
/// Read in one pass that notes where the two large parts are, then these: a general JSON reader would
/// make one piece of two that are canonically equivalent.
struct TokenizerFile {
  let vocabulary: Vocabulary
  /// As in merges.txt.
  let merges: [UInt8]

  /// Where the parts begin, and the settings.
  private struct Outline {
    var vocabulary: Int?
    var merges: Int?
    var added: [(piece: [UInt8], id: Int)] = []
    var kind = "BPE"
    var endOfWord = ""
    var hasFallback = false
  }

  private static let mostAdded = 10_000

  init(json: [UInt8], file: String, idLimit: Int) throws(TokenizerError) {
    guard (try? UTF8Span(validating: json.span)) != nil else {
      throw TokenizerError(file: file, reason: .notUTF8)
    }
    var outline = Outline()
    var reader = VocabularyReader(json: json, file: file)
    try reader.readObject { reader, name throws(TokenizerError) in
      switch name {
      case "model": try Self.readModel(&reader, into: &outline)
      case "added_tokens": try Self.readAdded(&reader, into: &outline)
      default: try reader.skipValue()
      }
    }
    try reader.expectEnd()
    func refuse(_ what: String) -> TokenizerError { .init(file: file, reason: .notCLIP(what)) }
    guard outline.kind == "BPE" else { throw refuse("model.type is \(outline.kind)") }
    guard outline.endOfWord == "</w>" else {
      throw refuse("model.end_of_word_suffix is \"\(outline.endOfWord)\"")
    }
    guard !outline.hasFallback else { throw refuse("model.byte_fallback is true") }
    guard let vocabulary = outline.vocabulary, let merges = outline.merges else {
      throw refuse("model.vocab or model.merges is missing")
    }
    var pieces = VocabularyReader(json: json, file: file, at: vocabulary)
    self.vocabulary = try Vocabulary(&pieces, added: outline.added, idLimit: idLimit)
    var pairs = VocabularyReader(json: json, file: file, at: merges)
    self.merges = try Self.readMerges(&pairs)
  }

  private static func readModel(_ reader: inout VocabularyReader, into outline: inout Outline)
    throws(TokenizerError)
  {
    var found = outline
    try reader.readObject { reader, name throws(TokenizerError) in
      switch name {
      case "vocab":
        found.vocabulary = reader.position
        try reader.skipValue()
      case "merges":
        found.merges = reader.position
        try reader.skipValue()
      case "type": found.kind = try reader.readText()
      case "end_of_word_suffix" where reader.isNext("\""): found.endOfWord = try reader.readText()
      case "byte_fallback":
        found.hasFallback = reader.isNext("t")
        try reader.skipValue()
      default: try reader.skipValue()
      }
    }
    outline = found
  }

  private static func readAdded(_ reader: inout VocabularyReader, into outline: inout Outline)
    throws(TokenizerError)
  {
    var added: [(piece: [UInt8], id: Int)] = []
    try reader.readList { reader throws(TokenizerError) in
      var piece: [UInt8] = []
      var id: Int?
      try reader.readObject { reader, name throws(TokenizerError) in
        switch name {
        case "content": try reader.readString(into: &piece)
        case "id": id = try reader.readInteger()
        default: try reader.skipValue()
        }
      }
      guard let id, !piece.isEmpty, added.count < mostAdded else {
        throw reader.failure("an added token with content and id")
      }
      added.append((piece, id))
    }
    outline.added = added
  }

  /// `["a b", …]`, or `[["a", "b"], …]` of newer versions, as lines. A version line goes before them, so
  /// that no merge is taken for one.
  private static func readMerges(_ reader: inout VocabularyReader) throws(TokenizerError) -> [UInt8]
  {
    var text = Array("#version\n".utf8)
    try reader.readList { reader throws(TokenizerError) in
      if reader.isNext("[") {
        var isFirst = true
        try reader.readList { reader throws(TokenizerError) in
          if !isFirst { text.append(0x20) }
          isFirst = false
          try reader.readString(into: &text)
        }
      } else {
        try reader.readString(into: &text)
      }
      text.append(0x0A)
    }
    return text
  }
}
