import Files
import Foundation
import Imaging

/// The pictures below some folders: what captions are matched with, and categories found in.
package struct PictureListing: Sendable {
  /// Absolute, in the order of their bytes, each once.
  package let files: [PathBytes]
  /// The folders, absolute, without links and without a slash at the end.
  package let roots: [PathBytes]

  private static let most = 20_000_000

  package init(files: [PathBytes], roots: [PathBytes]) {
    self.files = files
    self.roots = roots
  }

  /// Looks through a folder, links to folders included; hidden ones and those that systems make are left
  /// out. Names alone are looked at: a picture is what is called one.
  ///
  /// - Throws: ``CaptionFileError`` where there is no such folder, or it holds too much.
  package init(folder: String) throws {
    let root = Self.resolved(folder)
    guard Self.isFolder(root) else {
      throw CaptionFileError(
        file: folder, line: nil, problem: "there is no such folder; it should hold the images")
    }
    var found: [PathBytes] = []
    var seen: Set<[Int]> = []
    var waiting = [root]
    while let place = waiting.popLast() {
      guard let facts = try? FileManager.default.attributesOfItem(atPath: place + "/."),
        seen.insert([Self.number(facts[.systemNumber]), Self.number(facts[.systemFileNumber])])
          .inserted,
        let listing = try? FolderListing(place)
      else { continue }
      let start = place == "/" ? "/" : place + "/"
      for name in listing.names where !Self.isSkipped(name) {
        if ImageFormat.endings.contains(Self.ending(of: name)) {
          found.append(PathBytes(start + name))
        } else if Self.isFolder(start + name) {
          waiting.append(start + name)
        }
      }
      guard found.count + waiting.count < Self.most else {
        throw CaptionFileError(
          file: folder, line: nil,
          problem: "has more than \(Self.most) pictures and folders; give the data set's own folder"
        )
      }
    }
    files = found.sorted()
    roots = [PathBytes(root)]
  }

  /// Absolute, without links, `.` and `..`, and without a slash at the end.
  package static func resolved(_ path: String) -> String {
    let path = URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
    return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  static func isFolder(_ path: String) -> Bool {
    let facts = try? FileManager.default.attributesOfItem(atPath: path)
    switch facts?[.type] as? FileAttributeType {
    case .typeDirectory?: return true
    case .typeSymbolicLink?:
      let target = try? FileManager.default.attributesOfItem(atPath: path + "/.")
      return target?[.type] as? FileAttributeType == .typeDirectory
    default: return false
    }
  }

  private static func number(_ value: Any?) -> Int { (value as? NSNumber)?.intValue ?? 0 }

  private static func isSkipped(_ name: String) -> Bool {
    name.hasPrefix(".") || name == "@eaDir" || name == "__MACOSX" || name == "lost+found"
  }

  private static func ending(of name: String) -> String {
    guard let dot = name.lastIndex(of: ".") else { return "" }
    return name[name.index(after: dot)...].lowercased()
  }
}
