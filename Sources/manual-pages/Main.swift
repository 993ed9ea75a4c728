import Foundation
import Manual

/// Writes the pages of the manual, of what the program itself says:
///
///     clip-rsicd --experimental-dump-help | manual-pages 0.1.0 2026-01-31 FOLDER
@main
enum ManualPages {
  static func main() {
    let arguments = CommandLine.arguments.dropFirst().map { $0 }
    guard arguments.count == 3 else {
      end("usage: clip-rsicd --experimental-dump-help | manual-pages VERSION DATE FOLDER")
    }
    do {
      let input = FileHandle.standardInput.readDataToEndOfFile()
      let tool = try JSONDecoder().decode(ToolDescription.self, from: input)
      guard tool.serializationVersion == 0 else {
        end("the description is of version \(tool.serializationVersion), expected 0")
      }
      let folder = URL(fileURLWithPath: arguments[2])
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      for page in ManualPage.pages(
        of: tool.command, version: arguments[0], date: arguments[1])
      {
        try Data(page.text.utf8).write(to: folder.appendingPathComponent(page.file))
      }
    } catch {
      end("the manual was not written: \(error)")
    }
  }

  private static func end(_ reason: String) -> Never {
    FileHandle.standardError.write(Data("Error: \(reason)\n".utf8))
    exit(2)
  }
}
