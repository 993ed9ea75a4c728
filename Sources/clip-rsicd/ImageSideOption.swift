import ArgumentParser
import Imaging

/// The size of pictures that a model is given.
struct ImageSideOption: ParsableArguments {
  @Option(
    name: .customLong("image-size"),
    help: """
      Give the model pictures of so many pixels a side instead of its own size; its positions are \
      interpolated. Vectors of other sizes are other vectors.
      """)
  var side: Int?

  func validate() throws {
    if let side, !(1...ImagePreprocessing.longestSide).contains(side) {
      throw ValidationError(
        "--image-size is \(side), expected 1 to \(ImagePreprocessing.longestSide)")
    }
  }
}
