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
  /// Only these, where given.
  public var including: Set<Int64>?
  public init(
    category: String? = nil, split: String? = nil, excluding: Set<Int64> = [],
    including: Set<Int64>? = nil
  ) {
    self.category = category
    self.split = split
    self.excluding = excluding
    self.including = including
  }
}

/// A model that a collection holds vectors of.
public struct IndexedModel: Sendable, Equatable, Identifiable {
  public let id: Int64
  public let name: String
  /// Of the model, and of the way in which pictures were read where that is not the default one.
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
