import Foundation

/// What the next session starts with.
public struct SavedState: Sendable, Equatable, Codable {
  public var view: View
  public var query: String
  /// The ranking model, by name.
  public var model: String?
  public var scale: Scale
  /// Path of the selected image.
  public var selection: String?
  /// Queries, oldest first.
  public var history: [String]

  public init(
    view: View = .search, query: String = "", model: String? = nil, scale: Scale = .cosine,
    selection: String? = nil, history: [String] = []
  ) {
    self.view = view
    self.query = query
    self.model = model
    self.scale = scale
    self.selection = selection
    self.history = history
  }
}

/// The file that holds a ``SavedState``: `clip-rsicd/explorer.json` in the XDG state directory.
public struct StateFile: Sendable {
  public let path: String

  /// Largest file that is read; a longer one is not ours.
  static let longest = 1 << 20

  public init(path: String) { self.path = path }

  /// The usual place, from `XDG_STATE_HOME` or `HOME`; `nil` where neither is an absolute path.
  public init?(environment: [String: String]) {
    if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") {
      path = state + "/clip-rsicd/explorer.json"
    } else if let home = environment["HOME"], home.hasPrefix("/") {
      path = home + "/.local/state/clip-rsicd/explorer.json"
    } else {
      return nil
    }
  }

  /// What was saved; a file that is missing, too long or unreadable counts as nothing saved, since a
  /// lost history must not keep anybody from searching.
  public func read() -> SavedState {
    guard let file = FileHandle(forReadingAtPath: path),
      let data = try? file.read(upToCount: Self.longest + 1), data.count <= Self.longest,
      let state = try? JSONDecoder().decode(SavedState.self, from: data)
    else { return SavedState() }
    return state
  }

  /// Writes beside the file and renames, so that there is always a whole one.
  public func write(_ state: SavedState) throws {
    let url = URL(fileURLWithPath: path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try encoder.encode(state).write(to: url, options: .atomic)
  }
}
