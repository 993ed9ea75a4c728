import ArgumentParser
import CLIP
import Foundation
import ImageCollections

struct SearchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search", abstract: "Find the images that a sentence describes best.",
    discussion: """
      The score is the cosine of sentence and image, higher is better; every image is compared. A
      sentence may have parts: `beach + pier - crowd` adds and takes away, `"white roofs"` in quotes must
      stand in a caption, `category:port` keeps to a category, `like:airport_35.jpg` is an image of the
      collection. With --plain it is taken as it stands.

      EXAMPLES
        clip-rsicd search "planes parked next to a long terminal" --preview
        clip-rsicd search "a bridge over a river" -k 20 --json \\
          --collection rsicd.sqlite
        clip-rsicd search "white storage tanks" --files-only | head -1
        clip-rsicd search 'boats "many boats" - crowd category:port'
        mkdir -p found && clip-rsicd search "small houses among trees" -0 \\
          | xargs -0 cp -t found
      """)

  @Argument(help: "What the image shows.")
  var text: String

  @Flag(help: "Take the sentence as it stands, without signs and quotes.")
  var plain = false

  @OptionGroup var source: CollectionOptions
  @OptionGroup var model: ModelOptions
  @OptionGroup var filter: FilterOptions
  @OptionGroup var ranked: RankedOutput

  func validate() throws {
    guard text.contains(where: { !$0.isWhitespace }) else {
      throw ValidationError("the query is empty; say what the image shows")
    }
  }

  func run() async throws {
    let collection = try await source.open()
    let (model, indexed) = try model.load(for: collection)
    let filter = try self.filter.filter(in: collection)
    let query = plain ? SearchQuery(plain: text) : SearchQuery(text)
    guard !query.terms.isEmpty else {
      throw CommandError("\(text): nothing but a filter; say what the image shows")
    }
    let (vector, narrowed) = try await collection.resolve(
      query, by: model, indexed: indexed, where: filter)
    let rows = try await collection.search(
      vector, model: indexed, limit: self.filter.count, where: narrowed)
    try ranked.show(rows, query: query.wantedText, conversion: indexed.conversion)
  }
}
