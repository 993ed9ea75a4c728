extension FuzzTarget {
  /// Pictures of more pixels are refused, as users may ask for; else one input takes a second.
  static let pixelLimit = 1 << 18

  /// Files that lie beside the fuzzed one, sound and small.
  var companions: [String: String] {
    switch self {
    case .config: ["preprocessor_config.json": Self.soundPreprocessor]
    case .preprocessor: ["config.json": Self.configuration]
    case .vocabulary: ["merges.txt": Self.mergeLines]
    case .merges: ["vocab.json": Self.vocabularyObject]
    case .shards: ["a.safetensors": Self.shard]
    default: [:]
    }
  }

  private static let soundPreprocessor = #"{"size": 8, "crop_size": 8}"#
  private static let configuration = """
    {"projection_dim": 4, "text_config": {"hidden_size": 8, "num_attention_heads": 2},
    "vision_config": {"hidden_size": 8, "num_attention_heads": 2, "image_size": 8, "patch_size": 4}}
    """
  private static let mergeLines = "#version: 0.2\nt h\nth e</w>\n"
  private static let vocabularyObject = """
    {"t": 0, "h": 1, "e</w>": 2, "th": 3, "the</w>": 4, "a": 5, "a</w>": 6, "ab": 7, "b": 8,
    "<|startoftext|>": 9, "<|endoftext|>": 10}
    """
  /// Two tensors of one and two numbers. The header's length, 107, is a letter.
  private static let shard =
    "k\0\0\0\0\0\0\0"
    + #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
    + #""b":{"dtype":"F16","shape":[2],"data_offsets":[4,8]}}"# + "\0\0\0\0\0\0\0\0"
}
