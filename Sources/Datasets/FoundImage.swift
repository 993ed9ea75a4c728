import Files

/// A file that may be an image, as the file system tells it.
package struct FoundImage: Sendable {
  package let path: String
  package let byteCount: Int64
  package let modifiedNanoseconds: Int64

  package init(path: String, byteCount: Int64, modifiedNanoseconds: Int64) {
    self.path = path
    self.byteCount = byteCount
    self.modifiedNanoseconds = modifiedNanoseconds
  }

  package var key: PathBytes { PathBytes(path) }

  /// Whether size and time are those that were stored. Earlier versions kept the time as a fraction of
  /// a second in floating point, cut to whole microseconds.
  package func isUnchanged(since stored: FoundImage) -> Bool {
    guard byteCount == stored.byteCount else { return false }
    let (difference, overflow) =
      modifiedNanoseconds.subtractingReportingOverflow(stored.modifiedNanoseconds)
    if !overflow, difference == 0 { return true }
    return !overflow && stored.modifiedNanoseconds % 1000 == 0 && difference.magnitude < 2000
  }
}

/// What a folder held and a look through it left out, by kind.
public struct LeftOut: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    /// Folders whose names begin with a dot, and those that systems keep for themselves.
    case hiddenFolder = "hidden_folders"
    /// Pictures whose names begin with a dot: Android's `.trashed-1-IMG.jpg`, what is being copied.
    case hiddenFile = "hidden_files"
    /// What macOS keeps beside a file on disks of others: `._NAME`.
    case resourceFork = "resource_forks"
    /// Files and folders that a pattern names.
    case excluded = "excluded"
    case linkToFolder = "links_to_folders"
    /// Links to folders that they lie in.
    case loop = "link_loops"
    /// Folders and pictures that another path leads to.
    case secondWay = "second_ways"
    case danglingLink = "dangling_links"
  }

  public private(set) var counts: [Kind: Int] = [:]
  /// The first of each kind.
  public private(set) var examples: [Kind: String] = [:]
  var total: Int { counts.values.reduce(0, +) }

  public init() {}

  mutating func count(_ kind: Kind, _ path: String) {
    counts[kind, default: 0] += 1
    if examples[kind] == nil { examples[kind] = path }
  }
}
