import Foundation

/// Which files of a model's folder the tokenizer is read from.
package enum TokenizerFiles: Sendable, Equatable {
  /// vocab.json and merges.txt
  case pair
  /// tokenizer.json alone
  case single
  /// None: the standard CLIP vocabulary, which OpenAI's models mean.
  case standard

  /// - Parameter allowsStandard: whether a folder without any means the standard vocabulary.
  package init(in folder: String, allowsStandard: Bool) {
    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(folder)/\(name)") }
    if has("tokenizer.json"), !has("vocab.json") || !has("merges.txt") {
      self = .single
    } else if allowsStandard, !has("vocab.json"), !has("merges.txt") {
      self = .standard
    } else {
      self = .pair
    }
  }

  /// Names of the files; of the standard vocabulary what is said in its place.
  package var names: [String] {
    switch self {
    case .pair: ["vocab.json", "merges.txt"]
    case .single: ["tokenizer.json"]
    case .standard: ["the standard CLIP vocabulary"]
    }
  }
}
