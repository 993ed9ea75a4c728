import Foundation

/// Writes safetensors files: floats as F32, F16 or BF16, in the order given; the first tensor is aligned
/// to 8 bytes, as the reference does it.
public enum SafetensorsWriter {
  /// One tensor: its name, shape and, in ``write(_:as:to:metadata:)``, where its numbers are.
  public struct Tensor: Sendable {
    public let name: String
    public let shape: [Int]
    /// Where the tensor's numbers lie in the list of all.
    public let range: Range<Int>

    public init(name: String, shape: [Int], range: Range<Int>) {
      self.name = name
      self.shape = shape
      self.range = range
    }
  }

  /// Numbers converted and handed to the system at a time.
  private static let piece = 1 << 18

  /// Writes a new file and waits until it is on the disk. Not atomic by itself: see ``AtomicFolder``.
  /// - Parameters:
  ///   - values: all tensors' numbers; each tensor names its part.
  ///   - type: ``TensorType/f32``, ``TensorType/f16`` or ``TensorType/bf16``.
  ///   - metadata: texts of `__metadata__`; transformers wants `format: pt`.
  /// - Throws: ``CheckpointError``, `unwritable` with the system's words.
  public static func write(
    _ tensors: [Tensor], values: [Float], as type: TensorType, to path: String,
    metadata: [String: String] = ["format": "pt"]
  ) throws(CheckpointError) {
    for tensor in tensors {
      precondition(
        tensor.range.count == tensor.shape.reduce(1, *) && tensor.range.upperBound <= values.count)
    }
    let file = try begin(tensors.map { ($0.name, $0.shape) }, as: type, to: path, metadata)
    for tensor in tensors { try write(values[tensor.range], as: type, to: file) }
    try file.finish()
  }

  /// As ``write(_:values:as:to:metadata:)``, the tensors read from a table one after the other.
  package static func write(
    _ tensors: [(name: String, shape: [Int])], of table: TensorTable, as type: TensorType,
    to path: String, metadata: [String: String] = ["format": "pt"]
  ) throws(CheckpointError) {
    let file = try begin(tensors, as: type, to: path, metadata)
    for (name, shape) in tensors {
      try write(table.floats(name, shape: shape)[...], as: type, to: file)
    }
    try file.finish()
  }

  /// Makes the file and writes its header.
  private static func begin(
    _ tensors: [(name: String, shape: [Int])], as type: TensorType, to path: String,
    _ metadata: [String: String]
  ) throws(CheckpointError) -> DurableFile {
    var fields: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0)):\(quoted($1))" }
      fields.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var end = 0
    for tensor in tensors {
      let start = end
      end += type.byteCount * tensor.shape.reduce(1, *)
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      fields.append(
        "\(quoted(tensor.name)):{\"dtype\":\"\(type.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(start),\(end)]}")
    }
    var header = Array("{\(fields.joined(separator: ","))}".utf8)
    // Spaces after the object are allowed, and align what follows.
    while header.count % 8 != 0 { header.append(0x20) }
    let file = try DurableFile(creating: path)
    let length = UInt64(header.count)
    try file.write((0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * UInt64($0))) } + header)
    return file
  }

  private static func write(
    _ values: ArraySlice<Float>, as type: TensorType, to file: DurableFile
  ) throws(CheckpointError) {
    for start in stride(from: values.startIndex, to: values.endIndex, by: piece) {
      try file.write(encoded(values[start..<min(start + piece, values.endIndex)], as: type))
    }
  }

  private static func encoded(_ values: ArraySlice<Float>, as type: TensorType) -> [UInt8] {
    switch type {
    case .f32: bytes(of: values) { $0.bitPattern.littleEndian }
    case .f16: bytes(of: values) { half($0).littleEndian }
    case .bf16: bytes(of: values) { brain($0).littleEndian }
    default: preconditionFailure("\(type) is no type of weights")
    }
  }

  private static func bytes<Word>(of values: ArraySlice<Float>, _ word: (Float) -> Word) -> [UInt8]
  {
    let size = MemoryLayout<Word>.size
    return [UInt8](unsafeUninitializedCapacity: size * values.count) { target, filled in
      for (place, value) in values.enumerated() {
        UnsafeMutableRawBufferPointer(target).storeBytes(
          of: word(value), toByteOffset: size * place, as: Word.self)
      }
      filled = size * values.count
    }
  }

  /// Nearest IEEE half, ties to even; what is too large becomes infinite, as in PyTorch.
  static func half(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let sign = UInt16(truncatingIfNeeded: bits >> 16) & 0x8000
    let magnitude = bits & 0x7fff_ffff
    if magnitude > 0x7f80_0000 { return sign | 0x7e00 }
    if magnitude >= 0x4780_0000 { return sign | 0x7c00 }
    if magnitude < 0x3880_0000 {
      // Adding a half leaves the subnormal's bits, rounded by the addition itself.
      let sum = Float(bitPattern: magnitude) + 0.5
      return sign | UInt16(truncatingIfNeeded: sum.bitPattern &- Float(0.5).bitPattern)
    }
    let rounded = magnitude &- 0x3800_0000 &+ 0xfff &+ (magnitude >> 13 & 1)
    return sign | UInt16(truncatingIfNeeded: rounded >> 13)
  }

  /// Nearest bfloat16, ties to even.
  static func brain(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    if bits & 0x7fff_ffff > 0x7f80_0000 { return UInt16(truncatingIfNeeded: bits >> 16) | 0x40 }
    return UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ (bits >> 16 & 1)) >> 16)
  }

  private static func quoted(_ text: String) -> String {
    let data = try? JSONSerialization.data(
      withJSONObject: text, options: [.fragmentsAllowed, .withoutEscapingSlashes])
    return data.map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
  }
}
