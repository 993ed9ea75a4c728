import Checkpoints
import Foundation
import TestSupport
import Testing

/// Which file of a folder is read, and that shards stay in it.
@Suite struct CheckpointFilesTests {
  private func write(_ name: String, _ bytes: [UInt8], _ folder: URL) throws {
    try Data(bytes).write(to: folder.appendingPathComponent(name))
  }

  private func safetensors(_ name: String, _ value: Float) -> [UInt8] {
    let header = "{\"\(name)\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}"
    return little(UInt64(header.utf8.count)) + Array(header.utf8) + little(value.bitPattern)
  }

  @Test("the first of the order of preference is taken")
  func order() throws {
    try withTemporaryFolder { folder in
      #expect(throws: CheckpointError.self) { try CheckpointFiles(in: folder.path) }
      try write("ViT-B-32.pt", [], folder)
      for name in CheckpointFiles.names.reversed() where !name.hasSuffix("index.json") {
        try write(name, [], folder)
        #expect(
          try CheckpointFiles(in: folder.path).files == [folder.appendingPathComponent(name).path])
      }
    }
    try withTemporaryFolder { folder in
      try write("a.pt", [], folder)
      #expect(try CheckpointFiles(in: folder.path).files.count == 1)
      try write("b.pt", [], folder)
      let error = #expect(throws: CheckpointError.self) { try CheckpointFiles(in: folder.path) }
      #expect(error.map { "\($0)" }?.contains("a.pt, b.pt") == true)
    }
  }

  @Test("a file is read by what it holds, not by its name")
  func content() throws {
    try withFile(safetensors("x", 3), named: "pytorch_model.bin") { path throws in
      let table = try CheckpointReader.table(of: path)
      #expect(try table.floats("x", shape: [1]) == [3])
    }
    try withFile(stateDict(tensorOfSixteen(), sixteen).bytes, named: "model.safetensors") {
      path throws in
      let table = try CheckpointReader.table(of: path)
      #expect(table.names == ["a"])
    }
  }

  @Test("shards of several formats make one table; only what the index says is in it")
  func shards() throws {
    try withTemporaryFolder { folder in
      try write("one.safetensors", safetensors("x", 1), folder)
      try write("two.bin", stateDict(tensorOfSixteen(), sixteen).bytes, folder)
      let index = #"{"weight_map":{"x":"one.safetensors","a":"two.bin"}}"#
      try write("model.safetensors.index.json", Array(index.utf8), folder)
      let table = try CheckpointFiles(in: folder.path).table()
      #expect(table.names == ["a", "x"])
      #expect(try table.floats("x", shape: [1]) == [1])
      let other = #"{"weight_map":{"x":"one.safetensors","b":"two.bin"}}"#
      try write("model.safetensors.index.json", Array(other.utf8), folder)
      let error = #expect(throws: CheckpointError.self) {
        try CheckpointFiles(in: folder.path).table()
      }
      #expect(error.map { "\($0)" }?.contains("b should be in two.bin") == true)
    }
  }

  @Test(
    "a shard's name cannot leave the folder",
    arguments: [
      "../one.safetensors", "/etc/passwd", "sub/one.safetensors", "..", ".", "", ".hidden",
      "a\\u0000.safetensors", "a\\\\b", "\\u001b[2J",
    ])
  func outside(name: String) throws {
    try withTemporaryFolder { folder in
      let index = "{\"weight_map\":{\"x\":\"\(name)\"}}"
      try write("model.safetensors.index.json", Array(index.utf8), folder)
      let error = #expect(throws: CheckpointError.self) { try CheckpointFiles(in: folder.path) }
      #expect(error.map { "\($0)" }?.contains("no plain file name") == true)
    }
  }

  @Test(
    "an index that is none is refused",
    arguments: ["", "[]", "{}", #"{"weight_map":{}}"#, #"{"weight_map":{"x":1}}"#])
  func index(text: String) throws {
    try withTemporaryFolder { folder in
      try write("pytorch_model.bin.index.json", Array(text.utf8), folder)
      #expect(throws: CheckpointError.self) { try CheckpointFiles(in: folder.path) }
    }
  }
}
