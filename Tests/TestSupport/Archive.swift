/// Bytes of a zip as the tests want it, right or wrong: entries as they are, then the directory.
public struct Archive {
  public struct Entry {
    public var name: String
    public var bytes: [UInt8]
    /// 0 is stored, 8 deflated.
    public var method: UInt16 = 0
    /// What the records say its length is.
    public var announced: UInt32?
    public var flags: UInt16 = 0
    /// Where its local header is said to be; right where `nil`.
    public var place: UInt32?

    public init(_ name: String, _ bytes: [UInt8]) {
      self.name = name
      self.bytes = bytes
    }
  }

  public var entries: [Entry]
  /// What the end record says of entries; right where `nil`.
  public var announcedEntries: UInt16?
  /// What is behind the end record.
  public var tail: [UInt8] = []
  /// What a second end record, that of large archives, says of entries; none where `nil`.
  public var announced64: UInt64?
  /// What it says of the directory's bytes; the truth where `nil`.
  public var announcedSize64: UInt64?

  public init(_ entries: [Entry]) { self.entries = entries }

  public var bytes: [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let place = entry.place ?? UInt32(file.count)
      let length = entry.announced ?? UInt32(entry.bytes.count)
      let facts =
        little(20 as UInt16) + little(entry.flags) + little(entry.method)
        + little(0x0021_0000 as UInt32) + little(0 as UInt32) + little(length) + little(length)
        + little(UInt16(entry.name.utf8.count)) + little(0 as UInt16)
      file += [0x50, 0x4B, 3, 4] + facts + Array(entry.name.utf8) + entry.bytes
      directory +=
        [0x50, 0x4B, 1, 2] + little(20 as UInt16) + facts + [UInt8](repeating: 0, count: 10)
      directory += little(place) + Array(entry.name.utf8)
    }
    let start = UInt32(file.count)
    let count = announcedEntries ?? UInt16(entries.count)
    file += directory
    if let announced64 {
      let record = UInt64(file.count)
      file +=
        [0x50, 0x4B, 6, 6] + little(44 as UInt64) + little(45 as UInt16) + little(45 as UInt16)
      file += little(0 as UInt64) + little(announced64) + little(announced64)
      file += little(announcedSize64 ?? UInt64(directory.count)) + little(UInt64(start))
      file += [0x50, 0x4B, 6, 7] + little(0 as UInt32) + little(record) + little(1 as UInt32)
    }
    file += [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + little(count) + little(count)
    file += little(UInt32(directory.count)) + little(start) + little(0 as UInt16)
    return file + tail
  }
}

/// A number as bytes, the lowest first.
public func little(_ value: some FixedWidthInteger) -> [UInt8] {
  (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
}
