/// Byte-pair merges by rank: the line in merges.txt (Sennrich et al. 2016; `tokenizers` models::bpe).
///
/// A word's pieces are a linked list, the merges that are possible wait in a heap by (rank, place), so
/// that a word of n bytes costs O(n log n); the plain search for the lowest rank is quadratic, and a
/// text without spaces is easily made.
struct MergeTable {
  private struct Entry {
    /// Ids of the two pieces; −1 where free.
    var left: Int32 = -1
    var right: Int32 = -1
    var rank: Int32 = 0
    var result: Int32 = 0
  }

  /// Open addressing; the length is a power of two, at least twice the merges.
  private var entries: [Entry]
  /// Multiply-shift hashing with an odd factor of this process.
  private let factor = UInt64.random(in: .min ... .max) | 1
  private let shift: UInt64

  /// - Parameter text: contents of merges.txt, one merge a line, the first line may be `#version…`.
  init(text: [UInt8], file: String, vocabulary: Vocabulary) throws(TokenizerError) {
    let lineBreak = UInt8(ascii: "\n")
    let lines = text.reduce(1) { $1 == lineBreak ? $0 + 1 : $0 }
    guard lines <= Vocabulary.countLimit else {
      throw TokenizerError(file: file, reason: .tooMany(limit: Vocabulary.countLimit))
    }
    let bits = UInt64(64 - (2 * lines + 16).leadingZeroBitCount)
    shift = 64 - bits
    entries = [Entry](repeating: Entry(), count: 1 << bits)
    var rank: Int32 = 0
    var line = 0
    var start = 0
    while start < text.count {
      var end = start
      while end < text.count, text[end] != lineBreak { end += 1 }
      line += 1
      let next = end + 1
      if end > start, text[end - 1] == UInt8(ascii: "\r") { end -= 1 }
      let isVersion = line == 1 && text[start..<end].starts(with: Array("#version".utf8))
      if end > start && !isVersion {
        try add(text, start..<end, rank: rank, line: line, file: file, vocabulary)
        rank += 1
      }
      start = next
    }
    guard rank > 0 else { throw TokenizerError(file: file, reason: .noMerges) }
  }

  private mutating func add(
    _ text: [UInt8], _ place: Range<Int>, rank: Int32, line: Int, file: String,
    _ vocabulary: Vocabulary
  ) throws(TokenizerError) {
    let spaces = place.filter { text[$0] == 0x20 }
    guard spaces.count == 1, let space = spaces.first, space > place.lowerBound,
      space + 1 < place.upperBound
    else { throw TokenizerError(file: file, reason: .notMerge(line: line)) }
    let head = place.lowerBound..<space
    let tail = space + 1..<place.upperBound
    func id(_ head: Range<Int>, _ tail: Range<Int>) throws(TokenizerError) -> Int32 {
      if let id = vocabulary.id(of: text, head, tail) { return id }
      let piece = String(decoding: (text[head] + text[tail]).prefix(80), as: UTF8.self)
      throw TokenizerError(file: file, reason: .unknownPiece(piece, line: line))
    }
    let left = try id(head, 0..<0)
    let right = try id(tail, 0..<0)
    // The same pair twice: the later line counts, as in `tokenizers`.
    entries[slot(left, right)] = Entry(
      left: left, right: right, rank: rank, result: try id(head, tail))
  }

  private func slot(_ left: Int32, _ right: Int32) -> Int {
    let key = UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    var mixed = key &* factor
    mixed ^= mixed >> 29
    var slot = Int(truncatingIfNeeded: (mixed &* factor) >> shift)
    let mask = entries.count - 1
    while entries[slot].left >= 0, entries[slot].left != left || entries[slot].right != right {
      slot = (slot + 1) & mask
    }
    return slot
  }

  /// One word's pieces while they are merged; its storage is kept from word to word.
  struct Scratch {
    struct Candidate {
      let rank: Int32
      /// The place of the left piece.
      let place: Int32
      let result: Int32

      static func < (one: Candidate, other: Candidate) -> Bool {
        one.rank != other.rank ? one.rank < other.rank : one.place < other.place
      }
    }

    /// Piece by place; −1 where it was merged into the one before.
    fileprivate var tokens: [Int32] = []
    /// Place of the neighbour; −1 and `tokens.count` at the ends.
    fileprivate var previous: [Int32] = []
    fileprivate var following: [Int32] = []
    fileprivate var heap: [Candidate] = []

    mutating func start() {
      tokens.removeAll(keepingCapacity: true)
      previous.removeAll(keepingCapacity: true)
      following.removeAll(keepingCapacity: true)
      heap.removeAll(keepingCapacity: true)
    }

    mutating func add(_ token: Int32) {
      let place = Int32(truncatingIfNeeded: tokens.count)
      tokens.append(token)
      previous.append(place - 1)
      following.append(place + 1)
    }

    func appendTokens(to ids: inout [Int32]) {
      for token in tokens where token >= 0 { ids.append(token) }
    }

    fileprivate mutating func push(_ candidate: Candidate) {
      heap.append(candidate)
      var child = heap.count - 1
      while child > 0 {
        let parent = (child - 1) / 2
        guard heap[child] < heap[parent] else { break }
        heap.swapAt(child, parent)
        child = parent
      }
    }

    fileprivate mutating func pop() -> Candidate? {
      guard let first = heap.first, let last = heap.popLast() else { return nil }
      guard !heap.isEmpty else { return first }
      heap[0] = last
      var parent = 0
      while true {
        var least = parent
        for child in [2 * parent + 1, 2 * parent + 2]
        where child < heap.count && heap[child] < heap[least] {
          least = child
        }
        if least == parent { return first }
        heap.swapAt(least, parent)
        parent = least
      }
    }
  }

  /// Merges the word in `scratch` until no merge applies; lowest rank first, then leftmost.
  func merge(_ scratch: inout Scratch) {
    let count = scratch.tokens.count
    for place in 0..<max(count - 1, 0) { consider(place, &scratch) }
    while let candidate = scratch.pop() {
      let left = Int(candidate.place)
      // Since it was found, either piece may have become another or part of another.
      guard scratch.tokens[left] >= 0 else { continue }
      let right = Int(scratch.following[left])
      guard right < count else { continue }
      let entry = entries[slot(scratch.tokens[left], scratch.tokens[right])]
      guard entry.left >= 0, entry.result == candidate.result else { continue }
      scratch.tokens[left] = candidate.result
      scratch.tokens[right] = -1
      let after = Int(scratch.following[right])
      scratch.following[left] = Int32(truncatingIfNeeded: after)
      if after < count {
        scratch.previous[after] = Int32(truncatingIfNeeded: left)
        consider(left, &scratch)
      }
      let before = Int(scratch.previous[left])
      if before >= 0 { consider(before, &scratch) }
    }
  }

  /// Adds the merge of the piece at `place` with the one after it, if there is one.
  private func consider(_ place: Int, _ scratch: inout Scratch) {
    let entry = entries[
      slot(scratch.tokens[place], scratch.tokens[Int(scratch.following[place])])]
    guard entry.left >= 0 else { return }
    scratch.push(
      .init(
        rank: entry.rank, place: Int32(truncatingIfNeeded: place), result: entry.result))
  }
}
