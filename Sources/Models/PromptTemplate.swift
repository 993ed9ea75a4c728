/// The prompt of a category: a text with `{category}` where its name goes.
public struct PromptTemplate: Sendable, Hashable, CustomStringConvertible {
  /// As it was given, with `{category}` in place of `{}`, which CLIP's own lists of prompts have.
  public let text: String

  /// - Returns: `nil` for a text without a place for the category.
  public init?(_ text: String) {
    let spelled = text.contains(Self.place) ? text : text.replacing("{}", with: Self.place)
    guard spelled.contains(Self.place) else { return nil }
    self.text = spelled
  }

  private init(unchecked text: String) { self.text = text }

  /// The original's, for aerial scenes.
  public static let aerial = PromptTemplate(unchecked: "An aerial photograph of {category}")
  private static let place = "{category}"

  public var description: String { text }

  /// The prompt of one label, whose name may be a folder's or a file's: what stands for a blank there
  /// becomes one, as captions have it.
  ///
  ///     storage_tanks, StorageTanks  →  An aerial photograph of storage tanks, … Storage Tanks
  public func prompt(for label: String) -> String {
    text.replacing(Self.place, with: Self.words(of: label))
  }

  public func prompts(for labels: [String]) -> [String] { labels.map(prompt) }

  private static func words(of label: String) -> String {
    var words = ""
    var last: Character = " "
    for character in label {
      if character == "_" {
        if last != " " { words.append(" ") }
        last = " "
        continue
      }
      if last.isLowercase, character.isUppercase { words.append(" ") }
      words.append(character)
      last = character
    }
    while words.last == " " { words.removeLast() }
    return words.isEmpty ? label : words
  }
}
