import Checkpoints
import Foundation
import TestSupport
import Testing

@Suite struct SafetensorsWriterTests {
  static let values: [Float] = [
    0, -0.0, 1, -2.5, 65504, 70000, 1e-8, 6.0e-8, -3.1e-5, 0.333_333_3, 1.000_488_3, 3.14159, -1e30,
    .infinity,
  ]

  private func written(_ type: TensorType) throws -> (floats: [Float], scalar: [Float], bytes: Data)
  {
    try withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("w.safetensors").path
      try SafetensorsWriter.write(
        [
          .init(name: "layer.weight", shape: [2, 7], range: 0..<14),
          .init(name: "logit_scale", shape: [], range: 2..<3),
        ], values: Self.values, as: type, to: path)
      let table = try SafetensorsReader.table(of: path)
      #expect(table.names == ["layer.weight", "logit_scale"])
      #expect(table.type(of: "layer.weight") == type)
      return (
        try table.floats("layer.weight", shape: [2, 7]), try table.floats("logit_scale", shape: []),
        try Data(contentsOf: URL(fileURLWithPath: path))
      )
    }
  }

  @Test("f32 comes back to the bit, with data aligned to 8 bytes")
  func exact() throws {
    let (floats, scalar, bytes) = try written(.f32)
    #expect(floats.map(\.bitPattern) == Self.values.map(\.bitPattern))
    #expect(scalar == [1])
    #expect(bytes[0] % 8 == 0)
  }

  @Test("f16 is rounded to the nearest, ties to even, as the machine's own conversion does it")
  func half() throws {
    let floats = try written(.f16).floats
    #expect(floats[5] == .infinity)
    #expect(floats[7] == 0x1p-24)
    for (found, value) in zip(floats, Self.values) {
      #expect(found.bitPattern == Float(Float16(value)).bitPattern, "\(value)")
    }
  }

  @Test("every half survives, and so do the neighbours of every tie")
  func allHalves() throws {
    var values: [Float] = []
    for bits in stride(from: UInt16(0), to: 0x7c00, by: 7) {
      let low = Float(Float16(bitPattern: bits))
      let high = Float(Float16(bitPattern: bits + 1))
      let middle = low + (high - low) / 2
      values += [low, middle, middle.nextUp, middle.nextDown, -middle].filter(\.isFinite)
    }
    try withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("w").path
      try SafetensorsWriter.write(
        [.init(name: "x", shape: [values.count], range: values.indices)], values: values, as: .f16,
        to: path)
      let found = try SafetensorsReader.table(of: path).floats("x", shape: [values.count])
      #expect(found == values.map { Float(Float16($0)) })
    }
  }

  @Test("bf16 is rounded to the nearest, ties to even")
  func brain() throws {
    let floats = try written(.bf16).floats
    #expect(floats[9].bitPattern == 0x3eab_0000)
    #expect(floats[3] == -2.5 && floats[13] == .infinity)
    for (found, value) in zip(floats, Self.values) where value.isFinite && value != 0 {
      #expect(abs(found - value) <= abs(value) / 256)
    }
  }

  @Test("the header has the metadata by name, then the tensors in the order given")
  func header() throws {
    try withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("w").path
      try SafetensorsWriter.write(
        [.init(name: "b", shape: [1], range: 0..<1), .init(name: "a", shape: [], range: 1..<2)],
        values: [1, 2], as: .f32, to: path,
        metadata: ["step": "7", "format": "pt", "made \"by\"": "me"])
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      let header = String(decoding: bytes[8..<8 + length], as: UTF8.self)
      #expect(
        header.trimmingCharacters(in: .whitespaces)
          == #"{"__metadata__":{"format":"pt","made \"by\"":"me","step":"7"},"#
          + #""b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
          + #""a":{"dtype":"F32","shape":[],"data_offsets":[4,8]}}"#)
    }
  }

  @Test("a file that is there already is not written over")
  func exists() throws {
    try withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("w").path
      try Data("old".utf8).write(to: URL(fileURLWithPath: path))
      #expect(throws: CheckpointError(file: path, reason: .unwritable("File exists"))) {
        try SafetensorsWriter.write([], values: [], as: .f32, to: path)
      }
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("old".utf8))
    }
  }
}

@Suite struct AtomicFolderTests {
  private func names(_ folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  private func fill(_ text: String) -> (String) throws -> Void {
    { folder in
      let file = try DurableFile(creating: folder + "/a")
      try file.write(Array(text.utf8))
      try file.finish()
    }
  }

  @Test("a folder is there whole, and a second one takes its place")
  func replaced() throws {
    try withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("ckpt-1").path
      try AtomicFolder.write(path, fill("one"))
      try AtomicFolder.write(path, fill("two"))
      #expect(try names(folder) == ["ckpt-1"])
      #expect(try String(contentsOfFile: path + "/a", encoding: .utf8) == "two")
    }
  }

  @Test("what fails half way leaves the old folder and nothing else")
  func failed() throws {
    struct Failure: Error {}
    try withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("best").path
      try AtomicFolder.write(path, fill("one"))
      #expect(throws: Failure.self) {
        try AtomicFolder.write(path) { folder in
          try fill("two")(folder)
          throw Failure()
        }
      }
      #expect(try names(folder) == ["best"])
      #expect(try String(contentsOfFile: path + "/a", encoding: .utf8) == "one")
    }
  }

  @Test("what a killed process left is known and removed, what is whole stays")
  func leftovers() throws {
    try withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("ckpt-1").path
      try AtomicFolder.write(path, fill("one"))
      for name in [".unfinished-ckpt-2", ".unfinished-removed-ckpt-0"] {
        try FileManager.default.createDirectory(
          at: folder.appendingPathComponent(name), withIntermediateDirectories: true)
      }
      AtomicFolder.removeLeftovers(in: folder.path)
      #expect(try names(folder) == ["ckpt-1"])
      AtomicFolder.remove(path)
      #expect(try names(folder).isEmpty)
    }
  }

  @Test("one writer at a time, and the next when it is gone")
  func lock() throws {
    try withTemporaryFolder { folder in
      var first = try FolderLock(folder.path)
      #expect(first != nil)
      #expect(try FolderLock(folder.path) == nil)
      first = nil
      #expect(try FolderLock(folder.path) != nil)
    }
  }
}
