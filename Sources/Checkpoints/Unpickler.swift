/// Reads the pickle of a state dict without executing it.
///
/// A pickle is a program for a small stack machine that may call any function by its name. This one
/// knows the opcodes that torch.save writes and the few names in ``KnownGlobal``. At another opcode it
/// stops and says what it was; another name stands for itself, and what it would make for nothing. It is a loop over the bytes: each opcode adds at most one value, so time
/// and memory are bounded by the pickle's length, which is bounded in turn.
///
/// After CPython's pickletools and torch's `_weights_only_unpickler`.
struct Unpickler {
  /// The longest pickle that is read: a state dict takes some 100 bytes per tensor.
  static let longest = 4 << 20
  private static let longestName = 1024
  private static let mostArguments = 16

  private let bytes: [UInt8]
  private let file: String
  private var position = 0
  private var stack: [PickleValue] = []
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  private(set) var items: [PickleValue] = []
  private(set) var pairs: [(dictionary: Int, key: PickleValue, value: PickleValue)] = []
  private var dictionaries = 0
  private(set) var storages: [PickledStorage] = []
  private(set) var tensors: [PickledTensor] = []
  private(set) var foreigners: [Foreigner] = []

  /// - Throws: ``CheckpointError``: the name that is refused, or what is wrong at which byte.
  static func read(_ bytes: [UInt8], file: String) throws(CheckpointError) -> (
    root: PickleValue, Unpickler
  ) {
    guard bytes.count <= longest else {
      throw CheckpointError(
        file: file,
        reason: .pickle("\(bytes.count) bytes of pickle, at most \(longest) are accepted", byte: 0))
    }
    var reader = Unpickler(bytes: bytes, file: file)
    let root = try reader.run()
    return (root, reader)
  }

  private init(bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  // MARK: The machine

  private mutating func run() throws(CheckpointError) -> PickleValue {
    while true {
      let code = try byte()
      if code == UInt8(ascii: ".") {
        guard stack.count == 1, marks.isEmpty else {
          throw wrong("it ends with more than one value")
        }
        return try pop()
      }
      if try pushLiteral(code) { continue }
      if try pushCollection(code) { continue }
      if try useMemo(code) { continue }
      try build(code)
    }
  }

  /// Numbers, texts and what else stands for itself.
  private mutating func pushLiteral(_ code: UInt8) throws(CheckpointError) -> Bool {
    switch code {
    case 0x80:  // PROTO
      let version = try byte()
      guard (2...5).contains(version) else { throw wrong("protocol \(version), expected 2 to 5") }
    case 0x95: _ = try unsigned(8)  // FRAME: a hint about buffering
    case UInt8(ascii: "N"): stack.append(.none)
    case 0x88: stack.append(.boolean(true))
    case 0x89: stack.append(.boolean(false))
    case UInt8(ascii: "J"):
      stack.append(.integer(Int(Int32(truncatingIfNeeded: try unsigned(4)))))
    case UInt8(ascii: "K"): stack.append(.integer(try count(1)))
    case UInt8(ascii: "M"): stack.append(.integer(try count(2)))
    case 0x8A: stack.append(.integer(try longInteger()))
    case UInt8(ascii: "G"):
      _ = try unsigned(8)
      stack.append(.real)
    case 0x8B:  // LONG4
      _ = try take(try count(4))
      stack.append(.real)
    case UInt8(ascii: "B"):
      _ = try take(try count(4))
      stack.append(.real)
    case UInt8(ascii: "C"):
      _ = try take(try count(1))
      stack.append(.real)
    case UInt8(ascii: "X"): stack.append(.text(try take(try count(4))))
    case 0x8C, UInt8(ascii: "U"): stack.append(.text(try take(try count(1))))
    case UInt8(ascii: "T"): stack.append(.text(try take(try count(4))))
    default: return false
    }
    return true
  }

  private mutating func pushCollection(_ code: UInt8) throws(CheckpointError) -> Bool {
    switch code {
    case UInt8(ascii: "("): marks.append(stack.count)
    case UInt8(ascii: ")"): stack.append(.tuple(0..<0))
    case 0x85: try pushTuple(of: 1)
    case 0x86: try pushTuple(of: 2)
    case 0x87: try pushTuple(of: 3)
    case UInt8(ascii: "t"): try pushTuple(of: stack.count - (try mark()))
    case UInt8(ascii: "}"): pushDictionary()
    case UInt8(ascii: "]"), 0x8F: stack.append(.list)
    case UInt8(ascii: "a"): _ = try pop()
    case UInt8(ascii: "e"), 0x90: stack.removeLast(stack.count - (try mark()))
    case 0x91:  // FROZENSET
      stack.removeLast(stack.count - (try mark()))
      stack.append(.list)
    case UInt8(ascii: "s"): try setItems(from: stack.count - 2)
    case UInt8(ascii: "u"): try setItems(from: try mark())
    case UInt8(ascii: "0"): _ = try pop()
    default: return false
    }
    return true
  }

  private mutating func useMemo(_ code: UInt8) throws(CheckpointError) -> Bool {
    switch code {
    case UInt8(ascii: "q"): memo[try count(1)] = try top()
    case UInt8(ascii: "r"): memo[try count(4)] = try top()
    case 0x94: memo[memo.count] = try top()
    case UInt8(ascii: "h"): stack.append(try remembered(try count(1)))
    case UInt8(ascii: "j"): stack.append(try remembered(try count(4)))
    default: return false
    }
    return true
  }

  /// The opcodes by which a pickle makes objects.
  private mutating func build(_ code: UInt8) throws(CheckpointError) {
    switch code {
    case UInt8(ascii: "c"):
      let module = try line()
      pushGlobal("\(module).\(try line())")
    case 0x93:  // STACK_GLOBAL
      let name = try name(try pop())
      pushGlobal("\(try self.name(try pop())).\(name)")
    case UInt8(ascii: "Q"): try pushStorage()
    case UInt8(ascii: "R"): try call()
    case 0x81: try makeObject(named: 1)
    case 0x92: try makeObject(named: 2)
    case UInt8(ascii: "b"): try setState()
    default:
      throw CheckpointError(
        file: file, reason: .refusedOpcode(Self.opcodeName(code), byte: position - 1))
    }
  }

  /// Names of refused opcodes that a user might want to look up.
  private static func opcodeName(_ code: UInt8) -> String {
    let names: [UInt8: String] = [
      0x69: "INST", 0x6F: "OBJ", 0x50: "PERSID", 0x82: "EXT1",
      0x83: "EXT2", 0x84: "EXT4", 0x67: "GET", 0x70: "PUT", 0x49: "INT", 0x4C: "LONG",
      0x32: "DUP", 0x31: "POP_MARK", 0x53: "STRING",
      0x56: "UNICODE", 0x8D: "BINUNICODE8", 0x8E: "BINBYTES8", 0x96: "BYTEARRAY8",
      0x97: "NEXT_BUFFER", 0x98: "READONLY_BUFFER", 0x64: "DICT", 0x6C: "LIST",
      0x46: "FLOAT",
    ]
    return names[code] ?? "0x\(String(code, radix: 16))"
  }

  // MARK: What is made

  private mutating func pushGlobal(_ name: String) {
    if let known = KnownGlobal(name) {
      stack.append(.global(known))
    } else {
      pushForeigner(name)
    }
  }

  private mutating func pushForeigner(_ name: String) {
    stack.append(.foreign(foreigners.count))
    foreigners.append(Foreigner(name: name))
  }

  /// NEWOBJ: an object of a class, made of `operands` values above it.
  private mutating func makeObject(named operands: Int) throws(CheckpointError) {
    for _ in 0..<operands { _ = try pop() }
    switch try pop() {
    case .foreign(let which): pushForeigner(foreigners[which].name)
    case .global(.orderedDictionary): pushDictionary()
    default: throw wrong("an object of what is no class")
    }
  }

  /// BUILD: the attributes of an object.
  private mutating func setState() throws(CheckpointError) {
    let state = try pop()
    switch try top() {
    // What is set on a dict besides its items is `_metadata`, the versions of modules.
    case .dictionary: break
    case .foreign(let which):
      if case .dictionary(let attributes) = state { foreigners[which].state = attributes }
    default: throw wrong("state is set on what is no dict")
    }
  }

  /// The refusal of a name that a tensor depends on.
  private func refusal(_ value: PickleValue) -> CheckpointError? {
    guard case .foreign(let which) = value else { return nil }
    return CheckpointError(file: file, reason: .refusedGlobal(foreigners[which].name))
  }

  private mutating func pushDictionary() {
    stack.append(.dictionary(dictionaries))
    dictionaries += 1
  }

  private mutating func pushTuple(of count: Int) throws(CheckpointError) {
    guard count <= stack.count else { throw wrong("a tuple of more values than there are") }
    let start = items.count
    items += stack.suffix(count)
    stack.removeLast(count)
    stack.append(.tuple(start..<items.count))
  }

  private mutating func setItems(from start: Int) throws(CheckpointError) {
    // What is behind an open mark belongs to another collection.
    guard start > 0, start <= stack.count, start >= marks.last ?? 0,
      (stack.count - start) % 2 == 0
    else { throw wrong("items are set on what is no dict") }
    if case .foreign = stack[start - 1] {
      stack.removeLast(stack.count - start)
      return
    }
    guard case .dictionary(let dictionary) = stack[start - 1] else {
      throw wrong("items are set on what is no dict")
    }
    for index in stride(from: start, to: stack.count, by: 2) {
      pairs.append((dictionary, stack[index], stack[index + 1]))
    }
    stack.removeLast(stack.count - start)
  }

  /// `('storage', type, key, location, count)`, a reference to numbers beside the pickle.
  private mutating func pushStorage() throws(CheckpointError) {
    let parts = try self.parts(try pop())
    if parts.count > 1, let refusal = refusal(parts[1]) { throw refusal }
    guard parts.count == 5, try name(parts[0]) == "storage",
      case .global(.storage(let type)) = parts[1], case .text(let key) = parts[2],
      let count = parts[4].integer, count >= 0
    else { throw wrong("a reference to numbers that torch.save does not write") }
    stack.append(.storage(storages.count))
    storages.append(PickledStorage(type: type, key: key, count: count))
  }

  private mutating func call() throws(CheckpointError) {
    let given = try pop()
    let called = try pop()
    if case .foreign(let which) = called {
      pushForeigner(foreigners[which].name)
      return
    }
    guard case .global(let function) = called else { throw wrong("a call of what is no name") }
    let arguments = try parts(given)
    switch function {
    case .orderedDictionary:
      guard arguments.isEmpty else { throw wrong("an OrderedDict made of something") }
      pushDictionary()
    case .rebuildTensor: try pushTensor(arguments)
    case .rebuildParameter:
      if let first = arguments.first, let refusal = refusal(first) { throw refusal }
      guard arguments.count >= 1, case .tensor = arguments[0] else {
        throw wrong("a parameter that is no tensor")
      }
      stack.append(arguments[0])
    case .storage: throw wrong("a storage made of something")
    }
  }

  /// `(storage, offset, size, strides, requires_grad, hooks)`
  private mutating func pushTensor(_ arguments: [PickleValue]) throws(CheckpointError) {
    for argument in arguments.prefix(4) {
      if let refusal = refusal(argument) { throw refusal }
    }
    guard arguments.count >= 4, case .storage(let storage) = arguments[0],
      let offset = arguments[1].integer, offset >= 0, case .tuple(let shape) = arguments[2],
      case .tuple(let strides) = arguments[3]
    else { throw wrong("a tensor without storage, offset, sizes or strides") }
    stack.append(.tensor(tensors.count))
    tensors.append(
      PickledTensor(storage: storage, offset: offset, shape: shape, strides: strides))
  }

  // MARK: Reading

  /// The items of every dict, to be looked up by many.
  func itemsByDictionary() -> [Int: [Int]] {
    Dictionary(grouping: pairs.indices) { pairs[$0].dictionary }
  }

  /// The items of a dict: its texts and what they stand for.
  /// - Parameter items: what ``itemsByDictionary()`` gave for it.
  func contents(_ items: [Int]) throws(CheckpointError) -> [String: PickleValue] {
    var result: [String: PickleValue] = [:]
    for pair in items.map({ pairs[$0] }) {
      guard case .text = pair.key else { continue }
      let name = try name(pair.key)
      guard result.updateValue(pair.value, forKey: name) == nil else {
        throw CheckpointError(file: file, reason: .duplicate(name: name))
      }
    }
    return result
  }

  private func name(_ value: PickleValue) throws(CheckpointError) -> String {
    guard case .text(let range) = value else { throw wrong("a text was expected") }
    return try text(range)
  }

  /// A name that stands at these bytes of the pickle.
  func text(_ range: Range<Int>) throws(CheckpointError) -> String {
    guard range.count <= Self.longestName else {
      throw wrong("a name of \(range.count) bytes, at most \(Self.longestName) are accepted")
    }
    guard let text = String(validating: bytes[range], as: UTF8.self) else {
      throw wrong("a name that is no UTF-8")
    }
    return text
  }

  private func parts(_ value: PickleValue) throws(CheckpointError) -> [PickleValue] {
    guard case .tuple(let range) = value, range.count <= Self.mostArguments else {
      throw wrong("a tuple of at most \(Self.mostArguments) values was expected")
    }
    return Array(items[range])
  }

  private func top() throws(CheckpointError) -> PickleValue {
    guard let value = stack.last, stack.count > marks.last ?? 0 else {
      throw wrong("a value is missing")
    }
    return value
  }

  private mutating func pop() throws(CheckpointError) -> PickleValue {
    let value = try top()
    stack.removeLast()
    return value
  }

  private mutating func mark() throws(CheckpointError) -> Int {
    guard let mark = marks.popLast(), mark <= stack.count else { throw wrong("a mark is missing") }
    return mark
  }

  private func remembered(_ index: Int) throws(CheckpointError) -> PickleValue {
    guard let value = memo[index] else { throw wrong("nothing was put at \(index)") }
    return value
  }

  private mutating func byte() throws(CheckpointError) -> UInt8 {
    guard position < bytes.count else { throw wrong("it ends in the middle") }
    defer { position += 1 }
    return bytes[position]
  }

  private mutating func take(_ count: Int) throws(CheckpointError) -> Range<Int> {
    guard count <= bytes.count - position else { throw wrong("it ends in the middle") }
    defer { position += count }
    return position..<position + count
  }

  private mutating func unsigned(_ count: Int) throws(CheckpointError) -> UInt64 {
    bytes.integer(at: try take(count).lowerBound, bytes: count)
  }

  /// Of at most 4 bytes.
  private mutating func count(_ bytes: Int) throws(CheckpointError) -> Int {
    Int(try unsigned(bytes))
  }

  /// LONG1: its length, then two's complement.
  private mutating func longInteger() throws(CheckpointError) -> Int {
    let length = try count(1)
    guard length <= 8 else { throw wrong("a number of \(length) bytes") }
    guard length > 0 else { return 0 }
    let spare = 64 - 8 * length
    return Int(Int64(bitPattern: try unsigned(length) << spare) >> spare)
  }

  /// A line of a GLOBAL: its module or its name.
  private mutating func line() throws(CheckpointError) -> String {
    let rest = bytes[position...].prefix(Self.longestName)
    guard let end = rest.firstIndex(of: 0x0A) else { throw wrong("a name without an end") }
    defer { position = end + 1 }
    return String(decoding: bytes[position..<end], as: UTF8.self)
  }

  private func wrong(_ problem: String) -> CheckpointError {
    CheckpointError(file: file, reason: .pickle(problem, byte: position))
  }
}
