import ArgumentParser
import Foundation
import Imaging
import MPIRanks
import Training
import Threads

struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Fine-tune a model on images with captions, by a recipe.",
    discussion: """
      A recipe is a TOML file that says what to start from, which images and captions to train on, and \
      how; see recipes/ and docs/training.md. Checkpoints are written to its output folder as \
      ckpt-N, the best by validation as best, the last as final, each a Hugging Face CLIP \
      directory. Stopped at any moment, --resume goes on from the last checkpoint as if it had \
      never stopped. A picture that cannot be read is named on stderr and left out; the exit code \
      is 2 then.

      EXAMPLES
        clip-rsicd train recipes/rsicd-mini.toml
        clip-rsicd train recipes/rsicd-mini.toml --resume
        clip-rsicd train mine.toml --set learning_rate=1e-4 \\
          --set data.0.images=photos --json
      """)

  @Argument(help: "Recipe, a TOML file.", completion: .file(extensions: ["toml"]))
  var recipe: String

  @Option(
    name: .customLong("set"), help: "A setting put over the recipe's, key=value; may be repeated.")
  var settings: [String] = []

  @Flag(help: "Go on from the last checkpoint in the output folder, if there is one.")
  var resume = false

  @Option(help: "Threads (default: the recipe's, else all cores).")
  var threads: Int?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads is \(threads), expected 1 to 1024")
    }
  }

  func run() async throws {
    // MPI takes calls from the thread alone that started it.
    try await OwnThread.run("training") { [self] in
      do {
        try train(Launch.ranks())
      } catch let end as RunEnded {
        // Of many processes one tells.
        throw end.cause ?? ExitCode(ErrorText.badInput)
      }
    }
  }

  private func train(_ ranks: any Ranks) throws {
    let watch = TrainingWatch(json: output.json)
    let interrupt = InterruptFlag(ranks, goOn: again) { watch.end() }
    defer { interrupt.end() }
    let unreadable: Int
    do {
      let settings = settings + (threads.map { ["threads=\($0)"] } ?? [])
      let read = try ranks.agree { try Self.read(recipe, settings) }
      let reader = try ranks.agree { try ImageSizeOptions.standardReader(ImageConversion()) }
      let run = try TrainingRun(read, resuming: resume, ranks: ranks, reader: reader) {
        watch.show($0)
      }
      try run.train { interrupt.isSet }
      unreadable = run.unreadablePictures
    } catch is CancellationError {
      watch.end()
      if ranks.isFirst { ErrorText.note("Saved. Go on with: \(again)") }
      interrupt.end()
      ranks.end()
      throw ExitCode(ErrorText.interrupted)
    } catch let end as RunEnded {
      watch.end()
      if let cause = end.cause { ErrorText.note("Error: \(ErrorText.sentence(cause))") }
      interrupt.end()
      ranks.end()
      throw ExitCode(ErrorText.badInput)
    } catch  where ranks.count > 1 {
      // Nobody else knows of it.
      watch.end()
      ErrorText.note("Error: rank \(ranks.rank): \(ErrorText.sentence(error))")
      ranks.abort(ErrorText.badInput)
    } catch {
      watch.end()
      throw error
    }
    interrupt.end()
    ranks.end()
    guard unreadable > 0 else { return }
    ErrorText.note(
      "\(Output.count(unreadable, "picture")) could not be read and "
        + "\(unreadable == 1 ? "was" : "were") left out; the run is whole otherwise")
    throw ExitCode(ErrorText.badInput)
  }

  /// A recipe whose model may be one of the hub's cache.
  private static func read(_ file: String, _ settings: [String]) throws -> Recipe {
    var recipe = try Recipe(contentsOf: file, settings: settings)
    recipe.start =
      switch recipe.start {
      case .checkpoint(let name): .checkpoint(try Assets.directory(ofModel: name))
      case .scratch(let name): .scratch(try Assets.directory(ofModel: name))
      }
    return recipe
  }

  /// The command that goes on from here; with any number of ranks.
  private var again: String {
    let sets = settings.flatMap { ["--set", Safe.word($0)] }
    let words = ["clip-rsicd", "train", Safe.word(recipe)] + sets + ["--resume"]
    return words.joined(separator: " ")
  }
}
