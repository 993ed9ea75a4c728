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
}
