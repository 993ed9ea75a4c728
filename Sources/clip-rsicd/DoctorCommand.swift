import Texts
import ArgumentParser
import Models
import Compute
import Foundation
import ImageCollections
import Terminal

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Print what was detected, for a bug report.",
    discussion: """
      EXAMPLES
        clip-rsicd doctor
        clip-rsicd doctor --collection images.sqlite --json
      """)

  @Option(
    help: "Collection to look at (default: the embedded gallery).", completion: .file())
  var collection: String?

  @OptionGroup var output: OutputOptions

  func run() async throws {
    var facts: [(String, String)] = [
      ("clip-rsicd", ClipRSICD.version),
      ("cores", "\(ProcessInfo.processInfo.activeProcessorCount)"),
      ("oneDNN", "\(ComputeLibrary.version), \(ComputeLibrary.instructionSet)"),
      ("SQLite", try ImageCollection.sqliteVersion()),
    ]
    let terminal = TerminalFacts(asks: !output.json, octants: !output.json, wait: 1000)
    terminal.abilities.giveBackKeys()
    facts += terminal.lines.map { ($0.name, $0.value) }
    facts += models()
    facts.append(("collection", Self.describe(collection ?? Assets.gallery.collection.path)))
    if output.json {
      Output.json(.object(facts.map { ($0, .text($1)) }))
      return
    }
    let width = facts.map(\.0.count).max() ?? 0
    for (name, value) in facts {
      Output.line(
        name + String(repeating: " ", count: width - name.count + 2) + Safe.text(value))
    }
  }

  private func models() -> [(String, String)] {
    [Assets.baseline, Assets.fineTuned].map { name in
      do {
        let model = try EmbeddingModels.open(try Assets.model(name))
        return (
          "model \(name)",
          "\(model.directory), \(model.facts.weights), \(grouped(model.facts.parameterCount)) parameters, "
            + model.fingerprint.prefix(12)
        )
      } catch {
        return ("model \(name)", ErrorText.sentence(error))
      }
    }
  }

  private static func describe(_ path: String) -> String {
    do {
      let collection = try ImageCollection(openingForReading: path)
      let models = try collection.models().map { "\($0.name) (\(grouped($0.vectorCount)))" }
      return "\(path), \(Output.count(try collection.imageCount(), "image")), "
        + "vectors of \(models.joined(separator: ", "))"
    } catch {
      return ErrorText.sentence(error)
    }
  }
}
