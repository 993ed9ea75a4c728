/// Pieces and their ids, from vocab.json. Pieces are compared byte by byte: as Swift strings,
/// canonically equivalent ones would be one piece.
///
/// Reads the one form that the file has, `{"piece": id, …}`, in one pass into one block of bytes with
/// an open-addressing index; a general JSON reader takes ten times as long, and the explorer waits.
struct Vocabulary {
  static let countLimit = 1_000_000

  private(set) var highestID = -1
  /// All pieces, one after the other.
  private var bytes: [UInt8] = []
  /// Where each piece starts in ``bytes``, and where the last ends.
  private var starts: [Int] = [0]
  private var ids: [Int32] = []
  /// Entry numbers, −1 where free; the length is a power of two, at least twice the entries.
  private var slots: [Int32] = []
  /// Differs from process to process, so that no file is slow on purpose.
  private let seed = UInt64.random(in: .min ... .max)

  /// - Parameters:
  ///   - json: contents of vocab.json; `file` is its path, for errors.
  ///   - idLimit: ids must be below.
  init(json: [UInt8], file: String, idLimit: Int) throws(TokenizerError) {
    // A span's validity is cheaper to know once than per piece.
    guard (try? UTF8Span(validating: json.span)) != nil else {
      throw TokenizerError(file: file, reason: .notUTF8)
    }
    var reader = VocabularyReader(json: json, file: file)
    try read(&reader, idLimit: idLimit)
    try reader.expectEnd()
    try index(file: file)
  }

  /// The object at the reader's position in a valid UTF-8 file, and the pieces added to it elsewhere.
  init(
    _ reader: inout VocabularyReader, added: [(piece: [UInt8], id: Int)], idLimit: Int
  ) throws(TokenizerError) {
    try read(&reader, idLimit: idLimit)
    try index(file: reader.file)
    let missing = added.filter { id(of: $0.piece) == nil }
    guard !missing.isEmpty else { return }
    for (piece, id) in missing {
      bytes += piece
      try add(id: id, limit: idLimit, file: reader.file)
    }
    try index(file: reader.file)
  }

  private mutating func read(_ reader: inout VocabularyReader, idLimit: Int) throws(TokenizerError)
  {
    bytes.reserveCapacity(reader.json.count - reader.position)
    try reader.expect("{", "an opening brace")
    if !reader.skip("}") {
      repeat {
        try reader.readString(into: &bytes)
        try reader.expect(":", "a colon")
        let id = try reader.readInteger()
        try add(id: id, limit: idLimit, file: reader.file)
      } while reader.skip(",")
      try reader.expect("}", "a comma or the closing brace")
    }
  }

  /// The vocabulary that merges make: the bytes, the bytes at a word's end, what each merge gives, and
  /// the two special tokens; their ids are their places (OpenAI's `SimpleTokenizer`).
  init(merges: [UInt8]) throws(TokenizerError) {
    // The printable bytes come first, as in the original's table.
    let order =
      (0..<256).filter(ByteLevel.isPrintable) + (0..<256).filter { !ByteLevel.isPrintable($0) }
    var pieces = order.map { ByteLevel.characters[$0] }
    pieces += pieces.map { $0 + ByteLevel.endOfWord }
    for line in merges.split(separator: UInt8(ascii: "\n"))
    where !line.starts(with: Array("#version".utf8)) {
      pieces.append(line.filter { $0 != 0x20 })
    }
    pieces += [Tokenizer.start, Tokenizer.end]
    for (id, piece) in pieces.enumerated() {
      bytes += piece
      try add(id: id, limit: pieces.count, file: "the standard CLIP vocabulary")
    }
    try index(file: "the standard CLIP vocabulary")
  }

  /// Pieces by id, where every id is given.
  var pieces: [[UInt8]] {
    var pieces = [[UInt8]](repeating: [], count: highestID + 1)
    for (entry, id) in ids.enumerated() {
      pieces[Int(id)] = Array(bytes[starts[entry]..<starts[entry + 1]])
    }
    return pieces
  }

  /// The entry whose piece was appended to ``bytes``.
  private mutating func add(id: Int?, limit: Int, file: String) throws(TokenizerError) {
    guard ids.count < Self.countLimit else {
      throw TokenizerError(file: file, reason: .tooMany(limit: Self.countLimit))
    }
    starts.append(bytes.count)
    guard let id, id < limit, let short = Int32(exactly: id) else {
      throw TokenizerError(
        file: file, reason: .idOutOfRange(piece: piece(ids.count), limit: limit))
    }
    ids.append(short)
    highestID = max(highestID, id)
  }

  private mutating func index(file: String) throws(TokenizerError) {
    var size = 16
    while size < 2 * ids.count { size *= 2 }
    slots = [Int32](repeating: -1, count: size)
    for entry in 0..<ids.count {
      let slot = slot(of: bytes, starts[entry]..<starts[entry + 1], 0..<0)
      guard slots[slot] < 0 else {
        throw TokenizerError(
          file: file, reason: .duplicate(piece: piece(entry), id: Int(ids[entry])))
      }
      slots[slot] = Int32(truncatingIfNeeded: entry)
    }
    if let entry = entryWithRepeatedID() {
      throw TokenizerError(
        file: file, reason: .duplicate(piece: piece(entry), id: Int(ids[entry])))
    }
  }

  private func entryWithRepeatedID() -> Int? {
    // Ids are dense in every real vocabulary; where they are not, a table could be large.
    guard highestID < 4 * ids.count else {
      var seen: Set<Int32> = []
      return ids.indices.first { !seen.insert(ids[$0]).inserted }
    }
    var seen = [Bool](repeating: false, count: highestID + 1)
    for (entry, id) in ids.enumerated() {
      if seen[Int(id)] { return entry }
      seen[Int(id)] = true
    }
    return nil
  }

  private func piece(_ entry: Int) -> String {
    String(decoding: bytes[starts[entry]..<starts[entry + 1]].prefix(80), as: UTF8.self)
  }

  func id(of piece: [UInt8]) -> Int32? {
    id(of: piece, piece.indices, 0..<0)
  }

  /// Id of the piece that `text` holds in two parts, which need not be neighbours.
  func id(of text: [UInt8], _ head: Range<Int>, _ tail: Range<Int>) -> Int32? {
    let entry = slots[slot(of: text, head, tail)]
    return entry < 0 ? nil : ids[Int(entry)]
  }

  /// Where the piece is, or the free place where it would be.
  private func slot(of text: [UInt8], _ head: Range<Int>, _ tail: Range<Int>) -> Int {
    var hash = seed
    for index in head { hash = (hash ^ UInt64(text[index])) &* 0x100_0000_01B3 }
    for index in tail { hash = (hash ^ UInt64(text[index])) &* 0x100_0000_01B3 }
    hash ^= hash >> 32
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] >= 0, !isEqual(Int(slots[slot]), text, head, tail) {
      slot = (slot + 1) & mask
    }
    return slot
  }

  private func isEqual(
    _ entry: Int, _ text: [UInt8], _ head: Range<Int>, _ tail: Range<Int>
  ) -> Bool {
    var own = starts[entry]
    guard starts[entry + 1] - own == head.count + tail.count else { return false }
    for index in head {
      if bytes[own] != text[index] { return false }
      own += 1
    }
    for index in tail {
      if bytes[own] != text[index] { return false }
      own += 1
    }
    return true
  }
}
