import Transformers
import Models
import Checkpoints
import Foundation

/// The folders of a run: `ckpt-N` in Hugging Face parameters with the trainer's own state in `trainer/`,
/// `best` and `final` without it.
///
///     OUTPUT/ckpt-4/config.json, preprocessor_config.json, model.safetensors, vocab.json, …
///     OUTPUT/ckpt-4/trainer/state.json, optimiser.safetensors, weights.safetensors
///
/// model.safetensors holds what one would use: the averaged weights where the recipe averages, in the
/// recipe's `save_type`. What training goes on with is always f32, in weights.safetensors where the
/// model's file is not just that.
struct CheckpointFolder: Sendable {
  let path: String

  static let trainer = "trainer"

  /// What a checkpoint is made of.
  struct Contents {
    let parameters: ParameterTable
    /// As trained.
    let values: [Float]
    /// As averaged; `nil` where nothing is.
    let average: [Float]?
    let type: TensorType
    /// A directory with configuration and tokenizer to copy.
    let model: String
    /// What its weights are, where it has no configuration.
    let modelConfiguration: String?
    /// The side of the pictures in pixels, where it is not the model's own.
    let imageSize: Int?
    let optimiser: [(name: String, values: [Float])]
    let state: TrainerState

    /// Whether model.safetensors already holds the numbers that training goes on with.
    var modelIsExact: Bool { average == nil && type == .f32 }
  }

  /// Writes the folder whole or not at all.
  /// - Parameter withState: whether training can go on from it.
  func write(_ contents: Contents, withState: Bool) throws {
    do {
      try AtomicFolder.write(path) { folder in
        try Self.copyFiles(
          from: ModelFolder(contents.model, as: contents.modelConfiguration).resized(
            to: contents.imageSize), to: folder,
          type: contents.type)
        try SafetensorsWriter.write(
          contents.parameters.tensors, values: contents.average ?? contents.values,
          as: contents.type,
          to: "\(folder)/model.safetensors")
        guard withState else { return }
        let inner = "\(folder)/\(Self.trainer)"
        try FileManager.default.createDirectory(
          atPath: inner, withIntermediateDirectories: false)
        if !contents.modelIsExact {
          try SafetensorsWriter.write(
            contents.parameters.tensors, values: contents.values, as: .f32,
            to: "\(inner)/weights.safetensors")
        }
        try Self.write(contents.optimiser, to: "\(inner)/optimiser.safetensors")
        if let average = contents.average {
          try SafetensorsWriter.write(
            contents.parameters.tensors, values: average, as: .f32,
            to: "\(inner)/average.safetensors")
        }
        let state = try DurableFile(creating: "\(inner)/state.json")
        try state.write(try contents.state.encoded)
        try state.finish()
      }
    } catch let error as CheckpointError {
      throw error
    } catch let error as RunError {
      throw error
    } catch let error as CLIPError {
      throw error
    } catch {
      throw RunError("\(path): cannot be written; check folder and space")
    }
  }

  private static func write(_ arrays: [(name: String, values: [Float])], to path: String) throws {
    var all: [Float] = []
    all.reserveCapacity(arrays.reduce(0) { $0 + $1.values.count })
    var tensors: [SafetensorsWriter.Tensor] = []
    for (name, values) in arrays {
      tensors.append(
        .init(name: name, shape: [values.count], range: all.count..<all.count + values.count))
      all += values
    }
    try SafetensorsWriter.write(tensors, values: all, as: .f32, to: path)
  }

  /// config.json with the type of the weights, the other files as they are.
  private static func copyFiles(from model: ModelFolder, to folder: String, type: TensorType)
    throws
  {
    for (name, bytes) in try model.descriptions(of: type) {
      let file = try DurableFile(creating: "\(folder)/\(name)")
      try file.write(bytes)
      try file.finish()
    }
  }

  // MARK: Reading

  func state() throws -> TrainerState { try .read("\(path)/\(Self.trainer)/state.json") }

  /// The weights that training goes on with.
  /// - Throws: `CheckpointError` or ``RunError`` where they are of another size than the run's.
  func values(_ parameters: ParameterTable) throws -> [Float] {
    let exact = "\(path)/\(Self.trainer)/weights.safetensors"
    let isApart = FileManager.default.fileExists(atPath: exact)
    return try Self.values(parameters, of: isApart ? exact : "\(path)/model.safetensors")
  }

  /// The averaged weights; `nil` where the run had none.
  func average(_ parameters: ParameterTable) throws -> [Float]? {
    let file = "\(path)/\(Self.trainer)/average.safetensors"
    guard FileManager.default.fileExists(atPath: file) else { return nil }
    return try Self.values(parameters, of: file)
  }

  private static func values(_ parameters: ParameterTable, of file: String) throws -> [Float] {
    let table = try SafetensorsReader.table(of: file)
    var values: [Float] = []
    values.reserveCapacity(parameters.count)
    for entry in parameters.entries {
      if let found = table.shape(of: entry.name), found != entry.shape {
        throw RunError(
          "\(file): \(entry.name) is \(found), this run's model has \(entry.shape): the checkpoint is "
            + "of another size; choose another output folder")
      }
      values += try table.floats(entry.name, shape: entry.shape)
    }
    return values
  }

  func optimiser() throws -> [String: [Float]] {
    let table = try SafetensorsReader.table(of: "\(path)/\(Self.trainer)/optimiser.safetensors")
    var state: [String: [Float]] = [:]
    for name in table.names {
      state[name] = try table.floats(name, shape: table.shape(of: name) ?? [])
    }
    return state
  }

  // MARK: All of a run

  /// The checkpoints in a run's folder that training can go on from, by step.
  static func all(in output: String) -> [(folder: CheckpointFolder, step: Int)] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: output)) ?? []
    return names.filter { $0.hasPrefix("ckpt-") }.compactMap { name in
      let folder = CheckpointFolder(path: "\(output)/\(name)")
      return (try? folder.state()).map { (folder, $0.step) }
    }.sorted { ($0.step, $0.folder.path) < ($1.step, $1.folder.path) }
  }

  /// Removes the oldest beyond `limit`; those of interrupts as soon as there is a later one.
  static func prune(in output: String, limit: Int) {
    let found = all(in: output)
    let interrupted = found.dropLast().filter { $0.folder.name == interruptedName }
    let regular = found.filter { $0.folder.name != interruptedName }
    for (folder, _) in interrupted + regular.dropLast(limit) {
      folder.remove()
    }
  }

  static let interruptedName = "ckpt-interrupted"
  /// The name of the folder of the model being validated; ``AtomicFolder/removeLeftovers(in:)`` removes it if
  /// it is left over.
  static let candidateName = ".unfinished-candidate"

  /// Last component of the path.
  var name: String { URL(fileURLWithPath: path).lastPathComponent }
  func remove() { AtomicFolder.remove(path) }
  /// Becomes `other`, whose old contents go.
  func replace(_ other: CheckpointFolder) throws { try AtomicFolder.move(path, to: other.path) }
}

extension ParameterTable {
  var tensors: [SafetensorsWriter.Tensor] {
    entries.map { .init(name: $0.name, shape: $0.shape, range: $0.range) }
  }
}
