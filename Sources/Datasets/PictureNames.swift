import Files

/// Finds the picture that a name in a caption file means.
///
/// Longest first, and nothing is guessed:
/// 1. the file at the whole name, seen from the caption file's folder or from one of the folders;
/// 2. the one file whose path ends with the whole name (`airport/001.png`, or a bare name that is there
///    once);
/// 3. where the name has more folders than there are here (`rsicd_images/1.jpg` for `1.jpg`), the file
///    whose path below the folder is the name's end, if that end is there once.
///
/// A name whose folders say otherwise than the file's never matches. Backslashes separate where no file
/// has them in its name; letters are compared by their bytes, but for the case of the ending.
struct PictureNames {
  enum Match: Equatable {
    /// A place in the listing; `isShortened` where only the end of the name is there.
    case found(Int, isShortened: Bool)
    /// So many files could be meant.
    case several(Int)
    /// `elsewhere`: a file of that name in a folder of another name.
    case none(elsewhere: Int?)
  }

  /// A path or its end, its ending in lower case.
  private struct Key: Hashable {
    private let name: PathBytes

    init(_ bytes: some Collection<UInt8>) {
      var bytes = Array(bytes)
      if let dot = bytes.lastIndex(of: 0x2E) {
        for place in dot..<bytes.count where (0x41...0x5A).contains(bytes[place]) {
          bytes[place] |= 0x20
        }
      }
      name = PathBytes(bytes)
    }

    init(parts: some Sequence<Part>) { self.init(Array(parts.joined(separator: [0x2F]))) }
  }

  private typealias Part = ArraySlice<UInt8>

  private let listing: PictureListing
  /// Places by whole path, by its last two parts, and by its last.
  private var paths: [Key: [Int]] = [:]
  private var pairs: [Key: [Int]] = [:]
  private var names: [Key: [Int]] = [:]
  /// Folders below which pictures lie.
  private var folders: Set<PathBytes> = []

  init(_ listing: PictureListing) {
    self.listing = listing
    for (place, file) in listing.files.enumerated() {
      let bytes = file.bytes
      let parts = Self.parts(bytes)
      paths[Key(parts: parts), default: []].append(place)
      pairs[Key(parts: parts.suffix(2)), default: []].append(place)
      names[Key(parts: parts.suffix(1)), default: []].append(place)
      var slash = bytes.lastIndex(of: 0x2F)
      while let end = slash, end > 0, folders.insert(PathBytes(bytes[..<end])).inserted {
        slash = bytes[..<end].lastIndex(of: 0x2F)
      }
    }
  }

  /// - Parameter folder: the caption file's, absolute and without links.
  func match(_ name: String, from folder: PathBytes) -> Match {
    let bytes = Array(name.utf8)
    let literal = match(bytes, from: folder)
    guard case .none = literal, bytes.contains(0x5C) else { return literal }
    return match(bytes.map { $0 == 0x5C ? 0x2F : $0 }, from: folder)
  }

  private func match(_ bytes: [UInt8], from folder: PathBytes) -> Match {
    let isAbsolute = bytes.first == 0x2F
    var parts = Self.parts(bytes)
    guard let last = parts.last, let alike = names[Key(parts: [last])] else {
      return .none(elsewhere: nil)
    }
    // A caption file among pictures is about those beside and below it.
    let isInside = folders.contains(folder) && listing.roots.contains { folder.isBelow($0) }
    func near(_ places: [Int]) -> [Int] {
      isInside ? places.filter { listing.files[$0].isBelow(folder) } : places
    }

    var starts = isAbsolute ? [[]] : [Self.parts(folder.bytes)]
    if !isAbsolute, !(isInside && parts.count == 1) {
      starts += listing.roots.map { Self.parts($0.bytes) }
    }
    let exact = Set(
      starts.compactMap { Self.joined($0, parts) }.flatMap { paths[Key(parts: $0)] ?? [] })
    if let match = one(of: exact.sorted(), named: last, isShortened: false) { return match }

    parts.removeAll(where: Self.isUp)
    if let match = one(of: near(ending(with: parts)), named: last, isShortened: false) {
      return match
    }
    for count in (1..<max(2, parts.count)).reversed() where count < parts.count {
      let end = Array(parts.suffix(count))
      let below = listing.roots.flatMap { paths[Key(parts: Self.parts($0.bytes) + end)] ?? [] }
      guard !near(below).isEmpty else { continue }
      // The end must occur exactly once; otherwise the name could mean another folder's picture.
      if let match = one(of: near(ending(with: end)), named: last, isShortened: true) {
        return match
      }
    }
    return .none(elsewhere: alike.first)
  }

  /// Files whose paths end with these parts.
  private func ending(with parts: [Part]) -> [Int] {
    if parts.count == 1 { return names[Key(parts: parts)] ?? [] }
    let end = Key(parts: parts)
    return (pairs[Key(parts: parts.suffix(2))] ?? []).filter {
      Key(parts: Self.parts(listing.files[$0].bytes).suffix(parts.count)) == end
    }
  }

  /// The case of an ending counts where it alone tells files apart.
  private func one(of places: [Int], named last: Part, isShortened: Bool) -> Match? {
    guard let first = places.first else { return nil }
    if places.count == 1 { return .found(first, isShortened: isShortened) }
    let same = places.filter { listing.files[$0].name.bytes.elementsEqual(last) }
    let isOneFile = places.allSatisfy {
      Key(listing.files[$0].bytes) == Key(listing.files[first].bytes)
    }
    guard isOneFile, same.count == 1 else { return .several(places.count) }
    return .found(same[0], isShortened: isShortened)
  }

  // MARK: Parts of a path

  /// Without empty ones and `.`.
  private static func parts(_ bytes: [UInt8]) -> [Part] {
    bytes.split(separator: 0x2F).filter { !$0.elementsEqual([0x2E]) }
  }

  private static func isUp(_ part: Part) -> Bool { part.elementsEqual([0x2E, 0x2E]) }

  /// `..` goes up; `nil` where it goes above the root.
  private static func joined(_ folder: [Part], _ parts: [Part]) -> [Part]? {
    var result = folder
    for part in parts {
      guard isUp(part) else {
        result.append(part)
        continue
      }
      guard result.popLast() != nil else { return nil }
    }
    return result
  }
}
