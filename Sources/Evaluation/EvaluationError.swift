/// Why nothing was measured.
public enum EvaluationError: Error, Sendable, Equatable {
  /// A folder without captions has no picture, or none whose place tells a category.
  case nothingInFolder(String, why: String?)
  /// No image of the caption files is here.
  case nothingNamed([String], why: String)
  /// The images are here, and none has a category, or a caption where these are wanted.
  case nothingToTell(String, [String], areCaptionsWanted: Bool)
  case nothingReadable(images: Int)
  /// Images cannot be read that could be for the models before.
  case readByOthersAlone(model: String, images: Int)
  /// NaN makes every comparison false, and thereby every answer right.
  case notFinite(model: String)
}
