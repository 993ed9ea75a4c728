import Explorer

extension ExplorerAdvice {
  /// In the words of the command line.
  static let commands = ExplorerAdvice(
    emptyCollection: "clip-rsicd index FOLDER fills it",
    noVectors: "clip-rsicd index FOLDER --model DIR does it",
    oneModel: "clip-rsicd index FOLDER --model DIR adds another",
    noCategories: "Names such as airport_12.jpg, or clip-rsicd index --captions FILE, tell them")
}
