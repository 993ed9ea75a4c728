/// A table of a recipe, read key by key; what is left unread at the end is unknown.
final class RecipeTable {
  private let fields: [String: RecipeNode]
  private let file: String
  private let line: Int?
  /// What stands before its keys in messages: `augmentation.`
  private let prefix: String
  /// In the order in which they were asked for.
  private var known: [String] = []

  init(_ node: RecipeNode, prefix: String = "", root: Bool = true) throws {
    guard case .table(let fields) = node.value else {
      throw RecipeError(
        file: node.file, line: node.line,
        problem: "\(prefix.dropLast()) should be a table, found \(node.shown)")
    }
    self.fields = fields
    self.prefix = prefix
    file = node.file
    line = root ? nil : node.line
  }

  func has(_ key: String) -> Bool {
    known.append(key)
    return fields[key] != nil
  }

  /// Whether a key's value was put over the recipe.
  func isPutOver(_ key: String) -> Bool { fields[key]?.file.hasPrefix(RecipeNode.setting) ?? false }

  func wrong(_ key: String, _ expected: String) -> RecipeError {
    guard let node = fields[key] else {
      return RecipeError(file: file, line: line, problem: "\(prefix)\(key) is missing; \(expected)")
    }
    return RecipeError(
      file: node.file, line: node.line,
      problem: "\(prefix)\(key) should be \(expected), found \(node.shown)")
  }

  /// An error about a key's value in the caller's words.
  func problem(_ key: String, _ words: String, settings: [String] = []) -> RecipeError {
    RecipeError(
      file: fields[key]?.file ?? file, line: fields[key]?.line ?? line,
      problem: "\(prefix)\(key) \(words)", settings: settings)
  }

  private func node(_ key: String) -> RecipeNode? {
    known.append(key)
    return fields[key]
  }

  func integer(_ key: String, default value: Int, in range: ClosedRange<Int>) throws -> Int {
    guard let node = node(key) else { return value }
    guard case .integer(let found) = node.value, range.contains(found) else {
      throw wrong(
        key,
        range.upperBound > 1 << 40
          ? "a whole number of at least \(range.lowerBound)"
          : "a whole number \(range.lowerBound)…\(range.upperBound)")
    }
    return found
  }

  func number(_ key: String, default value: Double, in range: ClosedRange<Double>) throws -> Double
  {
    try number(key, default: value, "a number \(range.lowerBound)…\(range.upperBound)") {
      range.contains($0)
    }
  }

  func number(
    _ key: String, default value: Double, _ expected: String, _ isRight: (Double) -> Bool
  ) throws -> Double {
    guard let node = node(key) else { return value }
    let found: Double
    switch node.value {
    case .integer(let whole): found = Double(whole)
    case .number(let number): found = number
    default: throw wrong(key, expected)
    }
    guard found.isFinite, isRight(found) else { throw wrong(key, expected) }
    return found
  }

  func flag(_ key: String, default value: Bool) throws -> Bool {
    guard let node = node(key) else { return value }
    guard case .flag(let found) = node.value else { throw wrong(key, "true or false") }
    return found
  }

  func text(_ key: String) throws -> String? {
    guard let node = node(key) else { return nil }
    guard case .text(let found) = node.value, !found.isEmpty, !found.utf8.contains(0) else {
      throw wrong(key, "a text")
    }
    return found
  }

  func choice<Kind: RawRepresentable & CaseIterable>(_ key: String, default value: Kind) throws
    -> Kind
  where Kind.RawValue == String {
    guard let node = node(key) else { return value }
    let expected = Kind.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
    guard case .text(let found) = node.value, let kind = Kind(rawValue: found) else {
      throw wrong(key, expected)
    }
    return kind
  }

  /// A list of texts; one text alone stands for a list of it.
  func texts(_ key: String) throws -> [String]? {
    guard let node = node(key) else { return nil }
    switch node.value {
    case .text(let one) where !one.isEmpty: return [one]
    case .list(let items):
      return try items.map { item in
        guard case .text(let text) = item.value, !text.isEmpty, !text.utf8.contains(0) else {
          throw wrong(key, "a list of texts")
        }
        return text
      }
    default: throw wrong(key, "a text or a list of texts")
    }
  }

  /// Two numbers, the smaller first.
  func range(_ key: String, within: ClosedRange<Double>) throws -> ClosedRange<Double>? {
    guard let node = node(key) else { return nil }
    let expected = "two numbers [low, high] within \(within.lowerBound)…\(within.upperBound)"
    guard case .list(let items) = node.value, items.count == 2 else { throw wrong(key, expected) }
    let ends = items.compactMap { item -> Double? in
      switch item.value {
      case .integer(let whole): Double(whole)
      case .number(let number): number
      default: nil
      }
    }
    guard ends.count == 2, ends[0] <= ends[1], within.contains(ends[0]), within.contains(ends[1])
    else { throw wrong(key, expected) }
    return ends[0]...ends[1]
  }

  func table(_ key: String) throws -> RecipeTable? {
    try node(key).map { try RecipeTable($0, prefix: "\(prefix)\(key).", root: false) }
  }

  func tables(_ key: String) throws -> [RecipeTable] {
    guard let node = node(key) else { return [] }
    guard case .list(let items) = node.value else {
      throw wrong(key, "a list of tables, [[\(key)]]")
    }
    return try items.enumerated().map {
      try RecipeTable($1, prefix: "\(prefix)\(key).\($0).", root: false)
    }
  }

  /// - Throws: ``RecipeError`` for the first key that nothing asked for.
  func finish() throws {
    let unknown = fields.filter { !known.contains($0.key) }
    let first = unknown.min { ($0.value.line ?? 0, $0.key) < ($1.value.line ?? 0, $1.key) }
    guard let (key, node) = first else { return }
    let hint =
      NearestName.of(key, among: known).map { "; did you mean \(prefix)\($0)?" }
      ?? "; known are \(known.sorted().joined(separator: ", "))"
    throw RecipeError(
      file: node.file, line: node.line, problem: "unknown key \(prefix)\(key.prefix(60))\(hint)")
  }
}
