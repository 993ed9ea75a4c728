import Datasets

/// The category that a query names, if it does: `planes in an airport` → `airport`,
/// `baseball fields` → `baseball_field`, by letters and digits alone as everywhere (``CategoryName``).
/// Where it names several, the longest name, then the first.
public func categoryNamed(in query: String, among categories: [String]) -> String? {
  let words = words(of: query)
  let names = categories.map { (name: $0, key: CategoryName.key($0)) }.filter { !$0.key.isEmpty }
  let longest = categories.map { Retrieval.words(of: $0).count }.max() ?? 1
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
