/// What a canvas is shown on and input comes from. Used from one thread; only ``waker`` from any.
public protocol Screen: AnyObject {
  /// Columns and rows now.
  var size: (columns: Int, rows: Int) { get }
  /// Whether the screen shows colours; symbols must carry the meaning where it does not.
  var hasColor: Bool { get }
  /// Shows a canvas of the current size.
  func present(_ canvas: Canvas)
  /// Waits for input, a wake-up or the end of the time (milliseconds, −1 for no end), and gives all
  /// input that has come, oldest first; a change of size comes as ``Input/resized(columns:rows:)``.
  func waitForInput(milliseconds: Int) -> [Input]
  /// Ends a wait under way, or the next one; safe from any thread.
  var waker: @Sendable () -> Void { get }
  /// Gives the terminal back, stops the process as Ctrl-Z does, and takes it again after `fg`.
  func suspend()
  /// Asks the terminal to put text into the clipboard (OSC 52).
  func copyToClipboard(_ text: String)
  /// Repaints everything (Ctrl-L).
  func redraw()
}
