import Frame
import ImageCollections
import Retrieval

/// Something that happened: a key's meaning, a click, or the answer to an ``Effect``.
public enum Action: Sendable {
  /// A command of the ``ActionTable``, with the count typed before it.
  case command(Command, count: Int?)
  /// A digit of a count.
  case digit(Int)
  /// Text typed or pasted into the query line.
  case insert(String)
  /// A row of the list, from 0; opened where it was clicked twice.
  case select(row: Int, side: CompareState.Side?, open: Bool)
  /// A cell of the confusion matrix, from 0; opened where it was clicked twice.
  case selectCell(row: Int, column: Int, open: Bool)
  /// A click into the query line, at so many columns from its start.
  case placeCaret(column: Int)
  case scroll(rows: Int)
  case resize(Size)
  /// A key that means nothing here.
  case nothing

  case opened(CollectionSummary)
  case openFailed(String)
  case loaded(model: Int64)
  case loadFailed(model: Int64, String)
  case ranked(Ranking, generation: Int)
  case rankFailed(String, generation: Int)
  case compared(left: Ranking, right: Ranking, generation: Int)
  case compareFailed(String, generation: Int)
  case measured(model: Int64, CategoryAccuracy)
  case measureFailed(model: Int64, String)
  case sorted([CategoryRow], generation: Int)
  case sortFailed(String, generation: Int)
  case previewed(PreviewKey, PreviewImage, generation: Int)
  /// A first look; the sharp picture is on its way.
  case previewedRoughly(PreviewKey, PreviewImage)
  case previewFailed(PreviewKey, String, generation: Int)
  case told(Message)
}

/// Something for the world outside to do.
public enum Effect: Sendable {
  case open
  case load(IndexedModel)
  case rank(SearchRequest, generation: Int)
  case compare(left: SearchRequest, right: SearchRequest, generation: Int)
  case measure(IndexedModel)
  case sort(CategoryRequest, generation: Int)
  case preview(PreviewKey, path: String, generation: Int)
  case openExternally(path: String)
  case save(SavedState)
  // Of the screen, done by the loop itself.
  case copy(String)
  case suspend
  case redraw
}
