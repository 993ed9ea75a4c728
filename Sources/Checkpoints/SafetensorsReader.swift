import Foundation

/// Reads the table of a safetensors file. The file is mapped; nothing is allocated from a number in
/// it before that number is bounded.
///
/// Format: 8 bytes little-endian header length, a JSON object `name → {dtype, shape, data_offsets}`,
/// then the tensors without gap or overlap to the end of the file.
public enum SafetensorsReader {
  /// The longest header that is read; the reference accepts as much.
  public static let longestHeader = 100_000_000
  private static let mostDimensions = 16

  /// - Throws: ``CheckpointError`` with the first thing that is wrong.
  public static func table(of path: String) throws(CheckpointError) -> TensorTable {
    try table(of: try MappedFile(path))
  }

  static func table(of file: MappedFile) throws(CheckpointError) -> TensorTable {
    let path = file.path
    guard file.count >= 8 else {
      throw CheckpointError(file: path, reason: .tooShort(bytes: file.count))
    }
    let announced = file.withBytes(0..<8) {
      UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self))
    }
    guard announced <= UInt64(longestHeader) else {
      throw CheckpointError(
        file: path, reason: .headerTooLong(bytes: announced, limit: longestHeader))
    }
    let length = Int(announced)
    guard length <= file.count - 8 else {
      throw CheckpointError(
        file: path, reason: .headerBeyondFile(bytes: announced, file: file.count))
    }
    let header = file.withBytes(8..<8 + length) { Data($0) }
    let entries = try parse(header, path: path, dataStart: 8 + length)
    try checkLayout(entries, file: file, dataStart: 8 + length)
    return TensorTable(
      path: path,
      entries: entries.mapValues {
        .init(.init(file: file, type: $0.type, bytes: $0.range), shape: $0.shape)
      })
  }

  /// What the header says of a tensor.
  private struct Described {
    let type: TensorType
    let shape: [Int]
    let range: Range<Int>
  }

  private static func parse(_ header: Data, path: String, dataStart: Int)
    throws(CheckpointError) -> [String: Described]
  {
    let described: [String: Any]
    do {
      guard let object = try JSONSerialization.jsonObject(with: header) as? [String: Any] else {
        throw CheckpointError(file: path, reason: .headerNotJSON("not an object"))
      }
      described = object
    } catch let error as CheckpointError {
      throw error
    } catch {
      throw CheckpointError(file: path, reason: .headerNotJSON("not valid JSON"))
    }
    var entries: [String: Described] = [:]
    for (name, value) in described where name != "__metadata__" {
      entries[name] = try entry(name, value, path: path, dataStart: dataStart)
    }
    return entries
  }

  private static func entry(_ name: String, _ value: Any, path: String, dataStart: Int)
    throws(CheckpointError) -> Described
  {
    func wrong(_ problem: String) -> CheckpointError {
      CheckpointError(file: path, reason: .tensorEntry(name: name, problem: problem))
    }
    guard let fields = value as? [String: Any], let type = fields["dtype"] as? String,
      let shape = (fields["shape"] as? [Any])?.map({ $0 as? Int }),
      let offsets = (fields["data_offsets"] as? [Any])?.map({ $0 as? Int })
    else { throw wrong("dtype, shape or data_offsets is missing") }
    guard let kind = TensorType(rawValue: type) else {
      throw CheckpointError(file: path, reason: .unknownType(name: name, type: type))
    }
    let sizes = shape.compactMap { $0 }
    guard sizes.count == shape.count, sizes.count <= mostDimensions, sizes.allSatisfy({ $0 >= 0 })
    else { throw wrong("its shape is no list of at most \(mostDimensions) sizes") }
    let ends = offsets.compactMap { $0 }
    guard offsets.count == 2, ends.count == 2, ends[0] >= 0, ends[0] <= ends[1],
      ends[1] <= Int.max - dataStart
    else { throw wrong("its data_offsets are no range") }
    guard let numbers = product(sizes),
      case let (count, overflow) = numbers.multipliedReportingOverflow(by: kind.byteCount),
      !overflow
    else { throw wrong("its shape overflows") }
    guard ends[1] - ends[0] == count else {
      throw CheckpointError(
        file: path, reason: .wrongByteCount(name: name, expected: count, found: ends[1] - ends[0]))
    }
    return .init(type: kind, shape: sizes, range: dataStart + ends[0]..<dataStart + ends[1])
  }

  private static func checkLayout(
    _ entries: [String: Described], file: MappedFile, dataStart: Int
  ) throws(CheckpointError) {
    var end = dataStart
    let ordered = entries.sorted {
      ($0.value.range.lowerBound, $0.value.range.upperBound)
        < ($1.value.range.lowerBound, $1.value.range.upperBound)
    }
    for (name, entry) in ordered {
      guard entry.range.lowerBound == end else {
        throw CheckpointError(
          file: file.path,
          reason: .overlap(name: name, offset: entry.range.lowerBound, expected: end))
      }
      end = entry.range.upperBound
    }
    guard end == file.count else {
      throw CheckpointError(
        file: file.path, reason: .trailingBytes(expected: end, found: file.count))
    }
  }
}
