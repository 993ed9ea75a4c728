/// The words of a text as queries and captions are compared: letters and digits, lower case.
package func words(of text: String) -> [Substring] {
  text.lowercased().split { !$0.isLetter && !$0.isNumber }
    .map { Substring($0) }
}

/// Words that nearly every caption has.
private let commonWords: Set<Substring> = [
  "a", "an", "and", "are", "at", "by", "in", "is", "it", "its", "of", "on", "some", "the", "there",
  "to", "with", "near", "many", "several",
]

/// The caption of an image that is shown for a query: the one that shares most words with it; the first
/// where none shares any.
/// - Parameter query: ``words(of:)`` of the query; empty where images are listed or like another one.
package func fittingCaption(of captions: [String], for query: [Substring]) -> String? {
  guard captions.count > 1 else { return captions.first }
  let wanted = Set(query).subtracting(commonWords)
  guard !wanted.isEmpty else { return captions.first }
  var best: (caption: String, score: Double)?
  for caption in captions {
    let own = Set(words(of: caption)).subtracting(commonWords)
    let shared = Double(own.intersection(wanted).count)
    // Of two captions that share as many words, the shorter one is plainer.
    let score = shared / (1 + 0.05 * Double(own.count))
    if score > best?.score ?? 0 { best = (caption, score) }
  }
  return best?.caption ?? captions.first
}
