import Files
import Foundation

/// What a caption file says of one image.
public struct CaptionedImage: Sendable, Equatable {
  /// As it stands in the file, e.g. `rsicd_images/airport_1.jpg`.
  public let filename: String
  public let captions: [String]
  public let split: String?

  public init(filename: String, captions: [String], split: String?) {
    self.filename = filename
    self.captions = captions
    self.split = split
  }

  /// Last component of ``filename``.
  public var name: String { String(filename.split(separator: "/").last ?? "") }
}

/// Why a caption file was refused.
public struct CaptionFileError: Error, Sendable, Equatable, CustomStringConvertible {
  public let file: String
  /// From 1; `nil` where the whole file is meant.
  public let line: Int?
  public let problem: String

  public var description: String {
    line.map { "\(file), line \($0): \(problem)" } ?? "\(file): \(problem)"
  }
}

/// The RSICD family of caption files: jsonl with `{"filename", "captions"}` on each line, or RSICD's
/// own dataset_rsicd.json with `{"images": [{"filename", "sentences": [{"raw"}], "split"}]}`.
///
/// The split is that of the entry, else the one in the file's name (`train_rsicd.jsonl`).
public enum CaptionFile {
  /// Longest file and longest line that are read, in bytes.
  public static let fileLimit = 512 << 20
  public static let lineLimit = 1 << 20
  private static let captionLimit = 64

  /// - Throws: ``CaptionFileError`` with the first line that is not as it should be.
  public static func read(_ path: String) throws -> [CaptionedImage] {
    let bytes: [UInt8]
    do throws(RegularFile.Failure) {
      bytes = try RegularFile.read(path, limit: fileLimit)
    } catch .system where !FileManager.default.fileExists(atPath: path) {
      throw CaptionFileError(file: path, line: nil, problem: "there is no such file")
    } catch {
      throw CaptionFileError(file: path, line: nil, problem: "cannot be read: \(error.text)")
    }
    if let whole = try whole(bytes, path: path) { return whole }
    let split = split(ofName: URL(fileURLWithPath: path).lastPathComponent)
    var images: [CaptionedImage] = []
    var (start, number) = (0, 0)
    // One line at a time: half a gigabyte of line ends would be as many slices of 24 bytes.
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      number += 1
      let line = bytes[start..<end]
      start = end + 1
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
      images.append(try image(Data(line), split: split, path: path, line: number))
    }
    guard !images.isEmpty else {
      throw CaptionFileError(
        file: path, line: nil,
        problem: "holds no captions; expected a line {\"filename\": …, \"captions\": […]} per image"
      )
    }
    return images
  }

  /// train, valid or test where the name begins or continues with it.
  static func split(ofName name: String) -> String? {
    let words = name.lowercased().split { !$0.isLetter }
    let known = ["train": "train", "valid": "valid", "val": "valid", "test": "test"]
    return words.lazy.compactMap { known[String($0)] }.first
  }

  private static func image(_ line: Data, split: String?, path: String, line number: Int) throws
    -> CaptionedImage
  {
    func wrong(_ problem: String) -> CaptionFileError {
      CaptionFileError(file: path, line: number, problem: problem)
    }
    guard line.count <= lineLimit else { throw wrong("longer than \(lineLimit) bytes") }
    guard let object = try? JSONSerialization.jsonObject(with: line) as? [String: Any] else {
      throw wrong("is no JSON object; expected {\"filename\": …, \"captions\": […]}")
    }
    guard let filename = object["filename"] as? String, !filename.isEmpty else {
      throw wrong("has no filename")
    }
    guard let captions = object["captions"] as? [String], captions.count <= captionLimit else {
      throw wrong("captions is no list of at most \(captionLimit) texts")
    }
    return CaptionedImage(
      filename: filename, captions: captions.map(withoutZeros),
      split: object["split"] as? String ?? split)
  }

  /// A zero ends a text in C, and so in SQLite: it is shown as what it is, no character.
  private static func withoutZeros(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
  }

  /// dataset_rsicd.json; `nil` where the file is something else.
  private static func whole(_ bytes: [UInt8], path: String) throws -> [CaptionedImage]? {
    guard bytes.first(where: { $0 > 0x20 }) == 0x7B,
      let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any],
      let images = object["images"] as? [[String: Any]]
    else { return nil }
    return try images.enumerated().map { index, entry in
      let sentences = (entry["sentences"] as? [[String: Any]])?.compactMap { $0["raw"] as? String }
      guard let filename = entry["filename"] as? String, let captions = sentences,
        captions.count <= captionLimit
      else {
        throw CaptionFileError(
          file: path, line: nil, problem: "image \(index + 1) has no filename or no sentences")
      }
      let split = entry["split"] as? String
      return CaptionedImage(
        filename: filename, captions: captions.map(withoutZeros),
        split: split == "val" ? "valid" : split)
    }
  }
}
