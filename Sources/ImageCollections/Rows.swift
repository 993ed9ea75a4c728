import Models

/// An image as it is stored.
public struct IndexedImage: Sendable, Equatable, Identifiable {
  public let id: Int64
  /// Absolute path; of a window its scene's, `#` and its rectangle, `x,y,width,height`.
  public let path: String
  public let category: String?
  public let split: String?
  public let captions: [String]
  public let width: Int
  public let height: Int
  /// Bytes of the file when it was indexed.
  public let byteCount: Int64
  /// Where it was cut out, where it is no file of its own.
  public let window: SceneWindow?

  public init(
    id: Int64, path: String, category: String?, split: String?, captions: [String], width: Int,
    height: Int, byteCount: Int64, window: SceneWindow? = nil
  ) {
    self.id = id
    self.path = path
    self.category = category
    self.split = split
    self.captions = captions
    self.width = width
    self.height = height
    self.byteCount = byteCount
    self.window = window
  }

  /// Last component of ``path``.
  public var filename: String { String(path.split(separator: "/").last ?? "") }
}

/// The vectors of a model as they are stored.
public struct StoredVectors: Sendable {
  /// The ids of the images, `[rows]`, ascending.
  public let ids: [Int64]
  /// `[ids.count, width]`, unit vectors.
  public let rows: EmbeddingMatrix
  /// Images whose stored vectors have another width or are not unit vectors.
  public let damaged: [Int64]
}

/// A model that a collection holds vectors of.
public struct IndexedModel: Sendable, Equatable, Identifiable {
  public let id: Int64
  public let name: String
  /// The fingerprint of the model, followed by how pictures were read where that differs from the default.
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
