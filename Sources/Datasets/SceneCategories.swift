/// The thirty scene categories of RSICD (and AID), in alphabetical order.
public enum SceneCategories {
  public static let all = [
    "airport", "bareland", "baseballfield", "beach", "bridge", "center", "church", "commercial",
    "denseresidential", "desert", "farmland", "forest", "industrial", "meadow",
    "mediumresidential", "mountain", "park", "parking", "playground", "pond", "port",
    "railwaystation", "resort", "river", "school", "sparseresidential", "square", "stadium",
    "storagetanks", "viaduct",
  ]
}

extension SceneCategories {
  /// The category that a path tells: letters before `_12` in the file's name (`airport_12.jpg`), else
  /// the name of its folder where that is one of the thirty (`airport/0012.jpg`).
  public static func category(ofPath path: String) -> String? {
    let parts = path.split(separator: "/")
    guard let file = parts.last else { return nil }
    let stem = file.prefix { $0 != "." }
    if let underscore = stem.lastIndex(of: "_") {
      let word = stem[..<underscore].lowercased()
      let number = stem[stem.index(after: underscore)...]
      let isNumber = !number.isEmpty && number.allSatisfy { $0.isASCII && $0.isNumber }
      if isNumber, !word.isEmpty, word.count <= 64, word.allSatisfy({ $0.isASCII && $0.isLetter }) {
        return word
      }
    }
    let folder = parts.dropLast().last.map { $0.lowercased() } ?? ""
    return all.contains(folder) ? folder : nil
  }
}
