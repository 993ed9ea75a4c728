/// HTML's character references: `&amp;`, `&#8217;`, `&eacute`.
enum CharacterReferences {
  private struct Name {
    let value: [Unicode.Scalar]
    /// Whether it counts without a semicolon.
    let isBare: Bool
  }

  /// By name, without the semicolon.
  private static let names: [String: Name] = {
    var names: [String: Name] = [:]
    for (word, value) in CodePoints.pairs(EntityTable.names) {
      let name = word.prefix { $0 != "!" && $0 != "^" }
      names[String(name)] = Name(value: value, isBare: word.contains("!"))
    }
    return names
  }()

  /// Those that ftfy also takes in capitals, by these.
  private static let capitals: [String: [Unicode.Scalar]] = {
    var capitals: [String: [Unicode.Scalar]] = [:]
    for (word, value) in CodePoints.pairs(EntityTable.names) where word.hasSuffix("^") {
      let name = word.prefix { $0 != "!" && $0 != "^" }
      capitals[name.uppercased()] = value.flatMap {
        Array($0.properties.uppercaseMapping.unicodeScalars)
      }
    }
    return capitals
  }()

  private static let numbers: [UInt32: [Unicode.Scalar]] = {
    var numbers: [UInt32: [Unicode.Scalar]] = [:]
    for (word, value) in CodePoints.pairs(EntityTable.numbers) {
      if let number = UInt32(word, radix: 16) { numbers[number] = value }
    }
    return numbers
  }()

  private static let noCharacters = CodePoints.set(EntityTable.noCharacters)
  private static let longestName = 32

  /// Python's `html.unescape`: with or without a semicolon, the longest name that is one.
  static func unescaped(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    guard text.contains("&") else { return text }
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.count)
    var place = 0
    while place < text.count {
      if text[place] == "&" {
        if let (value, end) = number(text, place) {
          result.append(contentsOf: value)
          place = end
          continue
        }
        if let end = nameEnd(text, place) {
          append(name: text[place + 1..<end], to: &result)
          place = end
          continue
        }
      }
      result.append(text[place])
      place += 1
    }
    return result
  }

  /// `#[0-9]+;?` or `#[xX][0-9a-fA-F]+;?` after an ampersand.
  private static func number(_ text: [Unicode.Scalar], _ place: Int)
    -> (value: [Unicode.Scalar], end: Int)?
  {
    var end = place + 1
    guard end < text.count, text[end] == "#" else { return nil }
    end += 1
    let isHexadecimal = end < text.count && (text[end] == "x" || text[end] == "X")
    if isHexadecimal { end += 1 }
    let start = end
    var number: UInt32 = 0
    while end < text.count, let digit = digit(text[end], isHexadecimal) {
      // Beyond the last code point all numbers are alike.
      number = min(number * (isHexadecimal ? 16 : 10) + digit, 0x11_0000)
      end += 1
    }
    guard end > start else { return nil }
    if end < text.count, text[end] == ";" { end += 1 }
    if let value = numbers[number] { return (value, end) }
    guard let scalar = Unicode.Scalar(number) else { return (["\u{FFFD}"], end) }
    return (noCharacters.contains(number) ? [] : [scalar], end)
  }

  private static func digit(_ scalar: Unicode.Scalar, _ isHexadecimal: Bool) -> UInt32? {
    switch scalar.value {
    case 0x30...0x39: scalar.value - 0x30
    case 0x41...0x46 where isHexadecimal: scalar.value - 0x41 + 10
    case 0x61...0x66 where isHexadecimal: scalar.value - 0x61 + 10
    default: nil
    }
  }

  /// `[^\t\n\f <&#;]{1,32};?` after an ampersand.
  private static func nameEnd(_ text: [Unicode.Scalar], _ place: Int) -> Int? {
    var end = place + 1
    while end < text.count, end - place - 1 < longestName, !isDelimiter(text[end]) { end += 1 }
    guard end > place + 1 else { return nil }
    return end < text.count && text[end] == ";" ? end + 1 : end
  }

  private static func isDelimiter(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\t", "\n", "\u{C}", " ", "<", "&", "#", ";": true
    default: false
    }
  }

  private static func append(name: ArraySlice<Unicode.Scalar>, to result: inout [Unicode.Scalar]) {
    let isClosed = name.last == ";"
    if isClosed, let whole = known(name.dropLast()) {
      result.append(contentsOf: whole.value)
      return
    }
    // A name in front of other letters: the longest that counts without a semicolon.
    var length = isClosed ? name.count - 1 : name.count
    while length > 1 {
      if let found = known(name.prefix(length)), found.isBare {
        result.append(contentsOf: found.value)
        result.append(contentsOf: name.dropFirst(length))
        return
      }
      length -= 1
    }
    result.append("&")
    result.append(contentsOf: name)
  }

  /// Names are ASCII; a string of other scalars may still be equal to one (the Kelvin sign is a K).
  private static func known(_ name: ArraySlice<Unicode.Scalar>) -> Name? {
    name.allSatisfy(\.isASCII) ? names[CodePoints.text(name)] : nil
  }

  // MARK: ftfy's

  /// ftfy's `unescape_html`: only with a semicolon, and some names in capitals too.
  static func unescapedClosed(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    guard text.contains("&") else { return text }
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.count)
    var place = 0
    while place < text.count {
      if text[place] == "&", let end = closedEnd(text, place) {
        result.append(contentsOf: closed(Array(text[place..<end])))
        place = end
      } else {
        result.append(text[place])
        place += 1
      }
    }
    return result
  }

  /// `&#?[0-9A-Za-z]{1,24};`
  private static func closedEnd(_ text: [Unicode.Scalar], _ place: Int) -> Int? {
    var end = place + 1
    if end < text.count, text[end] == "#" { end += 1 }
    let start = end
    while end < text.count, end - start < 24, text[end].isASCIILetter || text[end].isASCIIDigit {
      end += 1
    }
    guard end > start, end < text.count, text[end] == ";" else { return nil }
    return end + 1
  }

  private static func closed(_ reference: [Unicode.Scalar]) -> [Unicode.Scalar] {
    let name = CodePoints.text(reference.dropFirst().dropLast())
    if let found = names[name] { return found.value }
    if let found = capitals[name] { return found }
    guard reference[1] == "#" else { return reference }
    let value = unescaped(reference)
    // Only a part was a number: not what was meant.
    return value.contains(";") ? reference : value
  }
}

/// Tables of code points as text.
enum CodePoints {
  /// `word=61,62 other=63`
  static func pairs(_ table: String) -> [(word: String, value: [Unicode.Scalar])] {
    table.split(separator: " ").map { entry in
      let parts = entry.split(separator: "=")
      return (
        String(parts[0]),
        parts[1].split(separator: ",").compactMap {
          UInt32($0, radix: 16).flatMap(Unicode.Scalar.init)
        }
      )
    }
  }

  /// `61 63-65`
  static func ranges(_ table: String) -> [ClosedRange<UInt32>] {
    table.split(separator: " ").compactMap { entry in
      let ends = entry.split(separator: "-").compactMap { UInt32($0, radix: 16) }
      guard let first = ends.first, let last = ends.last, first <= last else { return nil }
      return first...last
    }
  }

  static func set(_ table: String) -> Set<UInt32> { Set(ranges(table).joined()) }

  static func text(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }
}
