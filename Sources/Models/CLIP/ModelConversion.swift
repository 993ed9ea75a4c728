import Checkpoints
import Foundation
import Imaging

/// Writes a checkpoint of any format as one safetensors file under transformers' names, with its
/// configuration and tokenizer.
///
/// The same texts and pictures are embedded with both before the new folder gets its name.
public struct ModelConversion: Sendable {
  /// What came of it.
  public struct Report: Sendable {
    /// Absolute, between the numbers of unit vectors.
    public let largestDifference: Float
    public let lowestCosine: Float
    public let inputs: Int
    public let parameters: Int
    /// What a person should know of how the original was read.
    public let notes: [String]
    /// As ``EmbeddingModel/otherReading``.
    public let otherReading: String?
  }

  /// Types that weights may be written in.
  public enum Precision: String, Sendable, CaseIterable {
    case f32, f16, bf16

    var type: TensorType {
      switch self {
      case .f32: .f32
      case .f16: .f16
      case .bf16: .bf16
      }
    }

    /// How far unit vectors may be from the original's: rounding of the weights moves them, by the
    /// type's step times what some hundred products make of it; an error moves them much farther.
    var tolerance: Float {
      switch self {
      case .f32: 1e-5
      case .f16: 0.02
      case .bf16: 0.1
      }
    }
  }

  public let precision: Precision
  /// Whether a model's folder that is there may be replaced.
  public let replaces: Bool
  /// What weights without a configuration are, `ViT-B-32-quickgelu`.
  private let modelConfiguration: String?
  private let threads: Int?

  public init(
    precision: Precision, replaces: Bool = false, modelConfiguration: String? = nil,
    threads: Int? = nil
  ) {
    self.modelConfiguration = modelConfiguration
    self.precision = precision
    self.replaces = replaces
    self.threads = threads
  }

  /// Writes the folder whole or not at all.
  /// - Throws: ``CLIPError``, `CheckpointError`; then there is no new folder, and the old one is as it was.
  public func convert(_ source: String, to target: String) throws -> Report {
    try checkTarget(target)
    let folder = try ModelFolder(source, as: modelConfiguration)
    let model = try CLIPModel(contentsOf: folder.path, as: modelConfiguration, threads: threads)
    // The new folder follows transformers in how texts and pictures are prepared, so the weights are compared
    // on inputs that the original prepared.
    let inputs = Inputs(
      tokens: Self.texts.map { model.tokenizer.encode($0) },
      pictures: try Self.pictures().map(model.preprocess))
    let before = try inputs.vectors(of: model)
    var report: Report?
    try AtomicFolder.write(target) { temporary in
      try write(folder, to: temporary)
      let after = try inputs.vectors(of: CLIPModel(contentsOf: temporary, threads: threads))
      report = try compare(before, after, model, target)
    }
    guard let report else { throw CLIPError(file: target, problem: "was not compared") }
    return report
  }

  private func write(_ folder: ModelFolder, to path: String) throws {
    for (name, bytes) in try folder.descriptions(of: precision.type) {
      let file = try DurableFile(creating: "\(path)/\(name)")
      try file.write(bytes)
      try file.finish()
    }
    let table = try folder.weights().table
    try SafetensorsWriter.write(
      CLIPParameters(folder.configuration).parameters(in: table).map { ($0.name, $0.shape) },
      of: table, as: precision.type, to: "\(path)/model.safetensors")
  }

  // MARK: What may be replaced

  /// Replacing a folder removes what is in it, so it must be a model's and nothing else's.
  private func checkTarget(_ path: String) throws {
    guard let facts = try? FileManager.default.attributesOfItem(atPath: path) else { return }
    guard replaces else {
      throw CLIPError(
        file: path, problem: "exists", wayOut: .otherPlaceOrReplacement)
    }
    guard facts[.type] as? FileAttributeType == .typeDirectory else {
      throw CLIPError(file: path, problem: "is no folder; choose another place")
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    if let foreign = names.sorted().first(where: { !Self.belongsToModel($0) }) {
      throw CLIPError(
        file: path,
        problem: "holds \(foreign), which is none of a model's files; it is not replaced, choose "
          + "another place")
    }
  }

  private static func belongsToModel(_ name: String) -> Bool {
    let endings = [".safetensors", ".bin", ".msgpack", ".pt", ".json"]
    return name == "merges.txt" || name == "README.md" || endings.contains { name.hasSuffix($0) }
  }

  // MARK: Before and after

  private static let texts = [
    "a photograph of an airport", "many planes are parked next to a long building", "a river",
    "two tennis courts among green trees", "An aerial photograph of a harbour, with 9 boats.",
  ]

  /// Pictures of gradients and stripes, which every patch sees differently.
  private static func pictures() throws -> [Pixels] {
    try (1...3).map { seed in
      let (width, height) = (200 + 20 * seed, 210)
      return try Pixels(
        width: width, height: height,
        bytes: (0..<3 * width * height).map { place in
          let (x, y) = (place / 3 % width, place / 3 / width)
          return UInt8(truncatingIfNeeded: x * seed + y * (place % 3 + 1) + x * y / (16 * seed))
        })
    }
  }

  /// Token ids and preprocessed pictures.
  private struct Inputs {
    let tokens: [[Int32]]
    let pictures: [[Float]]

    func vectors(of model: CLIPModel) throws -> [EmbeddingMatrix] {
      [
        try model.embed(tokens: tokens),
        try model.embedShared(preprocessed: Array(pictures.joined()), count: pictures.count),
      ]
    }
  }

  private static func cosine(_ one: [Float], _ other: [Float]) -> Float {
    func product(_ one: [Float], _ other: [Float]) -> Double {
      zip(one, other).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    return Float(product(one, other) / (product(one, one) * product(other, other)).squareRoot())
  }

  private func compare(
    _ before: [EmbeddingMatrix], _ after: [EmbeddingMatrix], _ original: CLIPModel, _ target: String
  ) throws -> Report {
    var largest: Float = 0
    var lowest: Float = 1
    for (old, new) in zip(before, after) {
      for row in 0..<old.count {
        let pairs = zip(old[row: row], new[row: row])
        lowest = min(lowest, Self.cosine(old[row: row], new[row: row]))
        for (one, other) in pairs {
          let difference = abs(one - other)
          // NaN is farther than any number.
          largest = difference.isFinite ? max(largest, difference) : .infinity
        }
      }
    }
    guard largest <= precision.tolerance else {
      throw CLIPError(
        file: target,
        problem:
          "vectors differ by \(largest) from the original's, at most \(precision.tolerance) is "
          + "accepted for \(precision.rawValue); nothing was written",
        wayOut: .otherPrecision)
    }
    return Report(
      largestDifference: largest, lowestCosine: lowest,
      inputs: before.reduce(0) { $0 + $1.count }, parameters: original.parameterCount,
      notes: original.notes, otherReading: original.otherReading)
  }
}
