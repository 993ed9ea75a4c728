/// A line of a `.clipignore`, or a pattern of the caller's: which files and folders are left out, as git's
/// `.gitignore` writes it.
///
///     thumbs            any file or folder of this name, at any depth
///     thumbs/           only folders
///     *_small.jpg       `*` and `?` stop at slashes; `[a-z]`, `[!a-z]`
///     /old, old/2019    with a slash before its end: from the folder that the pattern belongs to
///     **/raw, raw/**    any number of folders
///     !best.jpg         what an earlier line left out comes back
package struct IgnorePattern: Sendable, Equatable {
  /// As it was written.
  package let text: String
  package let isNegated: Bool
  package let isForFoldersOnly: Bool
  /// Globs for the components of a path; `nil` stands for `**`.
  private let parts: [[Unicode.Scalar]?]

  /// - Returns: `nil` for an empty line and for a comment.
  package init?(_ line: some StringProtocol) {
    var scalars = Array(line.unicodeScalars)
    if scalars.last == "\r" { scalars.removeLast() }
    // Blanks at the end do not count, unless a backslash keeps them.
    while scalars.last == " ", scalars.dropLast().last != "\\" { scalars.removeLast() }
    guard let first = scalars.first, first != "#" else { return nil }
    text = String(String.UnicodeScalarView(scalars))
    isNegated = first == "!"
    if isNegated { scalars.removeFirst() }
    isForFoldersOnly = scalars.last == "/"
    if isForFoldersOnly { scalars.removeLast() }
    let isAnchored = scalars.contains("/")
    let found = scalars.split(separator: "/").map { Array($0) }
    guard !found.isEmpty else { return nil }
    let any: [Unicode.Scalar] = ["*", "*"]
    parts = (isAnchored ? [] : [nil]) + found.map { $0 == any ? nil : $0 }
  }

  /// - Parameter path: components below the folder that the pattern belongs to.
  package func matches(_ path: [[Unicode.Scalar]], isFolder: Bool) -> Bool {
    guard isFolder || !isForFoldersOnly else { return false }
    // `raw/**` is what lies in raw, not raw itself.
    let least = parts.last == .some(nil) ? 1 : 0
    // Among several `**`, as among several `*` in a name, only the last one ever needs to be reconsidered, so
    // matching takes at most length times length steps.
    var (part, place) = (0, 0)
    var retry: (part: Int, place: Int)?
    while true {
      if part < parts.count {
        if let glob = parts[part] {
          if place < path.count, Self.matches(glob[...], path[place][...]) {
            part += 1
            place += 1
            continue
          }
        } else if part == parts.count - 1 {
          if path.count - place >= least { return true }
        } else {
          retry = (part, place)
          part += 1
          continue
        }
      } else if place == path.count {
        return true
      }
      guard let again = retry, again.place < path.count else { return false }
      retry = (again.part, again.place + 1)
      (part, place) = (again.part + 1, again.place + 1)
    }
  }

  private static func matches(
    _ glob: ArraySlice<Unicode.Scalar>, _ name: ArraySlice<Unicode.Scalar>
  ) -> Bool {
    var (at, place) = (glob.startIndex, name.startIndex)
    var retry: (at: Int, place: Int)?
    while true {
      if at < glob.endIndex, glob[at] == "*" {
        retry = (at + 1, place)
        at += 1
        continue
      }
      if at == glob.endIndex, place == name.endIndex { return true }
      if at < glob.endIndex, place < name.endIndex, let next = step(glob, at, name[place]) {
        at = next
        place += 1
        continue
      }
      guard let again = retry, again.place < name.endIndex else { return false }
      retry = (again.at, again.place + 1)
      (at, place) = (again.at, again.place + 1)
    }
  }

  /// One character of a name against what stands at a place of the glob.
  /// - Returns: the place behind it, or `nil` where it does not match.
  private static func step(
    _ glob: ArraySlice<Unicode.Scalar>, _ at: Int, _ scalar: Unicode.Scalar
  ) -> Int? {
    switch glob[at] {
    case "?": return at + 1
    case "\\" where at + 1 < glob.endIndex: return glob[at + 1] == scalar ? at + 2 : nil
    case "[":
      guard let (isIn, end) = range(glob, at + 1, scalar) else {
        return scalar == "[" ? at + 1 : nil
      }
      return isIn ? end : nil
    default: return glob[at] == scalar ? at + 1 : nil
    }
  }

  /// `[a-z]` from behind its bracket; `nil` where it is never closed, and so no range.
  private static func range(
    _ glob: ArraySlice<Unicode.Scalar>, _ start: Int, _ scalar: Unicode.Scalar
  ) -> (isIn: Bool, end: Int)? {
    var at = start
    let isNegated = at < glob.endIndex && (glob[at] == "!" || glob[at] == "^")
    if isNegated { at += 1 }
    let first = at
    var isIn = false
    while at < glob.endIndex {
      if glob[at] == "]", at > first { return (isIn != isNegated, at + 1) }
      if at + 2 < glob.endIndex, glob[at + 1] == "-", glob[at + 2] != "]" {
        if glob[at] <= scalar, scalar <= glob[at + 2] { isIn = true }
        at += 3
      } else {
        if glob[at] == scalar { isIn = true }
        at += 1
      }
    }
    return nil
  }
}
