import Datasets
import Gallery
import Imaging
import Terminal

extension ImageError {
  /// What to do, to be added to ``description``.
  var remedy: String? {
    guard case .tooLarge = reason else { return nil }
    return "; scale it down first, or raise the limit (--max-pixels)"
  }
}

extension CaptionFileError {
  /// What to do, to be added to ``description``.
  var remedy: String? {
    wantsColumns
      ? ". Name them with --caption-image-column and --caption-text-column, in recipes "
        + "caption_image_column and caption_text_column" : nil
  }
}

extension GalleryError {
  /// What to do, to be added to ``description``.
  var remedy: String? {
    "; " + (isAboutThePlace ? "set XDG_DATA_HOME to a folder that can be written, or " : "")
      + "name a collection with --collection"
  }
}

extension SceneFolderError {
  /// What to do, to be added to ``description``.
  var remedy: String? {
    reason == .other ? "; name another folder, or overwrite it with --force" : nil
  }
}

extension TerminalError {
  /// What to do, to be added to ``description``.
  var remedy: String? {
    switch self {
    case .notATerminal, .unsuitable: "; use 'clip-rsicd search TEXT' instead"
    case .noTerm, .unknown: nil
    }
  }
}
