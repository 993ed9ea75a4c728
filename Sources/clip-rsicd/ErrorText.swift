import Texts
import ArgumentParser
import Foundation
import Frame
import Manual

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
    safeForTerminal(Remedies.words(of: error) + (Remedies.remedy(for: error) ?? ""))
  }

  /// One line on stderr.
  static func note(_ line: String) {
    StandardStreams.tell(line + "\n")
  }
}
