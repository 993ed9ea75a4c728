import ArgumentParser
import CLIP

/// The model of a command, and the threads it may use.
struct ModelOptions: ParsableArguments {
  @Option(
    help: "Model's folder, or ORG/NAME once pulled (default: the shipped rsicd-mini).",
    completion: .file())
  var model: String?

  @Option(help: "Threads (default: all cores).")
  var threads: Int?

  @OptionGroup var size: ImageSideOption

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads is \(threads), expected 1 to 1024")
    }
  }

  func load() throws -> CLIPModel {
    try CLIPModel(
      contentsOf: try model.map(Assets.directory(ofModel:)) ?? Assets.model(Assets.fineTuned),
      threads: threads, imageSize: size.side)
  }
}

/// How results are printed.
struct OutputOptions: ParsableArguments {
  @Flag(help: "One JSON object per line.")
  var json = false
}
