import Files

/// What is left out of a folder and of what lies below it: the command's patterns, which stand above
/// all, and those of the `.clipignore` files on the way, of which the deepest decides.
struct IgnoreRules: Sendable {
  static let fileName = ".clipignore"
  /// Longest file that is read, and its most lines.
  private static let (fileLimit, lineLimit) = (1 << 20, 10_000)

  private struct PatternSet: Sendable {
    /// Folder that the patterns belong to, without a slash at its end.
    let folder: PathBytes
    let patterns: [IgnorePattern]
  }

  private let given: PatternSet
  private var files: [PatternSet] = []

  /// - Parameters:
  ///   - patterns: as they were given; empty ones and comments say nothing.
  ///   - root: the folder that is indexed.
  init(_ patterns: [String], root: PathBytes) {
    given = PatternSet(folder: root, patterns: patterns.compactMap { IgnorePattern($0) })
  }

  /// With the lines of a folder's own file.
  /// - Throws: ``RegularFile/Failure`` where it cannot be read, is too long or no text.
  mutating func read(_ folder: String) throws(RegularFile.Failure) {
    let path = (folder == "/" ? "" : folder) + "/" + Self.fileName
    let bytes = try RegularFile.read(path, limit: Self.fileLimit)
    guard var text = String(validating: bytes, as: UTF8.self) else {
      throw .system("it is not UTF-8")
    }
    // A mark that editors of Windows put in front.
    if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
    let lines = text.unicodeScalars.split(separator: "\n").map { String($0) }
    guard lines.count <= Self.lineLimit else {
      throw .system("\(lines.count) lines, more than the limit of \(Self.lineLimit)")
    }
    files.append(
      PatternSet(folder: PathBytes(folder), patterns: lines.compactMap { IgnorePattern($0) }))
  }

  enum Reason: Equatable {
    /// By a pattern of the command, as it was given.
    case given(String)
    case file
  }

  /// Why a path is left out; `nil` where it is not.
  func exclusion(of path: String, isFolder: Bool) -> Reason? {
    let bytes = PathBytes(path)
    if let pattern = Self.verdict(given, bytes, isFolder) {
      return pattern.isNegated ? nil : .given(pattern.text)
    }
    for set in files.reversed() {
      if let pattern = Self.verdict(set, bytes, isFolder) { return pattern.isNegated ? nil : .file }
    }
    return nil
  }

  /// The last line that matches decides.
  private static func verdict(_ set: PatternSet, _ path: PathBytes, _ isFolder: Bool)
    -> IgnorePattern?
  {
    guard !set.patterns.isEmpty, path.isBelow(set.folder) else { return nil }
    let parts = PathBytes(path.bytes.dropFirst(set.folder.bytes.count)).components
      .map { Array($0.description.unicodeScalars) }
    return set.patterns.last { $0.matches(parts, isFolder: isFolder) }
  }
}
