/// Names of splits. The same part of a data set is "val" in one file and "dev" in another.
public enum Splits {
  private static let spellings = [
    "train": "train", "training": "train",
    "val": "valid", "valid": "valid", "validation": "valid", "dev": "valid",
    "test": "test", "testing": "test",
  ]

  /// `train`, `valid` or `test` for any spelling of these; other names as they are.
  public static func name(_ spelling: String) -> String {
    spellings[spelling.lowercased()] ?? spelling
  }

  /// All spellings of a split, as collections of earlier versions may have stored them.
  public static func spellings(of split: String) -> [String] {
    let name = name(split)
    return [name] + spellings.filter { $0.value == name && $0.key != name }.map(\.key).sorted()
  }

  /// Whether a folder's name is one of these spellings.
  static func isSplit(_ name: String) -> Bool { spellings[name.lowercased()] != nil }

  /// The split that a caption file's name tells, `captions_val2017.json`, else the folder that it is
  /// in, `validation/metadata.jsonl`.
  static func split(ofFile path: String) -> String? {
    let parts = path.split(separator: "/")
    let words = (parts.last ?? "").lowercased().split { !$0.isLetter }
    if let found = words.lazy.compactMap({ spellings[String($0)] }).first { return found }
    return parts.dropLast().last.flatMap { spellings[$0.lowercased()] }
  }
}
