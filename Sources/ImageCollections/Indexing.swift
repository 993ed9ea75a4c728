import Models
import Datasets
import Imaging

/// What is to be indexed into which collection.
public struct IndexingRequest: Sendable {
  /// Folders, and files one by one.
  public var folders: [String]
  public var captionFiles: [String]
  /// Only images of this split of the caption files, in any of its spellings.
  public var split: String?
  /// What is said of tables with captions.
  public var captionLayout = CaptionLayout()
  public var models: [any ImageEmbedder]
  public var collection: String
  /// Workers that decode and embed; the machine's cores by default.
  public var threads: Int?
  /// Throw away the vectors of another model under the same name instead of refusing.
  public var replacingModels: Bool
  /// Whether links to folders are walked through.
  public var followsLinks = true
  /// Files and folders to leave out, as lines of a `.gitignore` would say it, relative to each folder.
  public var exclusions: [String] = []
  /// Compare the contents of files even if their size and time are as stored.
  public var rereading = false
  /// Drop every image of the collection whose file is gone, wherever it was.
  public var pruning = false
  /// Folders whose images are dropped, whether or not their files are there.
  public var droppedFolders: [String] = []
  /// Which pictures are cut into windows; `nil` where only those that the collection knows as scenes are.
  public var scenes: SceneRequest?
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
    /// Reading files that may be ones that are known already.
    case comparing
    case embedding
    /// Windows of scenes.
    case cutting
  }

  public let phase: Phase
  /// Images that were embedded and stored, or found unreadable; windows while ``Phase/cutting``.
  public let done: Int
  /// Images that are new or changed.
  public let total: Int
  public let imagesPerSecond: Double
  public let secondsLeft: Double?
}

/// Images of a collection that were kept although their files were not seen.
public struct KeptImages: Sendable, Equatable {
  /// The folder that they lie in.
  public let place: String
  public let count: Int
  public let reason: String
}

/// What a run did.
public struct IndexingReport: Sendable {
  /// Image files under the folders.
  public var found = 0
  /// Embedded in this run.
  public var embedded = 0
  /// Left as they were.
  public var unchanged = 0
  /// Known images that were given other captions, another category or another split.
  public var redescribed = 0
  /// Images found that keep captions of an earlier run, because this run's caption files do not name them.
  public var keptCaptions = 0
  /// Known by their contents under another path that is gone: their rows have the new path now.
  public var moved = 0
  /// New files with the contents of known ones, whose vectors they were given.
  public var copied = 0
  /// Embedded anew because this program reads them otherwise than the one that made their vectors.
  public var readOtherwise: [ReadingChange: Int] = [:]
  /// Written anew with the same contents.
  public var touched = 0
  /// Images that needed no model: ``moved``, ``copied`` and ``touched``.
  public var reused: Int { moved + copied + touched }
  /// In the collection, no longer on disk.
  public var removed = 0
  /// Removed by ``IndexingRequest/pruning`` or ``IndexingRequest/droppedFolders``.
  public var pruned = 0
  public var kept: [KeptImages] = []
  /// Those of ``IndexingRequest/droppedFolders`` below which no image lay.
  public var unusedDrops: [String] = []
  /// Images of the collection that lie in other folders than those of the run and whose files are gone.
  public var goneElsewhere = 0
  /// With the decoder's error, where it came as far.
  public var unreadable: [(path: String, reason: String, error: ImageError?)] = []
  public var unreadableFolders: [(path: String, reason: String)] = []
  /// Named in the caption files, not on disk.
  public var absentFromDisk: [String] = []
  /// Named in the caption files, and any of several pictures could be meant.
  public var ambiguousCaptions: [String] = []
  /// Lines, rows and entries of the caption files that are broken.
  public var badCaptionLines = 0
  /// Images that were given captions or a split in this run.
  public var captioned = 0
  /// What of the caption files was left out, in sentences.
  public var captionNotes: [String] = []
  /// Different categories of the images found, and how many of them folders and file names tell.
  public var categories = 0
  public var categoriesFromFolders = 0
  public var categoriesFromNames = 0
  /// Images for which something was lost or chosen when they were decoded, and what it was.
  public var notes: [(path: String, reason: String)] = []
  /// Files that were not looked at because of their names' endings, by these in lower case ("" where
  /// there is none).
  public var skipped: [String: Int] = [:]
  public var leftOut = LeftOut()
  /// Patterns of ``IndexingRequest/exclusions`` that left nothing out.
  public var unusedExclusions: [String] = []
  public var imagesPerSecond: Double = 0
  public var scenes = SceneReport()
}
