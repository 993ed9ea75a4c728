import CLIP

/// An image as it is stored.
public struct IndexedImage: Sendable, Equatable, Identifiable {
  public let id: Int64
  /// Absolute path.
  public let path: String
  public let category: String?
  public let split: String?
  public let captions: [String]
  public let width: Int
  public let height: Int
  /// Bytes of the file when it was indexed.
  public let byteCount: Int64

  public init(
    id: Int64, path: String, category: String?, split: String?, captions: [String], width: Int,
    height: Int, byteCount: Int64
  ) {
    self.id = id
    self.path = path
    self.category = category
    self.split = split
    self.captions = captions
    self.width = width
    self.height = height
    self.byteCount = byteCount
  }

  /// Last component of ``path``.
  public var filename: String { String(path.split(separator: "/").last ?? "") }
}

/// A hit: its place, cosine and image.
public struct RankedRow: Sendable, Equatable {
  /// From 1.
  public let rank: Int
  /// Cosine, −1…1, higher is better.
  public let score: Float
  public let image: IndexedImage

  public init(rank: Int, score: Float, image: IndexedImage) {
    self.rank = rank
    self.score = score
    self.image = image
  }
}

/// Which images take part in a search.
public struct SearchFilter: Sendable, Equatable {
  public var category: String?
  public var split: String?
  public var excluding: Set<Int64>
  public init(category: String? = nil, split: String? = nil, excluding: Set<Int64> = []) {
    self.category = category
    self.split = split
    self.excluding = excluding
  }
}

/// A model that a collection holds vectors of.
public struct IndexedModel: Sendable, Equatable, Identifiable {
  public let id: Int64
  public let name: String
  public let fingerprint: String
  /// Where it was when it last indexed.
  public let directory: String
  public let width: Int
  /// Images that have a vector of it.
  public let vectorCount: Int
  public init(
    id: Int64, name: String, fingerprint: String, directory: String, width: Int, vectorCount: Int
  ) {
    self.id = id
    self.name = name
    self.fingerprint = fingerprint
    self.directory = directory
    self.width = width
    self.vectorCount = vectorCount
  }
}

/// Vectors that can be searched; exact now, approximate and remote later behind the same protocol.
public protocol VectorSearch: Sendable {
  var count: Int { get }
  var width: Int { get }
  /// The `k` rows with the largest dot product with `query` (a unit vector), best first.
  /// Cancelled tasks throw `CancellationError` soon.
  func nearest(to query: [Float], count k: Int, where filter: SearchFilter) async throws
    -> [(imageID: Int64, score: Float)]
}

/// One SQLite file of images, captions, categories and vectors per model.
public final class ImageCollection: Sendable {
  public let path: String

  /// Opens an existing collection for reading; many readers and one writer at a time.
  public init(openingForReading path: String) throws { self.path = path }

  /// Images that could be read.
  public func imageCount() throws -> Int { 0 }
  public func models() throws -> [IndexedModel] { [] }
  /// The stored model with the fingerprint of `model`. Throws, saying how to mend it, where the
  /// collection has none or another one under the same name.
  public func indexedModel(for model: CLIPModel) throws -> IndexedModel {
    IndexedModel(id: 0, name: "", fingerprint: "", directory: "", width: 0, vectorCount: 0)
  }
  /// All images, by path.
  public func images(where filter: SearchFilter = SearchFilter()) throws -> [IndexedImage] { [] }
  public func images(ids: [Int64]) throws -> [IndexedImage] { [] }
  public func image(path: String) throws -> IndexedImage? { nil }
  /// Categories with their number of images, by name.
  public func categories() throws -> [(name: String, count: Int)] { [] }
  /// The vectors of a model: ids and rows in one order, `[ids.count, width]`.
  public func vectors(of model: IndexedModel) throws -> (ids: [Int64], rows: EmbeddingMatrix) {
    ([], EmbeddingMatrix(count: 0, width: 0, values: []))
  }
  /// The stored vector of one image.
  public func vector(of imageID: Int64, model: IndexedModel) throws -> [Float]? { nil }
  /// Exact search over the vectors of a model, read once and kept; follows later indexing.
  public func search(_ query: [Float], model: IndexedModel, limit: Int, where filter: SearchFilter)
    async throws -> [RankedRow]
  { [] }
}
