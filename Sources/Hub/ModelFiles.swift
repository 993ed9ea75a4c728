import Foundation

/// Which of a model's files are needed: its configuration and tokenizer, and its weights once, in the
/// best of the formats that it is published in.
struct ModelFiles: Equatable {
  /// Read by this program or by transformers' `CLIPModel` and `CLIPProcessor`.
  static let companions = [
    "config.json", "preprocessor_config.json", "open_clip_config.json", "tokenizer.json",
    "vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json",
    "added_tokens.json",
  ]

  /// Best first; an index names the shards that hold the weights.
  static let weights = [
    "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
    "pytorch_model.bin.index.json", "flax_model.msgpack", "open_clip_model.safetensors",
    "open_clip_pytorch_model.safetensors", "open_clip_pytorch_model.bin",
  ]

  static let longestIndex = 16 << 20

  /// Present companions and the weights file or its index.
  let names: [String]
  /// The index among them, whose shards are still to be named.
  let index: String?

  /// - Parameter has: whether there is a file of that name.
  /// - Returns: `nil` where there are no weights.
  init?(where has: (String) -> Bool) {
    guard let weights = Self.weights.first(where: has) else { return nil }
    names = Self.companions.filter(has) + [weights]
    index = weights.hasSuffix(".index.json") ? weights : nil
  }

  var hasConfiguration: Bool {
    names.contains("config.json") || names.contains("open_clip_config.json")
  }

  private struct Index: Decodable {
    let weight_map: [String: String]
  }

  /// The shards that an index names, in order.
  /// - Returns: `nil` where it is no index.
  static func shards(of index: Data) -> [String]? {
    guard let found = try? JSONDecoder().decode(Index.self, from: index) else { return nil }
    let names = Set(found.weight_map.values).sorted()
    return names.isEmpty ? nil : names
  }
}
