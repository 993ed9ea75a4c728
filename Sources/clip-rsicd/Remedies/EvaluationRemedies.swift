import Evaluation

extension EvaluationError {
  /// What happened, with the options that would have helped.
  var words: String {
    switch self {
    case .nothingInFolder(let folder, let why):
      "\(folder): "
        + (why.map { "\($0); give --captions for recall" } ?? "there is no picture below it")
    case .nothingNamed(let files, let why):
      "\(files.joined(separator: ", ")): nothing to measure: \(why)"
    case .nothingToTell(let folder, let files, let areCaptionsWanted):
      "\(folder): none of the images that \(files.joined(separator: ", ")) names has "
        + (areCaptionsWanted ? "a category or a caption" : "a category")
        + "; a folder (airport/12.jpg) or a name (airport_12.jpg) tells a category"
    case .nothingReadable(let images):
      "not one of \(Output.count(images, "image")) can be read"
    case .readByOthersAlone(let model, let images):
      "\(model): \(Output.count(images, "image")) cannot be read any more that could be for the models "
        + "before; measure all again"
    case .notFinite(let model):
      "\(model): its vectors are no finite numbers; the weights are damaged, take another checkpoint"
    }
  }
}
