import Texts
import ArgumentParser
import Models
import Foundation
import ImageCollections

/// Weights without a configuration, and what they are.
struct ModelConfigurationOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      What weights without a configuration are, a name of OpenCLIP's such as ViT-B-32-quickgelu \
      (default: told by their sizes and names).
      """, valueName: "name"))
  var modelConfig: String?
}

/// Opening what is named as a model.
enum ModelOpening {
  /// Opens the model of a folder or file, and prints its notes once.
  static func open(
    _ directory: String, as name: String? = nil, threads: Int? = nil, imageSize: Int? = nil,
    telling: Bool = true
  ) throws -> any EmbeddingModel {
    let model = try EmbeddingModels.open(
      directory, as: name, threads: threads, imageSize: imageSize)
    if telling { tell(model) }
    return model
  }

  /// Opens several models; the name is for those without a configuration of their own.
  static func open(
    _ directories: [String], as name: String?, threads: Int?, imageSize: Int? = nil,
    like stored: [IndexedModel] = []
  ) throws -> [any EmbeddingModel] {
    try names(directories, name).map { directory, name in
      let model = try open(
        directory, as: name, threads: threads, imageSize: imageSize, telling: false)
      return try name == nil ? reread(model, like: stored) : told(model)
    }
  }

  /// Each model's folder with the architecture that was named for it.
  /// - Throws: `CommandError` where a name is given and no model needs one.
  static func names(_ directories: [String], _ name: String?) throws -> [(String, String?)] {
    guard let name else { return directories.map { ($0, nil) } }
    let bare = directories.map { !EmbeddingModels.hasConfiguration($0) }
    guard bare.contains(true) else {
      throw CommandError(
        "--model-config is for weights without a configuration; "
          + (directories.count == 1 ? "\(directories[0]) has one" : "all models have one"))
    }
    return zip(directories, bare).map { ($0, $1 ? name : nil) }
  }

  /// The model as the vectors of a collection were made with it, where it can be read in two ways.
  static func reread(_ model: any EmbeddingModel, like stored: [IndexedModel]) throws
    -> any EmbeddingModel
  {
    let prints = stored.map(\.modelFingerprint)
    guard !prints.contains(model.fingerprint) else { return model }
    for print in prints {
      if let other = try model.reread(asIn: print) { return other }
    }
    return told(model)
  }

  private static func told(_ model: any EmbeddingModel) -> any EmbeddingModel {
    tell(model)
    return model
  }

  private static func tell(_ model: any EmbeddingModel) {
    for note in model.notesWithRemedies { Output.note(Safe.text("\(model.name): \(note)")) }
  }
}
