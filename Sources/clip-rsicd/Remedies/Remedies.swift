import Checkpoints
import Datasets
import Evaluation
import Gallery
import Hub
import ImageCollections
import Imaging
import Models
import Retrieval
import Terminal
import Training

/// What to do about the errors of the libraries, which know nothing of a command line: the one list.
enum Remedies {
  /// What happened, without a remedy.
  static func words(of error: any Error) -> String {
    switch error {
    case let error as EvaluationError: error.words
    case let error as RecipeError: error.words
    default: "\(error)"
    }
  }

  /// What to do, to be added to ``words(of:)``; `nil` where there is nothing to be said.
  static func remedy(for error: any Error) -> String? {
    switch error {
    case let error as CollectionError: error.remedy
    case let error as HubError: error.remedy
    case let error as CheckpointError: error.remedy
    case let error as CLIPError: error.remedy
    case let error as RunError: error.remedy
    case let error as RecipeError: error.remedy
    case let error as RanksError: error.remedy
    case let ended as RunEnded: ended.cause.flatMap(remedy)
    case let error as TerminalError: error.remedy
    case let error as ImageError: error.remedy
    case let error as CaptionFileError: error.remedy
    case let error as GalleryError: error.remedy
    case let error as SceneFolderError: error.remedy
    case RetrievalError.noVector: "; clip-rsicd index with --model adds it"
    case RetrievalError.noPlaces:
      "; clip-rsicd index --scenes keeps the places of what it cuts out of scenes"
    default: nil
    }
  }
}
