import Datasets

/// The words of a text as queries and captions are compared: letters and digits, lower case.
func words(of text: String) -> [Substring] {
  text.lowercased().split { !$0.isLetter && !$0.isNumber }
    .map { Substring($0) }
}

/// The category that a query names, if it does: `planes in an airport` → `airport`,
/// `baseball fields` → `baseball_field`, by letters and digits alone as everywhere (``CategoryName``).
/// Where it names several, the longest name, then the first.
public func categoryNamed(in query: String, among categories: [String]) -> String? {
  let words = words(of: query)
  let names = categories.map { (name: $0, key: CategoryName.key($0)) }.filter { !$0.key.isEmpty }
  let longest = categories.map { Explorer.words(of: $0).count }.max() ?? 1
  var found: (name: String, key: String)?
  for start in words.indices {
    var joined = ""
    // A name written as one word may be three of the query.
    for end in start..<min(start + max(3, longest), words.endIndex) {
      joined += CategoryName.key(words[end])
      for category in names where category.key.count > (found?.key.count ?? 0) {
        if joined == category.key || singular(joined) == category.key
          || joined == singular(category.key)
        {
          found = category
        }
      }
    }
  }
  return found?.name
}

/// Without the ending of the plural, roughly: `churches` → `church`, `beaches` → `beach`.
private func singular(_ word: String) -> String {
  if word.hasSuffix("ches") || word.hasSuffix("ses") { return String(word.dropLast(2)) }
  return word.hasSuffix("s") && !word.hasSuffix("ss") ? String(word.dropLast()) : word
}

/// Words that nearly every caption has.
private let commonWords: Set<Substring> = [
  "a", "an", "and", "are", "at", "by", "in", "is", "it", "its", "of", "on", "some", "the", "there",
  "to", "with", "near", "many", "several",
]

/// The caption that shares most words with a query; the first where none shares any.
func bestCaption(of captions: [String], for query: [Substring]) -> String? {
  guard captions.count > 1 else { return captions.first }
  let wanted = Set(query).subtracting(commonWords)
  guard !wanted.isEmpty else { return captions.first }
  var best: (caption: String, score: Double)?
  for caption in captions {
    let own = Set(words(of: caption)).subtracting(commonWords)
    let shared = Double(own.intersection(wanted).count)
    // Of two that share as much, the shorter one says it more plainly.
    let score = shared / (1 + 0.05 * Double(own.count))
    if score > best?.score ?? 0 { best = (caption, score) }
  }
  return best?.caption ?? captions.first
}
