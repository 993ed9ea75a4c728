/// Sentences in RSICD's way of speaking: short, plain, present tense, a space before the full stop.
package enum Speech {
  private static let words = [
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
  ]

  package static func plural(_ noun: String) -> String {
    noun.hasSuffix("ch") || noun.hasSuffix("s") ? noun + "es" : noun + "s"
  }

  static func article(_ noun: String) -> String {
    noun.first.map { "aeiou".contains($0) } == true ? "an" : "a"
  }

  /// "a white plane", "two white planes", "many white planes".
  static func some(_ count: Int, _ noun: String) -> String {
    switch count {
    case 1: "\(article(noun)) \(noun)"
    case ..<words.count: "\(words[max(0, count)]) \(plural(noun))"
    default: "many \(plural(noun))"
    }
  }

  /// "a white plane is", "two white planes are".
  static func someAre(_ count: Int, _ noun: String) -> String {
    some(count, noun) + (count == 1 ? " is" : " are")
  }
}

extension Painter {
  /// Five different sentences: three or more of `named`, which name the category, the others of
  /// `plain`; all of them must be true.
  mutating func say(_ named: [String], _ plain: [String] = []) -> [String] {
    var (first, second) = (shuffled(named), shuffled(plain))
    let others = min(2, second.count)
    var chosen = Array(first.prefix(5 - others)) + second.prefix(others)
    first.removeFirst(min(first.count, 5 - others))
    second.removeFirst(others)
    chosen += (first + second).prefix(5 - chosen.count)
    return shuffled(chosen)
  }

  mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
    var result = elements
    for last in stride(from: result.count - 1, to: 0, by: -1) {
      result.swapAt(last, random.integer(0...last))
    }
    return result
  }
}
