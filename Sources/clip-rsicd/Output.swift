import CLIP
import Foundation
import Frame
import Imaging
import Terminal

/// A JSON value with its keys in the order in which they are written here.
enum JSONValue {
  case null
  case text(String)
  case integer(Int)
  case number(Double)
  case flag(Bool)
  case list([JSONValue])
  case object([(String, JSONValue)])

  static func optional(_ text: String?) -> JSONValue { text.map { .text($0) } ?? .null }

  var encoded: String {
    switch self {
    case .null: "null"
    case .text(let text): Self.quoted(text)
    case .integer(let value): String(value)
    case .number(let value): value.isFinite ? String(value) : "null"
    case .flag(let value): value ? "true" : "false"
    case .list(let values): "[" + values.map(\.encoded).joined(separator: ",") + "]"
    case .object(let fields):
      "{" + fields.map { Self.quoted($0) + ":" + $1.encoded }.joined(separator: ",") + "}"
    }
  }

  /// Escapes what JSON demands, and every other control and format character too, so that a line of
  /// JSON printed to a terminal cannot steer it.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      default:
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator:
          for unit in String(scalar).utf16 {
            let digits = String(unit, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
          }
        default: result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }
}

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

  /// `1,027`
  static func grouped(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return (value < 0 ? "-" : "") + text
  }

  static func seconds(_ seconds: Double) -> String {
    // A size that a server makes up, at the speed of the first moment, is any number.
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

/// Pictures of which some may not be readable.
struct EmbeddedPictures {
  /// Places among the paths of those that were read, in their order.
  let places: [Int]
  /// A unit vector for each of these.
  let vectors: EmbeddingMatrix
  /// Of the others.
  let failures: [ImageError]
}

/// Reads and embeds pictures on all cores.
enum Pictures {
  /// Unit vectors, in the order of the paths. What was chosen when a picture was read is told on
  /// stderr.
  ///
  /// Each picture is gone as soon as the tower's input is made of it, so that the memory is that of one
  /// picture a core, however large they are.
  /// One that cannot be read costs no other.
  static func embed(_ paths: [String], _ model: CLIPModel, _ reader: ImageReader) throws
    -> EmbeddedPictures
  {
    let results = Slots<Result<(input: [Float], notes: [String]), ImageError>>(count: paths.count)
    DispatchQueue.concurrentPerform(iterations: paths.count) { index in
      do throws(ImageError) {
        let picture = try reader.read(paths[index])
        results.set(.success((model.preprocess(picture.pixels), picture.notes)), at: index)
      } catch {
        results.set(.failure(error), at: index)
      }
    }
    var (places, inputs, failures): ([Int], [Float], [ImageError]) = ([], [], [])
    for (place, result) in results.values.enumerated() {
      switch result {
      case .success(let picture):
        tell(picture.notes, of: paths[place])
        places.append(place)
        inputs += picture.input
      case .failure(let error): failures.append(error)
      }
    }
    let vectors =
      places.isEmpty
      ? EmbeddingMatrix(count: 0, width: model.embeddingWidth, values: [])
      : try model.embedShared(preprocessed: inputs, count: places.count)
    return EmbeddedPictures(places: places, vectors: vectors, failures: failures)
  }

  /// Names each file that was left out.
  static func tell(_ failures: [ImageError]) {
    for failure in failures { Output.note("Error: \(ErrorText.sentence(failure))") }
  }

  static func tell(_ notes: [String], of path: String) {
    for note in notes { Output.note(Safe.text("\(path): \(note)")) }
  }
}

/// Places that threads fill, each its own.
final class Slots<Value: Sendable>: @unchecked Sendable {
  // Guarded by `lock`.
  private var slots: [Value?]
  private let lock = NSLock()

  init(count: Int) { slots = Array(repeating: nil, count: count) }
  func set(_ value: Value, at index: Int) { lock.withLock { slots[index] = value } }
  var values: [Value] { lock.withLock { slots.compactMap { $0 } } }
}
