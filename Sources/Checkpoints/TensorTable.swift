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

  /// One of the types that weights are stored in.
  public var isFloat: Bool { self == .f32 || self == .f16 || self == .bf16 || self == .f64 }
}

/// Named tensors of a checkpoint, whatever format and however many files they came from: what every
/// reader yields. Numbers stay in the mapped files until they are asked for.
public struct TensorTable: Sendable {
  /// Numbers of one type that lie in a mapped file, mostly in one piece.
  struct Storage: Sendable {
    /// Elements from `first` on lie at byte `offset` of the file.
    struct Piece: Sendable {
      let first: Int
      let offset: Int
    }

    let file: MappedFile
    let type: TensorType
    /// In order; the first one's `first` is 0.
    let pieces: [Piece]
    let count: Int

    init(file: MappedFile, type: TensorType, bytes: Range<Int>) {
      self.file = file
      self.type = type
      pieces = [Piece(first: 0, offset: bytes.lowerBound)]
      count = bytes.count / type.byteCount
    }

    /// - Parameter bytes: whole numbers of elements each.
    init(file: MappedFile, type: TensorType, pieces ranges: [Range<Int>]) {
      self.file = file
      self.type = type
      var pieces: [Piece] = []
      var end = 0
      for range in ranges {
        pieces.append(Piece(first: end, offset: range.lowerBound))
        end += range.count / type.byteCount
      }
      self.pieces = pieces
      count = end
    }
  }

  /// A tensor: elements of a storage, by strides. Checked against it: every element lies inside.
  struct Entry: Sendable {
    let storage: Storage
    let shape: [Int]
    /// Elements from one index of each dimension to the next.
    let strides: [Int]
    /// The storage's element that is the tensor's first.
    let offset: Int

    /// A whole storage, row by row.
    init(_ storage: Storage, shape: [Int]) {
      self.init(storage, shape: shape, strides: Self.rowMajor(shape), offset: 0)
    }

    init(_ storage: Storage, shape: [Int], strides: [Int], offset: Int) {
      self.storage = storage
      self.shape = shape
      self.strides = strides
      self.offset = offset
    }

    var type: TensorType { storage.type }
    var count: Int { shape.reduce(1, *) }

    /// Whether the elements follow each other row by row.
    var isContiguous: Bool {
      let wanted = Self.rowMajor(shape)
      return shape.indices.allSatisfy { shape[$0] == 1 || strides[$0] == wanted[$0] }
        || shape.contains(0)
    }

    static func rowMajor(_ shape: [Int]) -> [Int] {
      var strides = [Int](repeating: 1, count: shape.count)
      for index in shape.indices.dropLast().reversed() {
        strides[index] = strides[index + 1] * shape[index + 1]
      }
      return strides
    }
  }

  var entries: [String: Entry]
  /// In place of entries of these names.
  var computed: [String: Computed] = [:]
  /// Path of the file, or of the index of several, for errors.
  public let path: String
  /// What else the file holds and was passed over, in sentences for the user.
  public private(set) var notes: [String]
  /// What the file says of where it comes from.
  public private(set) var origin: Origin

  /// Whether a file says by its own form who wrote it.
  public enum Origin: Sendable, Equatable {
    /// Named tensors, which anybody may have saved.
    case table
    /// A TorchScript archive.
    case torchScript
  }

  init(
    path: String, entries: [String: Entry], notes: [String] = [], origin: Origin = .table
  ) {
    self.path = path
    self.entries = entries
    self.notes = notes
    self.origin = origin
  }

  /// The same table with one more number, which a file leaves out because it never changes.
  public func adding(_ name: String, number: Float, note: String) -> TensorTable {
    let file = MappedFile(standingFor: path, number: number)
    var copy = self
    copy.entries[name] = Entry(Storage(file: file, type: .f32, bytes: 0..<4), shape: [])
    copy.notes.append(note)
    return copy
  }

  /// The same table with something more to tell.
  public func noting(_ more: [String]) -> TensorTable {
    var copy = self
    copy.notes += more
    return copy
  }

  public var names: [String] { entries.keys.sorted() }
  public func shape(of name: String) -> [Int]? { computed[name]?.shape ?? entries[name]?.shape }
  public func type(of name: String) -> TensorType? { entries[name]?.type }

  /// A tensor as floats, row by row.
  /// - Throws: ``CheckpointError`` where it is missing, of another shape, or not of floats.
  public func floats(_ name: String, shape: [Int]) throws(CheckpointError) -> [Float] {
    if let values = try computed(name, shape: shape) { return values }
    return try requiredFloats(name, shape: shape).floats()
  }

  /// Checks that a tensor of floats of this shape is there, without reading it.
  public func require(_ name: String, shape: [Int]) throws(CheckpointError) {
    if try computed(name, shape: shape) != nil { return }
    _ = try requiredFloats(name, shape: shape)
  }

  /// Called after reading: numbers lie in mapped files, which show what is written to them.
  /// - Throws: ``CheckpointError`` where one of the files was written to since it was opened.
  public func requireUnchanged() throws(CheckpointError) {
    var seen: Set<ObjectIdentifier> = []
    for entry in entries.values where seen.insert(ObjectIdentifier(entry.storage.file)).inserted {
      let file = entry.storage.file
      if file.hasChanged { throw CheckpointError(file: file.path, reason: .changed) }
    }
  }

  func requiredFloats(_ name: String, shape: [Int]) throws(CheckpointError) -> Entry {
    guard let entry = entries[name] else {
      throw CheckpointError(file: path, reason: .missing(name: name, shape: shape))
    }
    let file = entry.storage.file.path
    // Flax keeps a scalar as a list of one number.
    guard entry.shape == shape || shape.isEmpty && entry.shape == [1] else {
      throw CheckpointError(
        file: file, reason: .wrongShape(name: name, expected: shape, found: entry.shape))
    }
    guard entry.type.isFloat else {
      throw CheckpointError(file: file, reason: .notFloat(name: name, type: entry.type.rawValue))
    }
    return entry
  }
}

extension TensorTable {
  /// A matrix whose rows are read one at a time from the mapped file, e.g. token embeddings, of which
  /// a text needs a dozen out of 49,408.
  public struct Matrix: Sendable {
    let entry: Entry
    /// Rows and their width.
    public let shape: [Int]

    /// Adds row `row` to `target[offset …]`.
    public func add(row: Int, to target: inout MutableSpan<Float>, at offset: Int) {
      let width = shape[1]
      precondition(row >= 0 && row < shape[0] && offset >= 0 && offset + width <= target.count)
      let start = entry.offset + row * entry.strides[0]
      entry.storage.forEach(from: start, count: width, stride: entry.strides[1]) { index, value in
        target[offset + index] += value
      }
    }
  }

  /// A matrix of floats `[rows, width]` that stays in the file.
  public func matrix(_ name: String, shape: [Int]) throws(CheckpointError) -> Matrix {
    let entry = try requiredFloats(name, shape: shape)
    guard shape.count == 2 else {
      throw CheckpointError(
        file: path, reason: .wrongShape(name: name, expected: shape, found: entry.shape))
    }
    return Matrix(entry: entry, shape: shape)
  }
}
