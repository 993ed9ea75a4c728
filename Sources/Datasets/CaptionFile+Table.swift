import Foundation

// Tables: open_clip's CSV and TSV (filepath, title), Hugging Face's metadata.csv (file_name, text), and
// others whose header names a column of pictures and one of captions.
extension CaptionFile {
  private static let imageColumns = [
    "filepath", "file_name", "filename", "file_path", "image_path", "image_name", "image", "img",
    "path", "file",
  ]
  /// Each of these may come numbered: caption_1, caption_2, …
  private static let textColumns = [
    "title", "text", "caption", "captions", "texts", "sentence", "comment", "description", "raw",
  ]
  private static let separators: [UInt8] = [0x09, 0x2C, 0x3B, 0x7C]

  private struct Columns {
    let separator: UInt8
    let count, image: Int
    let texts: [Int]
    let split: Int?
  }

  mutating func readTable(_ bytes: [UInt8]) throws {
    let columns = try columns(bytes)
    var rows = DelimitedText(bytes, separator: columns.separator)
    _ = rows.next()
    while let row = rows.next() {
      switch row {
      case .bad(let problem, let line): leaveOut(problem, line: line)
      case .fields(let fields, let line): add(fields, columns, line: line)
      }
    }
    if rows.unclosed > DelimitedText.unclosedLimit {
      throw failure(
        "more than \(DelimitedText.unclosedLimit) rows open a quote that is not closed; is this a table "
          + "with quotes after RFC 4180?")
    }
  }

  /// - Throws: ``CaptionFileError`` where the first line is no header.
  private func columns(_ bytes: [UInt8]) throws -> Columns {
    var seen: [String] = []
    for separator in layout.separator.map({ [$0] }) ?? Self.separators {
      var rows = DelimitedText(bytes, separator: separator)
      guard case .fields(let fields, _) = rows.next() else { continue }
      let names = fields.map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
      if names.count > seen.count { seen = names }
      let wanted = layout.imageColumn.map { [$0.lowercased()] } ?? Self.imageColumns
      guard let image = wanted.lazy.compactMap({ names.firstIndex(of: $0) }).first else { continue }
      let texts = textColumns(names, besides: image)
      guard !texts.isEmpty else { continue }
      return Columns(
        separator: separator, count: names.count, image: image, texts: texts,
        split: names.firstIndex(of: "split"))
    }
    let list = seen.prefix(12).map { String($0.prefix(40)) }.joined(separator: ", ")
    var error = failure(
      "is no JSON, and its first line is no header with a column of pictures (filepath, file_name …) and "
        + "one of captions (title, text, caption …); it has: \(list)")
    error.wantsColumns = true
    throw error
  }

  private func textColumns(_ names: [String], besides image: Int) -> [Int] {
    if let own = layout.textColumn?.lowercased() {
      return names.firstIndex(of: own).map { [$0] } ?? []
    }
    for column in Self.textColumns {
      let found = names.indices.filter { place in
        guard place != image, names[place].hasPrefix(column) else { return false }
        let rest = names[place].dropFirst(column.count).drop { $0 == "_" || $0 == "-" || $0 == " " }
        return names[place] == column || !rest.isEmpty && rest.allSatisfy(\.isNumber)
      }
      if !found.isEmpty { return Array(found.prefix(Self.captionLimit)) }
    }
    return []
  }

  private mutating func add(_ fields: [String], _ columns: Columns, line: Int) {
    guard fields.count == columns.count else {
      return leaveOut(
        "has \(fields.count) \(fields.count == 1 ? "column" : "columns"), the header \(columns.count); a text with the separator in it "
          + "belongs in quotes", line: line)
    }
    let name = fields[columns.image].trimmingCharacters(in: .whitespaces)
    guard !name.isEmpty else { return leaveOut("names no picture", line: line) }
    let texts = columns.texts.flatMap { place in
      Self.listed(fields[place]) ?? [fields[place]]
    }
    guard texts.count <= Self.captionLimit else {
      return leaveOut("has more than \(Self.captionLimit) captions", line: line)
    }
    let split = columns.split.map { fields[$0].trimmingCharacters(in: .whitespaces) }
    add(name, texts, split: split.flatMap { $0.isEmpty ? nil : $0 })
  }

  /// A list as Python or JSON print it in one cell: `["a", "b"]`, `['a', 'b']`, and numpy's
  /// `['a' 'b']`; `nil` where the cell is a plain text.
  static func listed(_ cell: String) -> [String]? {
    let scalars = Array(cell.trimmingCharacters(in: .whitespacesAndNewlines).unicodeScalars)
    guard scalars.count > 3, scalars.first == "[", scalars.last == "]" else { return nil }
    let body = scalars.dropFirst().dropLast()
    var texts: [String] = []
    var place = body.startIndex
    while place < body.endIndex {
      let scalar = body[place]
      place += 1
      if scalar == "," || scalar.properties.isWhitespace { continue }
      guard scalar == "'" || scalar == "\"" else { return nil }
      var text = String.UnicodeScalarView()
      while true {
        guard place < body.endIndex else { return nil }
        var inner = body[place]
        place += 1
        if inner == scalar { break }
        if inner == "\\", place < body.endIndex {
          inner = body[place] == "n" ? "\n" : body[place] == "t" ? "\t" : body[place]
          place += 1
        }
        text.append(inner)
      }
      texts.append(String(text))
    }
    return texts.isEmpty ? nil : texts
  }
}
