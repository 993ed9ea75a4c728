/// What a query line asks for, in parts.
///
///     beach + pier - crowd           sum and difference of the parts' vectors
///     "white roofs" houses           only images with these very words in a caption
///     boats category:port            only this category; of several, one of them; split:test likewise
///     like:airport_35.jpg + snow     an image of the collection as a part
///     tanks category:"storage tanks" a name with blanks; like:"a b.jpg" too
///
/// `+` and `-` count only between blanks, so that "two-storey" stays a word. The line may be read while it
/// is typed: a quote that is not closed yet is no quote and a sign without a name says nothing, which
/// ``unfinished`` tells where the line is all that comes.
public struct SearchQuery: Sendable, Equatable {
  public enum Part: Sendable, Equatable {
    case text(String)
    /// An image by its file name or path.
    case image(named: String)
  }

  public struct Term: Sendable, Equatable {
    public var part: Part
    /// False after `-`.
    public var isWanted: Bool

    public init(_ part: Part, isWanted: Bool = true) {
      self.part = part
      self.isWanted = isWanted
    }
  }

  /// The terms that are added up, in order; empty if the query is only a filter.
  public private(set) var terms: [Term] = []
  /// Words that captions must have, in this order.
  public private(set) var phrases: [String] = []
  /// The image's category must be one of these, as they were typed; empty for any category.
  public private(set) var categories: [String] = []
  /// Splits of which an image is of one; empty where any will do.
  public private(set) var splits: [String] = []
  /// The first part of the query that is unfinished, such as an open quote.
  public private(set) var unfinished: Unfinished?

  public enum Unfinished: Sendable, Equatable {
    /// A quote that is not closed, with what stands behind it.
    case quote(String)
    /// `category:`, `split:` or `like:` without a name.
    case sign(String)
  }

  /// The one text as it stands, nothing in it read as a sign.
  public init(plain text: String) { terms = [Term(.text(text))] }

  public init(_ line: String) {
    var words: [String] = []
    var isWanted = true
    func end(_ terms: inout [Term]) {
      if !words.isEmpty {
        terms.append(Term(.text(words.joined(separator: " ")), isWanted: isWanted))
      }
      words = []
    }
    for piece in takePieces(of: line) {
      switch piece {
      case .word(let word) where word == "+" || word == "-":
        end(&terms)
        isWanted = word == "+"
      case .word(let word): words.append(word)
      case .named(let sign, ""): unfinished = unfinished ?? .sign(sign.rawValue)
      case .named(.category, let name): categories.append(name)
      case .named(.split, let name): splits.append(name)
      case .named(.image, let name):
        end(&terms)
        terms.append(Term(.image(named: name), isWanted: isWanted))
        isWanted = true
      }
    }
    end(&terms)
    // Words to be found in captions also say what is on the image.
    if terms.isEmpty, !phrases.isEmpty { terms = [Term(.text(phrases.joined(separator: " ")))] }
  }

  /// What stands before a name, which quotes may stand around.
  private enum Sign: String, CaseIterable {
    case category = "category:"
    case split = "split:"
    case image = "like:"
  }

  private enum Piece {
    case word(String)
    case named(Sign, String)

    init(_ word: String) {
      if let sign = Sign.allCases.first(where: { word.hasPrefix($0.rawValue) }) {
        self = .named(sign, String(word.dropFirst(sign.rawValue.count)))
      } else {
        self = .word(word)
      }
    }
  }

  /// The parts of a query between blanks; text in quotes is a phrase, or the name after a sign.
  private mutating func takePieces(of line: String) -> [Piece] {
    var pieces: [Piece] = []
    var word = ""
    func end(_ pieces: inout [Piece]) {
      if !word.isEmpty { pieces.append(Piece(word)) }
      word = ""
    }
    var rest = line[...]
    while let character = rest.popFirst() {
      if character.isWhitespace {
        end(&pieces)
      } else if character != "\"" {
        word.append(character)
      } else if let close = rest.firstIndex(of: "\"") {
        let quoted = rest[..<close]
        rest = rest[rest.index(after: close)...]
        let text = quoted.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let isNamed = Sign(rawValue: word) != nil
        // A file's name may have any blanks in it.
        if isNamed, !text.isEmpty { word += quoted }
        end(&pieces)
        if !isNamed, !text.isEmpty { phrases.append(text) }
      } else {
        unfinished = unfinished ?? .quote(String(rest))
      }
    }
    end(&pieces)
    return pieces
  }

  /// The texts among the terms, in their order.
  var texts: [String] {
    terms.compactMap { if case .text(let text) = $0.part { text } else { nil } }
  }

  /// The texts that are wanted, for the choice of captions and for a category that is named.
  public var wantedText: String {
    let texts = terms.compactMap { term -> String? in
      if term.isWanted, case .text(let text) = term.part { text } else { nil }
    }
    return (texts + phrases).joined(separator: " ")
  }
}
