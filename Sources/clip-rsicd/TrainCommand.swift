import ArgumentParser
import Foundation
import Imaging
import MPIRanks
import Synchronization
import Training
import Threads

struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Fine-tune a model on images with captions, by a recipe.",
    discussion: """
      A recipe is a TOML file that says what to start from, which images and captions to train on, and \
      how; see recipes/ and the README. Checkpoints are written to its output folder as ckpt-N, the \
      best by validation as best, the last as final, each a Hugging Face CLIP directory. Stopped at any \
      moment, --resume goes on from the last checkpoint as if it had never stopped. A picture that \
      cannot be read is named on stderr and left out; the exit code is 2 then.

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
    try await onThread(named: "training") { [self] in
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
    func quoted(_ word: String) -> String {
      let plain = word.utf8.allSatisfy {
        $0.isAlphanumeric || "/._-=,:+".utf8.contains($0)
      }
      return plain && !word.isEmpty ? word : "'\(word.replacing("'", with: "'\\''"))'"
    }
    let sets = settings.flatMap { ["--set", quoted($0)] }
    let words = ["clip-rsicd", "train", quoted(recipe)] + sets + ["--resume"]
    return Safe.text(words.joined(separator: " "))
  }
}

extension UInt8 {
  fileprivate var isAlphanumeric: Bool {
    (0x30...0x39).contains(self) || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self)
  }
}

/// A long computation on a thread of its own: Swift's pool has one for each core and must not be filled.
private func onThread(named name: String, _ body: @escaping @Sendable () throws -> Void)
  async throws
{
  try await withCheckedThrowingContinuation { continuation in
    do throws(ThreadError) {
      try OwnThread.start(name) { continuation.resume(with: Result { try body() }) }
    } catch {
      continuation.resume(throwing: error)
    }
  }
}

/// Shows a run: a progress line on stderr, or one JSON object a line on stdout.
private final class TrainingWatch: Sendable {
  private let json: Bool
  private let progress = Mutex(ProgressLine())

  init(json: Bool) { self.json = json }

  func end() { progress.withLock { $0.end() } }

  func show(_ event: RunEvent) {
    switch event {
    case .started(let start): show(start)
    case .step(let point): show(point)
    case .evaluated(let evaluation): show(evaluation)
    case .saved(let folder, let step):
      if json {
        line([("event", .text("saved")), ("step", .integer(step)), ("folder", .text(folder))])
      } else {
        note("saved \(Safe.text(folder)) at step \(Output.grouped(step))")
      }
    case .note(let text): note(Safe.text(text))
    }
  }

  private func note(_ text: String) {
    progress.withLock { progress in
      progress.end()
      ErrorText.note(text)
    }
  }

  /// Flushed, so that a reader of the pipe follows.
  private func line(_ fields: [(String, JSONValue)]) {
    Output.json(.object(fields))
    ResultStream.flush()
  }

  private func show(_ start: RunEvent.Start) {
    if json {
      line([
        ("event", .text("started")), ("pictures", .integer(start.pictures)),
        ("pairs", .integer(start.pairs)), ("missing", .integer(start.missing)),
        ("steps_per_epoch", .integer(start.stepsPerEpoch)), ("steps", .integer(start.steps)),
        ("parameters", .integer(start.parameters)), ("loss", .text(start.loss)),
        ("ranks", .integer(start.ranks)),
        ("resumed_from", start.resumedFrom.map { .integer($0) } ?? .null),
      ])
      return
    }
    let missing =
      start.missing == 0
      ? "" : "; \(Output.grouped(start.missing)) pictures named in captions are not there"
    note(
      "\(Output.grouped(start.pictures)) pictures, \(Output.grouped(start.pairs)) pairs an epoch\(missing)"
    )
    note(
      "\(Output.grouped(start.parameters)) parameters, \(Output.grouped(start.steps)) steps, "
        + "\(Output.grouped(start.stepsPerEpoch)) an epoch; loss: \(Safe.text(start.loss))")
    if start.ranks > 1 { note("\(start.ranks) ranks share each batch") }
    if let step = start.resumedFrom { note("going on from step \(Output.grouped(step))") }
  }

  private func show(_ point: RunEvent.Point) {
    if json {
      guard point.isLogged else { return }
      line([
        ("event", .text("step")), ("step", .integer(point.step)), ("epoch", .number(point.epoch)),
        ("train_loss", .number(point.loss)), ("learning_rate", .number(point.learningRate)),
        ("gradient_norm", .number(point.gradientNorm)),
        ("pairs_per_second", .number(point.pairsPerSecond)),
        ("train_time", .number(point.trainTime)), ("seconds_left", .number(point.secondsLeft)),
        ("waiting", .number(point.waiting)),
      ])
      return
    }
    let text =
      "step \(Output.grouped(point.step)) of \(Output.grouped(point.steps)), epoch "
      + "\(Output.fixed(point.epoch, 2)), loss \(Output.fixed(point.loss, 4)), lr "
      + "\(String(format: "%.2e", point.learningRate)), \(Output.fixed(point.pairsPerSecond, 1)) pairs/s, "
      + "\(Output.seconds(point.secondsLeft)) left"
    progress.withLock { $0.show(text, isLast: point.step == point.steps) }
  }

  private func show(_ evaluation: RunEvent.Evaluation) {
    if json {
      line([
        ("event", .text("evaluated")), ("step", .integer(evaluation.step)),
        ("epoch", .number(evaluation.epoch)), ("eval_loss", .number(evaluation.loss)),
        ("accuracy", evaluation.accuracy.map { .list($0.map { .number($0) }) } ?? .null),
        ("count", .integer(evaluation.count)), ("best", .flag(evaluation.isBest)),
      ])
      return
    }
    let accuracy = evaluation.accuracy.map { shares in
      ", k = 1, 3, 5, 10: " + shares.map { Output.fixed($0, 3) }.joined(separator: " ")
    }
    note(
      "step \(Output.grouped(evaluation.step)): valid loss \(Output.fixed(evaluation.loss, 4))"
        + "\(accuracy ?? "")\(evaluation.isBest ? ", the best so far" : "")")
  }
}
