import Tokenizers
import Models
import Checkpoints
import Datasets
import Foundation
import Hub
import ImageCollections
import Imaging
import Retrieval
import Scenes
import TestSupport
import Training

extension FuzzReader {
  /// What a user's command would do with the file, up to the point where the model itself is needed.
  func read(_ bytes: [UInt8]) throws {
    switch target {
    case .safetensors: try readWeights(bytes, "model.safetensors")
    case .zip: try readWeights(bytes, "pytorch_model.bin")
    case .pickle: try readWeights(Self.archive(pickle: bytes), "pytorch_model.bin")
    case .msgpack: try readWeights(bytes, "flax_model.msgpack")
    case .shards:
      try write(bytes, to: "model.safetensors.index.json")
      try readAll(CheckpointFiles(in: folder).table())
    case .config: try readModel(bytes, "config.json")
    case .preprocessor: try readModel(bytes, "preprocessor_config.json")
    case .openclip: try readModel(bytes, "open_clip_config.json")
    case .vocabulary: try readTokenizer(bytes, "vocab.json")
    case .merges: try readTokenizer(bytes, "merges.txt")
    case .tokenizer: try readTokenizer(bytes, "tokenizer.json")
    case .jpeg, .png, .tiff, .webp: try readPicture(bytes)
    case .jpeg2000:
      try readScene(write(bytes, to: "scene.jp2"))
      try readPicture(bytes)
    case .exif: try readPicture(Self.jpeg(exif: bytes))
    case .scene: try readScene(write(bytes, to: "scene.tif"))
    case .world: try readWorld(bytes)
    case .captions: _ = try CaptionFile.read(write(bytes, to: "train.jsonl"))
    case .collection: try readCollection(bytes)
    case .repair:
      try removeCollection()
      _ = try CollectionCheck(write(bytes, to: Self.collection)).repair()
    case .recipe: _ = try Recipe(contentsOf: write(bytes, to: "recipe.toml"))
    case .hub:
      _ = try RepositoryListing(bytes, of: HubRepository("org/name", kind: .model))
    }
  }

  /// Whether an error is one that the command shows as a sentence.
  func isOwn(_ error: any Error) -> Bool {
    switch error {
    case is CheckpointError, is CLIPError, is TokenizerError, is ImageError, is CaptionFileError,
      is CollectionError, is RecipeError, is HubError:
      true
    default: false
    }
  }

  // MARK: Weights

  private func readWeights(_ bytes: [UInt8], _ name: String) throws {
    try readAll(CheckpointReader.table(of: write(bytes, to: name)))
    // Without a configuration: names of all schemes are tried, sizes told from shapes. Few sound files
    // are OpenAI's models, so its refusal is none of the file's.
    do { _ = try ModelFolder(folder) } catch  where isOwn(error) {}
  }

  private func readAll(_ table: TensorTable) throws {
    for name in table.names {
      guard let shape = table.shape(of: name), table.type(of: name)?.isFloat == true else {
        continue
      }
      _ = try table.floats(name, shape: shape)
      if shape.count == 2, shape[0] > 0, shape[1] < 4096 {
        var row = [Float](repeating: 0, count: shape[1])
        var span = row.mutableSpan
        try table.matrix(name, shape: shape).add(row: shape[0] - 1, to: &span, at: 0)
      }
    }
  }

  /// torch.save's layout around a pickle.
  private static func archive(pickle: [UInt8]) -> [UInt8] {
    Archive(
      [.init("archive/data.pkl", pickle), .init("archive/byteorder", Array("little".utf8))]
        + (0..<4).map {
          .init("archive/data/\($0)", [UInt8](repeating: UInt8($0), count: 16 << (2 * $0)))
        }
    ).bytes
  }

  // MARK: A model's folder

  private func readModel(_ bytes: [UInt8], _ name: String) throws {
    try write(bytes, to: name)
    let model = try ModelFolder(folder)
    _ = CLIPParameters(model.configuration)
  }

  private func readTokenizer(_ bytes: [UInt8], _ name: String) throws {
    try write(bytes, to: name)
    let tokenizer = try Tokenizer(contentsOf: folder, contextLength: 77)
    _ = tokenizer.encode("It's 3 planes, <|endoftext|> naïve 飛行機 ")
  }

  // MARK: Pictures

  private func readPicture(_ bytes: [UInt8]) throws {
    var reader = ImageReader()
    reader.pixelLimit = FuzzTarget.pixelLimit
    let picture = try reader.forScreen.read(bytes, name: "picture", detail: .full)
    _ = try reader.read(bytes, name: "picture", detail: .rough(8))
    let (width, height) = (picture.pixels.width, picture.pixels.height)
    precondition(picture.pixels.bytes.count == 3 * width * height)
  }

  private func readScene(_ path: String) throws {
    let scene = try Scene(path)
    let region = PixelRegion(
      x: 0, y: 0, width: min(64, scene.width), height: min(64, scene.height))
    let read = try scene.read(region)
    precondition(read.pixels.bytes.count == 3 * region.width * region.height)
    guard case .found(let place) = scene.place else { return }
    _ = place.corners(of: region).map { GeoJSON.feature($0, []) }
    _ = place.groundMetres(column: 1, row: 1)
  }

  private func readWorld(_ bytes: [UInt8]) throws {
    let lines = bytes.split(separator: 0x0A, maxSplits: 6, omittingEmptySubsequences: false)
    try write(Array(lines.prefix(6).joined(separator: [0x0A])), to: "scene.jgw")
    try write(lines.count > 6 ? Array(lines[6]) : [], to: "scene.prj")
    let picture = try JPEG.encode(
      Pixels(width: 3, height: 2, bytes: (0..<18).map { UInt8(13 * $0) }))
    try readScene(write(picture, to: "scene.jpg"))
  }

  /// A small JPEG with this block as its EXIF.
  private static func jpeg(exif: [UInt8]) throws -> [UInt8] {
    let picture = try JPEG.encode(
      Pixels(width: 3, height: 2, bytes: (0..<18).map { UInt8(13 * $0) }))
    let block = Array("Exif\0\0".utf8) + exif.prefix(65_000)
    let length = UInt16(block.count + 2).byteSwapped
    return [0xFF, 0xD8, 0xFF, 0xE1] + little(length) + block + picture.dropFirst(2)
  }

  // MARK: Collections

  private static let collection = "collection.sqlite"

  private func removeCollection() throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      unlink("\(folder)/\(name)")
    }
  }

  private func readCollection(_ bytes: [UInt8]) throws {
    try removeCollection()
    let path = try write(bytes, to: Self.collection)
    _ = try CollectionCheck(path).run()
    let collection = try ImageCollection(openingForReading: path)
    _ = try collection.imageCount()
    _ = try collection.unreadable()
    _ = try collection.categories()
    let images = try collection.images()
    _ = try collection.images(ids: images.map(\.id))
    let retriever = Retriever(collection) { _ in throw CancellationError() }
    _ = try retriever.categories()
    for model in try collection.models() {
      _ = try collection.vectors(of: model)
      if let first = images.first { _ = try collection.vector(of: first.id, model: model) }
      _ = try retriever.index(of: model)
    }
  }
}
