import Files
import Imaging

/// Files under folders whose names end as pictures' do, by path; what is in them shows when they are
/// read. Links are followed: a file that links lead to a second time is one picture, under the path
/// with the fewest links, of several the first. Hard links are names of their own, as copies are.
package struct PictureFinder {
  package private(set) var images: [FoundImage] = []
  package private(set) var unreadable: [(path: String, reason: String)] = []
  /// Pictures that cannot be opened by a path: their names are not UTF-8, or their paths are too long.
  package private(set) var unreachable: [(path: String, reason: String)] = []
  /// Other regular files, by the ending of their names.
  package private(set) var skipped: [String: Int] = [:]
  package private(set) var leftOut = LeftOut()
  /// Files that were given one by one.
  package private(set) var named: Set<PathBytes> = []
  /// Absolute paths of the folders, without a slash at the end.
  package private(set) var roots: [PathBytes] = []
  /// Those of them that are empty, as the mount point of a disk that is not mounted.
  package private(set) var bareRoots: [PathBytes] = []
  /// Files and folders that could not be looked at: what the collection holds of them, or below them,
  /// has not vanished.
  package private(set) var hidden: [PathBytes] = []
  /// Patterns of the command that left nothing out.
  package private(set) var unusedExclusions: [String] = []

  private let followsLinks: Bool
  private let exclusions: [String]
  private let isCancelled: @Sendable () -> Bool
  private var usedExclusions: Set<String> = []
  private var candidates: [PathBytes: Candidate] = [:]
  private var seenFiles: Set<PathBytes> = []
  private var seenFolders: Set<FileFacts.Identity> = []
  private var linkedFolders: [Waiting] = []

  private struct Candidate {
    let image: FoundImage
    let identity: FileFacts.Identity
    /// Links on the way to it, its own included.
    let links: Int
  }

  /// A folder to be read.
  private struct Waiting {
    let path: String
    let links: Int
    var rules: IgnoreRules
  }

  /// Linux's PATH_MAX without its final zero.
  private static let longestPath = 4095

  /// Why folders could not be looked through.
  package enum Failure: Error, Equatable {
    /// There is no folder or file of this name.
    case noFolder(String)
    /// More pictures than anyone has in one place: a link must have led to the whole disk.
    case tooMany(limit: Int)
  }

  private static let most = 20_000_000

  /// - Throws: ``Failure``; `CancellationError`.
  package init(
    _ folders: [String], followsLinks: Bool = true, excluding exclusions: [String] = [],
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws {
    self.followsLinks = followsLinks
    self.exclusions = exclusions
    self.isCancelled = isCancelled
    var starts: [Waiting] = []
    for folder in folders {
      guard let root = FileFacts.realPath(folder), let facts = try? FileFacts(root),
        facts.kind == .folder || facts.kind == .regular
      else { throw Failure.noFolder(folder) }
      if facts.kind == .regular {
        name(root, facts)
        continue
      }
      let bytes = PathBytes(root)
      guard !roots.contains(bytes) else { continue }
      roots.append(bytes)
      starts.append(Waiting(path: root, links: 0, rules: IgnoreRules(exclusions, root: bytes)))
    }
    for start in starts {
      let before = candidates.count + seenFiles.count + leftOut.total
      try walk(start)
      if candidates.count + seenFiles.count + leftOut.total == before,
        !unreadable.contains(where: { PathBytes($0.path) == PathBytes(start.path) }),
        !starts.contains(where: { PathBytes(start.path).isBelow(PathBytes($0.path)) })
      {
        bareRoots.append(PathBytes(start.path))
      }
    }
    // Links last, and in the order of their paths: where a folder can be reached without one, it is.
    while !linkedFolders.isEmpty {
      linkedFolders.sort { ($0.links, PathBytes($0.path)) < ($1.links, PathBytes($1.path)) }
      let next = linkedFolders.removeFirst()
      try follow(next)
    }
    keepOneOfEach()
    unusedExclusions = exclusions.filter { !usedExclusions.contains($0) }
  }

  /// A file that was given is taken as it is, whatever its name ends with and whatever is left out elsewhere.
  private mutating func name(_ path: String, _ facts: FileFacts) {
    named.insert(PathBytes(path))
    candidates[PathBytes(path)] = Candidate(
      image: FoundImage(
        path: path, byteCount: facts.byteCount, modifiedNanoseconds: facts.modifiedNanoseconds),
      identity: facts.identity, links: 0)
  }

  private mutating func walk(_ start: Waiting) throws {
    var waiting = [start]
    while let folder = waiting.popLast() {
      if isCancelled() { throw CancellationError() }
      if let facts = try? FileFacts(folder.path) {
        let isNew = seenFolders.insert(facts.identity).inserted
        // Only links can lead to a folder twice; a file system that numbers its folders badly loses
        // nothing.
        if !isNew, folder.links > 0 {
          leftOut.count(.secondWay, folder.path)
          continue
        }
      }
      waiting += try read(folder)
      guard candidates.count + waiting.count < Self.most else {
        throw Failure.tooMany(limit: Self.most)
      }
    }
  }

  /// Notes the files of a folder.
  /// - Returns: its folders.
  private mutating func read(_ folder: Waiting) throws -> [Waiting] {
    let start = folder.path == "/" ? "/" : folder.path + "/"
    let listing: FolderListing
    do throws(RegularFile.Failure) {
      listing = try FolderListing(folder.path)
    } catch {
      hide(folder.path, "cannot be read: \(error.text)")
      return []
    }
    var rules = folder.rules
    if listing.names.contains(where: { PathBytes($0) == PathBytes(IgnoreRules.fileName) }) {
      do throws(RegularFile.Failure) {
        try rules.read(folder.path)
      } catch {
        hide(start + IgnoreRules.fileName, "cannot be followed: \(error.text)")
      }
    }
    for name in listing.otherNames {
      unreachable.append((start + name, "its name is not UTF-8; rename it and index again"))
    }
    var inside: [Waiting] = []
    for name in listing.names where PathBytes(name) != PathBytes(IgnoreRules.fileName) {
      let path = start + name
      let facts: FileFacts
      do throws(FileFacts.Failure) {
        facts = try FileFacts(path, followingLinks: false)
      } catch {
        tell(error, path)
        continue
      }
      let links = folder.links + (facts.kind == .link ? 1 : 0)
      guard let target = target(of: path, facts) else { continue }
      if target.kind == .folder {
        let next = Waiting(path: path, links: links, rules: rules)
        if !isLeftOut(name, path, rules, isFolder: true) {
          if facts.kind == .link { linkedFolders.append(next) } else { inside.append(next) }
        }
      } else if target.kind == .regular, !isLeftOut(name, path, rules, isFolder: false) {
        add(path, name, target, links: links)
      }
    }
    return inside.reversed()
  }

  /// What a path stands for; `nil` where its link leads nowhere.
  private mutating func target(of path: String, _ facts: FileFacts) -> FileFacts? {
    guard facts.kind == .link else { return facts }
    do throws(FileFacts.Failure) {
      return try FileFacts(path)
    } catch {
      if error.isAbsence {
        leftOut.count(.danglingLink, path)
        // What was behind it may come back, like a disk that is mounted again.
        hidden.append(PathBytes(path))
      } else {
        hide(path, "cannot be followed: \(error.text)")
      }
      return nil
    }
  }

  private mutating func tell(_ error: FileFacts.Failure, _ path: String) {
    let isImage = ImageFormat.endings.contains(Self.ending(of: path))
    if error.isTooLong, isImage {
      unreachable.append(
        (
          path,
          "its path has \(path.utf8.count) bytes, the system takes \(Self.longestPath); move it up"
        ))
    } else if !error.isAbsence, !error.isTooLong {
      hide(path, "cannot be read: \(error.text)")
    }
  }

  private mutating func hide(_ path: String, _ reason: String) {
    unreadable.append((path, reason))
    hidden.append(PathBytes(path))
  }

  /// Walks through a folder that a link leads to, unless that would be a circle.
  private mutating func follow(_ folder: Waiting) throws {
    guard followsLinks else {
      leftOut.count(.linkToFolder, folder.path)
      return
    }
    let parent = String(decoding: PathBytes(folder.path).parent.bytes, as: UTF8.self)
    guard let target = FileFacts.realPath(folder.path).map({ PathBytes($0) }) else {
      hide(folder.path, "cannot be followed")
      return
    }
    let place = FileFacts.realPath(parent).map { PathBytes($0) }
    let holders = roots + (place.map { [$0] } ?? [])
    if holders.contains(where: { ($0 == target && $0 == place) || $0.isBelow(target) }) {
      leftOut.count(.loop, folder.path)
      return
    }
    try walk(folder)
  }

  /// Folders that a system keeps for itself; see also those that begin with a dot.
  private static let systemFolders = Set(
    [
      "@eaDir", "__MACOSX", "lost+found", "#recycle", "#snapshot", "$RECYCLE.BIN",
      "System Volume Information",
    ].map { PathBytes($0) })

  private mutating func isLeftOut(
    _ name: String, _ path: String, _ rules: IgnoreRules, isFolder: Bool
  ) -> Bool {
    let bytes = PathBytes(name)
    if isFolder, bytes.bytes.first == 0x2E || Self.systemFolders.contains(bytes) {
      leftOut.count(.hiddenFolder, path)
      return true
    }
    if !isFolder, bytes.bytes.starts(with: [0x2E, 0x5F]) {
      leftOut.count(.resourceFork, path)
      return true
    }
    if !isFolder, bytes.bytes.first == 0x2E {
      // Nobody misses programs' own files, such as .DS_Store.
      if ImageFormat.endings.contains(Self.ending(of: name)) { leftOut.count(.hiddenFile, path) }
      return true
    }
    guard let reason = rules.exclusion(of: path, isFolder: isFolder) else { return false }
    if case .given(let text) = reason { usedExclusions.insert(text) }
    leftOut.count(.excluded, path)
    return true
  }

  /// The ending in lower case, empty if there is none. A longer one is part of the name.
  private static func ending(of name: String) -> String {
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return "" }
    let ending = name[name.index(after: dot)...].lowercased()
    return ending.count <= 10 ? ending : ""
  }

  private mutating func add(_ path: String, _ name: String, _ facts: FileFacts, links: Int) {
    let key = PathBytes(path)
    let ending = Self.ending(of: name)
    guard ImageFormat.endings.contains(ending) else {
      if seenFiles.insert(key).inserted { skipped[ending, default: 0] += 1 }
      return
    }
    candidates[key] = Candidate(
      image: FoundImage(
        path: path, byteCount: facts.byteCount, modifiedNanoseconds: facts.modifiedNanoseconds),
      identity: facts.identity, links: links)
  }

  /// Among several paths to one picture, the most direct one.
  private mutating func keepOneOfEach() {
    let ordered = candidates.sorted { ($0.value.links, $0.key) < ($1.value.links, $1.key) }
    var taken: Set<FileFacts.Identity> = []
    for (key, candidate) in ordered {
      let isFirst = taken.insert(candidate.identity).inserted
      if isFirst || candidate.links == 0 {
        images.append(candidate.image)
      } else {
        leftOut.count(.secondWay, key.description)
      }
    }
    candidates = [:]
    images.sort { $0.key < $1.key }
  }
}
