import Texts
import Foundation
import Synchronization
import Training

/// Shows a run: a progress line on stderr, or one JSON object a line on stdout.
final class TrainingWatch: Sendable {
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
        note("saved \(Safe.text(folder)) at step \(grouped(step))")
      }
    case .finished(let summary): show(summary)
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
        ("captions", .integer(start.captions)), ("cut_captions", .integer(start.cutCaptions)),
        ("steps_per_epoch", .integer(start.stepsPerEpoch)), ("steps", .integer(start.steps)),
        ("parameters", .integer(start.parameters)), ("loss", .text(start.loss)),
        ("ranks", .integer(start.ranks)),
        ("resumed_from", start.resumedFrom.map { .integer($0) } ?? .null),
      ])
      return
    }
    let missing =
      start.missing == 0
      ? ""
      : "; \(Output.count(start.missing, "picture")) named in captions "
        + (start.missing == 1 ? "is not there" : "are not there")
    note(
      "\(Output.count(start.pictures, "picture")), \(Output.count(start.pairs, "pair")) an epoch\(missing)"
    )
    note(
      "\(grouped(start.parameters)) parameters, \(Output.count(start.steps, "step")), "
        + "\(grouped(start.stepsPerEpoch)) an epoch; loss: \(Safe.text(start.loss))")
    if start.ranks > 1 { note("\(start.ranks) ranks share each batch") }
    if let step = start.resumedFrom { note("going on from step \(grouped(step))") }
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
      "step \(grouped(point.step)) of \(grouped(point.steps)), epoch "
      + "\(Output.fixed(point.epoch, 2)), loss \(Output.fixed(point.loss, 4)), lr "
      + "\(String(format: "%.2e", point.learningRate)), \(Output.fixed(point.pairsPerSecond, 1)) pairs/s, "
      + "\(Output.seconds(point.secondsLeft)) left"
    progress.withLock { $0.show(text, isLast: point.step == point.steps) }
  }

  private func show(_ evaluation: RunEvent.Evaluation) {
    if json {
      line(
        [
          ("event", .text("evaluated")), ("step", .integer(evaluation.step)),
          ("epoch", .number(evaluation.epoch)), ("eval_loss", .number(evaluation.loss)),
        ]
          + Self.shares(evaluation) + [
            ("count", .integer(evaluation.count)), ("best", .flag(evaluation.isBest)),
          ])
      return
    }
    let accuracy = evaluation.accuracy.map { shares in
      ", k = 1, 3, 5, 10: " + shares.map { Output.fixed($0, 3) }.joined(separator: " ")
    }
    note(
      "step \(grouped(evaluation.step)): valid loss \(Output.fixed(evaluation.loss, 4))"
        + "\(accuracy ?? ""), recall \(Output.fixed(evaluation.recall, 3))"
        + (evaluation.step == 0
          ? ", the model as it was" : evaluation.isBest ? ", the best so far" : ""))
  }

  private static func shares(_ evaluation: RunEvent.Evaluation) -> [(String, JSONValue)] {
    [
      ("accuracy", evaluation.accuracy.map { .list($0.map { .number($0) }) } ?? .null),
      ("recall", .number(evaluation.recall)),
    ]
  }

  // MARK: The end

  /// What the run was good for, and the command that shows it.
  private func show(_ summary: RunEvent.Summary) {
    let (start, best) = (summary.start, summary.best)
    if json {
      func object(_ evaluation: RunEvent.Evaluation) -> JSONValue {
        .object(
          [("step", .integer(evaluation.step)), ("eval_loss", .number(evaluation.loss))]
            + Self.shares(evaluation))
      }
      line([
        ("event", .text("finished")), ("steps", .integer(summary.steps)),
        ("best", object(best)), ("start", start.map(object) ?? .null),
        ("folder", .text(summary.folder)), ("next", .text(summary.command)),
      ])
      return
    }
    let figures = [
      Self.change("loss", 4, best.loss, start?.loss),
      Self.change("accuracy", 3, best.accuracy?.first, start?.accuracy?.first),
      Self.change("recall", 3, best.recall, start?.recall),
    ].compactMap { $0 }.joined(separator: ", ")
    if best.step == 0, start != nil {
      note(
        "best: step 0, the model as it was: valid \(figures); no step is better by what best_by says. Try "
          + "another learning_rate, or more pictures")
    } else {
      note(
        "best: step \(grouped(best.step)) of \(grouped(summary.steps)): valid \(figures)"
          + (start == nil ? "" : "; in brackets: since the start"))
    }
    note("see it: \(summary.command)")
  }

  /// `loss 2.8113 (−0.4021)`; `nil` where it was not measured.
  private static func change(_ name: String, _ digits: Int, _ value: Double?, _ before: Double?)
    -> String?
  {
    guard let value, value.isFinite else { return nil }
    let text = "\(name) \(Output.fixed(value, digits))"
    guard let before, before.isFinite else { return text }
    let change = value - before
    return text + " (\(change < 0 ? "−" : "+")\(Output.fixed(abs(change), digits)))"
  }
}

extension RunEvent.Summary {
  /// Makes a collection of the valid split (of all pictures of the folder, where the recipe names no
  /// split) with the model that the run started from and the best, and opens it.
  fileprivate var command: String {
    var words = ["clip-rsicd", "index", valid.images]
    words += valid.captions.flatMap { ["--captions", $0] }
    if let split = valid.split { words += ["--split", split] }
    if let separator = valid.layout.separator {
      words += [
        "--caption-separator", separator == 0x09 ? "tab" : String(UnicodeScalar(separator)),
      ]
    }
    if let column = valid.layout.imageColumn { words += ["--caption-image-column", column] }
    if let column = valid.layout.textColumn { words += ["--caption-text-column", column] }
    if let name = modelConfiguration { words += ["--model-config", name] }
    if let startModel { words += ["--model", startModel] }
    words += ["--model", folder, "--into", collection]
    let explore = ["clip-rsicd", "explore", "--collection", collection]
    return [words, explore].map { $0.map(Safe.word).joined(separator: " ") }
      .joined(separator: " && ")
  }

  private var collection: String {
    // Beside the best.
    (folder as NSString).deletingLastPathComponent + "/compare.sqlite"
  }
}
