import CZip

/// Where the entries of a zip file lie, for those that are stored as they are: torch compresses no
/// weights, so that they can be mapped. Nothing is unpacked and nothing is copied but the directory.
struct ZipArchive {
  private struct Entry {
    let bytes: Range<Int>
    /// TorchScript compresses the text of its program, which is not needed here.
    let isCompressed: Bool
  }

  private let entries: [String: Entry]
  private let path: String

  var names: some Collection<String> { entries.keys }

  /// The bytes of an entry in the file; `nil` where there is none.
  /// - Throws: ``CheckpointError`` where it is compressed.
  func bytes(of name: String) throws(CheckpointError) -> Range<Int>? {
    guard let entry = entries[name] else { return nil }
    guard !entry.isCompressed else {
      throw CheckpointError(
        file: path,
        reason: .zip(
          "\(name) is compressed, which torch never does with weights; unpack it and pack it "
            + "again with zip -0, or load and save it with torch"))
    }
    return entry.bytes
  }

  /// A state dict has one entry per tensor; no model has so many.
  private static let mostEntries = 200_000

  /// - Throws: ``CheckpointError`` where the archive contradicts itself, or an entry is encrypted,
  ///   there twice, or overlaps another.
  init(_ file: MappedFile) throws(CheckpointError) {
    try ZipEnd.check(file)
    let source = ZipSource(file)
    let archive = try source.open()
    defer { zip_discard(archive) }
    let count = zip_get_num_entries(archive, 0)
    guard count <= Self.mostEntries else {
      throw CheckpointError(
        file: file.path, reason: .zip("\(count) entries, at most \(Self.mostEntries) are accepted"))
    }
    var entries: [String: Entry] = [:]
    for index in 0..<max(count, 0) {
      let (name, entry) = try Self.entry(zip_uint64_t(index), archive, source, file)
      guard entries.updateValue(entry, forKey: name) == nil else {
        throw CheckpointError(file: file.path, reason: .duplicate(name: name))
      }
    }
    try Self.checkOverlap(entries, file)
    self.entries = entries
    path = file.path
  }

  private static func entry(
    _ index: zip_uint64_t, _ archive: OpaquePointer, _ source: ZipSource, _ file: MappedFile
  ) throws(CheckpointError) -> (name: String, entry: Entry) {
    func wrong(_ problem: String) -> CheckpointError {
      CheckpointError(file: file.path, reason: .zip(problem))
    }
    var facts = zip_stat_t()
    let wanted = zip_uint64_t(
      ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD
        | ZIP_STAT_ENCRYPTION_METHOD)
    guard zip_stat_index(archive, index, zip_flags_t(ZIP_FL_ENC_RAW), &facts) == 0,
      facts.valid & wanted == wanted, let text = facts.name
    else { throw wrong("entry \(index) has no name, size or method") }
    let name = String(cString: text)
    guard facts.encryption_method == ZIP_EM_NONE else { throw wrong("\(name) is encrypted") }
    let isCompressed = facts.comp_method != ZIP_CM_STORE
    guard isCompressed || facts.comp_size == facts.size,
      let size = Int(exactly: facts.comp_size), size <= file.count
    else { throw wrong("\(name) has \(facts.size) bytes, more than the file") }
    guard size > 0 else { return (name, Entry(bytes: 0..<0, isCompressed: isCompressed)) }
    guard let opened = zip_fopen_index(archive, index, zip_flags_t(ZIP_FL_COMPRESSED)) else {
      throw wrong("\(name): \(String(cString: zip_error_strerror(zip_get_error(archive))))")
    }
    defer { zip_fclose(opened) }
    source.forget()
    var first: UInt8 = 0
    guard zip_fread(opened, &first, 1) == 1, let start = source.lastRead,
      size <= file.count - start
    else { throw wrong("\(name) reaches beyond the end of the file") }
    return (name, Entry(bytes: start..<start + size, isCompressed: isCompressed))
  }

  private static func checkOverlap(_ entries: [String: Entry], _ file: MappedFile)
    throws(CheckpointError)
  {
    var end = 0
    let places = entries.map { (name: $0.key, bytes: $0.value.bytes) }
    for (name, bytes) in places.sorted(by: { $0.bytes.lowerBound < $1.bytes.lowerBound })
    where !bytes.isEmpty {
      guard bytes.lowerBound >= end else {
        throw CheckpointError(
          file: file.path,
          reason: .overlap(name: name, offset: bytes.lowerBound, expected: end))
      }
      end = bytes.upperBound
    }
  }
}

/// Checks the records at the end of a zip file before libzip reads them, since it allocates room for as many
/// entries as they announce, true or not.
private enum ZipEnd {
  private static let length = 22
  /// Longest comment that may follow, and so where libzip searches.
  private static let reach = 65_535 + 22 + 20
  private static let directoryEntry = 46

  static func check(_ file: MappedFile) throws(CheckpointError) {
    let tailStart = max(0, file.count - reach)
    let tail = file.bytes(tailStart..<file.count)
    let signature: [UInt8] = [0x50, 0x4B, 0x05, 0x06]
    let found = tail.indices.dropLast(3).filter {
      tail[$0] == 0x50 && tail[$0..<$0 + 4].elementsEqual(signature)
    }
    guard let end = found.last, end + length <= tail.count else {
      throw CheckpointError(file: file.path, reason: .truncatedZip)
    }
    guard found.count == 1, end + length == tail.count else {
      throw CheckpointError(
        file: file.path, reason: .zip("its end is there twice, or something follows it"))
    }
    let (entries, size) = (
      tail.integer(at: end + 10, bytes: 2), tail.integer(at: end + 12, bytes: 4)
    )
    // These stand for "see the other record".
    if entries != 0xFFFF && size != 0xFFFF_FFFF {
      try checkCount(entries: entries, size: size, file)
    }
    try check64(tail, endOfDirectory: end, file)
  }

  /// The record of large archives, which torch.save always writes.
  private static func check64(_ tail: [UInt8], endOfDirectory end: Int, _ file: MappedFile)
    throws(CheckpointError)
  {
    let locator = end - 20
    guard locator >= 0, tail[locator..<locator + 4].elementsEqual([0x50, 0x4B, 0x06, 0x07]) else {
      return
    }
    let place = tail.integer(at: locator + 8, bytes: 8)
    guard let start = Int(exactly: place), start <= file.count - 56,
      case let record = file.bytes(start..<start + 56),
      record.starts(with: [0x50, 0x4B, 0x06, 0x06])
    else {
      throw CheckpointError(file: file.path, reason: .zip("its second end record is missing"))
    }
    try checkCount(
      entries: record.integer(at: 32, bytes: 8), size: record.integer(at: 40, bytes: 8), file)
  }

  private static func checkCount(entries: UInt64, size: UInt64, _ file: MappedFile)
    throws(CheckpointError)
  {
    guard size <= UInt64(file.count), entries <= size / UInt64(directoryEntry) else {
      throw CheckpointError(
        file: file.path,
        reason: .zip("\(entries) entries are announced, its directory has no room for them"))
    }
  }
}

extension [UInt8] {
  /// A little-endian number; `bytes` of 1 to 8.
  func integer(at place: Int, bytes: Int) -> UInt64 {
    self[place..<place + bytes].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
