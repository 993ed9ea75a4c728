import ArgumentParser
import Models
import Foundation
import ImageCollections
import Retrieval

struct SearchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search", abstract: "Find the images that a sentence describes best.",
    discussion: """
      The score is the cosine of sentence and image, higher is better; every image is compared. A
      sentence may have parts: `beach + pier - crowd` adds and takes away, `"white roofs"` in quotes must
      stand in a caption, `category:port` and `split:test` keep to these (to one of several, where repeated),
      `like:airport_35.jpg` is an image of the collection. With --plain it is taken as it stands.

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
    let query = plain ? SearchQuery(plain: text) : SearchQuery(text)
    try refuseUnfinished(query)
    let collection = try await source.open()
    let model = try model.choice(for: collection)
    var request = SearchRequest(
      subject: .query(query), filter: try filter.rows(of: collection), model: model.indexed,
      limit: filter.count)
    request.thins = !filter.allWindows
    let ranking = try await Retriever(collection) { _ in try model.open() }.rank(request)
    try ranked.show(ranking, of: collection, model.indexed, query: text)
  }

  /// A line that is all there is does not end in the middle.
  private func refuseUnfinished(_ query: SearchQuery) throws {
    let plain = "; --plain takes the sentence as it stands"
    switch query.unfinished {
    case .quote(let rest): throw CommandError("the quote before \(rest) is not closed\(plain)")
    case .sign(let sign): throw CommandError("\(sign) needs a name behind it\(plain)")
    case nil: break
    }
    guard !query.terms.isEmpty else {
      throw CommandError("\(text): nothing but a filter; say what the image shows")
    }
  }
}
