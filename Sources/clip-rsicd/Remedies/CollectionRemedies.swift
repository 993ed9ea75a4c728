import ImageCollections

extension CollectionError {
  /// What to do, to be added to ``description``.
  var remedy: String? {
    switch reason {
    case .missing: "; make one with `clip-rsicd index FOLDER --into \(path)`"
    case .isFolder:
      ": make one with `clip-rsicd index \(path) --into NAME.sqlite`, then give --collection NAME.sqlite"
    case .otherModel: "; clip-rsicd index with --model embeds the images anew"
    case .modelGone: "; name its folder with --model"
    case .empty: "; make it whole with `clip-rsicd index FOLDER --into \(path)`"
    case .otherVersion(let found, let expected):
      found > expected ? "; use a newer clip-rsicd" : "; index its folders again into a new file"
    case .damaged: "; see `clip-rsicd check`, or index its folders again into a new file"
    case .readOnly: "; check the permissions of the file and its folder"
    case .diskFull: ", make room and run it again"
    case .busy: "; wait until it has finished"
    case .noVectors(_, let others):
      (others.isEmpty ? ";" : ": give one of them with --model, or")
        + " index its folders with --model for that model first"
    case .modelChanged:
      "; give the settings (--bands, --stretch, --image-size) that `clip-rsicd info --collection \(path)` "
        + "prints, make all vectors anew with --replace-model, or give the new model's folder another name"
    case .badVector: "; `clip-rsicd check --repair` takes it out"
    case .splitWithoutCaptions: "; give --captions"
    case .notACollection, .nothingToIndex, .system: nil
    }
  }
}
