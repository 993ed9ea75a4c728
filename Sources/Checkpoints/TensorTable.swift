/// How a tensor's numbers are stored.
public enum TensorType: String, Sendable, Hashable {
  case f32 = "F32"
  case f16 = "F16"
  case bf16 = "BF16"
  case f64 = "F64"
  case i64 = "I64"
  case i32 = "I32"
  case i16 = "I16"
  case i8 = "I8"
  case u8 = "U8"
  case bool = "BOOL"

  var byteCount: Int {
    switch self {
    case .f64, .i64: 8
    case .f32, .i32: 4
    case .f16, .bf16, .i16: 2
    case .i8, .u8, .bool: 1
    }
  }
}

/// Named tensors of a checkpoint, whatever file format they came from: what every reader yields.
public struct TensorTable: Sendable {
  /// Where a tensor's bytes are, checked against its file.
  struct Entry: Sendable {
    let type: TensorType
    let shape: [Int]
    let range: Range<Int>
  }

  let file: MappedFile
  let entries: [String: Entry]

  public var names: [String] { entries.keys.sorted() }
  public func shape(of name: String) -> [Int]? { entries[name]?.shape }
  public func type(of name: String) -> TensorType? { entries[name]?.type }
  /// Path of the file, for errors.
  public var path: String { file.path }

  /// A tensor as floats, row by row.
  /// - Throws: ``CheckpointError`` where it is missing, of another shape, or not of floats.
  public func floats(_ name: String, shape: [Int]) throws(CheckpointError) -> [Float] {
    let entry = try self.entry(name, shape: shape)
    return try floats(entry, name, entry.range)
  }

  /// Rows `rows` of a matrix `[shape[0], shape[1]]` as floats.
  public func rows(_ rows: Range<Int>, of name: String, shape: [Int]) throws(CheckpointError)
    -> [Float]
  {
    let entry = try self.entry(name, shape: shape)
    let rowBytes = shape.dropFirst().reduce(1, *) * entry.type.byteCount
    precondition(rows.lowerBound >= 0 && rows.upperBound <= shape[0])
    let start = entry.range.lowerBound + rows.lowerBound * rowBytes
    return try floats(entry, name, start..<start + rows.count * rowBytes)
  }

  private func entry(_ name: String, shape: [Int]) throws(CheckpointError) -> Entry {
    guard let entry = entries[name] else {
      throw CheckpointError(file: path, reason: .missing(name: name, shape: shape))
    }
    guard entry.shape == shape else {
      throw CheckpointError(
        file: path, reason: .wrongShape(name: name, expected: shape, found: entry.shape))
    }
    return entry
  }

  private func floats(_ entry: Entry, _ name: String, _ range: Range<Int>)
    throws(CheckpointError) -> [Float]
  {
    let count = range.count / entry.type.byteCount
    switch entry.type {
    case .f32:
      return file.withBytes(range) { bytes in
        [Float](unsafeUninitializedCapacity: count) { target, initialized in
          if let from = bytes.baseAddress, let to = target.baseAddress {
            UnsafeMutableRawPointer(to).copyMemory(from: from, byteCount: range.count)
          }
          initialized = count
        }
      }
    case .bf16: return halves(range, count) { Float(bitPattern: UInt32($0) << 16) }
    case .f16: return halves(range, count, float(half:))
    default:
      throw CheckpointError(
        file: path, reason: .notFloat(name: name, type: entry.type.rawValue))
    }
  }

  @inline(__always)
  private func halves(_ range: Range<Int>, _ count: Int, _ convert: (UInt16) -> Float) -> [Float] {
    file.withBytes(range) { bytes in
      [Float](unsafeUninitializedCapacity: count) { target, initialized in
        for index in 0..<count {
          let half = bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
          target.initializeElement(at: index, to: convert(half))
        }
        initialized = count
      }
    }
  }
}

/// An IEEE half as a float, without a branch per number on the way, so that it is vectorised: the
/// compiler's own conversion is a library call where the target has no F16C.
@inline(__always)
func float(half: UInt16) -> Float {
  let magnitude = UInt32(half & 0x7fff) << 13
  let sign = UInt32(half & 0x8000) << 16
  let scaled = Float(bitPattern: magnitude) * 0x1p112
  let special: UInt32 = half & 0x7c00 == 0x7c00 ? 0x7f80_0000 : 0
  return Float(bitPattern: scaled.bitPattern | special | sign)
}

extension TensorTable {
  /// A matrix whose rows are read one at a time from the mapped file, e.g. token embeddings, of which
  /// a text needs a dozen out of 49,408.
  public struct Matrix: Sendable {
    let file: MappedFile
    let entry: Entry
    /// Rows and their width.
    public let shape: [Int]

    /// Adds row `row` to `target[offset …]`.
    public func add(row: Int, to target: inout MutableSpan<Float>, at offset: Int) {
      let width = shape[1]
      precondition(row >= 0 && row < shape[0] && offset >= 0 && offset + width <= target.count)
      let rowBytes = width * entry.type.byteCount
      let start = entry.range.lowerBound + row * rowBytes
      file.withBytes(start..<start + rowBytes) { bytes in
        for index in 0..<width {
          let value: Float
          switch entry.type {
          case .f16:
            value = float(half: bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
          case .bf16:
            let half = bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
            value = Float(bitPattern: UInt32(half) << 16)
          default: value = bytes.loadUnaligned(fromByteOffset: 4 * index, as: Float.self)
          }
          target[offset + index] += value
        }
      }
    }
  }

  /// A matrix of floats `[rows, width]` that stays in the file.
  public func matrix(_ name: String, shape: [Int]) throws(CheckpointError) -> Matrix {
    let entry = try self.entry(name, shape: shape)
    guard shape.count == 2, [.f32, .f16, .bf16].contains(entry.type) else {
      throw CheckpointError(file: path, reason: .notFloat(name: name, type: entry.type.rawValue))
    }
    return Matrix(file: file, entry: entry, shape: shape)
  }

  /// Checks that a tensor of floats of this shape is there, without reading it.
  public func require(_ name: String, shape: [Int]) throws(CheckpointError) {
    let entry = try self.entry(name, shape: shape)
    guard [.f32, .f16, .bf16].contains(entry.type) else {
      throw CheckpointError(file: path, reason: .notFloat(name: name, type: entry.type.rawValue))
    }
  }
}
