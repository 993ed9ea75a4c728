/// A command as `clip-rsicd --experimental-dump-help` describes it: the declarations that `--help` and the
/// completions are made of, in JSON. ArgumentParser offers no library that reads it.
package struct CommandDescription: Decodable, Sendable {
  package let commandName: String
  package let shouldDisplay: Bool?
  package let abstract: String?
  package let discussion: String?
  package let subcommands: [CommandDescription]?
  package let arguments: [Argument]?

  package struct Argument: Decodable, Sendable {
    package enum Kind: String, Decodable, Sendable { case positional, option, flag }

    package let kind: Kind
    package let shouldDisplay: Bool
    package let isOptional: Bool
    package let isRepeating: Bool
    package let names: [Name]?
    package let valueName: String?
    package let defaultValue: String?
    package let allValues: [String]?
    package let abstract: String?
  }

  package struct Name: Decodable, Sendable {
    package enum Kind: String, Decodable, Sendable { case long, short, longWithSingleDash }

    package let kind: Kind
    package let name: String

    /// `--model`, `-k`
    package var spelled: String { (kind == .long ? "--" : "-") + name }
  }

  /// The commands with a page of their own; `help` is ArgumentParser's.
  package var documented: [CommandDescription] {
    (subcommands ?? []).filter { $0.shouldDisplay != false && $0.commandName != "help" }
  }

  package var shownArguments: [Argument] { (arguments ?? []).filter(\.shouldDisplay) }
}

/// What `--experimental-dump-help` prints.
package struct ToolDescription: Decodable, Sendable {
  package let serializationVersion: Int
  package let command: CommandDescription
}

extension CommandDescription.Argument {
  /// The description of an option, with the values that it takes and its default.
  package var sentence: String {
    let values = allValues.map { "values: " + $0.joined(separator: ", ") }
    let standard = defaultValue.map { "default: " + $0 }
    let facts = [values, standard].compactMap { $0 }
    return [abstract, facts.isEmpty ? nil : "(\(facts.joined(separator: "; ")))"]
      .compactMap { $0 }.joined(separator: " ")
  }
}
