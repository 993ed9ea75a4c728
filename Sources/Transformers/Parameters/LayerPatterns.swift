/// Parameters chosen by patterns of their names, e.g. `vision_model.*` or `*.bias`.
///
/// `*` stands for any run of characters (dots too), `?` for one. A name that a pattern with `!` in
/// front matches is left out, whatever the others say.
package struct LayerPatterns: Sendable, Equatable {
  package let patterns: [String]

  package init(_ patterns: [String]) { self.patterns = patterns }

  /// No parameter.
  package static let none = LayerPatterns([])

  /// What weight decay pulls at by default: every matrix and embedding table, but no bias, layer norm,
  /// class embedding or logit_scale.
  package static let decayed = LayerPatterns([
    "*.weight", "!*layer_norm*", "!*layernorm*", "!*layrnorm*",
  ])

  package func matches(_ name: String) -> Bool {
    var found = false
    for pattern in patterns {
      if pattern.hasPrefix("!") {
        if Self.matches(Array(pattern.utf8.dropFirst()), Array(name.utf8)) { return false }
      } else if !found {
        found = Self.matches(Array(pattern.utf8), Array(name.utf8))
      }
    }
    return found
  }

  /// Places of the chosen parameters, ascending; neighbours joined.
  package func ranges(in table: ParameterTable) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    for entry in table.entries where matches(entry.name) {
      if let last = ranges.last, last.upperBound == entry.range.lowerBound {
        ranges[ranges.count - 1] = last.lowerBound..<entry.range.upperBound
      } else {
        ranges.append(entry.range)
      }
    }
    return ranges
  }

  /// Patterns that match no parameter: most likely mistyped.
  package func unmatched(in table: ParameterTable) -> [String] {
    patterns.filter { pattern in
      let bare = Array(pattern.utf8.drop { $0 == UInt8(ascii: "!") })
      return !table.entries.contains { Self.matches(bare, Array($0.name.utf8)) }
    }
  }

  /// Greedy with one place to go back to: linear but for the last star.
  private static func matches(_ pattern: [UInt8], _ name: [UInt8]) -> Bool {
    let (star, any) = (UInt8(ascii: "*"), UInt8(ascii: "?"))
    var (p, n, lastStar, resume) = (0, 0, -1, 0)
    while n < name.count {
      if p < pattern.count, pattern[p] == star {
        (lastStar, resume) = (p, n)
        p += 1
      } else if p < pattern.count, pattern[p] == any || pattern[p] == name[n] {
        p += 1
        n += 1
      } else if lastStar >= 0 {
        p = lastStar + 1
        resume += 1
        n = resume
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == star }
  }
}
