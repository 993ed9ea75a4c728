import Files
import Foundation

/// The captions that a user gives, for indexing, measuring and training alike.
public struct CaptionSources: Sendable, Equatable {
  /// Caption files, or folders that hold such as `metadata.jsonl`, or a `.txt` beside each picture.
  public var files: [String]
  /// Only this split, in any of its spellings.
  public var split: String?
  public var layout: CaptionLayout

  public init(_ files: [String] = [], split: String? = nil, layout: CaptionLayout = .init()) {
    self.files = files
    self.split = split
    self.layout = layout
  }
}

/// Pictures with their captions: what caption files say, merged by picture and matched with the files
/// that are there. The one place where a name in a caption file becomes a picture; see ``PictureNames``
/// for how.
///
/// A picture that is named several times, in one file or in several, is one with all of its captions in
/// the order of their reading.
package struct CaptionMatches: Sendable {
  package struct Picture: Sendable, Equatable {
    /// Absolute.
    package let path: PathBytes
    /// As the caption file has it.
    package let name: String
    package var captions: [String]
    /// The first that is told.
    package var split: String?
  }

  /// In the order in which they are first named.
  package private(set) var pictures: [Picture] = []
  /// Names without a file, each once, in order.
  package private(set) var absent: [String] = []
  /// Names that could mean any of several files, with how many they could mean; these files get no captions.
  package private(set) var ambiguous: [(name: String, count: Int)] = []
  /// Absent names for which a file of the same name lies in a folder of another name.
  package private(set) var elsewhere: (count: Int, example: (name: String, file: PathBytes)?) = (
    0, nil
  )
  /// Pictures that are named in several splits; the first counts.
  package private(set) var inSeveralSplits = 0
  /// Captions beyond ``captionLimit`` of one picture.
  package private(set) var captionsLeftOut = 0
  package private(set) var badLines = BadCaptionLines()
  /// Entries in the split that was asked for, found or not, and in all splits.
  package private(set) var (entries, allEntries) = (0, 0)
  /// How many entries have which split.
  package private(set) var splits: [String: Int] = [:]

  package static let captionLimit = 1024
  private var places: [PathBytes: Int] = [:]

  package func picture(at path: PathBytes) -> Picture? { places[path].map { pictures[$0] } }

  package var isEmpty: Bool { pictures.isEmpty }

  /// Every picture of a listing, where no caption file is given.
  package init(withoutCaptions listing: PictureListing) {
    pictures = listing.files.map {
      Picture(path: $0, name: $0.name.description, captions: [], split: nil)
    }
    places = Dictionary(uniqueKeysWithValues: zip(listing.files, listing.files.indices))
  }

  /// - Throws: ``CaptionFileError`` for a file that cannot be read at all.
  package init(_ sources: CaptionSources, in listing: PictureListing) throws {
    let names = PictureNames(listing)
    let split = sources.split.map(Splits.name)
    var found: [(entry: CaptionedImage, match: PictureNames.Match)] = []
    for source in Self.distinct(sources.files) {
      for file in try Self.files(source, listing) {
        let folder: PathBytes
        let images: [CaptionedImage]
        switch file {
        case .captions(let path):
          folder = PathBytes(
            PictureListing.resolved(
              URL(fileURLWithPath: path)
                .deletingLastPathComponent().path))
          let read = try CaptionFile(contentsOf: path, layout: sources.layout)
          badLines.add(read.badLines)
          images = read.images
        case .sidecars(let path):
          folder = PathBytes(path)
          let read = try Sidecars(folder: path, listing)
          badLines.add(read.badLines)
          images = read.images
        }
        var known: [PathBytes: PictureNames.Match] = [:]
        allEntries += images.count
        for case let name? in images.lazy.map(\.split) { splits[name, default: 0] += 1 }
        for entry in images where split == nil || entry.split == split {
          let name = PathBytes(entry.filename)
          let match = known[name] ?? names.match(entry.filename, from: folder)
          known[name] = match
          found.append((entry, match))
        }
      }
    }
    entries = found.count
    let contested = Self.contested(found.map { ($0.entry.filename, $0.match) })
    var missed: Set<PathBytes> = []
    for (entry, match) in found {
      switch match {
      case .found(let place, let isShortened):
        if isShortened, let claims = contested[place] {
          if missed.insert(PathBytes(entry.filename)).inserted {
            ambiguous.append((entry.filename, claims))
          }
        } else {
          add(entry, listing.files[place])
        }
      case .several(let count):
        if missed.insert(PathBytes(entry.filename)).inserted {
          ambiguous.append((entry.filename, count))
        }
      case .none(let other):
        guard missed.insert(PathBytes(entry.filename)).inserted else { continue }
        absent.append(entry.filename)
        guard let other else { continue }
        elsewhere.count += 1
        if elsewhere.example == nil {
          elsewhere.example = (entry.filename, listing.files[other])
        }
      }
    }
  }

  private mutating func add(_ entry: CaptionedImage, _ path: PathBytes) {
    guard let place = places[path] else {
      places[path] = pictures.count
      pictures.append(
        Picture(path: path, name: entry.filename, captions: entry.captions, split: entry.split))
      return
    }
    let room = Self.captionLimit - pictures[place].captions.count
    pictures[place].captions += entry.captions.prefix(room)
    captionsLeftOut += max(0, entry.captions.count - room)
    switch (pictures[place].split, entry.split) {
    case (nil, let split): pictures[place].split = split
    case (let first?, let split?) where first != split: inSeveralSplits += 1
    default: break
    }
  }

  /// Files to which a shortened name leads and another name as well: `beach/1.jpg` and `port/1.jpg`
  /// cannot both be `1.jpg`. With the number of names.
  private static func contested(_ found: [(name: String, match: PictureNames.Match)]) -> [Int: Int]
  {
    var claims: [Int: Set<PathBytes>] = [:]
    for case (let name, .found(let place, _)) in found {
      claims[place, default: []].insert(PathBytes(name.replacing("\\", with: "/")))
    }
    return claims.mapValues(\.count).filter { $0.value > 1 }
  }

  // MARK: Sources

  private enum Source {
    case captions(String)
    case sidecars(String)
  }

  /// The same file given twice says nothing twice.
  private static func distinct(_ files: [String]) -> [String] {
    var seen: Set<PathBytes> = []
    return files.filter { seen.insert(PathBytes(PictureListing.resolved($0))).inserted }
  }

  /// A folder stands for the metadata files in it, as the hub's image folders have them, else for the
  /// texts beside its pictures.
  private static func files(_ source: String, _ listing: PictureListing) throws -> [Source] {
    guard PictureListing.isFolder(source) else { return [.captions(source)] }
    let root = PictureListing.resolved(source)
    var folders: Set<PathBytes> = [PathBytes(root)]
    for file in listing.files where file.isBelow(PathBytes(root)) {
      var parent = PathBytes(file.bytes[..<(file.bytes.lastIndex(of: 0x2F) ?? 0)])
      while parent.isBelow(PathBytes(root)), folders.insert(parent).inserted {
        parent = PathBytes(parent.bytes[..<(parent.bytes.lastIndex(of: 0x2F) ?? 0)])
      }
    }
    let metadata = folders.sorted().flatMap { folder in
      ["metadata.jsonl", "metadata.csv", "metadata.parquet"].map { "\(folder)/\($0)" }
        .filter { FileManager.default.fileExists(atPath: $0) }
    }
    return metadata.isEmpty ? [.sidecars(root)] : metadata.map { .captions($0) }
  }
}
