import Texts
import Transformers
import ArgumentParser
import Models
import Compute
import Foundation
import ImageCollections
import Imaging

struct InfoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Describe a collection, a model or a picture.",
    discussion: """
      EXAMPLES
        clip-rsicd info
        clip-rsicd info --collection rsicd.sqlite --json
        clip-rsicd info --model assets/models/rsicd-mini
        clip-rsicd info --model RemoteCLIP-ViT-B-32.pt \\
          --model-config ViT-B-32-quickgelu
        clip-rsicd info --image scene.tif
      """)

  @OptionGroup var source: CollectionOptions

  @Option(
    help: "Model's folder or file of weights, or ORG/NAME[:FILE] once pulled, to describe.",
    completion: .model)
  var model: String?

  @OptionGroup var configuration: ModelConfigurationOption

  @Option(help: "Picture file to describe, and how it is read.", completion: .file())
  var image: String?

  @OptionGroup var pictures: ImageOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if [model, image, source.collection].compactMap({ $0 }).count > 1 {
      throw ValidationError("give one of --collection, --model and --image")
    }
  }

  func run() async throws {
    let facts = try model.map { try Self.facts(model: $0, as: configuration.modelConfig) }
    if let image {
      show(try Self.facts(image: image, try pictures.reader()))
    } else if let facts {
      show(facts)
    } else {
      show(try Self.facts(collection: try await source.open()))
    }
  }

  private func show(_ facts: [Fact]) {
    if output.json {
      Output.json(.object(facts.map { ($0.key, $0.value) }))
      return
    }
    let width = facts.map(\.key.count).max() ?? 0
    for fact in facts {
      let name = fact.key.replacing("_", with: " ")
      let gap = String(repeating: " ", count: width - name.count + 2)
      for (place, line) in fact.lines.enumerated() {
        Output.line(
          Safe.text(
            place == 0 ? name + gap + line : String(repeating: " ", count: width + 2) + line))
      }
    }
  }

  /// A line or several of the summary, and the same as JSON.
  private struct Fact {
    let key: String
    let value: JSONValue
    let lines: [String]

    init(_ key: String, _ text: String) {
      (self.key, value, lines) = (key, .text(text), [text])
    }
    init(_ key: String, _ count: Int) {
      (self.key, value, lines) = (key, .integer(count), [grouped(count)])
    }
    init(_ key: String, _ value: JSONValue, lines: [String]) {
      (self.key, self.value, self.lines) = (key, value, lines.isEmpty ? ["none"] : lines)
    }
  }

  private static func facts(collection: ImageCollection) throws -> [Fact] {
    let categories = try collection.categories()
    let splits = try collection.splits()
    let captions = try collection.captionCounts()
    let models = try collection.models()
    return [
      Fact("collection", collection.path),
      Fact("images", try collection.imageCount()),
      Fact("unreadable", try collection.unreadable().count),
      Fact(
        "categories", .object(categories.map { ($0.name, .integer($0.count)) }),
        lines: categories.map { "\($0.name) \(grouped($0.count))" }),
      Fact(
        "splits", .object(splits.map { ($0.name, .integer($0.count)) }),
        lines: splits.map { "\($0.name) \(grouped($0.count))" }),
      Fact("captions", captions.captions),
      Fact("images_with_captions", captions.images),
      Fact(
        "models",
        .list(
          models.map {
            .object([
              ("name", .text($0.name)), ("fingerprint", .text($0.fingerprint)),
              ("directory", .text($0.directory)), ("width", .integer($0.width)),
              ("vectors", .integer($0.vectorCount)),
            ])
          }),
        lines: models.map {
          "\($0.name) \($0.fingerprint.prefix(12)): \(Output.count($0.vectorCount, "vector")) of "
            + "\($0.width), from \($0.directory)"
            + reading($0) + ($0.conversionIdentity.isEmpty ? "" : " (\($0.conversionIdentity))")
            + (FileManager.default.fileExists(atPath: $0.directory) ? "" : " (gone)")
        }),
    ]
  }

  /// What bare weights were read as, where the fingerprint says it.
  private static func reading(_ model: IndexedModel) -> String {
    let reading = ModelIdentity(text: model.modelFingerprint).reading
    return reading.isEmpty ? "" : ", read as \(reading)"
  }

  private static func facts(image path: String, _ reader: ImageReader) throws -> [Fact] {
    let facts = try reader.facts(of: path)
    let picture = try reader.read(path)
    return [
      Fact("image", path), Fact("format", facts.format.rawValue),
      Fact("width", facts.width), Fact("height", facts.height), Fact("bits", facts.bits),
      Fact("bands", facts.bands), Fact("orientation", facts.orientation),
      Fact(
        "notes", .list(picture.notes.map { .text($0) }), lines: picture.notes),
    ]
  }

  private static func facts(model name: String, as reading: String?) throws -> [Fact] {
    let models = try ModelOpening.open(
      [Assets.directory(ofModel: name)], as: reading, threads: nil)
    let model = models[0]
    let facts = model.facts
    let provenance = facts.provenance
    func tower(_ name: String, _ tower: ModelFacts.Tower) -> Fact {
      Fact(
        name,
        .object([
          ("width", .integer(tower.width)), ("layers", .integer(tower.layers)),
          ("heads", .integer(tower.heads)), ("head_width", .integer(tower.headWidth)),
          ("intermediate_width", .integer(tower.intermediateWidth)),
          ("activation", .text(tower.activation)),
        ]),
        lines: [
          "\(tower.layers) layers of \(grouped(tower.width)), \(tower.heads) heads of "
            + "\(tower.headWidth), \(grouped(tower.intermediateWidth)) between the layers, "
            + tower.activation
        ])
    }
    return [
      Fact("model", model.name), Fact("directory", model.directory),
      Fact("weights", facts.weights), Fact("fingerprint", model.fingerprint),
      Fact("parameters", facts.parameterCount),
      Fact(
        "architecture",
        provenance.architecture.map { .text($0) } ?? .null,
        lines: [
          (provenance.architecture.map { "\($0), by " } ?? "by ")
            + provenance.configuration
        ]),
      Fact("configured_by", provenance.configuration),
      tower("vision_tower", facts.vision), tower("text_tower", facts.text),
      Fact("patch_size", facts.patchSize),
      Fact("pictures_by", provenance.preprocessing),
      Fact("tokenizer", "\(provenance.tokenizer), pooled at \(facts.pooling)"),
      Fact("text_cleaning", facts.textCleaning),
      Fact(
        "notes", .list(model.notesWithRemedies.map { .text($0) }), lines: model.notesWithRemedies),
      Fact("image_size", facts.imageSize),
      Fact("context_length", facts.contextLength),
      Fact("vocabulary", facts.vocabularySize),
      Fact("embedding_width", model.embeddingWidth),
      Fact(
        "logit_scale", .number(Double(model.logitScale)),
        lines: [Output.fixed(Double(model.logitScale), 4)]),
    ]
  }
}
