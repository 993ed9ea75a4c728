/// What vectors belong to, as a text: the digest of a model's files and, for weights without a
/// configuration, what they were read as: `0a1b…~ViT-B-32`.
public struct ModelIdentity: Sendable, Equatable {
  public let digest: String
  /// Empty where the files say all, and where earlier versions read them so, without asking.
  public let reading: String

  public init(digest: String, reading: String) {
    self.digest = digest
    self.reading = reading
  }

  public init(text: String) {
    let parts = text.split(separator: "~", maxSplits: 1, omittingEmptySubsequences: false)
    digest = String(parts.first ?? "")
    reading = parts.count > 1 ? String(parts[1]) : ""
  }

  public var text: String { reading.isEmpty ? digest : "\(digest)~\(reading)" }
}

extension CLIPModel {
  func read(asIn fingerprint: String) throws -> CLIPModel? {
    let (own, wanted) = (ModelIdentity(text: self.fingerprint), ModelIdentity(text: fingerprint))
    guard own.digest == wanted.digest, own != wanted, let twin = provenance.twin else { return nil }
    let name = wanted.reading.isEmpty ? twin : wanted.reading
    guard PublishedArchitecture(named: name) != nil else { return nil }
    let other = try CLIPModel(
      contentsOf: directory, as: name, threads: threads,
      imageSize: EmbeddingModels.imageSize(ofFingerprint: fingerprint))
    return other.fingerprint == fingerprint ? other : nil
  }
}

/// Where what a model is computed by comes from.
public struct ModelProvenance: Sendable, Equatable {
  /// The published model's name, where weights are read as one.
  public let architecture: String?
  /// Where sizes, heads and activation come from: a file's name, or how bare weights were recognised.
  public let configuration: String
  public let preprocessing: String
  public let tokenizer: String
  /// The model of the same sizes with the other activation.
  let twin: String?

  init(_ folder: ModelFolder) {
    architecture = folder.choice?.architecture?.name
    twin = architecture.flatMap { name in
      let quick = PublishedArchitecture.quickEnding
      let other =
        name.hasSuffix(quick) ? String(name.dropLast(quick.count)) : name + quick
      return PublishedArchitecture(named: other)?.name
    }
    configuration = folder.configurationFile ?? folder.choice?.source ?? ""
    switch folder.preprocessingSource {
    case .file(let name): preprocessing = name
    case .layout: preprocessing = "OpenAI's rules, which such weights mean"
    }
    tokenizer = folder.tokenizerFiles.names.joined(separator: " and ")
  }
}
