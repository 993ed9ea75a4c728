import Files
import Foundation

/// A caption file as it was read: one entry for each mention of a picture, in the file's order.
///
/// Which form it has is told by its contents, never by its name: JSON lines, a JSON document (Karpathy's
/// with `images` and `sentences`, COCO's with `images` and `annotations`, NWPU-Captions' with a list for
/// each class, or a plain list of entries), or a table with a header. A line, row or entry that is
/// broken is left out and counted in ``badLines``.
///
/// The split is that of the entry, else the one in the file's name (`train_rsicd.jsonl`), else that of
/// its folder (`validation/metadata.jsonl`).
public struct CaptionFile: Sendable {
  public internal(set) var images: [CaptionedImage] = []
  public internal(set) var badLines = BadCaptionLines()

  /// Longest file and longest line or row that are read, in bytes.
  public static let fileLimit = 512 << 20
  public static let lineLimit = 1 << 20
  /// Most captions of one entry.
  static let captionLimit = 64

  let path: String
  let layout: CaptionLayout
  let split: String?

  /// - Throws: ``CaptionFileError`` for a file that cannot be read, is of no known form, or holds not one
  ///   entry.
  public init(contentsOf path: String, layout: CaptionLayout = .init()) throws {
    self.path = path
    self.layout = layout
    split = Splits.split(ofFile: path)
    let bytes: [UInt8]
    do throws(RegularFile.Failure) {
      bytes = try RegularFile.read(path, limit: Self.fileLimit)
    } catch .system where !FileManager.default.fileExists(atPath: path) {
      throw failure("there is no such file")
    } catch {
      throw failure("cannot be read: \(error.text)")
    }
    if let kind = Self.otherKind(bytes, path: path) { throw failure(kind) }
    try read(PlainText.utf8(bytes))
    guard !images.isEmpty else {
      if let first = badLines.first.first { throw first }
      throw failure("holds no captions; expected \(Self.forms)")
    }
  }

  /// - Throws: as the initialiser.
  public static func read(_ path: String) throws -> [CaptionedImage] {
    try CaptionFile(contentsOf: path).images
  }

  static let forms =
    "a line {\"filename\": …, \"captions\": […]} per image, a dataset's JSON, or a table whose first "
    + "line names columns such as filepath and title"

  private mutating func read(_ bytes: [UInt8]) throws {
    switch bytes.first(where: { !Self.isBlank($0) }) {
    case 0x7B, 0x5B: try readJSON(bytes)
    case nil: break
    default: try readTable(bytes)
    }
  }

  static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }

  func failure(_ problem: String, line: Int? = nil) -> CaptionFileError {
    CaptionFileError(file: path, line: line, problem: problem)
  }

  mutating func leaveOut(_ problem: String, line: Int?) {
    badLines.add(failure(problem, line: line))
  }

  /// - Parameter captions: blank ones are left out.
  mutating func add(_ filename: String, _ captions: [String], split own: String?) {
    let texts = captions.filter { $0.contains { !$0.isWhitespace } }.map(Self.withoutZeros)
    images.append(
      CaptionedImage(filename: filename, captions: texts, split: own.map(Splits.name) ?? split))
  }

  /// A zero byte ends a text in C and in SQLite, so it becomes U+FFFD.
  private static func withoutZeros(_ text: String) -> String {
    guard text.utf8.contains(0) else { return text }
    return String(
      String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
  }

  /// What is wrong with a file whose form is known but not read here.
  private static func otherKind(_ bytes: [UInt8], path: String) -> String? {
    if bytes.starts(with: Array("PAR1".utf8)) {
      return "is a Parquet file, which is not read here; this writes its pictures and captions to "
        + "the folder unpacked, whose metadata.jsonl is read (pip install pyarrow): "
        + parquetCommand(path)
    }
    if bytes.starts(with: [0x1F, 0x8B]) { return "is compressed; unpack it with gzip -d first" }
    if bytes.starts(with: [0x50, 0x4B, 3, 4]) { return "is a ZIP archive; unpack it first" }
    return nil
  }

  /// Columns as the hub stores pictures: `image` with bytes and path, `filename`, and the captions.
  static func parquetCommand(_ path: String) -> String {
    let file = "'" + path.replacing("'", with: "'\\''") + "'"
    return
      "python3 -c 'import json,os,sys,pyarrow.parquet as p;os.makedirs(\"unpacked\",exist_ok=True);"
      + "o=open(\"unpacked/metadata.jsonl\",\"a\");n=[0];"
      + "f=lambda r:(n.__setitem__(0,n[0]+1),r.get(\"image\") or {})[1];"
      + "g=lambda r,i:os.path.basename(r.get(\"filename\") or r.get(\"file_name\") or i.get(\"path\") or "
      + "\"%06d.png\"%n[0]);"
      + "h=lambda r,i,s:(i.get(\"bytes\") and open(\"unpacked/\"+s,\"wb\").write(i[\"bytes\"]),"
      + "o.write(json.dumps({\"file_name\":s,\"captions\":r.get(\"captions\") or r.get(\"caption\") or "
      + "r.get(\"text\") or []})+chr(10)));"
      + "[h(r,i,g(r,i)) for b in p.ParquetFile(sys.argv[1]).iter_batches(64) for r in b.to_pylist() "
      + "for i in [f(r)]]' \(file)"
  }
}
