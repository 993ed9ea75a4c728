import Files
import Foundation

/// Byte-level BPE of CLIP with the ids of transformers' `CLIPTokenizerFast`.
///
///     "It's 3 planes"  →  it · 's · 3 · planes  →  [49406, 585, 568, 274, 12581, 49407]
///
/// The steps, in the order of that class: special tokens are cut out of the text as it stands; what
/// lies between is normalised (NFC, then each scalar to lower case), split into words
/// (``WordScanner``), each word is taken as its UTF-8 bytes, the last with `</w>`, and neighbours are
/// merged by rank (``MergeTable``).
///
/// Models in OpenCLIP's and OpenAI's layouts have their texts cleaned as by these libraries, see
/// ``cleaning``.
public struct Tokenizer: Sendable {
  /// Most tokens of one text, start and end included.
  public let contextLength: Int
  public let startToken: Int32
  public let endToken: Int32
  /// One more than the highest id: how many rows the text tower's embedding must have at least.
  public let vocabularySize: Int
  /// What is done to a text before it is split into words.
  public let cleaning: TextCleaning

  /// Longest vocab.json or merges.txt that is read, in bytes.
  static let fileLimit = 64 << 20
  static let start = Array("<|startoftext|>".utf8)
  static let end = Array("<|endoftext|>".utf8)

  /// Ids of a byte alone: 0..<256 within a word, 256..<512 at its end.
  private let byteTokens: [Int32]
  private let merges: MergeTable

  /// - Parameters:
  ///   - directory: a model's folder with vocab.json and merges.txt, or with tokenizer.json.
  ///   - contextLength: `max_position_embeddings` of the text tower, at least 2.
  ///   - embeddings: rows of the text tower's embedding; every id must be below.
  /// - Throws: ``TokenizerError`` that names the file, what was expected and found.
  public init(
    contentsOf directory: String, contextLength: Int, embeddings: Int = 1 << 24
  ) throws {
    try self.init(
      TokenizerFiles(in: directory, allowsStandard: false), in: directory,
      contextLength: contextLength, embeddings: embeddings)
  }

  /// The standard CLIP vocabulary of 49,408 pieces, which OpenAI's models mean.
  package static func standard(
    contextLength: Int = 77, cleaning: TextCleaning = .transformers
  ) throws -> Tokenizer {
    try Tokenizer(
      .standard, in: "", contextLength: contextLength, embeddings: StandardMerges.vocabularySize,
      cleaning: cleaning)
  }

  package init(
    _ files: TokenizerFiles, in directory: String, contextLength: Int, embeddings: Int,
    cleaning: TextCleaning = .transformers
  ) throws {
    let names = files.names.map { files == .standard ? $0 : "\(directory)/\($0)" }
    guard contextLength >= 2 else {
      throw TokenizerError(file: names[0], reason: .contextTooShort(contextLength))
    }
    let vocabulary: Vocabulary
    var table: MergeTable?
    switch files {
    case .pair:
      vocabulary = try Vocabulary(json: Self.read(names[0]), file: names[0], idLimit: embeddings)
    case .single:
      let file = try TokenizerFile(json: Self.read(names[0]), file: names[0], idLimit: embeddings)
      vocabulary = file.vocabulary
      table = try MergeTable(text: file.merges, file: names[0], vocabulary: vocabulary)
    case .standard:
      let text = StandardMerges.text
      vocabulary = try Vocabulary(merges: text)
      table = try MergeTable(text: text, file: names[0], vocabulary: vocabulary)
    }
    guard let start = vocabulary.id(of: Self.start) else {
      throw TokenizerError(file: names[0], reason: .missingSpecialToken("<|startoftext|>"))
    }
    guard let end = vocabulary.id(of: Self.end) else {
      throw TokenizerError(file: names[0], reason: .missingSpecialToken("<|endoftext|>"))
    }
    merges = try table ?? Self.merges(names[names.count - 1], vocabulary)
    // A byte that the vocabulary lacks is unknown, and CLIP's unknown token is its end token.
    byteTokens =
      ByteLevel.characters.map { vocabulary.id(of: $0) ?? end }
      + ByteLevel.characters.map { vocabulary.id(of: $0 + ByteLevel.endOfWord) ?? end }
    startToken = start
    endToken = end
    vocabularySize = vocabulary.highestID + 1
    self.contextLength = contextLength
    self.cleaning = cleaning
  }

  private static func merges(_ path: String, _ vocabulary: Vocabulary) throws -> MergeTable {
    let text: [UInt8]
    do throws(RegularFile.Failure) {
      text = try RegularFile.read(path, limit: fileLimit)
    } catch .system where !FileManager.default.fileExists(atPath: path) {
      throw TokenizerError(file: path, reason: .noMerges)
    } catch {
      throw TokenizerError(file: path, reason: .unreadable(error.text))
    }
    return try MergeTable(text: text, file: path, vocabulary: vocabulary)
  }

  private static func read(_ path: String) throws(TokenizerError) -> [UInt8] {
    do throws(RegularFile.Failure) {
      return try RegularFile.read(path, limit: fileLimit)
    } catch {
      throw TokenizerError(file: path, reason: .unreadable(error.text))
    }
  }

  /// The ids of a text, start and end included, not padded, cut to ``contextLength`` with the end
  /// token kept (unless `truncated` is false).
  public func encode(_ text: String, truncated: Bool = true) -> [Int32] {
    var ids = [startToken]
    // Later words cannot change earlier ids: the rest of a long text need not be looked at.
    let room = truncated ? contextLength - 1 : Int.max
    var bytes: [UInt8] = []
    var scratch = MergeTable.Scratch()
    let special = cleaning.specialTokens
    for segment in segments(of: text) where ids.count < room {
      switch segment {
      case .special(let id): ids.append(id)
      case .text(let text):
        var words = WordScanner(cleaning.scalars(of: text), cleaning)
        while ids.count < room, let word = words.next() {
          if cleaning != .transformers, words.scalars[word.lowerBound] == "<" {
            if words.scalars[word] == special.start[...] {
              ids.append(startToken)
              continue
            }
            if words.scalars[word] == special.end[...] {
              ids.append(endToken)
              continue
            }
          }
          bytes.removeAll(keepingCapacity: true)
          for scalar in words.scalars[word] {
            bytes.append(contentsOf: UTF8.encode(scalar) ?? .init())
          }
          append(bytes, to: &ids, &scratch)
        }
      }
    }
    if ids.count > room { ids.removeLast(ids.count - room) }
    ids.append(endToken)
    return ids
  }

  private func append(_ word: [UInt8], to ids: inout [Int32], _ scratch: inout MergeTable.Scratch) {
    guard let last = word.last else { return }
    scratch.start()
    for byte in word.dropLast() { scratch.add(byteTokens[Int(byte)]) }
    scratch.add(byteTokens[256 + Int(last)])
    merges.merge(&scratch)
    scratch.appendTokens(to: &ids)
  }

  private enum Segment {
    case special(Int32)
    case text(String)
  }

  /// Special tokens are recognised in the text as it was given, before it is normalised, so one in capitals
  /// is ordinary text. The original libraries look for them among the words of the cleaned text.
  private func segments(of text: String) -> [Segment] {
    guard cleaning == .transformers, text.utf8.contains(Self.end[0]) else { return [.text(text)] }
    let bytes = Array(text.utf8)
    var result: [Segment] = []
    var from = 0
    var index = 0
    while index < bytes.count {
      let rest = bytes[index...]
      let token =
        rest.starts(with: Self.start)
        ? (startToken, Self.start.count)
        : rest.starts(with: Self.end) ? (endToken, Self.end.count) : nil
      guard let (id, length) = token else {
        index += 1
        continue
      }
      if from < index { result.append(.text(String(decoding: bytes[from..<index], as: UTF8.self))) }
      result.append(.special(id))
      index += length
      from = index
    }
    if from < bytes.count { result.append(.text(String(decoding: bytes[from...], as: UTF8.self))) }
    return result
  }

}

/// GPT-2's printable stand-ins for the 256 bytes, in which vocab.json and merges.txt are written.
enum ByteLevel {
  static let endOfWord = Array("</w>".utf8)

  /// UTF-8 of each byte's stand-in: printable bytes stand for themselves, the others for 256, 257, ….
  static let characters: [[UInt8]] = {
    var next: UInt32 = 256
    return (0..<256).map { byte in
      if isPrintable(byte) { return utf8(UInt32(byte)) }
      defer { next += 1 }
      return utf8(next)
    }
  }()

  /// Whether a byte stands for itself.
  static func isPrintable(_ byte: Int) -> Bool {
    switch byte {
    case 33...126, 161...172, 174...255: true
    default: false
    }
  }

  private static func utf8(_ value: UInt32) -> [UInt8] {
    Unicode.Scalar(value).map { Array(String(Character($0)).utf8) } ?? []
  }
}
