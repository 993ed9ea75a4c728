import Foundation
import Frame
import Imaging
import Terminal

/// A program for the tests: shows a canvas with colours, wide characters and a picture, echoes what
/// comes in, and ends in every way there is.
@main
struct Probe {
  static func main() {
    let arguments = CommandLine.arguments
    if arguments.contains("--facts") {
      let octants = arguments.contains("octant")
      let facts = TerminalFacts(asks: true, octants: octants)
      for line in facts.lines where !octants || line.name != "symbols" {
        print("\(line.name): \(line.value)")
      }
      if octants {
        let symbols = facts.abilities.symbols(.octant, depth: facts.depth, unicode: facts.isUTF8)
        print("symbols: \(symbols.rawValue)")
      }
      return
    }
    func value(of name: String) -> String? {
      arguments.firstIndex(of: name)
        .flatMap { arguments.indices.contains($0 + 1) ? arguments[$0 + 1] : nil }
    }
    let depth = value(of: "--color-depth").flatMap(ColorDepth.init(rawValue:))
    let symbols = value(of: "--symbols").flatMap(PictureSymbols.init(rawValue:)) ?? .auto
    if let path = value(of: "--picture") {
      let columns = value(of: "--columns").flatMap(Int.init) ?? 40
      printPicture(path, columns: columns, depth: depth ?? .direct, symbols: symbols)
      return
    }
    do {
      let screen = try CursesScreen(
        depth: depth, mouse: !arguments.contains("--no-mouse"), octants: symbols == .octant)
      Probe(screen, symbols).loop()
    } catch {
      FileHandle.standardError.write(Data("Error: \(error)\n".utf8))
      exit(2)
    }
  }

  /// A picture as `--preview` prints it.
  private static func printPicture(
    _ path: String, columns: Int, depth: ColorDepth, symbols: PictureSymbols
  ) {
    do {
      let read = try ImageReader().read(path, detail: .atLeast(160))
      let picture = Previewer(depth: depth, symbols: symbols)
        .preview(of: read.pixels, columns: columns, rows: 1024)
      for line in ansi(picture, depth: depth) { print(line) }
    } catch {
      FileHandle.standardError.write(Data("Error: \(error)\n".utf8))
      exit(2)
    }
  }

  private let screen: CursesScreen
  private let picture: Pixels?

  private let symbols: PictureSymbols

  private init(_ screen: CursesScreen, _ symbols: PictureSymbols) {
    self.screen = screen
    self.symbols = symbols
    var bytes: [UInt8] = []
    for y in 0..<64 {
      for x in 0..<64 { bytes += [UInt8(x * 4), UInt8(y * 4), x > 20 && x < 40 ? 250 : 60] }
    }
    picture = try? Pixels(width: 64, height: 64, bytes: bytes)
  }

  private func loop() {
    var last = "none"
    var frames = 0
    while true {
      frames += 1
      screen.present(canvas(last, frames))
      let inputs = screen.waitForInput(milliseconds: 5000)
      for input in inputs {
        last = "\(input)"
        switch input {
        case .character("q"), .control("c"): return screen.close()
        case .character("x"): crash(Int(last.count))
        case .character("a"): abort()
        case .character("e"): exit(3)
        case .character("w"): Thread.detachNewThread { [waker = screen.waker] in waker() }
        case .character("y"): screen.copyToClipboard("copied")
        case .character("m"): manyColors()
        case .control("z"): screen.suspend()
        case .control("l"): screen.redraw()
        default: break
        }
      }
      if inputs.isEmpty { last = "woken" }
    }
  }

  private func crash(_ count: Int) {
    // A check that fails at run time, as an index out of range does.
    precondition(count < 0, "asked to crash")
  }

  /// Frames with more colour pairs than the terminal may have, one after another.
  private func manyColors() {
    let size = screen.size
    for frame in 0..<20 {
      var canvas = Canvas(columns: size.columns, rows: size.rows)
      for row in 0..<size.rows {
        for column in 0..<size.columns {
          let n = frame * 7919 + row * size.columns + column
          let style = Style(
            foreground: .rgb(UInt8(n & 255), UInt8(n >> 3 & 255), UInt8(n >> 6 & 255)),
            background: .rgb(UInt8(n >> 2 & 255), UInt8(n >> 5 & 255), UInt8(n & 255)))
          canvas.write("▀", column: column, row: row, style: style)
        }
      }
      screen.present(canvas)
    }
  }

  private func canvas(_ last: String, _ frames: Int) -> Canvas {
    let size = screen.size
    var canvas = Canvas(columns: size.columns, rows: size.rows)
    canvas.write(
      "probe \(size.columns)x\(size.rows) \(screen.depth.rawValue)", column: 0, row: 0,
      style: .strong)
    canvas.write("last: \(last)", column: 0, row: 1, limit: size.columns)
    canvas.write("red", column: 0, row: 2, style: Style(foreground: .named(1)))
    canvas.write("orange", column: 4, row: 2, style: Style(foreground: .rgb(255, 135, 0)))
    canvas.write(
      "exact", column: 11, row: 2,
      style: Style(foreground: .rgb(1, 2, 3), background: .rgb(200, 201, 202)))
    canvas.write("reversed", column: 17, row: 2, style: .reversed)
    let names = [
      "日本語.jpg", "e\u{301}te\u{301}.jpg", "שלום.jpg", "👩‍👩‍👧🚀🇩🇪.jpg", "a\u{1B}[31m\n.jpg", "…▸│▉▍.jpg",
    ]
    for (index, name) in names.enumerated() {
      canvas.write(name, column: 0, row: 3 + index, limit: 18)
      canvas.write("|", column: 20, row: 3 + index)
    }
    if let picture, size.columns > 24 {
      let previewer = Previewer(
        depth: screen.depth,
        symbols: screen.abilities.symbols(symbols, depth: screen.depth, unicode: screen.unicode))
      let preview = previewer.preview(of: picture, columns: size.columns - 22, rows: size.rows - 4)
      canvas.draw(preview, column: 22, row: 3)
    }
    canvas.cursor = (min(6, size.columns - 1), min(1, size.rows - 1))
    return canvas
  }
}
