import Checkpoints
import Files
import Foundation
import Imaging

/// A folder with a CLIP checkpoint in any of the layouts in which they are published: which files it
/// has, and what they say. The weights are opened by ``weights()``.
///
/// The sizes come from config.json (transformers), else from open_clip_config.json, else from the
/// shapes of OpenAI's weights. The formats of weights, and their order, are ``CheckpointFiles``'.
public struct ModelFolder: Sendable {
  public let directory: String
  public internal(set) var configuration: CLIPConfiguration
  public internal(set) var preprocessing: ImagePreprocessing
  /// Of the files, where another was asked for.
  var storedImageSize: Int?
  /// Which files the tokenizer is read from.
  let tokenizerFiles: TokenizerFiles
  /// Name of the file that the sizes come from; `nil` where they come from the weights.
  let configurationFile: String?

  static let preprocessorFile = "preprocessor_config.json"
  /// What a person may put into a model's folder, for errors.
  static let expected =
    "a model's folder has config.json (or open_clip_config.json), preprocessor_config.json, "
    + "vocab.json and merges.txt (or tokenizer.json), and weights: \(CheckpointFiles.expected)"

  /// - Throws: ``CLIPError`` or `CheckpointError`: what was expected, what was found.
  public init(_ directory: String) throws {
    let folder = URL(fileURLWithPath: directory).standardizedFileURL.path
    self.directory = folder
    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(folder)/\(name)") }
    let openCLIP = "open_clip_config.json"
    configurationFile = ["config.json", openCLIP].first(where: has)
    switch configurationFile {
    case "config.json": configuration = try CLIPConfiguration(contentsOf: "\(folder)/config.json")
    case openCLIP: configuration = try CLIPConfiguration(openCLIP: "\(folder)/\(openCLIP)")
    default: configuration = try Self.inferred(folder)
    }
    let side = configuration.imageSize
    if has(Self.preprocessorFile) || configurationFile == "config.json" {
      preprocessing = try ImagePreprocessing(
        contentsOf: "\(folder)/\(Self.preprocessorFile)", side: side)
    } else {
      preprocessing = try ImagePreprocessing(
        openCLIP: configurationFile.map { "\(folder)/\($0)" }, side: side)
    }
    // Models of transformers bring their vocabulary, and it need not be the standard one.
    tokenizerFiles = TokenizerFiles(
      in: folder,
      allowsStandard: configurationFile != "config.json"
        && configuration.vocabularySize == StandardMerges.vocabularySize)
  }

  /// Without any configuration only OpenAI's weights tell their sizes.
  private static func inferred(_ folder: String) throws -> CLIPConfiguration {
    guard let files = try? CheckpointFiles(in: folder) else {
      throw CLIPError(file: "\(folder)/config.json", problem: "does not exist; \(expected)")
    }
    let (table, names) = try ParameterNames.translated(try files.table())
    guard names == .openAI else {
      throw CLIPError(
        file: "\(folder)/config.json",
        problem: "does not exist, and only OpenAI's weights can be read without it; \(expected)")
    }
    return try CLIPConfiguration(weights: table)
  }

  /// The weights under transformers' names, opened and compared with the configuration, not read.
  /// - Throws: `CheckpointError` where a tensor is missing or of another shape.
  package func weights() throws -> (table: TensorTable, files: CheckpointFiles) {
    let files = try CheckpointFiles(in: directory)
    let table = try positioned(ParameterNames.translated(try files.table()).0)
    for (name, shape) in Self.parameters(configuration) {
      try table.require(name, shape: shape)
    }
    return (table, files)
  }

  /// Names and shapes of all parameters, by transformers' `CLIPModel`.
  package static func parameters(_ configuration: CLIPConfiguration) -> [(
    name: String, shape: [Int]
  )] {
    [("logit_scale", [])] + TextTower.parameters(configuration)
      + VisionTower.parameters(configuration)
  }

  /// - Parameter contextLength: the text tower's own by default, which it must not exceed.
  package func tokenizer(contextLength: Int? = nil) throws -> Tokenizer {
    try Tokenizer(
      tokenizerFiles, in: directory, contextLength: contextLength ?? configuration.contextLength,
      embeddings: configuration.vocabularySize, cleaning: textCleaning)
  }

  /// Hexadecimal SHA-256 over all files that vectors depend on.
  func fingerprint(weights: CheckpointFiles) throws -> String {
    func file(_ name: String) -> (label: String, path: String?) {
      let path = "\(directory)/\(name)"
      // What was read counts, not what has come or gone since.
      let exists = OpenedFiles.has(path) ?? FileManager.default.fileExists(atPath: path)
      return (name, exists ? path : nil)
    }
    let index = weights.index.map { [$0] } ?? []
    return try Fingerprint.sha256(
      of: [configurationFile ?? "config.json", Self.preprocessorFile].map(file)
        + tokenizerFiles.names.map(file)
        + (index + weights.files).map { (($0 as NSString).lastPathComponent, $0) } + rules)
      + sizeMark
  }
}
