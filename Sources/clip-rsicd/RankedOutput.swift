import Texts
import ArgumentParser
import Files
import Foundation
import Frame
import ImageCollections
import Imaging
import Retrieval
import Scenes
import Terminal

/// How ranked images are printed.
struct RankedOutput: ParsableArguments {
  @OptionGroup var output: OutputOptions

  @Flag(help: "Show each image in block characters.")
  var preview = false

  @OptionGroup var files: PlaceFiles

  @OptionGroup var pictures: PictureOptions

  @Flag(name: .shortAndLong, help: "Print only paths, one per line.")
  var filesOnly = false

  @Flag(name: [.customShort("0"), .long], help: "Print only paths, each ended by a zero byte.")
  var print0 = false

  func validate() throws {
    let forms = [output.json, preview, filesOnly || print0].filter { $0 }
    if forms.count > 1 {
      throw ValidationError("give one of --json, --preview and --files-only or --print0")
    }
  }

  /// Prints the rows, and notes about them on stderr; without any rows, says so and ends with code 1.
  /// - Parameters:
  ///   - model: whose vectors were compared; pictures are read as they were for these.
  ///   - query: what was looked for, for the files of places.
  func show(
    _ ranking: Ranking, of collection: ImageCollection, _ model: IndexedModel, query: String
  ) throws {
    let conversion = model.conversion
    let places = ScenePlaces()
    let windows = ranking.hits.map { PlacedWindow($0, places) }
    try files.write(
      windows.compactMap { $0 }, query: query, model: model.name,
      reader: ImageSizeOptions.standardReader(conversion))
    let pictures = preview ? try Previews(conversion, self.pictures) : nil
    for (hit, window) in zip(ranking.hits, windows) {
      if print0 {
        // Names are printed as they are: none can hold a zero byte, and a script needs the bytes.
        Output.raw(hit.image.path + "\0")
      } else if filesOnly {
        Output.line(Output.resultIsTerminal ? Safe.text(hit.image.path) : hit.image.path)
      } else if output.json {
        Output.json(json(hit, window))
      } else {
        Output.line(text(hit, window))
        for line in pictures?.lines(of: hit.image) ?? [] { Output.line(line) }
      }
    }
    for note in ranking.notes { Output.note(Self.sentence(note, collection)) }
    tellGone(ranking.hits, collection)
    if ranking.notes.contains(where: \.isDamage) { throw ExitCode(ErrorText.badInput) }
    guard !ranking.hits.isEmpty else {
      Output.note("Nothing found.")
      throw ExitCode(ErrorText.nothingFound)
    }
  }

  private static func sentence(_ note: Ranking.Note, _ collection: ImageCollection) -> String {
    let way =
      note.isDamage ? "; clip-rsicd check \(Safe.word(collection.path)) --repair, then index" : ""
    return Safe.text("\(note)\(way)")
  }

  /// How many rows' files are looked for: more than a person reads, and few enough for a slow disk.
  private static let mostLookups = 1_000

  /// A path that leads nowhere is worth a word before a script stumbles over it.
  private func tellGone(_ hits: [Hit], _ collection: ImageCollection) {
    let gone = hits.prefix(Self.mostLookups).count { hit in
      do throws(FileFacts.Failure) {
        _ = try FileFacts(hit.image.file)
        return false
      } catch {
        return error.isAbsence
      }
    }
    if gone > 0 {
      Output.note(
        "\(Output.count(gone, "file")) of these \(gone == 1 ? "is" : "are") not there any more; "
          + "clip-rsicd check \(Safe.word(collection.path)) --prune drops what is gone")
    }
  }

  private func json(_ hit: Hit, _ window: PlacedWindow?) -> JSONValue {
    .object(
      [
        ("rank", .integer(hit.rank)), ("score", .number(Double(hit.score ?? 0))),
        ("path", .text(hit.image.path)), ("category", .optional(hit.image.category)),
        ("caption", .optional(hit.caption)),
      ] + (window?.fields ?? []))
  }

  private func text(_ hit: Hit, _ window: PlacedWindow?) -> String {
    let rank = String(hit.rank)
    let place = window?.placeText
    return [
      String(repeating: " ", count: max(0, 3 - rank.count)) + rank,
      Output.fixed(Double(hit.score ?? 0), 4), hit.image.filename,
      window == nil ? hit.image.category ?? "-" : place?.position ?? "-", hit.caption,
      place?.metres,
    ].compactMap { $0 }.map(Safe.text).joined(separator: "  ")
  }
}

extension PlacedWindow {
  /// `nil` of a picture that is no window.
  init?(_ hit: Hit, _ places: ScenePlaces) {
    guard let window = hit.image.window else { return nil }
    self.init(
      rank: hit.rank, score: hit.score ?? 0, scene: window.scene, region: window.region,
      taken: window.taken, place: window.placement.flatMap { places[$0] })
  }
}

extension Ranking.Note {
  fileprivate var isDamage: Bool { if case .damagedVectors = self { true } else { false } }
}

/// Pictures as lines of block characters, in the colours that stdout takes; plain text on a pipe.
struct Previews {
  private let previewer: Previewer
  private let columns: Int
  private let reader: ImageReader

  /// Milliseconds that the terminal's answers are waited for: long enough that they do not come after
  /// the program has ended, when the shell would read them.
  private static let wait = 1000

  init(_ conversion: ImageConversion, _ options: PictureOptions) throws {
    reader = try ImageSizeOptions.standardReader(conversion).forScreen
    let wanted = options.color.depth
    let facts = TerminalFacts(
      asks: wanted != .mono, octants: options.symbols == .octant, wait: Self.wait)
    facts.abilities.giveBackKeys()
    if let note = facts.abilities.note(on: options.symbols) { Output.note(note) }
    // On a pipe, colours and more than ASCII only where asked for by name.
    let depth =
      facts.stdoutIsTerminal
      ? wanted.map { facts.depth(atMost: $0) } ?? facts.depth : wanted ?? .mono
    previewer = Previewer(
      depth: depth,
      symbols: facts.abilities.symbols(options.symbols, depth: depth, unicode: facts.isUTF8),
      isOnLight: facts.abilities.isLight ?? false)
    columns = max(8, min(40, (facts.columns ?? 80) - 6))
  }

  /// A picture that has been made, as wide as the terminal allows.
  func lines(of pixels: Pixels) -> [String] {
    ansi(previewer.preview(of: pixels, columns: 2 * columns, rows: 40), depth: previewer.depth)
  }

  func lines(of image: IndexedImage) -> [String] {
    let indent = "     "
    do throws(ImageError) {
      let pixels =
        if let window = image.window {
          try Scene(window.scene, reader).part(window.region)
        } else {
          try reader.read(image.path, detail: .atLeast(160)).pixels
        }
      let picture = previewer.preview(of: pixels, columns: columns, rows: 16)
      return ansi(picture, depth: previewer.depth).map { indent + $0 } + [""]
    } catch {
      return [indent + "(\(ErrorText.sentence(error)))", ""]
    }
  }
}
