import ArgumentParser
import Terminal

/// How pictures are drawn in characters.
struct PictureOptions: ParsableArguments {
  enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    case auto, direct, mono
    case colors256 = "256"
    case colors16 = "16"

    var depth: ColorDepth? {
      switch self {
      case .auto: nil
      case .direct: .direct
      case .colors256: .colors256
      case .colors16: .colors16
      case .mono: .mono
      }
    }
  }

  @Option(help: "Colours, at most what the terminal has.")
  var color = ColorChoice.auto

  @Option(
    help: "Characters for pictures; octant needs a terminal that draws those of Unicode 16.")
  var symbols = PictureSymbols.auto
}

extension PictureSymbols: ExpressibleByArgument {}
