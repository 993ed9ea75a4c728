import ArgumentParser
import Datasets
import ImageCollections

/// Which captions a command reads, and how: the same for indexing and measuring.
struct CaptionOptions: ParsableArguments {
  @Option(
    help: """
      Caption file: JSON lines, a data set's JSON, CSV or TSV with a header; or a folder with \
      metadata.jsonl, metadata.csv or a .txt beside each picture; may be repeated.
      """, completion: .file())
  var captions: [String] = []

  @Option(
    help:
      "Only images of this split of the caption files (val, valid, validation and dev are one).",
    completion: .split)
  var split: String?

  @Option(
    help: "What stands between the columns of a table: one character, or tab (default: found).")
  var captionSeparator: String?

  @Option(help: "Column, or JSON field, that names the picture (default: filepath, file_name …).")
  var captionImageColumn: String?

  @Option(help: "Column, or JSON field, of the caption (default: title, text, caption …).")
  var captionTextColumn: String?

  func validate() throws {
    if let captionSeparator, CaptionLayout.separator(captionSeparator) == nil {
      throw ValidationError(
        "--caption-separator is \"\(captionSeparator)\", expected one ASCII character, or tab")
    }
  }

  var sources: CaptionSources {
    CaptionSources(
      captions, split: split,
      layout: CaptionLayout(
        separator: captionSeparator.flatMap(CaptionLayout.separator),
        imageColumn: captionImageColumn, textColumn: captionTextColumn))
  }
}
