/// Reads a file of weights, whatever its format: the content tells, the name only where it does not.
public enum CheckpointReader {
  private static let pointerMark = Array("version https://git-lfs".utf8)

  /// - Throws: ``CheckpointError`` with the first thing that is wrong.
  public static func table(of path: String) throws(CheckpointError) -> TensorTable {
    let file = try MappedFile(path)
    let start = file.start(64)
    if start.starts(with: PyTorchReader.magic) { return try PyTorchReader.table(of: file) }
    if start.starts(with: PyTorchReader.legacyMagic) {
      throw CheckpointError(file: path, reason: .legacyPyTorch)
    }
    if start.starts(with: pointerMark) {
      throw CheckpointError(file: path, reason: .pointer)
    }
    // A safetensors header is an object behind its length.
    if start.count > 8, start[8] == UInt8(ascii: "{"), start.integer(at: 0, bytes: 8) < 1 << 40 {
      return try SafetensorsReader.table(of: file)
    }
    switch path.split(separator: ".").last.map(String.init) {
    case "msgpack": return try FlaxReader.table(of: file)
    case "bin", "pt", "pth", "ckpt":
      throw CheckpointError(file: path, reason: .notPyTorch(bytes: file.count))
    default: return try SafetensorsReader.table(of: file)
    }
  }
}
