import ArgumentParser

@main
struct ClipRSICD: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clip-rsicd", abstract: "Find aerial images by what is in them.")
}
