import Texts
import ArgumentParser
import Models
import Foundation

struct ConvertCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert", abstract: "Write a model of any format as safetensors.",
    discussion: """
      Reads every format that --model reads. The new folder has transformers' layout: config.json,
      preprocessor_config.json (and processor_config.json, which transformers 5 reads), the tokenizer's
      files and model.safetensors. Before it gets its name, the
      same texts and pictures are embedded with both, and the largest difference is told.

      EXAMPLES
        clip-rsicd convert clip-rsicd-v2 clip-rsicd-v2-f16 --dtype f16
        clip-rsicd convert ViT-B-32 vit-b-32 --dtype f32 --json
        clip-rsicd convert RS5M_ViT-B-32.pt georsclip-b32 \\
          --model-config ViT-B-32-quickgelu
      """)

  @Argument(
    help: "Model's folder or file of weights to read, or ORG/NAME[:FILE] once pulled.",
    completion: .model)
  var source: String

  @Argument(help: "Folder to write.", completion: .directory)
  var target: String

  @Option(help: "Type of the weights: f32, f16 or bf16.")
  var dtype: ModelConversion.Precision = .f32

  @Option(help: "Format of the weights: safetensors.")
  var format: Format = .safetensors

  @Flag(help: "Replace a model's folder that is there.")
  var force = false

  @Option(help: "Threads (default: all cores).")
  var threads: Int?

  @OptionGroup var configuration: ModelConfigurationOption
  @OptionGroup var output: OutputOptions

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case safetensors
  }

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads is \(threads), expected 1 to 1024")
    }
  }

  func run() async throws {
    let (directory, name) = try ModelOpening.names(
      [Assets.directory(ofModel: source)], configuration.modelConfig)[0]
    let report = try ModelConversion(
      precision: dtype, replaces: force, modelConfiguration: name, threads: threads
    ).convert(directory, to: target)
    for note in report.notesWithRemedies { Output.note(Safe.text("\(source): \(note)")) }
    if output.json {
      Output.json(
        .object([
          ("model", .text(target)), ("dtype", .text(dtype.rawValue)),
          ("parameters", .integer(report.parameters)), ("inputs", .integer(report.inputs)),
          ("largest_difference", .number(Double(report.largestDifference))),
          ("lowest_cosine", .number(Double(report.lowestCosine))),
        ]))
    } else {
      Output.line(
        Safe.text(
          "\(target): \(grouped(report.parameters)) parameters in \(dtype.rawValue); vectors of "
            + "\(report.inputs) texts and pictures differ by at most \(report.largestDifference) from "
            + "the original's, lowest cosine \(Output.fixed(Double(report.lowestCosine), 6))"))
    }
  }
}

extension ModelConversion.Precision: ExpressibleByArgument {}
