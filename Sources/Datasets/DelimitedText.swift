/// Rows of a table as text, after RFC 4180: a field in double quotes may hold separators, line ends and
/// doubled quotes. Read leniently where pandas is: rows may end with LF, CRLF or CR, and text after a
/// closing quote belongs to the field.
struct DelimitedText {
  enum Row {
    /// `line` is the one that the row begins on, from 1.
    case fields([String], line: Int)
    case bad(String, line: Int)
  }

  private let bytes: [UInt8]
  private let separator: UInt8
  private var place = 0
  private var line = 1
  /// Rows with an opening quote that is never closed; each was searched up to the longest row.
  private(set) var unclosed = 0

  /// Such rows are given up one by one so often, then the file is.
  static let unclosedLimit = 64
  static let columnLimit = 4096
  private static let quote: UInt8 = 0x22

  init(_ bytes: [UInt8], separator: UInt8) {
    self.bytes = bytes
    self.separator = separator
  }

  /// - Returns: the next row that is not empty; `nil` at the end.
  mutating func next() -> Row? {
    while place < bytes.count, bytes[place] == 0x0A || bytes[place] == 0x0D { endLine() }
    guard place < bytes.count, unclosed <= Self.unclosedLimit else { return nil }
    let (start, first) = (place, line)
    var fields: [String] = []
    var isText = true
    while true {
      guard let field = field(from: start) else {
        // The next row may be sound: go on behind the line on which this one began.
        unclosed += 1
        (place, line) = (start, first)
        while place < bytes.count, bytes[place] != 0x0A { place += 1 }
        if place < bytes.count { endLine() }
        return .bad(
          "opens a quote that is not closed within \(CaptionFile.lineLimit) bytes", line: first)
      }
      if fields.count < Self.columnLimit {
        let text = String(validating: field, as: UTF8.self)
        isText = isText && text != nil
        fields.append(text ?? "")
      }
      guard place < bytes.count else { break }
      if bytes[place] == separator {
        place += 1
        continue
      }
      endLine()
      break
    }
    guard isText else {
      return .bad("is no UTF-8; convert the file (iconv -f windows-1252 -t utf-8)", line: first)
    }
    return .fields(fields, line: first)
  }

  private mutating func endLine() {
    if bytes[place] == 0x0D, place + 1 < bytes.count, bytes[place + 1] == 0x0A { place += 1 }
    place += 1
    line += 1
  }

  /// Up to the separator or line end behind it. - Returns: `nil` for a quote that is not closed, or a
  /// row that is too long.
  private mutating func field(from start: Int) -> [UInt8]? {
    var field: [UInt8] = []
    let limit = min(bytes.count, start + CaptionFile.lineLimit)
    if place < limit, bytes[place] == Self.quote {
      place += 1
      while true {
        guard place < limit else { return nil }
        let byte = bytes[place]
        if byte == Self.quote {
          place += 1
          guard place < bytes.count, bytes[place] == Self.quote else { break }
        } else if byte == 0x0A
          || byte == 0x0D && !(place + 1 < bytes.count && bytes[place + 1] == 0x0A)
        {
          line += 1
        }
        field.append(byte)
        place += 1
      }
    }
    while place < bytes.count, bytes[place] != separator, bytes[place] != 0x0A, bytes[place] != 0x0D
    {
      guard place < limit else { return nil }
      field.append(bytes[place])
      place += 1
    }
    return field
  }
}
