import Foundation
import TestSupport
import Testing
import Training

/// The real tensorboard reads these files (tried by hand); here they are taken apart by their format.
@Suite struct EventFileTests {
  @Test("CRC-32C has the value that everybody's has")
  func checksum() {
    #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xE306_9283)
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
  }

  /// The records of a TFRecord file, their checksums checked.
  private func records(_ data: [UInt8]) throws -> [[UInt8]] {
    func number(_ place: Int, _ count: Int) -> UInt64 {
      data[place..<place + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    func unmasked(_ place: Int) -> UInt32 {
      let word = UInt32(number(place, 4)) &- 0xA282_EAD8
      return word << 15 | word >> 17
    }
    var (place, found) = (0, [[UInt8]]())
    while place < data.count {
      let length = Int(number(place, 8))
      #expect(unmasked(place + 8) == CRC32C.checksum(Array(data[place..<place + 8])))
      let bytes = Array(data[place + 12..<place + 12 + length])
      #expect(unmasked(place + 12 + length) == CRC32C.checksum(bytes))
      found.append(bytes)
      place += 16 + length
    }
    return found
  }

  @Test("a file starts with its version and has a record for each step")
  func file() throws {
    try withTemporaryFolder { folder in
      let file = try EventFile(folder: folder.path, time: 1.5)
      try file.write(
        [(tag: "train_loss", value: 0.5), (tag: "eval_loss", value: 2)], step: 300, time: 2)
      #expect(file.path.contains("/events.out.tfevents."))
      let found = try records(Array(Data(contentsOf: URL(fileURLWithPath: file.path))))
      #expect(found.count == 2)
      // wall_time (1, double), then file_version (3, text)
      #expect(found[0] == [9, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F, 26, 13] + Array("brain.Event:2".utf8))
      // wall_time, step (2, varint) 300, summary (5): values (1) of tag (1) and simple_value (2)
      let first = [10, 10] + Array("train_loss".utf8) + [21, 0, 0, 0, 0x3F]
      let second = [10, 9] + Array("eval_loss".utf8) + [21, 0, 0, 0, 0x40]
      let summary = [10, UInt8(first.count)] + first + [10, UInt8(second.count)] + second
      #expect(
        found[1] == [9, 0, 0, 0, 0, 0, 0, 0, 0x40, 16, 0xAC, 2, 42, UInt8(summary.count)] + summary)
    }
  }
}
