import Checkpoints
import Compute

/// Which architecture bare weights are read as, and how that is known.
package struct ArchitectureChoice: Sendable, Equatable {
  /// The published model; `nil` for sizes that no model of OpenCLIP's has.
  package let architecture: PublishedArchitecture?
  package let activation: Activation
  package let visionHeadWidth: Int
  package let textHeadWidth: Int
  /// Where it comes from, as a sentence's end: "the file's name", "the name given".
  package let source: String
  /// What the user should know before relying on it; `nil` where nothing was guessed.
  package let warning: String?
  /// The name of the architecture that it may be instead, where the ``warning`` is about that.
  let other: String?

  /// What vectors depend on besides the weights: part of the model's fingerprint. Empty where it is what
  /// earlier versions took without asking (quick GELU and heads of 64), so that what they indexed stays.
  var identity: String {
    guard activation == .gelu || visionHeadWidth != 64 || textHeadWidth != 64 else { return "" }
    return architecture?.name ?? (activation == .gelu ? "gelu" : "")
  }

  /// Names of files as they are published, with what their publishers' own code builds for them.
  private struct Publisher {
    /// In the file's name or its folder's, letters and digits alone, in small letters.
    let words: [String]
    let isQuick: Bool
    let source: String
    /// Whether that is beyond doubt.
    let warning: String?
  }

  /// Read in the publishers' repositories: ChenDelong1999/RemoteCLIP (README), om-ai-lab/RS5M
  /// (inference.py), wangzhecheng/SkyScript (README, test_zero_shot_classification.py).
  private static let publishers: [Publisher] = [
    Publisher(
      words: ["remoteclip", "vit"], isQuick: false,
      source: "the name RemoteCLIP: its README loads it with open_clip without quickgelu",
      warning: "RemoteCLIP's README loads it so; its training began with OpenAI's weights, which "
        + "have quick GELU, so compare both with evaluate"),
    Publisher(
      words: ["rs5m", "vitb32"], isQuick: true,
      source: "the name RS5M_ViT-B-32: GeoRSCLIP's inference.py loads it over OpenAI's model",
      warning: nil),
    Publisher(
      words: ["rs5m", "vith14"], isQuick: false,
      source: "the name RS5M_ViT-H-14: GeoRSCLIP's inference.py loads it over laion2b_s32b_b79k",
      warning: nil),
    Publisher(
      words: ["skyclip", "vitb32"], isQuick: false,
      source: "the name SkyCLIP_ViT_B32: SkyScript trained it from laion2b_e16", warning: nil),
    Publisher(
      words: ["skyclip", "vitl14"], isQuick: false,
      source: "the name SkyCLIP_ViT_L14: SkyScript tests it as ViT-L-14",
      warning: "SkyScript tests it so; its training began with OpenAI's weights, which have quick "
        + "GELU, so compare both with evaluate"),
    Publisher(
      words: ["clipvitl14laionrs"], isQuick: false,
      source: "the name CLIP_ViT_L14_LAION_RS: SkyScript tests it as ViT-L-14",
      warning: "SkyScript tests it so; its training began with OpenAI's weights, which have quick "
        + "GELU, so compare both with evaluate"),
  ]

  /// - Parameters:
  ///   - named: a published architecture, where the caller knows it.
  ///   - table: the weights; only whether they are OpenAI's own is looked at.
  ///   - file: the path of the weights, whose last two names are looked at.
  /// - Throws: ``CLIPError`` where there is no model of that name, or it has other sizes.
  init(
    named: String?, sizes: PublishedArchitecture.Sizes, isOpenAIs: Bool, file: String
  ) throws {
    let fitting = PublishedArchitecture.fitting(sizes)
    if let named {
      self.init(try Self.wanted(named, sizes, fitting, file), source: "the name given")
      return
    }
    let quick = fitting.first { $0.activation == .quickGELU }
    let plain = fitting.first { $0.activation == .gelu }
    if isOpenAIs {
      self.init(
        quick ?? plain, isQuick: true, source: "OpenAI's own file: quick GELU and heads of 64")
      return
    }
    guard let plain else {
      self.init(
        nil, isQuick: true, source: "no published model has these sizes",
        warning: "no model that OpenCLIP publishes has these sizes; heads of 64 and quick GELU are "
          + "taken, as OpenAI's build_model does; say otherwise with open_clip_config.json beside it"
      )
      return
    }
    guard let quick else {
      self.init(plain, source: "its sizes, which no other published model has")
      return
    }
    let words = Self.words(of: file)
    let publisher = Self.publishers.first { $0.words.allSatisfy { words.contains($0) } }
    if words.contains("quickgelu") || publisher == nil && words.contains("openai") {
      self.init(quick, source: "the file's name")
      return
    }
    let chosen = publisher.map { $0.isQuick ? quick : plain } ?? plain
    let other = chosen == quick ? plain : quick
    if let publisher {
      self.init(
        chosen, source: publisher.source,
        warning: publisher.warning.map { "read as \(chosen.name): \($0)" }, other: other.name)
    } else {
      self.init(
        chosen, source: "open_clip's default for these sizes",
        warning: "its sizes are those of \(plain.name) and \(quick.name), which differ in their "
          + "activation alone; read as \(chosen.name), as open_clip.create_model(\"\(plain.name)\") "
          + "would; \(other.name) is right for what was trained from OpenAI's weights",
        other: other.name)
    }
  }

  private init(
    _ architecture: PublishedArchitecture?, isQuick: Bool? = nil, source: String,
    warning: String? = nil, other: String? = nil
  ) {
    self.architecture = architecture
    activation = isQuick == true ? .quickGELU : architecture?.activation ?? .gelu
    visionHeadWidth = architecture?.vision.headWidth ?? 64
    textHeadWidth = architecture?.text.headWidth ?? 64
    self.source = source
    self.warning = warning
    self.other = warning == nil ? nil : other
  }

  private static func wanted(
    _ name: String, _ sizes: PublishedArchitecture.Sizes, _ fitting: [PublishedArchitecture],
    _ file: String
  ) throws -> PublishedArchitecture {
    let known = fitting.map(\.name).joined(separator: " or ")
    let hint =
      known.isEmpty ? "no published model has its sizes" : "its sizes are those of \(known)"
    guard let wanted = PublishedArchitecture(named: name) else {
      throw CLIPError(
        file: file,
        problem:
          "\(name.prefix(60)) is none of OpenCLIP's vision transformers; \(hint)"
      )
    }
    let differences = wanted.differences(from: sizes)
    guard differences.isEmpty else {
      throw CLIPError(
        file: file,
        problem: "is no \(wanted.name): \(differences.joined(separator: ", ")); \(hint)")
    }
    return wanted
  }

  /// The file's name and its folder's, letters and digits alone.
  private static func words(of file: String) -> String {
    let parts = file.split(separator: "/").suffix(2).joined(separator: " ")
    return String(parts.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) })
  }
}
