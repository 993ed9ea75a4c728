import Foundation

/// Which of a model's files are needed: its configuration and tokenizer, and its weights once, in the
/// best of the formats that it is published in.
struct ModelFiles: Equatable {
  /// Read by this program or by transformers' `CLIPModel` and `CLIPProcessor`.
  static let companions = [
    "config.json", "preprocessor_config.json", "processor_config.json", "open_clip_config.json",
    "tokenizer.json",
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

  /// Endings of weights that are published under any name, mostly as OpenCLIP's state dicts, which need no
  /// configuration.
  static let archiveEndings = [".pt", ".pth", ".ckpt"]

  /// Present companions and the weights file or its index.
  let names: [String]
  /// The index among them, whose shards are still to be named.
  let index: String?
  /// The file to be named as the model, where naming its folder would not be enough.
  let file: String?
  let hasConfiguration: Bool

  /// - Parameters:
  ///   - file: the one file that is wanted; `nil` for the best that is there.
  ///   - all: the names of all files.
  /// - Throws: `SeveralArchives` where only their publisher's names tell the weights apart.
  /// - Returns: `nil` where there are no weights.
  init?(among all: [String], file wanted: String? = nil) throws(SeveralArchives) {
    let present = Set(all)
    func take(_ weights: String) -> ([String], String?) {
      let folder = weights.lastIndex(of: "/").map { String(weights[...$0]) } ?? ""
      return (
        Self.companions.map { folder + $0 }.filter { present.contains($0) && $0 != weights }
          + [weights], weights.hasSuffix(".index.json") ? weights : nil
      )
    }
    if let wanted {
      guard present.contains(wanted) else { return nil }
      (names, index) = take(wanted)
      file = wanted
      hasConfiguration = true
      return
    }
    if let weights = Self.weights.first(where: present.contains) {
      (names, index) = take(weights)
      file = nil
      // OpenCLIP's weights tell their sizes by themselves.
      hasConfiguration =
        names.contains("config.json") || names.contains("open_clip_config.json")
        || weights.hasPrefix("open_clip_")
      return
    }
    let archives = all.filter { name in Self.archiveEndings.contains { name.hasSuffix($0) } }
      .sorted()
    guard archives.count <= 1 else { throw SeveralArchives(names: archives) }
    guard let archive = archives.first else { return nil }
    (names, index) = take(archive)
    file = archive
    hasConfiguration = true
  }

  struct SeveralArchives: Error {
    let names: [String]
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
