import Texts
import ArgumentParser
import Foundation
import Hub
import Synchronization

struct PullCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pull", abstract: "Download a model or a data set from the Hugging Face hub.",
    discussion: """
      Fetches what a model needs, its weights in the best format that is there, into the cache that \
      Python's tools use too; --model ORG/NAME then works wherever a directory does. Stopped at any \
      moment, the same command goes on from there. Contents are checked against the hub's digests.

      ENVIRONMENT
        HF_TOKEN        for private and gated repositories; sent to the hub only
        HF_HOME         cache and token file (default: ~/.cache/huggingface)
        HF_ENDPOINT     another hub (default: https://huggingface.co)
        HF_HUB_OFFLINE  1: fetch nothing
        HTTPS_PROXY, http_proxy, NO_PROXY, SSL_CERT_FILE

      EXAMPLES
        clip-rsicd pull flax-community/clip-rsicd-v2
        clip-rsicd pull openai/clip-vit-base-patch32@main --into vit-base
        clip-rsicd pull chendelong/RemoteCLIP:RemoteCLIP-ViT-B-32.pt
        clip-rsicd pull --dataset arampacha/rsicd --into rsicd --json
        clip-rsicd embed --text "a river" --model flax-community/clip-rsicd-v2
      """)

  @Argument(
    help: """
      ORG/NAME, or ORG/NAME@REVISION with a branch, tag or commit; with :PATH behind it one file of \
      weights.
      """)
  var repository: String

  @Flag(help: "It is a data set: all its files, as they are.")
  var dataset = false

  @Option(help: "Folder for the files (default: the hub's cache).", completion: .directory)
  var into: String?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let into, into.isEmpty { throw ValidationError("--into is empty; name a folder") }
  }

  func run() async throws {
    let repository = try HubRepository(self.repository, kind: dataset ? .dataset : .model)
    let request = PullRequest(
      repository, into: into,
      environment: HubEnvironment(ProcessInfo.processInfo.environment))
    let watch = PullWatch(repository, json: output.json)
    let report: PullReport
    do {
      report = try await Interruptible.run { try await pull(request) { watch.show($0) } }
      watch.end()
    } catch is CancellationError {
      watch.end()
      Output.note("Interrupted; what came is kept. The same command goes on from there.")
      throw ExitCode(ErrorText.interrupted)
    } catch {
      watch.end()
      throw error
    }
    show(report, repository)
  }

  private func show(_ report: PullReport, _ repository: HubRepository) {
    if output.json {
      Output.json(
        .object([
          ("event", .text("finished")), ("repository", .text(repository.text)),
          ("commit", .text(report.commit)), ("directory", .text(report.directory)),
          ("files", .list(report.files.map { .text($0) })), ("bytes", .integer(report.bytes)),
          ("fetched_bytes", .integer(report.fetchedBytes)),
        ]))
    } else {
      Output.line(
        "\(repository.text): \(Self.files(report.files.count)), \(ByteCount.text(report.bytes)) in "
          + Safe.text(report.directory))
    }
    guard !output.json else { return }
    if !dataset {
      let place = repository.file.map { "\(report.directory)/\($0)" } ?? report.directory
      let name = into == nil ? repository.text : place
      Output.note("Use it with: --model \(Safe.word(name))")
    }
    for line in Self.advice(report) { Output.note(line) }
  }

  static func files(_ count: Int) -> String {
    count == 1 ? "1 file" : "\(grouped(count)) files"
  }

  /// Packed files stay packed: how to get at what is in them.
  private static func advice(_ report: PullReport) -> [String] {
    func example(_ suffix: String) -> String? {
      report.files.first { $0.lowercased().hasSuffix(suffix) }.map { "\(report.directory)/\($0)" }
    }
    var lines: [String] = []
    if let file = example(".zip") {
      lines.append("Zip files are left as they are; unpack: unzip \(Safe.word(file)) -d FOLDER")
    }
    if let file = example(".tar.gz") ?? example(".tgz") ?? example(".tar") {
      lines.append("Tar files are left as they are; unpack: tar -xf \(Safe.word(file)) -C FOLDER")
    }
    if example(".parquet") != nil {
      lines.append(
        "Parquet files are left as they are; the chapter \"Download a data set\" of docs/models.md "
          + "has a script that takes the images out.")
    }
    return lines
  }
}

/// Shows a download: a progress line on stderr, or one JSON object a line on stdout.
private final class PullWatch: Sendable {
  private let repository: HubRepository
  private let json: Bool
  private let progress = Mutex(ProgressLine())
  private let lastLine = Mutex(ContinuousClock.now)

  init(_ repository: HubRepository, json: Bool) {
    self.repository = repository
    self.json = json
  }

  func end() { progress.withLock { $0.end() } }

  func show(_ event: PullEvent) {
    switch event {
    case .planned(let plan): show(plan)
    case .progress(let now): show(now)
    case .fetched(let name, let bytes, let digest):
      guard json else { return }
      line([
        ("event", .text("fetched")), ("file", .text(name)), ("bytes", .integer(bytes)),
        ("checked", .optional(digest)),
      ])
    case .note(let text): note(Safe.text(text))
    }
  }

  private func note(_ text: String) {
    progress.withLock { progress in
      progress.end()
      Output.note(text)
    }
  }

  /// Flushed, so that a reader of the pipe follows.
  private func line(_ fields: [(String, JSONValue)]) {
    Output.json(.object(fields))
    ResultStream.flush()
  }

  private func show(_ plan: PullPlan) {
    if json {
      line([
        ("event", .text("planned")), ("repository", .text(repository.text)),
        ("commit", .text(plan.commit)), ("directory", .text(plan.directory)),
        ("files", .integer(plan.files)), ("bytes", .integer(plan.bytes)),
        ("present_bytes", .integer(plan.presentBytes)),
      ])
      return
    }
    let here =
      plan.presentBytes == 0
      ? ""
      : plan.presentBytes == plan.bytes
        ? ", all here" : ", \(ByteCount.text(plan.presentBytes)) of them here"
    note(
      "\(repository.text) at \(plan.commit.prefix(12)): \(PullCommand.files(plan.files)), "
        + "\(ByteCount.text(plan.bytes))\(here)")
    if plan.unchecked > 0 {
      note("\(PullCommand.files(plan.unchecked)) cannot be checked, for the hub gives no digest")
    }
  }

  private func show(_ now: PullProgress) {
    guard !json else {
      let isDue = lastLine.withLock { last in
        guard ContinuousClock.now - last >= .seconds(1) else { return false }
        last = .now
        return true
      }
      guard isDue else { return }
      line([
        ("event", .text("progress")), ("done_bytes", .integer(now.done)),
        ("bytes", .integer(now.total)), ("bytes_per_second", .number(now.bytesPerSecond)),
        ("seconds_left", now.secondsLeft.map { .number($0) } ?? .null),
      ])
      return
    }
    // The first moment has no speed yet.
    guard let secondsLeft = now.secondsLeft else { return }
    progress.withLock {
      $0.show(
        "\(ByteCount.text(now.done)) of \(ByteCount.text(now.total)), "
          + "\(ByteCount.text(Int(now.bytesPerSecond)))/s, \(Output.seconds(secondsLeft)) left")
    }
  }
}
