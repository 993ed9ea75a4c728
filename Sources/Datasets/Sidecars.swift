import Files
import Foundation

/// Captions in a text file beside each picture, under its name: `airport_1.jpg`, `airport_1.txt`. Each
/// line that is not empty is a caption.
struct Sidecars {
  private(set) var images: [CaptionedImage] = []
  private(set) var badLines = BadCaptionLines()

  private static let fileLimit = 64 << 10

  /// - Throws: ``CaptionFileError`` where no picture below the folder has a text beside it.
  init(folder: String, _ listing: PictureListing) throws {
    let root = PathBytes(folder)
    for file in listing.files where file.isBelow(root) {
      guard let path = file.text, let dot = path.lastIndex(of: "."),
        case let text = path[..<dot] + ".txt", FileManager.default.fileExists(atPath: String(text))
      else { continue }
      read(String(text), of: path)
    }
    guard !images.isEmpty else {
      if let first = badLines.first.first { throw first }
      throw CaptionFileError(
        file: folder, line: nil,
        problem:
          "is a folder without metadata.jsonl or metadata.csv, and no picture in it has a .txt of "
          + "its name beside it")
    }
  }

  private mutating func read(_ text: String, of path: String) {
    func leaveOut(_ problem: String) {
      badLines.add(CaptionFileError(file: text, line: nil, problem: problem))
    }
    let bytes: [UInt8]
    do throws(RegularFile.Failure) {
      bytes = PlainText.utf8(try RegularFile.read(text, limit: Self.fileLimit))
    } catch {
      return leaveOut("cannot be read: \(error.text)")
    }
    guard let whole = String(validating: bytes, as: UTF8.self) else {
      return leaveOut("is no UTF-8")
    }
    let captions = whole.split(whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    guard captions.count <= CaptionFile.captionLimit else {
      return leaveOut("has more than \(CaptionFile.captionLimit) lines")
    }
    // The training sets of detectors have such files too, with boxes as numbers.
    guard captions.contains(where: { $0.contains(where: \.isLetter) }) else {
      return leaveOut(captions.isEmpty ? "is empty" : "holds numbers and no words")
    }
    images.append(CaptionedImage(filename: path, captions: captions, split: nil))
  }
}
