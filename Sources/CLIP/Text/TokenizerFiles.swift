import Foundation

/// Which files of a model's folder the tokenizer is read from.
enum TokenizerFiles: Sendable, Equatable {
  /// vocab.json and merges.txt
  case pair
  /// tokenizer.json alone
  case single
  /// None: the standard CLIP vocabulary, which OpenAI's models mean.
  case standard

  /// - Parameter allowsStandard: whether a folder without any means the standard vocabulary.
  init(in folder: String, allowsStandard: Bool) {
    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(folder)/\(name)") }
    if has("tokenizer.json"), !has("vocab.json") || !has("merges.txt") {
      self = .single
    } else if allowsStandard, !has("vocab.json"), !has("merges.txt") {
      self = .standard
    } else {
      self = .pair
    }
  }

  /// Names of the files; the standard vocabulary's is none of a file.
  var names: [String] {
    switch self {
    case .pair: ["vocab.json", "merges.txt"]
    case .single: ["tokenizer.json"]
    case .standard: ["the standard CLIP vocabulary"]
    }
  }
}
