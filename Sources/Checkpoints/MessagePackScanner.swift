/// One value of MessagePack after the other (msgpack.org's specification). Texts, bytes and extensions
/// are given as where they lie; a length is compared with what is left before anything else is done.
struct MessagePackScanner {
  enum Value: Equatable {
    case none
    case boolean
    case integer(Int)
    case real
    /// A text or bytes.
    case bytes(Range<Int>)
    /// So many values follow.
    case array(Int)
    /// So many pairs follow.
    case map(Int)
    case extended(type: Int, Range<Int>)
  }

  let file: MappedFile
  private var position: Int
  private let end: Int

  init(_ file: MappedFile, _ range: Range<Int>? = nil) {
    self.file = file
    let range = range ?? 0..<file.count
    position = range.lowerBound
    end = range.upperBound
  }

  var isAtEnd: Bool { position == end }

  mutating func next() throws(CheckpointError) -> Value {
    let code = Int(try number(1))
    switch code {
    case 0x00...0x7F: return .integer(code)
    case 0x80...0x8F: return .map(try room(code & 15, each: 2))
    case 0x90...0x9F: return .array(try room(code & 15, each: 1))
    case 0xA0...0xBF: return .bytes(try take(code & 31))
    case 0xC0: return .none
    case 0xC2, 0xC3: return .boolean
    case 0xC4...0xC6: return .bytes(try take(try length(1 << (code - 0xC4))))
    case 0xC7...0xC9: return try extended(length: try length(1 << (code - 0xC7)))
    case 0xCA, 0xCB:
      _ = try take(code == 0xCA ? 4 : 8)
      return .real
    case 0xCC...0xCF: return .integer(try length(1 << (code - 0xCC)))
    case 0xD0...0xD3: return .integer(try signed(1 << (code - 0xD0)))
    case 0xD4...0xD8: return try extended(length: 1 << (code - 0xD4))
    case 0xD9...0xDB: return .bytes(try take(try length(1 << (code - 0xD9))))
    case 0xDC, 0xDD: return .array(try room(try length(code == 0xDC ? 2 : 4), each: 1))
    case 0xDE, 0xDF: return .map(try room(try length(code == 0xDE ? 2 : 4), each: 2))
    case 0xE0...0xFF: return .integer(code - 256)
    default: throw wrong("a byte that MessagePack does not use")
    }
  }

  private mutating func extended(length: Int) throws(CheckpointError) -> Value {
    let type = try signed(1)
    return .extended(type: type, try take(length))
  }

  /// A count of things that take at least `each` bytes.
  private func room(_ count: Int, each: Int) throws(CheckpointError) -> Int {
    guard count <= (end - position) / each else {
      throw wrong("\(count) values are announced, the file has no room for them")
    }
    return count
  }

  private mutating func take(_ count: Int) throws(CheckpointError) -> Range<Int> {
    guard count <= end - position else {
      throw wrong("\(count) bytes are announced, \(end - position) are left; is it truncated?")
    }
    defer { position += count }
    return position..<position + count
  }

  /// Big-endian.
  private mutating func number(_ count: Int) throws(CheckpointError) -> UInt64 {
    file.withBytes(try take(count)) { $0.reduce(0) { $0 << 8 | UInt64($1) } }
  }

  private mutating func length(_ count: Int) throws(CheckpointError) -> Int {
    guard let value = Int(exactly: try number(count)) else {
      throw wrong("a number beyond 2⁶³")
    }
    return value
  }

  private mutating func signed(_ count: Int) throws(CheckpointError) -> Int {
    let spare = UInt64(64 - 8 * count)
    return Int(Int64(bitPattern: try number(count) << spare) >> Int64(spare))
  }

  func wrong(_ problem: String) -> CheckpointError {
    CheckpointError(file: file.path, reason: .messagePack(problem, byte: position))
  }
}
