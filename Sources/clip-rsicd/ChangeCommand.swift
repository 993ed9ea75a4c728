import ArgumentParser
import Foundation
import ImageCollections
import Models
import Retrieval
import Scenes
import Texts

struct ChangeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "change",
    abstract: "Find where a text fits a later picture better than an earlier one.",
    discussion: """
      Compares windows of scenes over the same ground, which index --scenes made: those of two collections, or of \
      two days in one. Places are ranked by how much more the text fits the later picture. This is an \
      experiment: light, season and the angle of view change scores too.

      EXAMPLES
        clip-rsicd change before.sqlite after.sqlite --text "new buildings"
        clip-rsicd change 2020-08-15 2021-08-20 --collection tiles.sqlite \\
          --text "a construction site" --geojson changes.geojson
      """)

  @Argument(
    help: "Earlier: a collection, or a day such as 2020-01-31 of --collection.", completion: .file()
  )
  var before: String

  @Argument(help: "Later, likewise.", completion: .file())
  var after: String

  @Option(help: "What is to be looked for in the later picture.")
  var text: String

  @Option(help: "The collection that days are of.", completion: .file())
  var collection: String?

  @Option(name: .customShort("k", allowingJoined: true), help: "Places to print at most.")
  var count = 10

  @OptionGroup var model: ModelOptions
  @OptionGroup var files: PlaceFiles
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...100_000).contains(count) else {
      throw ValidationError("-k is \(count), expected 1 to 100000")
    }
    if text.allSatisfy(\.isWhitespace) {
      throw ValidationError("the text is empty: say what to look for")
    }
    for side in [before, after] where SceneDate.day(side) != nil && collection == nil {
      throw ValidationError("\(side) is a day: add --collection")
    }
  }

  func run() async throws {
    let (old, new) = (try open(before), try open(after))
    let choice = try model.choice(for: new.collection)
    let opened = try choice.open()
    let search = ChangeSearch(
      before: ChangeSide(
        old.collection, try old.collection.indexedModel(for: opened), day: old.day),
      after: ChangeSide(new.collection, choice.indexed, day: new.day))
    let (text, count) = (text, count)
    let found = try await Interruptible.run {
      let vector = try await opened.embeddings(forTexts: [text])[row: 0]
      return try search.places(vector, limit: count)
    }
    Output.tell([text].compactMap(opened.cut))
    let places = ScenePlaces()
    let rows = found.changes.compactMap { change in
      PlacedWindow(change.after, places).map { (change: change, window: $0) }
    }
    try files.write(
      rows.map(\.window), query: text, model: choice.indexed.name,
      reader: ImageSizeOptions.standardReader(choice.indexed.conversion))
    for row in rows {
      if output.json {
        Output.json(
          .object(
            [("rank", .integer(row.window.rank)), ("gain", .number(Double(row.change.gain)))]
              + row.window.fields + [("before", .text(row.change.before.path))]))
      } else {
        let sign = row.change.gain < 0 ? "" : "+"
        let place = row.window.placeText
        Output.line(
          [
            "\(row.window.rank)", sign + Output.fixed(Double(row.change.gain), 3),
            row.change.after.image.filename, place?.position, place?.metres,
            "before: \(row.change.before.filename)",
          ].compactMap { $0 }.map(Safe.text).joined(separator: "  "))
      }
    }
    Output.note(
      "\(Output.count(found.pairs, "pair")) of windows over the same ground compared; experimental")
    guard !rows.isEmpty else {
      Output.note("Nothing found: no two windows show the same ground.")
      throw ExitCode(ErrorText.nothingFound)
    }
  }

  private func open(_ side: String) throws -> (collection: ImageCollection, day: String?) {
    if let day = SceneDate.day(side), let collection {
      return (try ImageCollection(openingForReading: collection), day)
    }
    return (try ImageCollection(openingForReading: side), nil)
  }
}
