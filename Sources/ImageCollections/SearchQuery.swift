import CLIP

/// What a query line asks for, in parts.
///
///     beach + pier - crowd           sum and difference of the parts' vectors
///     "white roofs" houses           only images with these very words in a caption
///     boats category:port            only this category
///     like:airport_35.jpg + snow     an image of the collection as a part
///     tanks category:"storage tanks" a name with blanks; like:"a b.jpg" too
///
/// `+` and `-` count only between blanks, so that "two-storey" stays a word. A quote that is not
/// closed yet is no quote: the line is read while it is typed.
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

  /// What is added up, in order; empty where nothing but a filter is asked for.
  public private(set) var terms: [Term] = []
  /// Words that captions must have, in this order.
  public private(set) var phrases: [String] = []
  public private(set) var category: String?

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
      case .category(let name): category = name.lowercased()
      case .image(let name):
        end(&terms)
        terms.append(Term(.image(named: name), isWanted: isWanted))
        isWanted = true
      }
    }
    end(&terms)
    // Words to be found in captions also say what is on the image.
    if terms.isEmpty, !phrases.isEmpty { terms = [Term(.text(phrases.joined(separator: " ")))] }
  }

  private enum Piece {
    case word(String)
    case category(String)
    case image(String)

    /// The signs before a name, which quotes may stand around.
    static let category = "category:"
    static let image = "like:"

    init(_ word: String) {
      if word.hasPrefix(Self.category), word != Self.category {
        self = .category(String(word.dropFirst(Self.category.count)))
      } else if word.hasPrefix(Self.image), word != Self.image {
        self = .image(String(word.dropFirst(Self.image.count)))
      } else {
        self = .word(word)
      }
    }
  }

  /// What blanks part; what stands between a pair of quotes is a phrase, or the name after a sign.
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
        let isNamed = word == Piece.category || word == Piece.image
        // A file's name may have any blanks in it.
        if isNamed, !text.isEmpty { word += quoted }
        end(&pieces)
        if !isNamed, !text.isEmpty { phrases.append(text) }
      }
    }
    end(&pieces)
    return pieces
  }

  /// The texts that are wanted, for the choice of captions and for a category that is named.
  public var wantedText: String {
    let texts = terms.compactMap { term -> String? in
      if term.isWanted, case .text(let text) = term.part { text } else { nil }
    }
    return (texts + phrases).joined(separator: " ")
  }
}

extension ImageCollection {
  /// Most images that a phrase may be found on; more are as good as no filter.
  private static let phraseLimit = 100_000

  /// The query as one unit vector in a model's space, and who takes part.
  /// - Parameters:
  ///   - indexed: the model's entry here.
  ///   - filter: narrowed further by the query's category, phrases and images.
  /// - Throws: ``CollectionError`` where an image of the query is not here, or its parts cancel out.
  public func resolve(
    _ query: SearchQuery, by model: CLIPModel, indexed: IndexedModel,
    where filter: SearchFilter = SearchFilter()
  ) async throws -> (vector: [Float], filter: SearchFilter) {
    var filter = filter
    if let category = query.category { filter.category = category }
    if !query.phrases.isEmpty { filter.including = try imageIDs(withCaptions: query.phrases) }
    let texts = query.terms.compactMap { term -> String? in
      if case .text(let text) = term.part { text } else { nil }
    }
    let embedded = try await model.embeddings(forTexts: texts)
    var vectors: [[Float]] = []
    var text = 0
    for term in query.terms {
      switch term.part {
      case .text:
        vectors.append(embedded[row: text])
        text += 1
      case .image(let name):
        let image = try image(named: name)
        filter.excluding.insert(image.id)
        guard let vector = try vector(of: image.id, model: indexed) else {
          throw CollectionError(
            path: path, reason: .system("\(indexed.name) has no vector of \(image.filename)"))
        }
        vectors.append(vector)
      }
    }
    return (try sum(vectors, query), filter)
  }

  private func sum(_ vectors: [[Float]], _ query: SearchQuery) throws -> [Float] {
    guard let first = vectors.first else {
      throw CollectionError(
        path: path, reason: .system("the query says nothing to look for; add words"))
    }
    if vectors.count == 1, query.terms[0].isWanted { return first }
    var sum = [Float](repeating: 0, count: first.count)
    for (vector, term) in zip(vectors, query.terms) {
      for index in sum.indices { sum[index] += term.isWanted ? vector[index] : -vector[index] }
    }
    let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard length > 1e-4 else {
      throw CollectionError(
        path: path, reason: .system("the parts of the query cancel each other out"))
    }
    return sum.map { $0 / length }
  }

  /// The image of a path, or of the end of one: a file's name, with as many of its folders as tell it
  /// from others.
  /// - Throws: ``CollectionError`` where there is none, or more than one.
  public func image(named name: String) throws -> IndexedImage {
    if let found = try image(path: name) { return found }
    let found = try images(pathEnd: name)
    if found.count == 1 { return found[0] }
    guard found.isEmpty else {
      throw CollectionError(
        path: path,
        reason: .system(
          "\(found.count > 2 ? "several" : "2") images are called \(name); put their folders in "
            + "front, as in \(found.prefix(2).map(\.path).joined(separator: ", "))"))
    }
    throw CollectionError(
      path: path,
      reason: .system("no image is called \(name); give a file's name, or the end of its path"))
  }

  /// Images of which every phrase stands in some caption, whatever the case of ASCII letters.
  private func imageIDs(withCaptions phrases: [String]) throws -> Set<Int64> {
    var found: Set<Int64>?
    for phrase in phrases {
      let ids = Set(try imageIDs(withCaption: phrase, limit: Self.phraseLimit))
      found = found.map { $0.intersection(ids) } ?? ids
    }
    return found ?? []
  }
}
