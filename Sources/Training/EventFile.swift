import Foundation

/// TensorBoard's event files, written without TensorFlow: records of `tensorboard.Event` (event.proto,
/// summary.proto), each framed as in a TFRecord: length, its masked CRC-32C, the bytes, their masked CRC.
package struct EventFile {
  package let path: String
  private let handle: FileHandle

  /// Starts a new file in `folder`; TensorBoard reads all of a folder's files as one run.
  package init(folder: String, time: Double = Date().timeIntervalSince1970) throws {
    // tfevents must be in the name. The process keeps two starts within a second apart.
    let name =
      "events.out.tfevents.\(Int(time)).clip-rsicd.\(ProcessInfo.processInfo.processIdentifier)"
    path = "\(folder)/\(name)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    guard FileManager.default.createFile(atPath: path, contents: nil),
      let handle = FileHandle(forWritingAtPath: path)
    else { throw RunError("\(path): cannot be made; check folder and space") }
    self.handle = handle
    try write(Protobuf.event(time: time, step: nil, body: Protobuf.field(3, text: "brain.Event:2")))
  }

  /// One point on the curve of each tag.
  package func write(_ values: [(tag: String, value: Float)], step: Int, time: Double) throws {
    var summary: [UInt8] = []
    for (tag, value) in values {
      let one = Protobuf.field(1, text: tag) + Protobuf.field(2, float: value)
      summary += Protobuf.field(1, bytes: one)
    }
    try write(Protobuf.event(time: time, step: step, body: Protobuf.field(5, bytes: summary)))
  }

  private func write(_ event: [UInt8]) throws {
    let length = Protobuf.littleEndian(UInt64(event.count))
    let record =
      length + Protobuf.littleEndian(CRC32C.masked(length)) + event
      + Protobuf.littleEndian(CRC32C.masked(event))
    do {
      try handle.write(contentsOf: Data(record))
    } catch {
      throw RunError("\(path): cannot be written; check the disk's space")
    }
  }
}

/// The few forms of protocol buffers that an event needs.
private enum Protobuf {
  static func littleEndian<Word: FixedWidthInteger>(_ word: Word) -> [UInt8] {
    (0..<Word.bitWidth / 8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
  }

  static func varint(_ value: UInt64) -> [UInt8] {
    var (bytes, rest): ([UInt8], UInt64) = ([], value)
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  private static func key(_ number: Int, _ wire: Int) -> [UInt8] {
    varint(UInt64(number << 3 | wire))
  }

  static func field(_ number: Int, bytes: [UInt8]) -> [UInt8] {
    key(number, 2) + varint(UInt64(bytes.count)) + bytes
  }
  static func field(_ number: Int, text: String) -> [UInt8] {
    field(number, bytes: Array(text.utf8))
  }
  static func field(_ number: Int, float: Float) -> [UInt8] {
    key(number, 5) + littleEndian(float.bitPattern)
  }

  /// Event: wall_time 1, step 2, then what it is about.
  static func event(time: Double, step: Int?, body: [UInt8]) -> [UInt8] {
    let stamp = key(1, 1) + littleEndian(time.bitPattern)
    return stamp + (step.map { key(2, 0) + varint(UInt64($0)) } ?? []) + body
  }
}

/// CRC-32C (Castagnoli, reflected), and the mask with which TFRecord stores it.
package enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { (byte: UInt32) in
    (0..<8).reduce(byte) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
  }

  package static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
  }

  static func masked(_ bytes: [UInt8]) -> UInt32 {
    let crc = checksum(bytes)
    return (crc >> 15 | crc << 17) &+ 0xA282_EAD8
  }
}
