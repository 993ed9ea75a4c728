import CStandardVocabulary

/// The merges of the standard CLIP vocabulary (49,408 pieces), which OpenAI's checkpoints mean and do not
/// contain. From openai/CLIP, under the MIT licence.
package enum StandardMerges {
  /// Pieces with the 512 bytes and the two special tokens.
  package static let vocabularySize = 49_408

  /// Contents of its merges.txt.
  package static var text: [UInt8] {
    Array(
      UnsafeRawBufferPointer(
        start: clip_standard_merges_start(), count: clip_standard_merges_count()))
  }

  /// Names and contents of the two files that a model's folder has of it.
  package static func files() throws -> [(name: String, bytes: [UInt8])] {
    [("vocab.json", try Vocabulary(merges: text).json), ("merges.txt", text)]
  }
}

extension Vocabulary {
  /// vocab.json.
  var json: [UInt8] {
    let fields = pieces.enumerated().map { id, piece in
      let text = String(decoding: piece, as: UTF8.self)
        .replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      return "\"\(text)\": \(id)"
    }
    return Array("{\(fields.joined(separator: ", "))}\n".utf8)
  }
}
