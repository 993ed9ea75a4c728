/// Why a checkpoint was refused; the text names the file, what was expected and what was found.
public struct CheckpointError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Reason: Sendable, Equatable {
    /// The system's own words.
    case unreadable(String)
    /// The system's own words.
    case unwritable(String)
    /// Written to between its opening and the end of its reading.
    case changed
    case tooShort(bytes: Int)
    case headerTooLong(bytes: UInt64, limit: Int)
    case headerBeyondFile(bytes: UInt64, file: Int)
    case headerNotJSON(String)
    case tensorEntry(name: String, problem: String)
    case unknownType(name: String, type: String)
    case wrongByteCount(name: String, expected: Int, found: Int)
    case overlap(name: String, offset: Int, expected: Int)
    case trailingBytes(expected: Int, found: Int)
    case missing(name: String, shape: [Int])
    case wrongShape(name: String, expected: [Int], found: [Int])
    case notFloat(name: String, type: String)
    case duplicate(name: String)
    /// What libzip, or a check of ours, says about the archive.
    case zip(String)
    /// A zip without the records at its end.
    case truncatedZip
    /// What is wrong with the pickle, and where.
    case pickle(String, byte: Int)
    /// A pickle asks for a class or function that no state dict needs.
    case refusedGlobal(String)
    case refusedOpcode(String, byte: Int)
    /// torch.save's format before PyTorch 1.6.
    case legacyPyTorch
    /// Has one of torch's endings, but none of its formats.
    case notPyTorch(bytes: Int)
    case messagePack(String, byte: Int)
    /// What is wrong with an index of shards.
    case index(String)
    /// A Git LFS pointer in place of the file.
    case pointer
    /// A folder without a file of weights.
    case noWeights
    case severalArchives([String])
    /// Several models in one file, by the prefixes of their tensors' names.
    case severalModels([String])
    /// A tensor of a tower that the model's configuration has no place for.
    case unused(name: String, shape: [Int])
  }

  public let file: String
  public let reason: Reason

  public init(file: String, reason: Reason) {
    self.file = file
    self.reason = reason
  }

  public var description: String { "\(file): \(sentence)" }

  private var sentence: String {
    switch reason {
    case .unreadable(let words): "cannot be read: \(words)"
    case .unwritable(let words): "cannot be written: \(words)"
    case .changed: "was written to while it was read; run it again when that has ended"
    case .tooShort(let bytes):
      "\(bytes) bytes are too few for a safetensors file; copy or download it again"
    case .headerTooLong(let bytes, let limit):
      "a header of \(bytes) bytes is announced, at most \(limit) are accepted; this is no safetensors file"
    case .headerBeyondFile(let bytes, let file):
      "a header of \(bytes) bytes is announced, the file has \(file); it is truncated: copy or download it again"
    case .headerNotJSON(let problem): "its header is no JSON object of tensors (\(problem))"
    case .tensorEntry(let name, let problem): "tensor \(name): \(problem)"
    case .unknownType(let name, let type): "tensor \(name) has the unknown type \(type)"
    case .wrongByteCount(let name, let expected, let found):
      "tensor \(name) should have \(expected) bytes for its shape and has \(found)"
    case .overlap(let name, let offset, let expected):
      "tensor \(name) begins at byte \(offset), expected \(expected): tensors overlap or leave a gap"
    case .trailingBytes(let expected, let found):
      "its tensors should end at byte \(expected) and the file ends at \(found); it is truncated or damaged: copy or download it again"
    case .missing(let name, let shape):
      "tensor \(name) \(shape) is missing, which config.json asks for"
    case .wrongShape(let name, let expected, let found):
      "tensor \(name) is \(found), config.json asks for \(expected); the two files do not belong together"
    case .notFloat(let name, let type): "tensor \(name) is \(type), expected F32, F16, BF16 or F64"
    case .duplicate(let name): "\(name.prefix(200)) is there twice"
    case .zip(let problem): "not torch.save's zip: \(problem)"
    case .truncatedZip:
      "the zip has no end, the file is truncated: copy or download it again"
    case .pickle(let problem, let byte): "its pickle is refused at byte \(byte): \(problem)"
    case .refusedGlobal(let name):
      "its pickle asks for \(name.prefix(200)), which no table of weights needs; nothing of it was "
        + "executed. \(Self.saveStateDict)"
    case .refusedOpcode(let name, let byte):
      "its pickle uses the opcode \(name) at byte \(byte), which no table of weights needs; nothing "
        + "of it was executed. \(Self.saveStateDict)"
    case .legacyPyTorch:
      "saved in torch's format before PyTorch 1.6, which is not read; load and save it again: "
        + "torch.save(torch.load(FILE, weights_only=True), FILE)"
    case .notPyTorch(let bytes):
      "\(bytes) bytes that are no zip as torch.save writes it; was the download complete?"
    case .messagePack(let problem, let byte):
      "not flax's MessagePack, at byte \(byte): \(problem)"
    case .index(let problem): "the index of shards is refused: \(problem)"
    case .pointer:
      "a Git LFS pointer stands where the weights should be; fetch them with git lfs pull, or "
        + "download the file itself"
    case .noWeights: "no weights in this folder, expected \(CheckpointFiles.expected)"
    case .severalArchives(let names):
      "several files of weights (\(names.joined(separator: ", ")))"
    case .severalModels(let prefixes):
      "it holds several models (\(prefixes.joined(separator: ", "))); save the one that is meant alone"
    case .unused(let name, let shape):
      "tensor \(name) \(shape) has no place in the model that its configuration describes, so the file "
        + "is of another architecture; it is refused rather than read without a part of it"
    }
  }

  private static let saveStateDict =
    "If you trust the file, load it with torch and save the state dict alone: "
    + "torch.save(model.state_dict(), FILE)"
}
