import Foundation
import TOMLKit

/// A value of a recipe, and where it stands.
struct RecipeNode: Sendable, Equatable {
  enum Value: Sendable, Equatable {
    case text(String)
    case integer(Int)
    case number(Double)
    case flag(Bool)
    case list([RecipeNode])
    case table([String: RecipeNode])
    /// Dates and times, which no setting takes.
    case other(String)
  }

  var value: Value
  /// The file, or ``setting`` and the key.
  var file: String
  var line: Int?

  /// What a user would call it.
  var shown: String {
    switch value {
    case .text(let text): "the text \"\(text.prefix(60))\""
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .flag(let value): "\(value)"
    case .list(let items): "a list of \(items.count)"
    case .table: "a table"
    case .other(let kind): "a \(kind)"
    }
  }
}

extension RecipeNode {
  /// Takes the place of the file for a setting that is put over a recipe.
  static let setting = "setting "
  /// The longest recipe that is read, in bytes.
  static let longest = 1 << 20

  /// A recipe file with `key=value` settings put over it.
  static func read(_ path: String, settings: [String]) throws -> RecipeNode {
    guard let handle = FileHandle(forReadingAtPath: path),
      let data = try? handle.read(upToCount: longest + 1)
    else {
      let isThere = FileManager.default.fileExists(atPath: path)
      throw RecipeError(
        file: path, line: nil,
        problem: isThere
          ? "cannot be read; a recipe is a TOML file"
          : "there is no such file; recipes/ holds some to start from")
    }
    guard data.count <= longest, let text = String(bytes: data, encoding: .utf8) else {
      throw RecipeError(
        file: path, line: nil, problem: "is no text of at most \(longest) bytes in UTF-8")
    }
    var root = try parse(text, file: path)
    for setting in settings { try root.put(setting) }
    return root
  }

  static func parse(_ text: String, file: String) throws -> RecipeNode {
    try RecipeBrackets(text, file: file).check()
    let table: TOMLTable
    do {
      table = try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      let words = error.description.split(separator: "\n").first ?? "is not TOML"
      throw RecipeError(file: file, line: error.source.begin.line, problem: "is not TOML: \(words)")
    }
    let lines = KeyLines(text)
    return node(table, path: [], file: file, lines: lines)
  }

  private static func node(
    _ value: any TOMLValueConvertible, path: [String], file: String, lines: KeyLines
  ) -> RecipeNode {
    let found: Value =
      switch value.type {
      case .table:
        .table(
          (value.table.map { table in
            Dictionary(
              table.keys.compactMap { key in
                table[key].map { (key, node($0, path: path + [key], file: file, lines: lines)) }
              }, uniquingKeysWith: { first, _ in first })
          }) ?? [:])
      case .array:
        .list(
          (value.array.map { array in
            array.enumerated().map { index, item in
              node(item, path: path + [String(index)], file: file, lines: lines)
            }
          }) ?? [])
      case .string: .text(value.string ?? "")
      case .int: .integer(value.int ?? 0)
      case .double: .number(value.double ?? 0)
      case .bool: .flag(value.bool ?? false)
      case .date, .time, .dateTime: .other(value.type.description)
      }
    return RecipeNode(value: found, file: file, line: lines.line(of: path))
  }

  /// `learning_rate=1e-4`, `augmentation.crop=0.8`, `data.0.weight=2`; the value as TOML, else a text.
  private mutating func put(_ setting: String) throws {
    let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let keys = (parts.first ?? "").split(separator: ".").map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    guard parts.count == 2, !keys.isEmpty, !keys.contains("") else {
      throw RecipeError(
        file: Self.setting + setting, line: nil, problem: "expected key=value, e.g. batch=256")
    }
    let text = parts[1].trimmingCharacters(in: .whitespaces)
    let source = Self.setting + keys.joined(separator: ".")
    var value = RecipeNode(value: .text(text), file: source, line: nil)
    if let parsed = try? Self.parse("value = \(text)", file: source),
      case .table(let fields) = parsed.value, fields.count == 1, let only = fields["value"]
    {
      value = only.without(lines: source)
    }
    try put(value, at: keys[...], source)
  }

  private func without(lines file: String) -> RecipeNode {
    var copy = RecipeNode(value: value, file: file, line: nil)
    if case .list(let items) = value {
      copy.value = .list(items.map { $0.without(lines: file) })
    } else if case .table(let fields) = value {
      copy.value = .table(fields.mapValues { $0.without(lines: file) })
    }
    return copy
  }

  private mutating func put(_ new: RecipeNode, at keys: ArraySlice<String>, _ source: String) throws
  {
    guard let key = keys.first else {
      self = new
      return
    }
    switch value {
    case .table(var fields):
      var inner = fields[key] ?? RecipeNode(value: .table([:]), file: source, line: nil)
      try inner.put(new, at: keys.dropFirst(), source)
      fields[key] = inner
      value = .table(fields)
    case .list(var items):
      guard let index = Int(key), items.indices.contains(index) else {
        throw RecipeError(
          file: source, line: nil,
          problem: "\(key) is no place in this list, which has 0 to \(items.count - 1)")
      }
      try items[index].put(new, at: keys.dropFirst(), source)
      value = .list(items)
    default:
      throw RecipeError(file: source, line: nil, problem: "what \(key) is put into is no table")
    }
  }
}

/// On which line each key stands, for messages: TOMLKit tells only of errors where they are.
private struct KeyLines {
  private var lines: [[String]: Int] = [:]

  init(_ text: String) {
    var section: [String] = []
    var counts: [[String]: Int] = [:]
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let words = line.trimmingCharacters(in: .whitespaces)
      if words.hasPrefix("[") {
        guard let end = words.firstIndex(of: "]") else { continue }
        let isList = words.hasPrefix("[[")
        section = Self.keys(words[..<end].drop { $0 == "[" })
        if isList {
          lines[section] = lines[section] ?? index + 1
          let place = counts[section, default: 0]
          counts[section] = place + 1
          section.append(String(place))
        }
        lines[section] = lines[section] ?? index + 1
      } else if !words.hasPrefix("#"), let equals = words.firstIndex(of: "=") {
        let path = section + Self.keys(words[..<equals])
        lines[path] = lines[path] ?? index + 1
      }
    }
  }

  private static func keys(_ text: Substring) -> [String] {
    text.split(separator: ".").map {
      $0.trimmingCharacters(in: CharacterSet(charactersIn: " \t\"'"))
    }
  }

  /// The line of the key, or of what contains it: the items of a list on one line have no line of their own.
  func line(of path: [String]) -> Int? {
    var path = path
    while !path.isEmpty {
      if let line = lines[path] { return line }
      path.removeLast()
    }
    return nil
  }
}
