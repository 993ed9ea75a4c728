import ArgumentParser
import CLIP
import ImageCollections

/// The model of a command, and the threads it may use.
struct ModelOptions: ParsableArguments {
  @Option(
    help: """
      Model's folder or file of weights, or ORG/NAME[:FILE] once pulled (default: the shipped \
      rsicd-mini).
      """, completion: .file())
  var model: String?

  @OptionGroup var configuration: ModelConfigurationOption

  @Option(help: "Threads (default: all cores).")
  var threads: Int?

  @OptionGroup var size: ImageSideOption

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads is \(threads), expected 1 to 1024")
    }
  }

  func load() throws -> CLIPModel { try load(like: []) }

  /// The model as the collection's vectors were made with it, where it can be read in two ways.
  func load(for collection: ImageCollection) throws -> CLIPModel {
    try load(like: try collection.models())
  }

  private func load(like stored: [IndexedModel]) throws -> CLIPModel {
    let directory = try model.map(Assets.directory(ofModel:)) ?? Assets.model(Assets.fineTuned)
    let models = try Models.open(
      [directory], as: configuration.modelConfig, threads: threads, imageSize: size.side,
      like: stored)
    return models[0]
  }
}

/// How results are printed.
struct OutputOptions: ParsableArguments {
  @Flag(help: "One JSON object per line.")
  var json = false
}
