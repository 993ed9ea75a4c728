/// A command's description below its first sentence, in parts.
///
///     Ranks images by a sentence; every      ← a paragraph, whose lines are filled anew
///     image is compared.
///
///     EXAMPLES                               ← a block under its heading, whose lines stay as they are
///       clip-rsicd search "a port"
package struct Discussion: Equatable, Sendable {
  package enum Part: Equatable, Sendable {
    case paragraph(String)
    /// Lines as they were written, the indentation too.
    case block(heading: String, lines: [String])
  }

  package let parts: [Part]

  package init(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    parts = lines.split { $0.allSatisfy(\.isWhitespace) }.map { Self.part(Array($0)) }
  }

  private static func part(_ lines: [String]) -> Part {
    guard let heading = lines.first, isHeading(heading),
      lines.count > 1, lines.dropFirst().allSatisfy({ $0.hasPrefix("  ") })
    else { return .paragraph(lines.joined(separator: " ")) }
    return .block(heading: heading, lines: Array(lines.dropFirst()))
  }

  private static func isHeading(_ line: String) -> Bool {
    line.allSatisfy { $0 == " " || ("A"..."Z").contains($0) }
  }
}
