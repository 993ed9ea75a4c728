import Checkpoints
import Compute
import Files
import Foundation
import Imaging
import Synchronization
import Threads
import Tokenizers
import Transformers

/// A CLIP checkpoint, ready to embed. Immutable, shared and safe to call from several tasks at once.
///
///     let model = try CLIPModel(contentsOf: "assets/models/rsicd-mini")
///     let query = try model.embed(texts: ["planes beside a long terminal"])
///
/// Reads what transformers' `CLIPModel.from_pretrained` reads, and folders of OpenCLIP's and OpenAI's
/// models: see ``ModelFolder``.
public final class CLIPModel: Sendable {
  /// The directory's last path component, e.g. `rsicd-mini`; in the Hugging Face hub's cache
  /// (`models--org--name/snapshots/commit`) the repository's name; of a file that was named, its own
  /// without the ending.
  public let name: String
  /// The folder, or the file of weights that was named.
  public let directory: String
  /// Which files the weights come from, and their types, e.g. `pytorch_model.bin, F16`.
  public let weights: String
  /// Hexadecimal SHA-256 over weights, configuration, preprocessing and tokenizer: what vectors belong to.
  /// For weights without a configuration, what they are read as follows behind a `~`.
  public let fingerprint: String
  /// What a person should know of how the files were read, in sentences.
  public let notes: [String]
  public let otherReading: String?
  /// How the model's sizes and rules are known, for a summary.
  public let provenance: ModelProvenance
  public let configuration: CLIPConfiguration
  public let preprocessing: ImagePreprocessing
  public let tokenizer: Tokenizer
  /// `exp(logit_scale)`: what cosines are multiplied with before a softmax.
  public let logitScale: Float
  /// Threads used by a call.
  public var threads: Int { workers.count }
  /// Width of the shared space.
  public var embeddingWidth: Int { configuration.projectionWidth }

  private let table: TensorTable
  private let narrowestPart: Int
  private let engine: Engine
  private let workers: Workers
  private let textTower = Mutex<TextTower?>(nil)
  private let visionTower = Mutex<VisionTower?>(nil)

  /// Opens a model's folder. Weights are mapped and their names and shapes compared with the
  /// configuration; each tower is packed at its first use.
  /// - Parameters:
  ///   - directory: a folder, or a file of weights in one.
  ///   - name: of the published model that weights without a configuration are, `ViT-B-32-quickgelu`.
  ///   - threads: of one call; the machine's cores by default.
  ///   - imageSize: of the pictures, where not the model's own: its positions are interpolated, and its
  ///     fingerprint ends in `@` and the size.
  /// - Throws: ``CLIPError``, ``TokenizerError``, `CheckpointError`: what was expected, what was found.
  public convenience init(
    contentsOf directory: String, as name: String? = nil, threads: Int? = nil,
    imageSize: Int? = nil
  ) throws {
    try self.init(
      contentsOf: directory, as: name, threads: threads, imageSize: imageSize, narrowestPart: 128)
  }

  /// - Parameter narrowestPart: columns of a product, below which a block is cut no further for threads
  ///   that share one text or picture: a batch computes the parts one after the other, and narrower
  ///   products would be slower there.
  package init(
    contentsOf directory: String, as modelConfiguration: String? = nil, threads: Int?,
    imageSize: Int? = nil, narrowestPart: Int
  ) throws {
    self.narrowestPart = narrowestPart
    // The folder may be exchanged meanwhile: what is hashed is what was read.
    let (folder, table, files, tokenizer, digest) = try OpenedFiles.reading {
      let folder = try ModelFolder(directory, as: modelConfiguration).resized(to: imageSize)
      let (table, files) = try folder.weights()
      let tokenizer = try folder.tokenizer()
      let digest = try folder.fingerprint(weights: files)
      if let path = OpenedFiles.changed() { throw CheckpointError(file: path, reason: .changed) }
      return (folder, table, files, tokenizer, digest)
    }
    self.directory = folder.path
    name = Self.name(of: folder)
    configuration = folder.configuration
    preprocessing = folder.preprocessing
    self.table = table
    weights = files.summary(types: table.types)
    logitScale = Foundation.exp(try table.floats(CLIPParameters(configuration).logitScale)[0])
    self.tokenizer = tokenizer
    fingerprint =
      ModelIdentity(digest: digest, reading: folder.choice?.identity ?? "").text
    provenance = ModelProvenance(folder)
    notes = table.notes + (folder.choice?.warning.map { [$0] } ?? [])
    otherReading = folder.choice?.other
    engine = try Engine()
    workers = Workers(count: threads ?? ProcessInfo.processInfo.activeProcessorCount)
  }

  /// Names of files that say nothing of the model.
  private static let dullNames = [
    "model", "pytorch_model", "checkpoint", "last", "best", "weights",
  ]

  private static func name(of folder: ModelFolder) -> String {
    let url = URL(fileURLWithPath: folder.directory)
    guard folder.path != folder.directory else { return name(of: url) }
    let stem = URL(fileURLWithPath: folder.path).deletingPathExtension().lastPathComponent
    // OpenCLIP's trainer writes epoch_20.pt, and SkyCLIP is published so.
    let isDull =
      dullNames.contains(stem) || stem.hasPrefix("epoch_") || stem.hasPrefix("open_clip_")
    return isDull ? name(of: url) : stem
  }

  private static func name(of folder: URL) -> String {
    let snapshots = folder.deletingLastPathComponent()
    let repository = snapshots.deletingLastPathComponent().lastPathComponent
    guard snapshots.lastPathComponent == "snapshots", repository.hasPrefix("models--") else {
      return folder.lastPathComponent
    }
    return repository.split(separator: "--").last.map(String.init) ?? folder.lastPathComponent
  }

  /// Numbers of all parameters, for a summary.
  public var parameterCount: Int {
    CLIPParameters(configuration).table.count
  }

  // MARK: Texts

  /// Unit vectors of texts, `[texts.count, embeddingWidth]`. Blocks the calling thread.
  public func embed(texts: [String]) throws -> EmbeddingMatrix {
    try embed(tokens: texts.map { tokenizer.encode($0) })
  }

  /// Unit vectors of token ids, start and end included, e.g. from ``Tokenizer/encode(_:truncated:)``.
  public func embed(tokens texts: [[Int32]]) throws -> EmbeddingMatrix {
    for text in texts {
      guard !text.isEmpty, text.count <= configuration.contextLength,
        text.allSatisfy({ $0 >= 0 && Int($0) < configuration.vocabularySize })
      else {
        throw CLIPError(
          file: directory,
          problem: "\(text.count) token ids, expected 1…\(configuration.contextLength) ids "
            + "below \(configuration.vocabularySize)")
      }
    }
    let tower = try loadedTextTower()
    let prefixes = texts.map(configuration.pooledPrefix)
    let batches = Self.batches(of: prefixes, limit: texts.count > threads ? 32 : 1)
    let width = embeddingWidth
    let results =
      batches.count == 1
      ? [[(batches[0], try tower.embed(prefixes, sharedBy: workers))]]
      : try workers.run(parts: min(threads, batches.count)) { part in
        try stride(from: part, to: batches.count, by: min(self.threads, batches.count)).map {
          (batches[$0], try tower.embed(batches[$0].map { prefixes[$0] }))
        }
      }
    // Rows of token embeddings are read from the file at each call.
    try table.requireUnchanged()
    var values = [Float](repeating: 0, count: texts.count * width)
    for (indices, vectors) in results.joined() {
      for (place, index) in indices.enumerated() {
        values.replaceSubrange(
          index * width..<(index + 1) * width, with: vectors[place * width..<(place + 1) * width])
      }
    }
    return EmbeddingMatrix(count: texts.count, width: width, values: values)
  }

  /// Places of texts of equal length, together, at most `limit` at a time.
  private static func batches(of texts: [ArraySlice<Int32>], limit: Int) -> [[Int]] {
    let byLength = Dictionary(grouping: texts.indices) { texts[$0].count }
    return byLength.sorted { $0.key > $1.key }.flatMap { _, places in
      stride(from: 0, to: places.count, by: limit).map {
        Array(places[$0..<min($0 + limit, places.count)])
      }
    }
  }

  private func loadedTextTower() throws -> TextTower {
    try textTower.withLock { tower in
      if let tower { return tower }
      let made = try TextTower(
        table, configuration, engine: engine,
        sharing: Sharing(threads: threads, narrowestPart: narrowestPart))
      try table.requireUnchanged()
      tower = made
      return made
    }
  }

  // MARK: Pictures

  /// Pictures that one worker takes through the tower at a time.
  private static let picturesPerPass = 8

  /// Unit vectors of pictures, `[images.count, embeddingWidth]`. Blocks the calling thread.
  public func embed(images: [Pixels]) throws -> EmbeddingMatrix {
    try shared(images.count) { range in range.flatMap { self.preprocess(images[$0]) }[...] }
  }

  /// Decoded picture → what the vision tower reads, `[3, side, side]`, channel by channel;
  /// `CLIPImageProcessor`'s resize, centre crop, rescale and normalise.
  public func preprocess(_ image: Pixels) -> [Float] { image.preprocessed(preprocessing) }

  /// Unit vectors of preprocessed pictures, `count` times what ``preprocess(_:)`` gives, back to back.
  /// Runs on the calling thread alone: a pipeline that has a worker on every core calls this from each.
  public func embed(preprocessed: [Float], count: Int) throws -> EmbeddingMatrix {
    let tower = try checkedVisionTower(preprocessed, count: count)
    let values = try Self.passes(0..<count, tower) { range in
      preprocessed[range.lowerBound * tower.pixelCount..<range.upperBound * tower.pixelCount]
    }
    return EmbeddingMatrix(count: count, width: embeddingWidth, values: values)
  }

  /// As ``embed(preprocessed:count:)``, on all of the model's threads.
  public func embedShared(preprocessed: [Float], count: Int) throws -> EmbeddingMatrix {
    let side = try checkedVisionTower(preprocessed, count: count).pixelCount
    return try shared(count) { preprocessed[$0.lowerBound * side..<$0.upperBound * side] }
  }

  /// Shares a batch out by pictures, each worker on its own core through all layers: no barrier after
  /// every product. Fewer pictures than cores are shared by parts of
  /// each block instead.
  private func shared(_ count: Int, _ pixels: @escaping @Sendable (Range<Int>) -> ArraySlice<Float>)
    throws -> EmbeddingMatrix
  {
    let tower = try loadedVisionTower()
    if count < threads {
      return EmbeddingMatrix(
        count: count, width: embeddingWidth,
        values: try Self.passes(0..<count, tower, sharedBy: workers, pixels))
    }
    let parts = threads
    let results = try workers.run(parts: parts) { part in
      try Self.passes(count * part / parts..<count * (part + 1) / parts, tower, pixels)
    }
    return EmbeddingMatrix(
      count: count, width: embeddingWidth, values: Array(results.joined()))
  }

  private static func passes(
    _ range: Range<Int>, _ tower: VisionTower, sharedBy workers: Workers? = nil,
    _ pixels: (Range<Int>) -> ArraySlice<Float>
  ) throws -> [Float] {
    var values: [Float] = []
    for start in stride(from: range.lowerBound, to: range.upperBound, by: picturesPerPass) {
      let pass = start..<min(start + picturesPerPass, range.upperBound)
      values += try tower.embed(pixels(pass), count: pass.count, sharedBy: workers)
    }
    return values
  }

  private func checkedVisionTower(_ preprocessed: [Float], count: Int) throws -> VisionTower {
    let tower = try loadedVisionTower()
    guard count >= 0, preprocessed.count == count * tower.pixelCount else {
      throw CLIPError(
        file: directory,
        problem:
          "\(preprocessed.count) floats, expected \(tower.pixelCount) for each of \(count) pictures"
      )
    }
    return tower
  }

  private func loadedVisionTower() throws -> VisionTower {
    try visionTower.withLock { tower in
      if let tower { return tower }
      let made = try VisionTower(
        table, configuration, engine: engine,
        sharing: Sharing(threads: threads, narrowestPart: narrowestPart))
      try table.requireUnchanged()
      tower = made
      return made
    }
  }

  // MARK: Waiting without a thread

  /// As ``embed(texts:)``, waiting without holding the caller's thread.
  public func embeddings(forTexts texts: [String]) async throws -> EmbeddingMatrix {
    try await offPool { try self.embed(texts: texts) }
  }

  /// As ``embed(images:)``, waiting without holding the caller's thread.
  public func embeddings(forImages images: [Pixels]) async throws -> EmbeddingMatrix {
    try await offPool { try self.embed(images: images) }
  }

  private func offPool<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result)
    async throws -> Result
  {
    try Task.checkCancellation()
    return try await OwnThread.run("embedding", body)
  }

  // MARK: For comparison with the reference

  package func visionHiddenStates(_ pixels: [Float]) throws -> [[Float]] {
    try loadedVisionTower().hiddenStates(pixels)
  }

  package func textHiddenStates(_ ids: [Int32]) throws -> [[Float]] {
    let tower = try loadedTextTower()
    return try tower.hiddenStates(configuration.pooledPrefix(ids))
  }
}
