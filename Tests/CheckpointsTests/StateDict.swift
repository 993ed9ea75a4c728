import Foundation
import TestSupport

/// A pickle written opcode by opcode, as torch.save writes it or as nobody should.
struct Pickle {
  private(set) var bytes: [UInt8] = [0x80, 2]

  mutating func add(_ more: [UInt8]) { bytes += more }
  mutating func add(_ text: String) { bytes += Array(text.utf8) }
  mutating func global(_ module: String, _ name: String) { add("c\(module)\n\(name)\n") }
  mutating func text(_ text: String) { add([0x58] + little(UInt32(text.utf8.count)) + text.utf8) }
  mutating func integer(_ value: Int) {
    // LONG1
    add([0x8A, 8] + little(Int64(value)))
  }
  mutating func tuple(_ values: [Int]) {
    add("(")
    values.forEach { integer($0) }
    add("t")
  }

  /// A tensor on the stack.
  mutating func tensor(
    key: String, numbers: Int, storage: String = "FloatStorage", offset: Int = 0, shape: [Int],
    strides: [Int]
  ) {
    global("torch._utils", "_rebuild_tensor_v2")
    add("((")
    text("storage")
    global("torch", storage)
    text(key)
    text("cpu")
    integer(numbers)
    add("tQ")
    integer(offset)
    tuple(shape)
    tuple(strides)
    add([0x89])
    global("collections", "OrderedDict")
    add(")RtR")
  }

  /// A dict of what `body` pushes as names and values, and the end.
  static func dictionary(_ body: (inout Pickle) -> Void) -> [UInt8] {
    var pickle = Pickle()
    pickle.add("}(")
    body(&pickle)
    pickle.add("u.")
    return pickle.bytes
  }
}

/// A file of torch.save: the pickle and its storages.
func stateDict(_ pickle: [UInt8], _ storages: [(String, [Float])] = []) -> Archive {
  Archive(
    [.init("archive/data.pkl", pickle), .init("archive/byteorder", Array("little".utf8))]
      + storages.map { key, numbers in
        .init("archive/data/\(key)", numbers.flatMap { little($0.bitPattern) })
      })
}

/// The sixteen numbers that tests look at, and one tensor over all of them.
let sixteen: [(String, [Float])] = [("0", (0..<16).map(Float.init))]

func tensorOfSixteen(
  name: String = "a", numbers: Int = 16, storage: String = "FloatStorage", offset: Int = 0,
  shape: [Int] = [4, 4], strides: [Int] = [4, 1]
) -> [UInt8] {
  .init(
    Pickle.dictionary {
      $0.text(name)
      $0.tensor(
        key: "0", numbers: numbers, storage: storage, offset: offset, shape: shape,
        strides: strides)
    })
}

/// Writes a file and gives its path to `body`.
func withFile<Result>(
  _ bytes: [UInt8], named name: String = "pytorch_model.bin", _ body: (String) throws -> Result
) throws -> Result {
  try withTemporaryFolder { folder in
    let file = folder.appendingPathComponent(name)
    try Data(bytes).write(to: file)
    return try body(file.path)
  }
}
