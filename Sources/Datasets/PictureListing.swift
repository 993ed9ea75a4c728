import Files
import Foundation

/// The pictures below some folders: what captions are matched with, and categories found in.
package struct PictureListing: Sendable {
  /// Absolute, in the order of their bytes, each once.
  package let files: [PathBytes]
  /// The folders, absolute, without links and without a slash at the end.
  package let roots: [PathBytes]

  package init(files: [PathBytes], roots: [PathBytes]) {
    self.files = files
    self.roots = roots
  }

  /// Looks through a folder as ``PictureFinder`` does.
  /// - Throws: ``CaptionFileError`` where there is no such folder, or it holds too much.
  package init(folder: String) throws {
    do {
      self.init(try PictureFinder([folder]))
    } catch PictureFinder.Failure.noFolder(let folder) {
      throw CaptionFileError(
        file: folder, line: nil, problem: "there is no such folder; it should hold the images")
    } catch PictureFinder.Failure.tooMany(let limit) {
      throw CaptionFileError(
        file: folder, line: nil,
        problem: "has more than \(limit) pictures and folders; give the data set's own folder")
    }
  }

  package init(_ found: PictureFinder) {
    self.init(files: found.images.map(\.key), roots: found.roots)
  }

  /// Absolute, without links, `.` and `..`, and without a slash at the end.
  package static func resolved(_ path: String) -> String {
    if let real = FileFacts.realPath(path) { return real }
    // What is not there has a name all the same.
    let path = URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
    return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  static func isFolder(_ path: String) -> Bool { (try? FileFacts(path))?.kind == .folder }
}
