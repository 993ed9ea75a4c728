/// Reads flax_model.msgpack: nested maps of names, whose leaves are arrays as flax's `msgpack_serialize`
/// packs them: extension 1 (arrays) or 3 (scalars) around `[shape, dtype, bytes]`, arrays of more than
/// 1 GiB in pieces under `__msgpack_chunked_array__`.
///
/// Names are joined with points: `text_model.encoder.layers.0.mlp.fc1.kernel`. The numbers stay in the
/// mapped file. A loop with a stack of bounded depth; no count of the file's is believed.
enum FlaxReader {
  private static let deepest = 32
  private static let longestName = 1024
  private static let mostLeaves = 65_536
  private static let mostDimensions = 16
  private static let chunkedMark = "__msgpack_chunked_array__"

  /// A map that is being read.
  private struct Level {
    /// Names of the maps around it and its own, each with a point behind.
    let prefix: String
    var remaining: Int
  }

  static func table(of file: MappedFile) throws(CheckpointError) -> TensorTable {
    var scanner = MessagePackScanner(file)
    guard case .map(let count) = try scanner.next() else {
      throw scanner.wrong("a map of names was expected")
    }
    var levels = [Level(prefix: "", remaining: count)]
    var leaves = Leaves()
    while let level = levels.last {
      guard level.remaining > 0 else {
        levels.removeLast()
        continue
      }
      levels[levels.count - 1].remaining -= 1
      let name = level.prefix + (try key(&scanner))
      guard name.utf8.count <= longestName else {
        throw scanner.wrong("a name of more than \(longestName) bytes")
      }
      switch try scanner.next() {
      case .map(let count):
        guard levels.count < deepest else {
          throw scanner.wrong("maps nested deeper than \(deepest)")
        }
        levels.append(Level(prefix: name + ".", remaining: count))
      case .extended(let type, let content):
        guard type == 1 || type == 3 else {
          throw scanner.wrong("extension \(type) at \(name), expected flax's arrays (1 or 3)")
        }
        try leaves.add(name, array(content, name, file), scanner)
      case .integer(let value): try leaves.add(name, value, scanner)
      case .boolean, .none, .real, .bytes: try leaves.add(name, nil, scanner)
      case .array: throw scanner.wrong("a list at \(name), expected maps and arrays")
      }
    }
    guard scanner.isAtEnd else { throw scanner.wrong("bytes follow the map") }
    return TensorTable(path: file.path, entries: try leaves.entries(file))
  }

  private static func key(_ scanner: inout MessagePackScanner) throws(CheckpointError) -> String {
    guard case .bytes(let range) = try scanner.next(), range.count <= longestName,
      let text = String(validating: scanner.file.bytes(range), as: UTF8.self)
    else { throw scanner.wrong("a name of at most \(longestName) bytes was expected") }
    return text
  }

  /// `[shape, dtype, bytes]`
  private static func array(_ content: Range<Int>, _ name: String, _ file: MappedFile)
    throws(CheckpointError) -> TensorTable.Entry
  {
    var scanner = MessagePackScanner(file, content)
    guard try scanner.next() == .array(3), case .array(let dimensions) = try scanner.next(),
      dimensions <= mostDimensions
    else { throw scanner.wrong("\(name) is no array of shape, type and bytes") }
    var shape: [Int] = []
    for _ in 0..<dimensions {
      guard case .integer(let size) = try scanner.next(), size >= 0 else {
        throw scanner.wrong("\(name) has a size that is no whole number from 0")
      }
      shape.append(size)
    }
    guard case .bytes(let typeName) = try scanner.next(), typeName.count <= 32,
      case let word = String(decoding: file.bytes(typeName), as: UTF8.self)
    else { throw scanner.wrong("\(name) has no type") }
    guard let type = type(word) else {
      throw CheckpointError(file: file.path, reason: .unknownType(name: name, type: word))
    }
    guard case .bytes(let bytes) = try scanner.next(), scanner.isAtEnd else {
      throw scanner.wrong("\(name) has no bytes, or more than bytes")
    }
    guard let count = product(shape),
      case let (size, overflow) = count.multipliedReportingOverflow(by: type.byteCount), !overflow
    else { throw scanner.wrong("the shape of \(name) overflows") }
    guard size == bytes.count else {
      throw CheckpointError(
        file: file.path,
        reason: .wrongByteCount(name: name, expected: size, found: bytes.count))
    }
    return .init(.init(file: file, type: type, bytes: bytes), shape: shape)
  }

  private static func type(_ name: String) -> TensorType? {
    switch name {
    case "float32": .f32
    case "float16": .f16
    case "bfloat16": .bf16
    case "float64": .f64
    case "int64": .i64
    case "int32": .i32
    case "int16": .i16
    case "int8": .i8
    case "uint8": .u8
    case "bool": .bool
    default: nil
    }
  }

  /// What the maps hold, by full name.
  private struct Leaves {
    private var arrays: [String: TensorTable.Entry] = [:]
    private var numbers: [String: Int?] = [:]

    mutating func add(
      _ name: String, _ entry: TensorTable.Entry, _ scanner: MessagePackScanner
    ) throws(CheckpointError) {
      try checkRoom(name, scanner)
      arrays[name] = entry
    }

    /// A number, or something else of no interest.
    mutating func add(_ name: String, _ number: Int?, _ scanner: MessagePackScanner)
      throws(CheckpointError)
    {
      try checkRoom(name, scanner)
      numbers[name] = .some(number)
    }

    private func checkRoom(_ name: String, _ scanner: MessagePackScanner) throws(CheckpointError) {
      guard arrays.count + numbers.count < mostLeaves else {
        throw scanner.wrong("more than \(mostLeaves) values")
      }
      guard arrays[name] == nil, numbers[name] == nil else {
        throw CheckpointError(file: scanner.file.path, reason: .duplicate(name: name))
      }
    }

    /// The arrays, those in pieces put together.
    func entries(_ file: MappedFile) throws(CheckpointError) -> [String: TensorTable.Entry] {
      var result = arrays
      for mark in numbers.keys where mark.hasSuffix(".\(chunkedMark)") {
        let name = String(mark.dropLast(chunkedMark.count + 1))
        let (entry, pieces) = try chunked(name, file)
        for piece in pieces { result[piece] = nil }
        guard result.updateValue(entry, forKey: name) == nil else {
          throw CheckpointError(file: file.path, reason: .duplicate(name: name))
        }
      }
      return result
    }

    private func chunked(_ name: String, _ file: MappedFile) throws(CheckpointError) -> (
      TensorTable.Entry, pieces: [String]
    ) {
      func wrong(_ problem: String) -> CheckpointError {
        CheckpointError(file: file.path, reason: .tensorEntry(name: name, problem: problem))
      }
      var shape: [Int] = []
      while case .some(.some(let size)) = numbers["\(name).shape.\(shape.count)"],
        shape.count < mostDimensions
      {
        guard size >= 0 else { throw wrong("its shape has a negative size") }
        shape.append(size)
      }
      var names: [String] = []
      var storages: [TensorTable.Storage] = []
      while case let piece = "\(name).chunks.\(names.count)", let entry = arrays[piece] {
        names.append(piece)
        storages.append(entry.storage)
      }
      guard let type = storages.first?.type, storages.allSatisfy({ $0.type == type }) else {
        throw wrong("its pieces are missing or of several types")
      }
      let storage = TensorTable.Storage(
        file: file, type: type,
        pieces: storages.map {
          $0.pieces[0].offset..<$0.pieces[0].offset + $0.count * type.byteCount
        })
      guard let count = product(shape), count == storage.count else {
        throw wrong("its shape \(shape) is not that of its pieces' \(storage.count) numbers")
      }
      return (.init(storage, shape: shape), names)
    }
  }
}
