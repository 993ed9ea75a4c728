import GRDB

/// Why a collection could not be used; the text names it and what was found.
public struct CollectionError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Reason: Sendable, Equatable {
    case missing
    case isFolder
    /// A folder holds another model than the one whose vectors are stored.
    case otherModel(model: String)
    /// The folder of a model is not where it was, nor is the model in any other place that was looked at.
    case modelGone(model: String, directory: String)
    case notACollection
    /// A database without a table: its making was stopped, or never begun.
    case empty
    case otherVersion(found: Int, expected: Int)
    case damaged(String)
    case readOnly
    case diskFull
    case busy(owner: Int?)
    case noVectors(model: String, others: [String])
    case modelChanged(model: String)
    case badVector(image: Int64)
    /// Only images of a split are wanted, and no caption file says which those are.
    case splitWithoutCaptions
    case nothingToIndex(String)
    case system(String)
  }

  public let path: String
  public let reason: Reason

  public init(path: String, reason: Reason) {
    self.path = path
    self.reason = reason
  }

  public var description: String { "\(path): \(sentence)" }

  private var sentence: String {
    switch reason {
    case .missing: "there is no such collection"
    case .isFolder: "is a folder, and a collection is a file"
    case .otherModel(let model):
      "is not the checkpoint that \(model) was indexed with"
    case .modelGone(let model, let directory):
      "its model \(model) is not at \(directory.isEmpty ? "any known place" : directory) any more, and was "
        + "not found among the shipped models, in the hub's cache or near there"
    case .notACollection: "is no collection of clip-rsicd; it was left as it is"
    case .empty: "nothing was indexed into it yet"
    case .otherVersion(let found, let expected):
      "is a collection of version \(found), this program reads version \(expected)"
    case .damaged(let words): "is damaged (\(words))"
    case .readOnly: "cannot be written"
    case .diskFull: "the disk is full; what was stored before is kept"
    case .busy(let owner):
      "another process\(owner.map { " (\($0))" } ?? "") is indexing into it"
    case .noVectors(let model, let others):
      "holds no vectors of \(model)"
        + (others.isEmpty ? "" : "; it has \(others.joined(separator: ", "))")
    case .modelChanged(let model):
      "its vectors of \(model) belong to other weights or settings under the same name"
    case .badVector(let image): "the vector of image \(image) is damaged"
    case .splitWithoutCaptions:
      "a split is asked for and no caption file is given to tell it"
    case .nothingToIndex(let words): words
    case .system(let words): words
    }
  }

  /// Runs a database access and gives its errors words.
  static func describing<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as DatabaseError {
      throw CollectionError(path: path, reason: reason(of: error, at: path))
    }
  }

  static func reason(of error: DatabaseError, at path: String) -> Reason {
    // Where SQLite finds no room for the index of its log.
    if error.extendedResultCode == .SQLITE_IOERR_SHMSIZE { return .diskFull }
    return switch error.resultCode {
    case .SQLITE_FULL: .diskFull
    case .SQLITE_READONLY, .SQLITE_PERM: OpeningFailure.reason(writing: path)
    case .SQLITE_BUSY, .SQLITE_LOCKED: .busy(owner: nil)
    case .SQLITE_NOTADB: .notACollection
    case .SQLITE_CORRUPT: .damaged(error.message ?? "SQLite says so")
    case .SQLITE_CANTOPEN: OpeningFailure.reason(opening: path)
    case .SQLITE_NOMEM: .system("too little memory is left for it (ulimit -v)")
    default: .system("SQLite: \(error.message ?? "code \(error.resultCode.rawValue)")")
    }
  }
}
