import Foundation

/// A safetensors file of expected values: the plainest reader that tests can be checked against. Not
/// for files from outside; the package's own reader is `Checkpoints`.
///
///     let expected = try SafetensorsFixture(contentsOf: folder.appendingPathComponent("expected.safetensors"))
///     let embeddings = try expected.floats("image_embeds")
public struct SafetensorsFixture: Sendable {
  private struct Entry: Sendable {
    let type: String
    let shape: [Int]
    let bytes: Range<Int>
  }

  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  private let data: Data
  private let entries: [String: Entry]

  public init(contentsOf url: URL) throws {
    data = try Data(contentsOf: url, options: .alwaysMapped)
    guard data.count >= 8 else { throw Failure(description: "\(url.path): no header") }
    let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= data.count - 8,
      let header = try JSONSerialization.jsonObject(with: data[8..<8 + length]) as? [String: Any]
    else { throw Failure(description: "\(url.path): header of \(length) bytes") }
    var entries: [String: Entry] = [:]
    for (name, value) in header where name != "__metadata__" {
      guard let value = value as? [String: Any], let type = value["dtype"] as? String,
        let shape = value["shape"] as? [Int], let offsets = value["data_offsets"] as? [Int],
        offsets.count == 2, offsets[0] <= offsets[1], 8 + length + offsets[1] <= data.count
      else { throw Failure(description: "\(url.path): entry \(name)") }
      entries[name] = Entry(
        type: type, shape: shape, bytes: 8 + length + offsets[0]..<8 + length + offsets[1])
    }
    self.entries = entries
  }

  /// Sorted.
  public var names: [String] { entries.keys.sorted() }

  public func shape(_ name: String) throws -> [Int] { try entry(name).shape }

  /// An F32 tensor, flat.
  public func floats(_ name: String) throws -> [Float] {
    if try entry(name).type == "F16" {
      return try words(name, type: "F16").map { (word: UInt16) in Float(Float16(bitPattern: word)) }
    }
    return try words(name, type: "F32").map { (word: UInt32) in Float(bitPattern: word) }
  }

  /// A U8 tensor (or a BOOL one), flat.
  public func bytes(_ name: String) throws -> [UInt8] {
    let entry = try entry(name)
    guard entry.type == "U8" || entry.type == "BOOL" else { throw mismatch(name, entry, "U8") }
    return [UInt8](data[entry.bytes])
  }

  /// An I64 or I32 tensor, flat.
  public func integers(_ name: String) throws -> [Int64] {
    if try entry(name).type == "I32" {
      return try words(name, type: "I32").map { (word: Int32) in Int64(word) }
    }
    return try words(name, type: "I64")
  }

  private func entry(_ name: String) throws -> Entry {
    guard let entry = entries[name] else { throw Failure(description: "no tensor \(name)") }
    return entry
  }

  private func words<Word: FixedWidthInteger>(_ name: String, type: String) throws -> [Word] {
    let entry = try entry(name)
    guard entry.type == type else { throw mismatch(name, entry, type) }
    let size = MemoryLayout<Word>.size
    return data.withUnsafeBytes { buffer in
      (0..<entry.bytes.count / size).map {
        Word(
          littleEndian: buffer.loadUnaligned(
            fromByteOffset: entry.bytes.lowerBound + $0 * size, as: Word.self))
      }
    }
  }

  private func mismatch(_ name: String, _ entry: Entry, _ expected: String) -> Failure {
    Failure(description: "\(name) is \(entry.type), \(expected) was asked for")
  }
}
