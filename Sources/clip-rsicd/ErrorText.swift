import Texts
import ArgumentParser
import Evaluation
import Foundation
import Frame
import Gallery
import Manual
import Retrieval

/// What the commands themselves refuse.
struct CommandError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// The one place where an error becomes words on stderr and an exit code.
enum ErrorText {
  static let nothingFound: Int32 = 1
  static let badInput: Int32 = 2
  static let interrupted: Int32 = 130

  static func exit(with error: any Error, as command: any ParsableArguments.Type) -> Never {
    switch error {
    case let code as ExitCode: end(code.rawValue)
    case is CancellationError: end(interrupted)
    default: break
    }
    let code = command.exitCode(for: error)
    // Help and version are no errors; what ArgumentParser calls misuse (64) is 2 here.
    guard code == .success || code == .validationFailure || error is CleanExit else {
      note("Error: \(sentence(error))")
      end(badInput)
    }
    // Arguments are repeated in it, and a shell may have put names of files among them.
    let text = Safe.lines(command.fullMessage(for: error, columns: HelpText.unlimited))
    if code == .success {
      Output.line(HelpText.laidOut(Completions.script(text), columns: Output.columns))
      end(0)
    }
    note(text)
    end(badInput)
  }

  /// Ends the process at once with what is buffered written, and runs no exit handler: a task whose
  /// answer nobody awaits any more may still be inside of a C library, and that library's static
  /// destructors would pull the ground from under it.
  ///
  /// Results that could not be written are an error, whatever else was found.
  static func end(_ code: Int32) -> Never {
    do {
      try Output.flush()
    } catch  where code == 0 || code == nothingFound {
      note("Error: \(sentence(error))")
      _exit(badInput)
    } catch {}
    fflush(nil)
    _exit(code)
  }

  /// An error in one line, safe for a terminal.
  static func sentence(_ error: any Error) -> String {
    let words = (error as? EvaluationError)?.words ?? "\(error)"
    return safeForTerminal(words + (remedy(for: error) ?? ""))
  }

  /// One line on stderr.
  static func note(_ line: String) {
    StandardStreams.tell(line + "\n")
  }

  /// What to do, in the words of the command line.
  private static func remedy(for error: any Error) -> String? {
    switch error {
    case RetrievalError.noVector: "; clip-rsicd index with --model adds it"
    case let error as GalleryError:
      "; " + (error.isAboutThePlace ? "set XDG_DATA_HOME to a folder that can be written, or " : "")
        + "name a collection with --collection"
    case let error as SceneFolderError where error.reason == .other:
      "; name another folder, or overwrite it with --force"
    default: nil
    }
  }
}

extension EvaluationError {
  fileprivate var words: String {
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
