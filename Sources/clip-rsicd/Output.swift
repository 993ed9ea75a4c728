import Texts
import Tokenizers
import Models
import Foundation
import Frame
import Imaging
import Terminal

/// Results on stdout, everything else on stderr.
enum Output {
  static func line(_ text: String) { ResultStream.add(text + "\n") }
  static func json(_ value: JSONValue) { line(value.encoded) }
  /// As it is, without the end of a line.
  static func raw(_ text: String) { ResultStream.add(text) }

  /// Writes what is still held back.
  /// - Throws: `CommandError` where results were lost, say on a full disk.
  static func flush() throws {
    let failure = ResultStream.flush()
    guard failure != 0 else { return }
    throw CommandError("the results cannot be written: \(String(cString: strerror(failure)))")
  }
  static func note(_ text: String) { ErrorText.note(text) }

  /// Texts that a person gave and a model reads in part.
  static func tell(_ cuts: [TextCut]) {
    for cut in cuts.prefix(fewCuts) { note(Safe.text("\(cut)")) }
    if cuts.count > fewCuts { note("and \(grouped(cuts.count - fewCuts)) more texts so") }
  }
  private static let fewCuts = 3

  /// `1 image`, `1,027 images`
  static func count(_ value: Int, _ one: String, _ many: String? = nil) -> String {
    "\(grouped(value)) \(value == 1 ? one : many ?? one + "s")"
  }

  static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }
  static var resultIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  /// What text on stdout is laid out for: `$COLUMNS`, else the terminal's width, else 80.
  static var columns: Int {
    let given = ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) } ?? 0
    return given > 0 ? given : TerminalFacts().columns ?? 80
  }

  static func seconds(_ seconds: Double) -> String {
    // A size that a server makes up, divided by the speed of the first moment, can be any number.
    guard seconds < 1e6 else { return "days" }
    let whole = Int(max(0, seconds).rounded(.up))
    return whole < 60 ? "\(whole) s" : "\(whole / 60):\(whole % 60 < 10 ? "0" : "")\(whole % 60)"
  }

  static func fixed(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", value)
  }
}

/// Progress on stderr: one line that is rewritten on a terminal, a plain line now and then on a pipe.
struct ProgressLine {
  private var lastShown = ContinuousClock.now - .seconds(60)
  private var isOpen = false

  mutating func show(_ text: String, isLast: Bool = false) {
    let pause: Duration = Output.errorIsTerminal ? .milliseconds(100) : .seconds(5)
    guard isLast || ContinuousClock.now - lastShown >= pause else { return }
    lastShown = .now
    if Output.errorIsTerminal {
      StandardStreams.tell("\r\u{1B}[K\(text)")
      isOpen = true
      if isLast { end() }
    } else {
      Output.note(text)
    }
  }

  /// Ends the line, so that what follows has its own.
  mutating func end() {
    if isOpen { StandardStreams.tell("\n") }
    isOpen = false
  }
}

/// Ctrl-C as cancellation of a task: what is done is kept, and the program ends with 130.
enum Interruptible {
  static func run<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result)
    async throws -> Result
  {
    let task = Task { try await body() }
    signal(SIGINT, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
    source.setEventHandler { task.cancel() }
    source.resume()
    defer { source.cancel() }
    return try await task.value
  }
}

/// Messages about pictures.
enum Pictures {
  /// Names each file that was left out.
  static func tell(_ failures: [ImageError]) {
    for failure in failures { Output.note("Error: \(ErrorText.sentence(failure))") }
  }

  /// What was chosen when pictures were read.
  static func tell(_ read: EmbeddedPictures) {
    for (path, notes) in read.notes { tell(notes, of: path) }
  }

  static func tell(_ notes: [String], of path: String) {
    for note in notes { Output.note(Safe.text("\(path): \(note)")) }
  }
}
