import Tokenizers
import Checkpoints
import Files
import Foundation
import Imaging

/// A CLIP checkpoint in any of the layouts in which they are published, in a folder or as one file: which
/// files it has, and what they say. The weights are opened by ``weights()``.
///
/// The sizes come from config.json (transformers), else from open_clip_config.json, else from the
/// shapes of weights in OpenAI's or OpenCLIP's layout. The formats of weights, and their order, are
/// ``CheckpointFiles``'. A file that is named itself is read with what lies beside it, as its folder
/// would be.
public struct ModelFolder: Sendable {
  /// What was named: the folder, or the file of weights in it.
  public let path: String
  public let directory: String
  public internal(set) var configuration: CLIPConfiguration
  public internal(set) var preprocessing: ImagePreprocessing
  /// Of the files, where another was asked for.
  var storedImageSize: Int?
  /// Which files the tokenizer is read from.
  let tokenizerFiles: TokenizerFiles
  /// Name of the file that the sizes come from; `nil` where they come from the weights.
  let configurationFile: String?
  /// Name of the file that preprocessing comes from, whether or not it is there.
  let preprocessorFile: String
  /// What bare weights are read as; `nil` where a configuration says it.
  package let choice: ArchitectureChoice?

  static let preprocessorFile = "preprocessor_config.json"
  /// What transformers 5 writes in its place, with the same inside as `image_processor`.
  static let processorFile = "processor_config.json"
  /// What a person may put into a model's folder, for errors.
  static let expected =
    "a model's folder has config.json (or open_clip_config.json), preprocessor_config.json or "
    + "processor_config.json, vocab.json and merges.txt (or tokenizer.json), and weights: "
    + CheckpointFiles.expected

  /// - Parameters:
  ///   - path: a folder, or a file of weights in one.
  ///   - name: of the published model that weights without a configuration are, `ViT-B-32-quickgelu`.
  /// - Throws: ``CLIPError`` or `CheckpointError`: what was expected, what was found.
  public init(_ path: String, as name: String? = nil) throws {
    let url = URL(fileURLWithPath: path).standardizedFileURL
    let isFile = Self.isFile(url.path)
    if isFile, !CheckpointFiles.fileEndings.contains(where: { url.path.hasSuffix($0) }) {
      throw CLIPError(
        file: url.path,
        problem: "is no file of weights by its name; expected one of "
          + CheckpointFiles.fileEndings.joined(separator: " ") + ", or a folder")
    }
    if !isFile, CheckpointFiles.fileEndings.contains(where: { url.path.hasSuffix($0) }),
      !FileManager.default.fileExists(atPath: url.path)
    {
      throw CLIPError(file: url.path, problem: "does not exist")
    }
    let folder = isFile ? url.deletingLastPathComponent().path : url.path
    self.path = url.path
    directory = folder
    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(folder)/\(name)") }
    configurationFile = Self.configurationFile(in: folder)
    if let configurationFile, name != nil {
      throw CLIPError(
        file: "\(folder)/\(configurationFile)",
        problem: "says what the model is", wayOut: .noArchitecture)
    }
    switch configurationFile {
    case "config.json":
      configuration = try CLIPConfiguration(contentsOf: "\(folder)/config.json")
      choice = nil
    case let file?:
      configuration = try CLIPConfiguration(openCLIP: "\(folder)/\(file)")
      choice = nil
    case nil:
      (configuration, choice) = try Self.inferred(url.path, folder, isFile: isFile, name)
    }
    let side = configuration.imageSize
    let hasNested = try has(Self.processorFile) && Self.hasImageProcessor(folder)
    preprocessorFile = hasNested ? Self.processorFile : Self.preprocessorFile
    if hasNested || has(Self.preprocessorFile) || configurationFile == "config.json" {
      preprocessing = try ImagePreprocessing(
        contentsOf: "\(folder)/\(preprocessorFile)", side: side,
        within: hasNested ? "image_processor" : nil)
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

  private static func isFile(_ path: String) -> Bool {
    // In the hub's cache files are links.
    let place = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let facts = try? FileManager.default.attributesOfItem(atPath: place)
    return facts?[.type] as? FileAttributeType == .typeRegular
  }

  private static func configurationFile(in folder: String) -> String? {
    ["config.json", "open_clip_config.json"].first {
      FileManager.default.fileExists(atPath: "\(folder)/\($0)")
    }
  }

  enum PreprocessingSource { case file(String), layout }

  /// Where the rules for pictures come from.
  var preprocessingSource: PreprocessingSource {
    if FileManager.default.fileExists(atPath: "\(directory)/\(preprocessorFile)") {
      return .file(preprocessorFile)
    }
    return configurationFile.map { .file($0) } ?? .layout
  }

  /// Whether a folder, or that of a file, says what its model is.
  public static func hasConfiguration(_ path: String) -> Bool {
    let url = URL(fileURLWithPath: path).standardizedFileURL
    let folder = isFile(url.path) ? url.deletingLastPathComponent().path : url.path
    return configurationFile(in: folder) != nil
  }

  /// transformers 4 writes a processor_config.json, too, which says nothing of pictures.
  private static func hasImageProcessor(_ folder: String) throws -> Bool {
    try JSONFile("\(folder)/\(processorFile)").isObject("image_processor")
  }

  /// Without any configuration only weights in OpenAI's layout tell their sizes.
  private static func inferred(_ path: String, _ folder: String, isFile: Bool, _ name: String?)
    throws -> (CLIPConfiguration, ArchitectureChoice)
  {
    let files: CheckpointFiles
    do throws(CheckpointError) {
      files = try isFile ? CheckpointFiles(file: path) : CheckpointFiles(in: folder)
    } catch {
      guard error.reason == .noWeights else { throw error }
      throw CLIPError(file: "\(folder)/config.json", problem: "does not exist; \(expected)")
    }
    let translation = try ParameterNames.translated(try files.table())
    guard translation.names == .openAI else {
      throw CLIPError(
        file: "\(folder)/config.json",
        problem: "does not exist, and only weights in OpenAI's and OpenCLIP's layout can be read "
          + "without it; \(expected)")
    }
    return try CLIPConfiguration.inferred(
      from: translation.table, named: name, isOpenAIs: translation.isOpenAIs,
      file: files.files[0])
  }

  /// The weights under transformers' names, opened and compared with the configuration, not read.
  /// - Throws: `CheckpointError` where a tensor is missing or of another shape, or one of a tower has no
  ///   place in the configuration's model.
  package func weights() throws -> (table: TensorTable, files: CheckpointFiles) {
    let files = try path == directory ? CheckpointFiles(in: directory) : CheckpointFiles(file: path)
    var table = try positioned(ParameterNames.translated(try files.table()).table)
    if table.shape(of: "logit_scale") == nil {
      table = table.adding(
        "logit_scale", number: Float(Foundation.log(1 / 0.07)),
        note: "the weights have no logit_scale; 1/0.07 is taken, with which CLIP's training begins")
    }
    let expected = CLIPParameters(configuration).parameters(in: table)
    for parameter in expected { try table.require(parameter.name, shape: parameter.shape) }
    let known = Set(expected.map(\.name))
    let unused = table.names.filter { !known.contains($0) && table.type(of: $0)?.isFloat == true }
    if let name = unused.first(where: Self.isTowers) {
      throw CheckpointError(
        file: table.path, reason: .unused(name: name, shape: table.shape(of: name) ?? []))
    }
    if let name = unused.first {
      table = table.noting([
        unused.count == 1
          ? "a tensor of neither tower is not read: \(name)"
          : "\(unused.count) tensors of neither tower are not read, such as \(name)"
      ])
    }
    return (table, files)
  }

  /// Whether a name is one of the two towers', in any layout.
  private static func isTowers(_ name: String) -> Bool {
    [
      "text", "vision", "visual", "transformer.", "ln_final", "positional_embedding",
      "token_embedding", "logit_",
    ].contains { name.hasPrefix($0) }
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
      of: [configurationFile ?? "config.json", preprocessorFile].map(file)
        + tokenizerFiles.names.map(file)
        + (index + weights.files).map { (($0 as NSString).lastPathComponent, $0) } + rules)
      + sizeMark
  }
}
