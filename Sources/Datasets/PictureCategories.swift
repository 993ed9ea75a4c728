import Files
import Foundation

/// The category of each picture of a listing, found from the folders and names of all of them.
///
/// - The name of its folder, where pictures lie in class folders: at least two folders of different
///   names (or one that is called as a category that is known), none of which holds files that are
///   called after several categories themselves. Folders that only sort (`train`, `images`, `2024`) are
///   passed over for the one above.
/// - Else the start of the file's name before its number (`airport_12.jpg`, `agricultural00.tif`),
///   where that start comes with different numbers and is no camera's or satellite's (`DJI_0001`), or
///   is a category that is known.
///
/// Categories are compared by letters and digits alone; a folder's spelling goes before a file's.
package struct PictureCategories: Sendable {
  /// How many categories there are, and from where.
  package struct Summary: Sendable, Equatable {
    package var fromFolders = 0
    package var fromNames = 0
    /// In all; fewer than the sum where both tell the same.
    package var count = 0
    package init() {}
  }

  struct Own: Sendable {
    let key: String
    let isFolder: Bool
  }

  private(set) var own: [PathBytes: Own] = [:]
  private(set) var spellings: [String: String] = [:]

  /// - Parameter known: names that are categories even if they come once; RSICD's thirty always are.
  package init(_ listing: PictureListing, known: [String] = []) {
    let known = Set((SceneCategories.all + known).map { CategoryName.key($0) })
    let prefixes = Prefixes(listing.files, known)
    let folders = Folders(listing, prefixes, known)
    for file in listing.files {
      if let folder = folders.category(of: file) {
        let key = CategoryName.key(folder)
        own[file] = Own(key: key, isFolder: true)
        if spellings[key] == nil { spellings[key] = folder }
      }
    }
    for file in listing.files where own[file] == nil {
      guard let prefix = prefixes.category(of: file) else { continue }
      let key = CategoryName.key(prefix)
      own[file] = Own(key: key, isFolder: false)
      if spellings[key] == nil { spellings[key] = prefix }
    }
  }

  package func category(of file: PathBytes) -> String? {
    own[file].flatMap { spellings[$0.key] }
  }

  /// What may match a category that is asked for by name, likeliest first: the picture's own category, the
  /// start of its file name, its folder, and the folder in the caption file.
  package func candidates(for file: PathBytes, named name: String) -> [String] {
    let folder = file.components.dropLast().last?.text
    let said = PathBytes(name).components.dropLast().last?.text
    return [category(of: file), Prefixes.split(file)?.prefix, folder, said].compactMap { $0 }
  }

  /// - Parameter files: those that count; others of the listing do not.
  package func summary(of files: some Sequence<PathBytes>) -> Summary {
    var folders: Set<String> = []
    var names: Set<String> = []
    for case let found? in files.lazy.map({ own[$0] }) {
      if found.isFolder { folders.insert(found.key) } else { names.insert(found.key) }
    }
    var summary = Summary()
    summary.fromFolders = folders.count
    summary.fromNames = names.count
    summary.count = folders.union(names).count
    return summary
  }
}

/// Starts of file names before a number.
private struct Prefixes {
  /// As keys.
  private var categories: Set<String> = []

  private static let longest = 64
  /// What cameras, phones, satellites and programs call their files, and words for any picture.
  private static let others: Set<String> = [
    "img", "imgp", "dsc", "dscn", "dscf", "dji", "pxl", "gopr", "gp", "gx", "gh", "mvi", "vid",
    "mov",
    "wp", "cimg", "sam", "pict", "pano", "hpim", "kif", "stc", "sdc", "dcim", "ebee", "yun", "auto",
    "lc", "le", "lt", "image", "images", "photo", "photos", "picture", "pictures", "pic", "pics",
    "foto",
    "bild", "frame", "tile", "patch", "crop", "chip", "scan", "screenshot", "snapshot", "untitled",
    "file",
    "page", "sample", "train", "val", "valid", "validation", "dev", "test", "sentinel", "landsat",
    "planet", "worldview", "geotiff", "ortho", "orthophoto", "capture", "thumb", "thumbnail",
  ]

  init(_ files: [PathBytes], _ known: Set<String>) {
    var numbers: [String: Set<String>] = [:]
    for file in files {
      guard let (prefix, number) = Self.split(file) else { continue }
      let key = CategoryName.key(prefix)
      guard !Self.others.contains(key) else { continue }
      if known.contains(key) {
        categories.insert(key)
      } else if numbers[key, default: []].count < 2 {
        numbers[key, default: []].insert(number)
      }
    }
    categories.formUnion(numbers.lazy.filter { $0.value.count > 1 }.map(\.key))
  }

  /// In lower case.
  func category(of file: PathBytes) -> String? {
    guard let (prefix, _) = Self.split(file), categories.contains(CategoryName.key(prefix)) else {
      return nil
    }
    return prefix.lowercased()
  }

  /// `ground_track_field_001.png` → `ground_track_field`, `001`.
  static func split(_ file: PathBytes) -> (prefix: String, number: String)? {
    guard let name = file.name.text else { return nil }
    let stem = name.lastIndex(of: ".").map { name[..<$0] } ?? name[...]
    func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }
    func isBetween(_ character: Character) -> Bool {
      character == "_" || character == "-" || character == " "
    }
    let digits = stem.reversed().prefix(while: isDigit).count
    guard digits > 0 else { return nil }
    var prefix = stem.dropLast(digits)
    while let last = prefix.last, isBetween(last) { prefix.removeLast() }
    guard prefix.count <= longest, prefix.first?.isLetter == true,
      prefix.allSatisfy({ $0.isLetter || isBetween($0) }),
      // One letter numbers a series (P0001); one sign can be a word.
      prefix.count > 1 || prefix.first?.isASCII == false
    else { return nil }
    return (String(prefix), String(stem.suffix(digits)))
  }
}

/// Folders that are classes.
private struct Folders {
  /// By the folder that a picture lies in.
  private var categories: [PathBytes: String] = [:]

  private static let longest = 200
  /// Names of folders that hold pictures of any kind; with a word before them too (`rsicd_images`).
  private static let others: Set<String> = [
    "image", "images", "img", "imgs", "photo", "photos", "picture", "pictures", "pics", "data",
    "dataset",
    "jpg", "jpeg", "png", "tif", "tiff", "webp", "raw", "all", "rgb", "dcim", "files", "tiles",
    "chips",
  ]

  init(_ listing: PictureListing, _ prefixes: Prefixes, _ known: Set<String>) {
    var words: [PathBytes: Set<String>] = [:]
    for file in listing.files {
      let folder = Self.parent(file)
      words[folder, default: []].formUnion(
        prefixes.category(of: file).map { [CategoryName.key($0)] } ?? [])
    }
    // In a folder with files of several categories, the names decide and the folder does not.
    var classes: [PathBytes: String] = [:]
    for (folder, words) in words where words.count < 2 {
      if let name = Self.name(of: folder, listing.roots, known) { classes[folder] = name }
    }
    let keys = Set(classes.values.map { CategoryName.key($0) })
    let isLaidOut = keys.count > 1
    categories = classes.filter { isLaidOut || known.contains(CategoryName.key($0.value)) }
  }

  func category(of file: PathBytes) -> String? { categories[Self.parent(file)] }

  private static func parent(_ file: PathBytes) -> PathBytes {
    PathBytes(file.bytes[..<(file.bytes.lastIndex(of: 0x2F) ?? 0)])
  }

  /// The nearest name that is not for sorting, up to the folder that was given; that one itself where
  /// several are given, as by `photos/*`, or where it is called as a category that is known.
  private static func name(of folder: PathBytes, _ roots: [PathBytes], _ known: Set<String>)
    -> String?
  {
    let root = roots.filter { $0 == folder || folder.isBelow($0) }.max {
      $0.bytes.count < $1.bytes.count
    }
    guard let root else { return nil }
    for part in PathBytes(folder.bytes[root.bytes.count...]).components.reversed() {
      if let name = word(part) { return name }
    }
    return word(root.name).flatMap {
      roots.count > 1 || known.contains(CategoryName.key($0)) ? $0 : nil
    }
  }

  private static func word(_ part: PathBytes) -> String? {
    guard let text = part.text?.trimmingCharacters(in: .whitespaces), text.utf8.count <= longest,
      text.contains(where: \.isLetter), !Splits.isSplit(text)
    else { return nil }
    let last = text.lowercased().split { !$0.isLetter }.last.map(String.init) ?? ""
    return others.contains(last) ? nil : text
  }
}
