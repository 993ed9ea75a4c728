import Texts
import ArgumentParser
import CLastWords
import Foundation
import Frame
import Threads
import Training

/// Where the process begins: before anything is opened, and before a task needs a thread.
@main
enum Beginning {
  static func main() {
    // With a descriptor of these closed, a collection would be opened under its number and get messages.
    let code = clip_fill_standard_descriptors()
    clip_install_last_words()
    do {
      guard code == 0 else {
        throw CommandError("/dev/null cannot be opened: \(String(cString: strerror(code)))")
      }
      try ProcessRoom.check()
    } catch {
      ErrorText.note("Error: \(ErrorText.sentence(error))")
      ErrorText.end(ErrorText.badInput)
    }
    // It ends the process itself; this thread takes signals, and no task of its own.
    Task.detached { await ClipRSICD.main() }
    while true { pause() }
  }
}

/// The command: parses, calls, and turns what was thrown into one line and an exit code.
struct ClipRSICD: AsyncParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "clip-rsicd",
    abstract: "Find aerial and satellite images by what is in them.",
    discussion: """
      EXAMPLES
        clip-rsicd explore
        clip-rsicd search "planes parked next to a long terminal"
        clip-rsicd index photos --captions photos.jsonl --into photos.sqlite
        clip-rsicd search "a bridge over a river" --collection photos.sqlite --json

      ENVIRONMENT
        CLIP_RSICD_ASSETS      folder with models/, instead of the installed one
        CLIP_RSICD_MAX_PIXELS  larger pictures are read reduced, or refused
        XDG_DATA_HOME          the embedded gallery (default: ~/.local/share)
        XDG_STATE_HOME         history and last view (default: ~/.local/state)
        NO_COLOR               not empty: no colours
        COLUMNS                width of the help

      EXIT CODES
        0 found or done   1 nothing found   2 misuse or bad input   130 interrupted
      """,
    version: version,
    subcommands: [
      ExploreCommand.self,
      SearchCommand.self,
      SimilarCommand.self,
      FindCommand.self, ChangeCommand.self,
      IndexCommand.self,
      InfoCommand.self,
      CheckCommand.self,
      ClassifyCommand.self,
      EvaluateCommand.self,
      EmbedCommand.self,
      TrainCommand.self,
      ConvertCommand.self,
      PullCommand.self,
      ScenesCommand.self,
      DoctorCommand.self,
    ])

  /// Refuses an unknown command, alone or after `help`, and suggests the one that may be meant:
  /// ArgumentParser would only report an unexpected argument.
  /// - Throws: `CommandError`.
  private static func refuseUnknownCommand(_ arguments: ArraySlice<String>) throws {
    let word = arguments.first == "help" ? arguments.dropFirst().first : arguments.first
    guard let word, !word.hasPrefix("-") else { return }
    let known = configuration.subcommands.map { $0._commandName }
    guard word != "help", !known.contains(word) else { return }
    let hint = NearestName.of(word, among: known + ["help"]).map { "; did you mean \($0)?" }
    throw CommandError(
      "there is no command \(safeForTerminal(String(word.prefix(80))))"
        + (hint ?? "; `clip-rsicd --help` lists them"))
  }

  static func main() async {
    // A reader that has seen enough (`| head`) is no error.
    signal(SIGPIPE, SIG_DFL)
    StandardStreams.open()
    do {
      try refuseUnknownCommand(CommandLine.arguments.dropFirst())
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      ErrorText.end(0)
    } catch {
      ErrorText.exit(with: error, as: ClipRSICD.self)
    }
  }
}
