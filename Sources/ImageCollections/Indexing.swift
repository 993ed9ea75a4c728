import Imaging

/// What is to be indexed into which collection.
public struct IndexingRequest: Sendable {
  public var folders: [String]
  public var captionFiles: [String]
  /// Only images of this split of the caption files.
  public var split: String?
  public var models: [any ImageEmbedder]
  public var collection: String
  /// Workers that decode and embed; the machine's cores by default.
  public var threads: Int?
  /// Throw away the vectors of another model under the same name instead of refusing.
  public var replacingModels: Bool
  /// How picture files are read; its conversion belongs to the identity of the vectors.
  public var reader = ImageReader()

  public init(
    folders: [String], captionFiles: [String] = [], split: String? = nil,
    models: [any ImageEmbedder], collection: String, threads: Int? = nil,
    replacingModels: Bool = false
  ) {
    self.folders = folders
    self.captionFiles = captionFiles
    self.split = split
    self.models = models
    self.collection = collection
    self.threads = threads
    self.replacingModels = replacingModels
  }

  /// What vectors of a model in this run belong to.
  func fingerprint(of model: any ImageEmbedder) -> String {
    VectorIdentity(model: model.fingerprint, conversion: reader.conversion).text
  }
}

/// How far a run is.
public struct IndexingProgress: Sendable, Equatable {
  public enum Phase: Sendable, Equatable {
    /// Looking for files; `total` is not known.
    case finding
    case embedding
  }

  public let phase: Phase
  /// Images that were embedded and stored, or found unreadable.
  public let done: Int
  /// Images that are new or changed.
  public let total: Int
  public let imagesPerSecond: Double
  public let secondsLeft: Double?
}

/// What a run did.
public struct IndexingReport: Sendable {
  /// Image files under the folders.
  public var found = 0
  /// Embedded in this run.
  public var embedded = 0
  /// Left as they were.
  public var unchanged = 0
  /// In the collection, no longer on disk.
  public var removed = 0
  public var unreadable: [(path: String, reason: String)] = []
  public var unreadableFolders: [(path: String, reason: String)] = []
  /// Named in the caption files, not on disk.
  public var absentFromDisk: [String] = []
  /// Images of which something was lost or chosen when they were decoded, and what.
  public var notes: [(path: String, reason: String)] = []
  /// Files that were not looked at because of their names' endings, by these in lower case ("" where
  /// there is none).
  public var skipped: [String: Int] = [:]
  public var imagesPerSecond: Double = 0
}
