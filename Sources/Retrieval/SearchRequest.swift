import Tokenizers
import Models
import ImageCollections
import VectorIndexes

/// What images are ranked by.
public enum Subject: Sendable, Equatable {
  /// One without terms asks for nothing: images are listed by path, without a score.
  case query(SearchQuery)
  /// An image, which is left out of its own ranking.
  case similar(to: Int64)
  /// A unit vector of the model's space, such as a picture's that the collection does not have.
  case vector([Float])

  var query: SearchQuery? { if case .query(let query) = self { query } else { nil } }
}

/// One question to a collection.
public struct SearchRequest: Sendable, Equatable {
  public var subject: Subject
  /// Who takes part; what the query asks for narrows it further.
  public var filter: RowFilter
  public var model: IndexedModel
  /// Most rows of the answer.
  public var limit: Int
  /// Whether windows of a scene that overlap better ones are left out; see ``Thinning``.
  public var thins = true

  public init(
    subject: Subject, filter: RowFilter = RowFilter(), model: IndexedModel, limit: Int
  ) {
    self.subject = subject
    self.filter = filter
    self.model = model
    self.limit = limit
  }

  /// Whether anything is looked for; else images are listed.
  public var isRanked: Bool {
    if case .query(let query) = subject { !query.terms.isEmpty } else { true }
  }

  /// Whether the model itself is needed: to list images, or for those like another, it is not.
  public var needsModel: Bool {
    if case .query(let query) = subject { !query.terms.isEmpty } else { false }
  }
}

/// A ranked image with the caption to show for it.
public struct Hit: Sendable, Equatable {
  /// From 1.
  public var rank: Int
  /// Cosine, −1…1, higher is better; `nil` where images are only listed.
  public var score: Float?
  public var image: IndexedImage
  /// The caption that fits the query best; `nil` where it has none.
  public var caption: String?

  public init(rank: Int, score: Float?, image: IndexedImage, caption: String?) {
    self.rank = rank
    self.score = score
    self.image = image
    self.caption = caption
  }
}

/// The answer to a ``SearchRequest``.
public struct Ranking: Sendable, Equatable {
  public var hits: [Hit]
  /// Images that took part.
  public var total: Int
  /// From the question to the rows, without the time of opening a model.
  public var milliseconds: Double
  /// What the model multiplies cosines with before a softmax; `nil` where no text was ranked.
  public var logitScale: Float?
  /// The category that the query names, where somebody has looked for it.
  public var namedCategory: String?
  /// What a person should know of the answer.
  public var notes: [Note]

  public enum Note: Sendable, Equatable {
    /// What stands behind the model's context is not looked for.
    case textCut(TextCut)
    /// The stored vectors of these images are damaged, and took no part.
    case damagedVectors(images: [Int64])
    /// Nothing was searched, and why.
    case refused(RetrievalError)
  }

  public init(
    hits: [Hit], total: Int, milliseconds: Double, logitScale: Float? = nil,
    namedCategory: String? = nil, notes: [Note] = []
  ) {
    self.hits = hits
    self.total = total
    self.milliseconds = milliseconds
    self.logitScale = logitScale
    self.namedCategory = namedCategory
    self.notes = notes
  }
}

extension Ranking.Note: CustomStringConvertible {
  public var description: String {
    switch self {
    case .textCut(let cut): "\(cut)"
    case .damagedVectors(let images):
      images.count == 1
        ? "the vector of 1 image is damaged and takes no part"
        : "the vectors of \(images.count) images are damaged and take no part"
    case .refused(let error): error.description
    }
  }
}

/// Why a question cannot be answered as it is.
public enum RetrievalError: Error, Sendable, Equatable, CustomStringConvertible {
  /// No image is of this category; `known` are those that there are.
  case noCategory(String, known: [String])
  case noSplit(String, known: [String])
  /// A place was asked for, and no image of the collection has one.
  case noPlaces
  /// A day was asked for, and no image of the collection has one.
  case noDates
  /// The parts of a query add up to nothing.
  case partsCancelOut
  /// An image that the query names was not embedded by the model.
  case noVector(image: String, model: String)

  public var description: String {
    switch self {
    case .noCategory(let name, let known):
      known.isEmpty
        ? "no category \(name): no image has one"
        : "no category \(name); there are \(known.joined(separator: ", "))"
    case .noSplit(let name, let known):
      known.isEmpty
        ? "no split \(name): no image is of one"
        : "no split \(name); there are \(known.joined(separator: ", "))"
    case .noPlaces: "no image of the collection has a place on earth"
    case .noDates: "no image of the collection has a day on which it was taken"
    case .partsCancelOut: "the parts of the query cancel each other out"
    case .noVector(let image, let model): "\(model) has no vector of \(image)"
    }
  }
}
