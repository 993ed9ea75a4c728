import ArgumentParser
import Foundation
import Frame

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
    case let code as ExitCode: Foundation.exit(code.rawValue)
    case is CancellationError: Foundation.exit(interrupted)
    default: break
    }
    let code = command.exitCode(for: error)
    // Help and version are no errors; what ArgumentParser calls misuse (64) is 2 here.
    guard code == .success || code == .validationFailure || error is CleanExit else {
      note("Error: \(sentence(error))")
      Foundation.exit(badInput)
    }
    let text = command.fullMessage(for: error)
    if code == .success {
      print(text)
      Foundation.exit(0)
    }
    note(text)
    Foundation.exit(badInput)
  }

  /// An error in one line, safe for a terminal.
  static func sentence(_ error: any Error) -> String {
    safeForTerminal("\(error)")
  }

  /// One line on stderr.
  static func note(_ line: String) {
    FileHandle.standardError.write(Data((line + "\n").utf8))
  }
}
