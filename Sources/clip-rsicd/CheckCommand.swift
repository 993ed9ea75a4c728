import Texts
import ArgumentParser
import Foundation
import ImageCollections

struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Verify a collection to the bit, and repair what can be.",
    discussion: """
      Every row is compared with the sum that was stored with it, and SQLite looks at its own structure.
      With --repair, what is damaged is taken out, so that the next `index` makes it again; a file whose
      structure is broken is saved row by row, and the old one stays beside it as COLLECTION.damaged.

      With --prune, images whose files are gone are dropped from a sound one; those on a disk that does
      not seem to be mounted are kept and told.

      EXAMPLES
        clip-rsicd check rsicd.sqlite
        clip-rsicd check rsicd.sqlite --prune
        clip-rsicd check rsicd.sqlite --repair
        clip-rsicd check rsicd.sqlite --json

      EXIT CODES
        0 sound, or repaired   1 damaged   2 no collection, or it cannot be opened
      """)

  @Argument(help: "Collection to look at.", completion: .file())
  var collection: String

  @Flag(help: "Take out what is damaged.")
  var repair = false

  @Flag(help: "Drop images whose files are gone.")
  var prune = false

  @OptionGroup var output: OutputOptions

  func run() async throws {
    let check = CollectionCheck(collection)
    let found = try repair ? check.repair() : check.run()
    var after = repair && !found.isSound ? try check.run() : found
    var pruned: IndexingReport?
    if prune, after.isSound {
      var request = IndexingRequest(folders: [], models: [], collection: collection)
      request.pruning = true
      pruned = try await Indexer(request).run { _ in }
      after = try check.run()
    }
    if output.json {
      Output.json(json(found, after, pruned))
    } else {
      show(found, after)
      if let pruned { show(pruned, after) }
    }
    if !after.isSound {
      try Output.flush()
      throw ExitCode(ErrorText.nothingFound)
    }
  }

  private func show(_ found: CollectionReport, _ after: CollectionReport) {
    func counts(_ report: CollectionReport) -> String {
      "\(Output.count(report.images, "image")), \(Output.count(report.vectors, "vector"))"
    }
    for finding in found.findings {
      Output.line(
        Safe.text(
          "\(Self.words(finding)): \(finding.examples.joined(separator: "; "))"
            + (finding.count > finding.examples.count ? "; …" : "")))
    }
    if !found.hasChecksums {
      Output.note("made by an older version: its rows have no sums yet; the next index adds them")
    }
    if found.isSound {
      Output.line(Safe.text("\(collection): sound, \(counts(found))"))
    } else if after.isSound {
      Output.line(Safe.text("\(collection): repaired, \(counts(after)) are left"))
      Output.note(
        "run `clip-rsicd index` on its folders, with their captions, to bring back the rest")
    } else {
      Output.line(Safe.text("\(collection): damaged"))
      if !repair {
        Output.note("`clip-rsicd check \(Safe.word(collection)) --repair` takes it out")
      }
    }
  }

  private func show(_ pruned: IndexingReport, _ after: CollectionReport) {
    Output.line(
      Safe.text(
        "\(collection): \(grouped(pruned.pruned)) dropped whose files are gone, "
          + "\(grouped(after.images)) images are left"))
    IndexCommand.tellKept(pruned, drop: "clip-rsicd index --into \(Safe.word(collection)) --drop")
  }

  private static func words(_ finding: CollectionFinding) -> String {
    let count = grouped(finding.count)
    return switch finding.kind {
    case .structure: "the file's structure is broken (\(count))"
    case .image: "images whose row is damaged (\(count))"
    case .scene: "scenes or windows whose row is damaged (\(count))"
    case .caption: "captions that are damaged (\(count))"
    case .model: "models whose row is damaged (\(count))"
    case .vector: "vectors that are damaged (\(count))"
    case .orphan: "rows without their image or model (\(count))"
    }
  }

  private func json(
    _ found: CollectionReport, _ after: CollectionReport, _ pruned: IndexingReport?
  ) -> JSONValue {
    .object([
      ("collection", .text(collection)), ("sound", .flag(after.isSound)),
      ("repaired", .flag(!found.isSound && after.isSound)),
      ("images", .integer(after.images)), ("vectors", .integer(after.vectors)),
      ("checksums", .flag(found.hasChecksums)),
      ("pruned", pruned.map { .integer($0.pruned) } ?? .null),
      ("kept", pruned.map { .integer($0.kept.reduce(0) { $0 + $1.count }) } ?? .null),
      (
        "findings",
        .list(
          found.findings.map {
            .object([
              ("kind", .text($0.kind.rawValue)), ("count", .integer($0.count)),
              ("examples", .list($0.examples.map { .text($0) })),
            ])
          })
      ),
    ])
  }
}
