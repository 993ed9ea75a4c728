import Checkpoints
import Foundation
import TestSupport
import Testing

/// A file may lie in every number: each lie has its sentence, and none allocates.
@Suite struct SafetensorsTests {
  private func file(_ header: String, data: [UInt8], length: UInt64? = nil, in folder: URL) throws
    -> String
  {
    var bytes = Data()
    withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian) {
      bytes.append(contentsOf: $0)
    }
    bytes.append(contentsOf: header.utf8)
    bytes.append(contentsOf: data)
    let url = folder.appendingPathComponent("model.safetensors")
    try bytes.write(to: url)
    return url.path
  }

  private static let lies: [(String, String, Int, UInt64?, String)] = [
    ("length beyond the file", "{}", 0, 1000, "truncated"),
    ("length beyond the limit", "{}", 0, .max, "at most 100000000"),
    ("no JSON", "nope", 0, nil, "no JSON object"),
    ("an array", "[]", 0, nil, "no JSON object"),
    (
      "unknown type", #"{"a":{"dtype":"F8","shape":[1],"data_offsets":[0,1]}}"#, 1, nil,
      "unknown type F8"
    ),
    ("no shape", #"{"a":{"dtype":"F32","data_offsets":[0,4]}}"#, 4, nil, "is missing"),
    (
      "negative size", #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4, nil,
      "shape is no list"
    ),
    (
      "overflowing shape",
      #"{"a":{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,4]}}"#, 4,
      nil, "overflows"
    ),
    (
      "wrong bytes", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4, nil,
      "should have 8 bytes"
    ),
    (
      "backward offsets", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4, nil,
      "no range"
    ),
    (
      "overlap",
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}"#,
      8, nil, "overlap"
    ),
    ("a gap", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, nil, "expected"),
    (
      "bytes left over", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 5, nil,
      "should end"
    ),
    (
      "truncated data", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 4, nil,
      "should end"
    ),
  ]

  @Test("each lie is refused with its own sentence", arguments: lies)
  func refused(lie: (String, String, Int, UInt64?, String)) throws {
    try withTemporaryFolder { folder in
      let path = try file(
        lie.1, data: Array(repeating: 0, count: lie.2), length: lie.3, in: folder)
      let error = #expect(throws: CheckpointError.self) { try SafetensorsReader.table(of: path) }
      let text = error.map { "\($0)" } ?? ""
      #expect(text.contains(lie.4) && text.hasPrefix(path), "\(lie.0): \(text)")
    }
  }

  @Test("missing, empty and unreadable files are named")
  func absent() throws {
    try withTemporaryFolder { folder in
      for path in [folder.path, folder.path + "/none"] {
        #expect(throws: CheckpointError.self) { try SafetensorsReader.table(of: path) }
      }
      let empty = folder.appendingPathComponent("empty")
      try Data().write(to: empty)
      #expect(throws: CheckpointError.self) { try SafetensorsReader.table(of: empty.path) }
    }
  }

  @Test("F32, F16 and BF16 are read exactly, specials too")
  func types() throws {
    try withTemporaryFolder { folder in
      let halves: [UInt16] = [0x3C00, 0xC000, 0x0001, 0x7C00, 0xFC00, 0x7BFF, 0x8000, 0x0400]
      let data = halves.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
      let f16 = try SafetensorsReader.table(
        of: try file(
          #"{"a":{"dtype":"F16","shape":[2,4],"data_offsets":[0,16]}}"#, data: data, in: folder))
      let found = try f16.floats("a", shape: [2, 4])
      #expect(
        found == [1, -2, 0x1p-24, .infinity, -.infinity, 65504, -0.0, 0x1p-14])
      #expect(found[6].sign == .minus)
      #expect(throws: CheckpointError.self) { try f16.floats("a", shape: [4, 2]) }
      #expect(throws: CheckpointError.self) { try f16.floats("b", shape: [4, 2]) }
      let bf16 = try SafetensorsReader.table(
        of: try file(
          #"{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}"#,
          data: [0x80, 0x3F, 0x40, 0xC0], in: folder))
      #expect(try bf16.floats("a", shape: [2]) == [1, -3])
    }
  }

  @Test("a fingerprint changes with any byte and with where it stands")
  func fingerprint() throws {
    try withTemporaryFolder { folder in
      func write(_ name: String, _ text: String) throws -> String {
        let url = folder.appendingPathComponent(name)
        try Data(text.utf8).write(to: url)
        return url.path
      }
      let (a, b) = (try write("a", "one"), try write("b", "two"))
      let first = try Fingerprint.sha256(of: [("a", a), ("b", b)])
      #expect(first.count == 64)
      #expect(try Fingerprint.sha256(of: [("a", a), ("b", b)]) == first)
      #expect(try Fingerprint.sha256(of: [("a", b), ("b", a)]) != first)
      _ = try write("b", "twp")
      #expect(try Fingerprint.sha256(of: [("a", a), ("b", b)]) != first)
    }
  }
}
