import Checkpoints
import Foundation
import TestSupport
import Testing

/// flax_model.msgpack: what flax itself wrote, and files that lie.
@Suite struct FlaxTests {
  @Test("arrays in pieces, in halves and alone are put together as flax does")
  func pieces() throws {
    let file = Places.fixtures.appendingPathComponent("checkpoints/flax_chunked.msgpack")
    let found = try CheckpointReader.table(of: file.path)
    #expect(
      found.names == ["half", "large.embedding", "large.kernel", "scalar", "whole.kernel"])
    let rows = (0..<60).map(Float.init)
    #expect(try found.floats("large.kernel", shape: [12, 5]) == rows)
    #expect(try found.floats("large.embedding", shape: [12, 5]) == rows)
    #expect(found.type(of: "large.embedding") == .bf16)
    #expect(try found.floats("half", shape: [70]) == (0..<70).map(Float.init))
    #expect(try found.floats("whole.kernel", shape: [3, 4]) == (0..<12).map(Float.init))
    #expect(try found.floats("scalar", shape: []) == [2.5])
    // A row over the border of two pieces, and the matrix turned.
    let matrix = try found.matrix("large.kernel", shape: [12, 5])
    var sum = [Float](repeating: 0, count: 5)
    var span = sum.mutableSpan
    matrix.add(row: 4, to: &span, at: 0)
    matrix.add(row: 5, to: &span, at: 0)
    #expect(sum == [45, 47, 49, 51, 53])
    let turned = try found.viewed(as: [.init("turned", of: "large.kernel", axes: [1, 0])])
    let wanted = (0..<5).flatMap { column in (0..<12).map { Float($0 * 5 + column) } }
    #expect(try turned.floats("turned", shape: [5, 12]) == wanted)
    let part = try found.viewed(as: [.init("part", of: "large.kernel", part: 1, parts: 3)])
    #expect(try part.floats("part", shape: [4, 5]) == Array(rows[20..<40]))
  }

  private static func text(_ text: String) -> [UInt8] {
    [0xA0 | UInt8(text.utf8.count)] + text.utf8
  }

  /// `{"a": array}` whose parts may be wrong.
  private static func file(
    shape: [UInt8] = [0x92, 2, 2], type: String = "float32", bytes: [UInt8]? = nil,
    extension number: UInt8 = 1
  ) -> [UInt8] {
    let content =
      [0x93] + shape + text(type) + (bytes ?? [0xC4, 16] + [UInt8](repeating: 0, count: 16))
    return [0x81] + text("a") + [0xC7, UInt8(content.count), number] + content
  }

  private static func chunked(shape: UInt8, chunks: [UInt8]) -> [UInt8] {
    [0x81] + text("a") + [0x83] + [0xB9] + Array("__msgpack_chunked_array__".utf8) + [0xC3]
      + text("shape") + [0x81] + text("0") + [shape] + text("chunks") + chunks
  }

  private static let deep = [UInt8](
    (0..<100).flatMap { _ in [0x81] + text("a") } + [0x80])

  private static let lies: [(String, [UInt8], String)] = [
    ("empty", [], "truncated"),
    ("a number", [0x01], "map of names"),
    ("cut", Array(file().dropLast(3)), "left"),
    ("more behind", file() + [0], "bytes follow"),
    ("2³² pairs", [0xDF, 0xFF, 0xFF, 0xFF, 0xFF], "no room"),
    ("a text of 2³² bytes", [0x81, 0xDB, 0xFF, 0xFF, 0xFF, 0xFF], "announced"),
    ("an extension of 2³² bytes", [0x81] + text("a") + [0xC9, 255, 255, 255, 255, 1], "announced"),
    ("unused byte", [0x81, 0xC1, 0x00], "does not use"),
    ("a number as name", [0x81, 0x01, 0x01], "a name"),
    ("a name that is no UTF-8", [0x81, 0xA1, 0xFF, 0x01], "a name"),
    ("deep", deep, "deeper"),
    ("a list", [0x81] + text("a") + [0x90], "a list"),
    ("another extension", file(extension: 2), "extension 2"),
    ("too few bytes", file(bytes: [0xC4, 1, 0]), "should have 16 bytes"),
    ("unknown type", file(type: "complex64"), "complex64"),
    ("objects", file(type: "object"), "object"),
    ("negative size", file(shape: [0x92, 0xFF, 2]), "whole number"),
    (
      "shape overflows",
      file(
        shape: [0x92] + [0xCF, 0x7F] + [UInt8](repeating: 255, count: 7) + [0xCF, 0x7F]
          + [UInt8](repeating: 255, count: 7)), "overflows"
    ),
    ("a size beyond 2⁶³", file(shape: [0x91, 0xCF] + [UInt8](repeating: 255, count: 8)), "2⁶³"),
    ("17 dimensions", file(shape: [0xDC, 0, 17] + [UInt8](repeating: 1, count: 17)), "no array"),
    ("the same name twice", [0x82] + file().dropFirst() + file().dropFirst(), "twice"),
    ("no pieces", chunked(shape: 4, chunks: [0x80]), "pieces are missing"),
    (
      "pieces of another shape",
      chunked(shape: 5, chunks: [0x81] + text("0") + file().dropFirst(3)), "not that of its pieces"
    ),
  ]

  @Test("each lie is refused with its own sentence", arguments: lies.indices)
  func refused(index: Int) throws {
    let (what, bytes, words) = Self.lies[index]
    try withFile(bytes, named: "flax_model.msgpack") { path in
      let error = #expect(throws: CheckpointError.self) { try CheckpointReader.table(of: path) }
      let text = error.map { "\($0)" } ?? ""
      #expect(text.contains(words) && text.hasPrefix(path), "\(what): \(text)")
    }
  }

  @Test("any one byte changed is read or refused, never more")
  func changed() throws {
    let file = Places.fixtures.appendingPathComponent("checkpoints/flax_chunked.msgpack")
    let bytes = [UInt8](try Data(contentsOf: file))
    try withTemporaryFolder { folder in
      let copy = folder.appendingPathComponent("flax_model.msgpack")
      for place in bytes.indices {
        var other = bytes
        other[place] ^= place % 2 == 0 ? 0x01 : 0xFF
        try Data(other).write(to: copy)
        guard let table = try? CheckpointReader.table(of: copy.path) else { continue }
        for name in table.names {
          _ = try? table.floats(name, shape: table.shape(of: name) ?? [])
        }
      }
    }
  }
}
