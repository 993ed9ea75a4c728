import Foundation

/// The files of weights in a model's folder.
///
/// A folder may hold several formats, as those on the Hugging Face hub do; the first of this order is
/// read: names of transformers before those of OpenCLIP, in each safetensors before pickles, one file
/// before shards.
///
///     model.safetensors
///     model.safetensors.index.json      and its shards
///     pytorch_model.bin
///     pytorch_model.bin.index.json      and its shards
///     flax_model.msgpack
///     open_clip_model.safetensors       or open_clip_pytorch_model.safetensors
///     open_clip_pytorch_model.bin
///     NAME.pt, NAME.pth or NAME.ckpt    where it is the only one
public struct CheckpointFiles: Sendable {
  /// Paths of the files, shards in the order of their names, the index not among them.
  public let files: [String]
  /// Path of the index of shards.
  public let index: String?
  /// Shards by tensor; empty without an index.
  private let shards: [String: String]

  /// Names that are looked for, in order.
  public static let names = [
    "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
    "pytorch_model.bin.index.json", "flax_model.msgpack", "open_clip_model.safetensors",
    "open_clip_pytorch_model.safetensors", "open_clip_pytorch_model.bin",
  ]
  /// What a person may put into a folder, for errors.
  public static let expected =
    "model.safetensors, pytorch_model.bin (either also in shards with an index.json), "
    + "open_clip_model.safetensors, open_clip_pytorch_model.bin, flax_model.msgpack or one .pt, .pth or .ckpt file"

  private static let longestIndex = 64 << 20
  private static let mostShards = 1000

  /// - Throws: ``CheckpointError`` where there are none, or an index leads out of the folder.
  public init(in folder: String) throws(CheckpointError) {
    var present = Self.names.first { FileManager.default.fileExists(atPath: "\(folder)/\($0)") }
    if present == nil { present = try Self.onlyArchive(in: folder) }
    guard let name = present else {
      throw CheckpointError(file: folder, reason: .noWeights)
    }
    try self.init(file: "\(folder)/\(name)")
  }

  /// - Parameter path: of a file of weights, or of an index of shards, under any name.
  /// - Throws: ``CheckpointError`` where an index leads out of its folder.
  public init(file path: String) throws(CheckpointError) {
    let folder = (path as NSString).deletingLastPathComponent
    guard path.hasSuffix(".index.json") else {
      (files, index, shards) = ([path], nil, [:])
      return
    }
    shards = try Self.weightMap(path)
    index = path
    files = Set(shards.values).sorted().map { "\(folder)/\($0)" }
  }

  /// Endings of weights that are published under any name.
  public static let archiveEndings = [".pt", ".pth", ".ckpt"]
  /// Endings of files that may be named as a model.
  public static let fileEndings =
    archiveEndings + [".safetensors", ".bin", ".msgpack", ".index.json"]

  /// A .pt file, as OpenAI published them, under any name.
  private static func onlyArchive(in folder: String) throws(CheckpointError) -> String? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let archives = names.filter { name in
      !name.hasPrefix(".") && archiveEndings.contains { name.hasSuffix($0) }
    }
    guard archives.count <= 1 else {
      throw CheckpointError(
        file: folder, reason: .severalArchives(Array(archives.sorted().prefix(20))))
    }
    return archives.first
  }

  /// `{"weight_map": {tensor: file}}`, each file beside the index.
  private static func weightMap(_ path: String) throws(CheckpointError) -> [String: String] {
    func wrong(_ problem: String) -> CheckpointError {
      CheckpointError(file: path, reason: .index(problem))
    }
    let file = try MappedFile(path)
    guard file.count <= longestIndex else { throw wrong("it has \(file.count) bytes") }
    let data = Data(file.bytes(0..<file.count))
    guard let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
      let map = object["weight_map"] as? [String: Any], !map.isEmpty
    else { throw wrong("it has no weight_map of tensors and files") }
    var shards: [String: String] = [:]
    for (tensor, value) in map {
      guard let name = value as? String else { throw wrong("\(tensor) has no file") }
      guard isPlain(name) else {
        throw wrong("the file of \(tensor) is \(name.prefix(80)), which is no plain file name")
      }
      shards[tensor] = name
    }
    let count = Set(shards.values).count
    guard count <= mostShards else { throw wrong("\(count) files, at most \(mostShards)") }
    return shards
  }

  /// Whether a name from outside stays in the folder that it is looked for in.
  private static func isPlain(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 255 && !name.hasPrefix(".")
      && !name.unicodeScalars.contains { $0 == "/" || $0 == "\\" || $0.value < 0x20 }
  }

  /// The tensors of all files.
  /// - Throws: ``CheckpointError``, also where a tensor is not in the shard that the index names.
  public func table() throws(CheckpointError) -> TensorTable {
    guard let index else { return try CheckpointReader.table(of: files[0]) }
    var tables: [String: TensorTable] = [:]
    for file in files {
      tables[(file as NSString).lastPathComponent] = try CheckpointReader.table(of: file)
    }
    var entries: [String: TensorTable.Entry] = [:]
    for (name, shard) in shards {
      guard let entry = tables[shard]?.entries[name] else {
        throw CheckpointError(
          file: index, reason: .index("\(name) should be in \(shard) and is not"))
      }
      entries[name] = entry
    }
    return TensorTable(path: index, entries: entries)
  }

  /// `pytorch_model.bin, F16`
  public func summary(types: [TensorType]) -> String {
    let name = ((index ?? files[0]) as NSString).lastPathComponent
    let shards = index == nil ? "" : " of \(files.count) files"
    return "\(name)\(shards), \(types.map(\.rawValue).joined(separator: " and "))"
  }
}
