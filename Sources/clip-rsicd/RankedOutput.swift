import ArgumentParser
import Foundation
import Frame
import ImageCollections
import Imaging
import Terminal

/// How ranked images are printed.
struct RankedOutput: ParsableArguments {
  @OptionGroup var output: OutputOptions

  @Flag(help: "Show each image in block characters.")
  var preview = false

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

  /// Prints the rows; without any, says so and ends with code 1.
  /// - Parameter conversion: of previews, that of the collection.
  func show(_ rows: [RankedRow], query: String?, conversion: ImageConversion) throws {
    guard !rows.isEmpty else {
      Output.note("Nothing found.")
      throw ExitCode(ErrorText.nothingFound)
    }
    let pictures = preview ? try Previews(conversion, self.pictures) : nil
    for row in rows {
      if print0 {
        // As they are: no name can hold a zero byte, and a script wants its bytes.
        Output.raw(row.image.path + "\0")
      } else if filesOnly {
        Output.line(Output.resultIsTerminal ? Safe.text(row.image.path) : row.image.path)
      } else if output.json {
        Output.json(json(row, query: query))
      } else {
        Output.line(text(row, query: query))
        for line in pictures?.lines(of: row.image.path) ?? [] { Output.line(line) }
      }
    }
  }

  private func json(_ row: RankedRow, query: String?) -> JSONValue {
    .object([
      ("rank", .integer(row.rank)), ("score", .number(Double(row.score))),
      ("path", .text(row.image.path)), ("category", .optional(row.image.category)),
      ("caption", .optional(row.image.caption(closestTo: query))),
    ])
  }

  private func text(_ row: RankedRow, query: String?) -> String {
    let rank = String(row.rank)
    return [
      String(repeating: " ", count: max(0, 3 - rank.count)) + rank,
      Output.fixed(Double(row.score), 4), row.image.filename, row.image.category ?? "-",
      row.image.caption(closestTo: query),
    ].compactMap { $0 }.map(Safe.text).joined(separator: "  ")
  }
}

extension IndexedImage {
  /// The caption that shares most words with the query; the first where none does.
  func caption(closestTo query: String?) -> String? {
    let wanted = Set(Self.words(query ?? ""))
    var best = captions.first
    var most = 0
    for caption in captions {
      let shared = wanted.intersection(Self.words(caption)).count
      if shared > most { (best, most) = (caption, shared) }
    }
    return best
  }

  private static func words(_ text: String) -> [String] {
    text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
  }
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

  func lines(of path: String) -> [String] {
    let indent = "     "
    do throws(ImageError) {
      let read = try reader.read(path, detail: .atLeast(160))
      let picture = previewer.preview(of: read.pixels, columns: columns, rows: 16)
      return ansi(picture, depth: previewer.depth).map { indent + $0 } + [""]
    } catch {
      return [indent + "(\(Safe.text("\(error)")))", ""]
    }
  }
}
