import Tokenizers
import Checkpoints
import Imaging

// Positions that are not used as they stand in the file: Long-CLIP's, and those of another picture size.

extension ModelFolder {
  private static let patches = "vision_model.embeddings.position_embedding.weight"
  private static let words = "text_model.embeddings.position_embedding.weight"
  /// Long-CLIP's `positional_embedding_res`, under the name that ``ParameterNames`` gives it.
  static let wordsBeyond = "text_model.embeddings.position_embedding_res.weight"
  /// Rows that Long-CLIP takes from CLIP's own embedding (`mask1`), and its length.
  private static let (keptWords, longContext) = (20, 248)

  /// Which library texts and pictures follow: transformers for its own layout, else the one that
  /// publishes in it.
  package var textCleaning: TextCleaning {
    switch configurationFile {
    case "config.json": .transformers
    case nil: .openAI
    default: .openCLIP
    }
  }

  /// The same model for pictures of another size, which its positions are interpolated to.
  /// - Throws: ``CLIPError`` where the size is smaller than a patch or larger than any is made for.
  package func resized(to side: Int?) throws -> ModelFolder {
    guard let side, side != configuration.imageSize else { return self }
    guard side >= configuration.patchSize, side <= ImagePreprocessing.longestSide else {
      throw CLIPError(
        file: directory,
        problem: "an image size of \(side) was asked for, expected \(configuration.patchSize) (a "
          + "patch) to \(ImagePreprocessing.longestSide)")
    }
    var folder = self
    folder.storedImageSize = storedImageSize ?? configuration.imageSize
    folder.configuration = configuration.resized(to: side)
    folder.preprocessing = try preprocessing.resized(to: side)
    return folder
  }

  /// The table with the positions that are used.
  func positioned(_ table: TensorTable) throws -> TensorTable {
    var table = table
    if let shape = table.shape(of: Self.wordsBeyond) {
      table = try joined(table, shape)
    }
    guard let stored = storedImageSize else { return table }
    let width = configuration.vision.width
    let (old, new) = (
      stored / configuration.patchSize, configuration.imageSize / configuration.patchSize
    )
    guard old != new else { return table }
    let values = try table.floats(Self.patches, shape: [1 + old * old, width])
    return table.replacing(
      Self.patches, shape: [1 + new * new, width],
      values: PositionGrid.resized(
        values, width: width, from: old, to: new, antialias: textCleaning != .transformers))
  }

  /// Long-CLIP keeps the first 20 positions of CLIP's embedding and takes the others from a second one.
  private func joined(_ table: TensorTable, _ shape: [Int]) throws -> TensorTable {
    let wanted = [Self.longContext, configuration.text.width]
    guard shape == wanted else {
      throw CLIPError(
        file: table.path,
        problem: "positional_embedding_res is \(shape), Long-CLIP's are \(wanted)")
    }
    let kept = Self.keptWords * wanted[1]
    let first = try table.floats(Self.words, shape: wanted)
    let others = try table.floats(Self.wordsBeyond, shape: wanted)
    return table.removing(Self.wordsBeyond).replacing(
      Self.words, shape: wanted, values: Array(first[..<kept] + others[kept...]))
  }

  /// What vectors depend on besides the files, for the fingerprint; nothing in transformers' layout, whose
  /// rules have not changed.
  var rules: [(label: String, path: String?)] {
    textCleaning == .transformers
      ? [] : [("texts and pictures as \(textCleaning.rawValue), 2026", nil)]
  }

  /// A fingerprint's end for another picture size than the files'.
  var sizeMark: String { storedImageSize == nil ? "" : "@\(configuration.imageSize)" }
}

extension CLIPConfiguration {
  package func resized(to side: Int) -> CLIPConfiguration {
    CLIPConfiguration(
      text: text, vocabularySize: vocabularySize, contextLength: contextLength, pooling: pooling,
      vision: vision, imageSize: side, patchSize: patchSize, projectionWidth: projectionWidth)
  }
}

extension ImagePreprocessing {
  /// For a tower of another picture size; a margin of the resized picture that the crop leaves out keeps
  /// its proportion.
  func resized(to side: Int) throws -> ImagePreprocessing {
    let old = output.width
    func scaled(_ length: Int) -> Int { max(1, (length * side + old / 2) / old) }
    let size: Resize?
    switch resize {
    case nil: size = nil
    case .shortestEdge(let edge): size = .shortestEdge(scaled(edge))
    case .exact(let exact):
      size = .exact(Size(width: scaled(exact.width), height: scaled(exact.height)))
    }
    return try ImagePreprocessing(
      resize: size, crop: crop == nil ? nil : Size(width: side, height: side),
      rescaleFactor: rescaleFactor, normalization: normalization, library: library)
  }
}
