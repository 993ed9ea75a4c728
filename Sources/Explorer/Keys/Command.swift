import Frame

/// What a key can do, by name.
public struct Command: Sendable, Hashable {
  public let name: String
  /// Takes the count that was typed before the key.
  let perform: @Sendable (inout State, Int?) -> [Effect]

  private init(name: String, perform: @escaping @Sendable (inout State, Int?) -> [Effect]) {
    (self.name, self.perform) = (name, perform)
  }

  /// One that only changes the state.
  init(_ name: String, _ change: @escaping @Sendable (inout State, Int?) -> Void) {
    self.init(name: name) { state, count in
      change(&state, count)
      return []
    }
  }

  /// One that wants something of the world outside.
  static func asking(
    _ name: String, _ perform: @escaping @Sendable (inout State) -> [Effect]
  ) -> Command {
    Command(name: name) { state, _ in perform(&state) }
  }

  public static func == (left: Command, right: Command) -> Bool { left.name == right.name }
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// A key: what is pressed, what it does, and its words.
public struct Binding: Sendable {
  public let inputs: [Input]
  /// The keys as they are shown, e.g. `j ↓`.
  public let keys: String
  public let command: Command
  public let help: String
  /// The few words beside the key in the footer; `nil` keeps it out.
  public let short: String?

  /// - Parameter hidden: keys that do the same and are not shown.
  init(
    _ inputs: [Input], hidden: [Input] = [], _ command: Command, _ help: String,
    short: String? = nil
  ) {
    self.inputs = inputs + hidden
    keys = inputs.map(\.label).joined(separator: " ")
    self.command = command
    self.help = help
    self.short = short
  }
}

extension Input {
  /// A key as footer and help show it.
  fileprivate var label: String {
    switch self {
    case .character(" "): "Space"
    case .character(let character): String(character)
    case .control(let letter): "Ctrl-\(letter.uppercased())"
    case .key(let key): key.label
    case .mouse, .paste, .resized: ""
    }
  }
}

extension Input.NamedKey {
  fileprivate var label: String {
    switch self {
    case .up: "↑"
    case .down: "↓"
    case .left: "←"
    case .right: "→"
    case .home: "Home"
    case .end: "End"
    case .pageUp: "PgUp"
    case .pageDown: "PgDn"
    case .enter: "⏎"
    case .escape: "Esc"
    case .tab: "Tab"
    case .backTab: "Shift-Tab"
    case .backspace: "Backspace"
    case .delete: "Del"
    case .f1: "F1"
    }
  }
}

/// Where a key is pressed, which decides its meaning. Two contexts with one name are the same.
public struct Context: Sendable, Hashable {
  let name: String
  /// In the order of footer and help; the first that holds a key has it.
  public let bindings: [Binding]
  private let commands: [Input: Command]

  init(_ name: String, _ bindings: [Binding]) {
    (self.name, self.bindings) = (name, bindings)
    commands = Dictionary(
      bindings.flatMap { binding in binding.inputs.map { ($0, binding.command) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// What an input means here.
  public func command(for input: Input) -> Command? { commands[input] }

  public static func == (left: Context, right: Context) -> Bool { left.name == right.name }
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
