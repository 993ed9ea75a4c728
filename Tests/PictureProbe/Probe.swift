import Foundation
import Imaging

/// One picture as the program reads it: `picture-probe FILE [OUT] [--bands 4,3,2] [--stretch none] [--preview N]`.
///
/// Prints one line of JSON: its sizes, kind and notes, or the error; OUT gets its 8-bit RGB. Status 0 where
/// the picture was read, 1 where it was refused, 2 for wrong arguments; anything else is a fault.
/// `Benchmarks/pictures.py` compares the bytes with those of other libraries.
@main
struct Probe {
  static func main() throws {
    var reader = ImageReader()
    var detail = ImageReader.Detail.full
    var places: [String] = []
    var arguments = CommandLine.arguments.dropFirst()
    while let argument = arguments.popFirst() {
      switch argument {
      case "--bands":
        try reader.conversion.choose(
          bands: (arguments.popFirst() ?? "").split(separator: ",").map { Int($0) ?? 0 })
      case "--stretch":
        reader.conversion.stretch = try ImageConversion.stretch(arguments.popFirst() ?? "")
      case "--preview": detail = .atLeast(arguments.popFirst().flatMap { Int($0) } ?? 64)
      default: places.append(argument)
      }
    }
    guard let path = places.first, places.count <= 2 else {
      FileHandle.standardError.write(
        Data(
          "picture-probe: FILE [OUT] [--bands 4,3,2] [--stretch none] [--preview N]\n".utf8))
      exit(2)
    }
    do throws(ImageError) {
      let picture = try reader.read(path, detail: detail)
      let (pixels, facts) = (picture.pixels, picture.facts)
      if let target = places.dropFirst().first {
        try? Data(pixels.bytes).write(to: URL(fileURLWithPath: target))
      }
      say([
        "width": pixels.width, "height": pixels.height, "bits": facts.bits, "bands": facts.bands,
        "format": facts.format.rawValue, "notes": picture.notes,
      ])
    } catch {
      say(["error": error.description])
      exit(1)
    }
  }

  private static func say(_ line: [String: Any]) {
    guard let data = try? JSONSerialization.data(withJSONObject: line, options: [.sortedKeys])
    else { return }
    FileHandle.standardOutput.write(data + Data("\n".utf8))
  }
}
