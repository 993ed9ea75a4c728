import Files
import Foundation
import Imaging

/// A file that may be an image, as the file system tells it.
struct FoundImage: Sendable, Equatable {
  let path: String
  let byteCount: Int64
  let modifiedNanoseconds: Int64
}

/// Files under folders whose names end as pictures' do, by path; what is in them shows when they are
/// read; folders that cannot be read are reported, not fatal.
struct ImageFinder {
  private(set) var images: [FoundImage] = []
  private(set) var unreadable: [(path: String, reason: String)] = []
  /// Pictures that no path leads to: their names are not UTF-8, or their paths too long.
  private(set) var unreachable: [(path: String, reason: String)] = []
  /// Other regular files, by the ending of their names.
  private(set) var skipped: [String: Int] = [:]
  /// Absolute paths of the folders, with a slash at the end.
  private(set) var roots: [String] = []

  /// Linux's PATH_MAX without its final zero.
  private static let longestPath = 4095

  /// - Throws: ``CollectionError`` where one of the folders given is none.
  init(_ folders: [String], collection: String, cancelled: Flag) throws {
    var seen: Set<String> = []
    for folder in folders {
      let root = URL(fileURLWithPath: folder).standardizedFileURL.resolvingSymlinksInPath()
      guard let type = try? FileManager.default.attributesOfItem(atPath: root.path)[.type],
        type as? FileAttributeType == .typeDirectory
      else {
        throw CollectionError(
          path: folder, reason: .nothingToIndex("there is no such folder; give one with images")
        )
      }
      roots.append(root.path.hasSuffix("/") ? root.path : root.path + "/")
      try walk(root, &seen, cancelled)
    }
    images.sort { $0.path < $1.path }
  }

  /// Links to folders are not followed, so that a loop of links ends.
  private mutating func walk(_ root: URL, _ seen: inout Set<String>, _ cancelled: Flag) throws {
    var waiting = [root.path]
    while let folder = waiting.popLast() {
      if cancelled.isSet { throw CancellationError() }
      let start = folder == "/" ? "/" : folder + "/"
      let listing: FolderListing
      do throws(RegularFile.Failure) {
        listing = try FolderListing(folder)
      } catch {
        unreadable.append((folder, "cannot be read: \(error.text)"))
        continue
      }
      for name in listing.otherNames {
        unreachable.append((start + name, "its name is not UTF-8; rename it and index again"))
      }
      for name in listing.names {
        let path = start + name
        let ending = Self.ending(of: name)
        let isImage = ImageFormat.endings.contains(ending)
        guard var facts = try? FileManager.default.attributesOfItem(atPath: path) else {
          if isImage, path.utf8.count > Self.longestPath {
            unreachable.append(
              (
                path,
                "its path has \(path.utf8.count) bytes, the system takes \(Self.longestPath); "
                  + "move it up"
              ))
          }
          continue
        }
        switch facts[.type] as? FileAttributeType {
        case .typeDirectory?: waiting.append(path)
        case .typeSymbolicLink? where isImage:
          let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
          guard let linked = try? FileManager.default.attributesOfItem(atPath: target),
            linked[.type] as? FileAttributeType == .typeRegular
          else { continue }
          facts = linked
          add(path, facts, &seen)
        case .typeRegular? where isImage: add(path, facts, &seen)
        case .typeRegular? where seen.insert(path).inserted: skipped[ending, default: 0] += 1
        default: continue
        }
      }
    }
  }

  /// In lower case, empty where there is none; longer ones are parts of a name.
  private static func ending(of name: String) -> String {
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return "" }
    let ending = name[name.index(after: dot)...].lowercased()
    return ending.count <= 10 ? ending : ""
  }

  private mutating func add(
    _ path: String, _ facts: [FileAttributeKey: Any], _ seen: inout Set<String>
  ) {
    guard seen.insert(path).inserted else { return }
    let modified = (facts[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
    images.append(
      FoundImage(
        path: path, byteCount: (facts[.size] as? NSNumber)?.int64Value ?? 0,
        modifiedNanoseconds: Int64(modified * 1e6) * 1000))
  }
}
