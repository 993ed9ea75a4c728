/// A page of the manual in mdoc(7), the language that both groff and mandoc read.
///
/// ArgumentParser's own generate-manual fills examples, so that long ones are broken and hyphenated, leaves
/// out defaults and the values that an option takes, and promises exit codes that are not ours.
package struct ManualPage: Sendable {
  /// `clip-rsicd-search.1`
  package let file: String
  package let text: String

  /// Pages of a program and of each of its commands.
  /// - Parameter date: of the sources, `2026-01-31`.
  package static func pages(of program: CommandDescription, version: String, date: String)
    -> [ManualPage]
  {
    let writer = Writer(program: program, version: version, date: date)
    return [writer.page(of: nil)] + program.documented.map { writer.page(of: $0) }
  }
}

private struct Writer {
  let program: CommandDescription
  let version: String
  let date: String

  private var name: String { program.commandName }
  private func title(_ command: CommandDescription) -> String { "\(name)-\(command.commandName)" }

  /// - Parameter subcommand: none for the program itself.
  func page(of subcommand: CommandDescription?) -> ManualPage {
    let command = subcommand ?? program
    let title = subcommand.map(title) ?? name
    let discussion = Discussion(command.discussion ?? "")
    var lines = [
      ".\\\" Made by manual-pages of what `\(name) --help` says; changes here are lost.",
      ".Dd \(Self.words(date: date))", ".Dt \(title.uppercased()) 1",
      ".Os \(name) \(version)",
      ".Sh NAME", ".Nm \(title)", ".Nd \(Roff.arguments(Self.clause(command.abstract ?? "")))",
    ]
    lines += synopsis(of: subcommand)
    lines += [".Sh DESCRIPTION"] + Roff.paragraphs(discussion.paragraphs(or: command.abstract))
    if subcommand == nil { lines += listOfCommands }
    lines += listOfArguments(command)
    for heading in ["ENVIRONMENT", Self.exitCodes, "EXAMPLES"] {
      lines += section(heading, discussion)
    }
    lines += [".Sh SEE ALSO"] + references(from: subcommand)
    return ManualPage(file: "\(title).1", text: lines.joined(separator: "\n") + "\n")
  }

  private func synopsis(of subcommand: CommandDescription?) -> [String] {
    let command = subcommand ?? program
    var lines = [".Sh SYNOPSIS", ".Nm \(name)"]
    if let subcommand { lines.append(".Cm \(subcommand.commandName)") }
    for argument in command.shownArguments where argument.kind != .positional {
      lines.append((argument.isOptional ? ".Op " : ".") + usage(of: argument))
    }
    for argument in command.shownArguments where argument.kind == .positional {
      lines.append((argument.isOptional ? ".Op " : ".") + usage(of: argument))
    }
    return lines + (subcommand == nil ? [".Op Ar command Op Ar argument ..."] : [])
  }

  /// `Fl \-model Ar model`, as it is typed, with the longest name.
  private func usage(of argument: CommandDescription.Argument) -> String {
    let name = (argument.names ?? []).first { $0.kind == .long } ?? argument.names?.first
    return ([name.map { Roff.flag($0.spelled) }] + [value(of: argument)])
      .compactMap { $0 }.joined(separator: " ") + (argument.isRepeating ? " ..." : "")
  }

  private func value(of argument: CommandDescription.Argument) -> String? {
    argument.kind == .flag ? nil : argument.valueName.map { "Ar \(Roff.arguments($0))" }
  }

  private var listOfCommands: [String] {
    [".Pp", "The commands, each with a page of its own:", ".Bl -tag -width evaluate"]
      + program.documented.flatMap {
        [".It Xr \(title($0)) 1"] + Roff.sentences($0.abstract ?? "")
      } + [".El"]
  }

  private func listOfArguments(_ command: CommandDescription) -> [String] {
    let items = command.shownArguments.flatMap { argument in
      let names = (argument.names ?? []).sorted { $0.name.count < $1.name.count }
        .map { Roff.flag($0.spelled) }.joined(separator: " , ")
      let label = [names.isEmpty ? nil : names, value(of: argument)].compactMap { $0 }
      return [".It " + label.joined(separator: " ")] + Roff.sentences(argument.sentence)
    }
    return items.isEmpty ? [] : [".Bl -tag -width Ds"] + items + [".El"]
  }

  private static let exitCodes = "EXIT CODES"

  /// A block of the discussion as a section. Exit codes that a command does not tell are the program's.
  private func section(_ heading: String, _ discussion: Discussion) -> [String] {
    let ours =
      heading == Self.exitCodes ? Discussion(program.discussion ?? "").block(heading) : nil
    guard let lines = discussion.block(heading) ?? ours else { return [] }
    return [".Sh \(heading == Self.exitCodes ? "EXIT STATUS" : heading)"] + Roff.literal(lines)
  }

  private func references(from subcommand: CommandDescription?) -> [String] {
    let titles = subcommand == nil ? program.documented.map(title).sorted() : [name]
    return titles.enumerated().map { ".Xr \($1) 1" + ($0 < titles.count - 1 ? " ," : "") }
  }

  /// `Find the images.` → `find the images`, as a list of pages has it.
  private static func clause(_ abstract: String) -> String {
    let sentence = abstract.hasSuffix(".") ? String(abstract.dropLast()) : abstract
    return sentence.prefix(1).lowercased() + sentence.dropFirst()
  }

  /// `2026-01-31` → `January 31, 2026`, the form that mdoc knows; anything else as it is.
  private static func words(date: String) -> String {
    let numbers = date.split(separator: "-").compactMap { Int($0) }
    guard numbers.count == 3, (1...12).contains(numbers[1]) else { return date }
    return "\(months[numbers[1] - 1]) \(numbers[2]), \(numbers[0])"
  }

  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]
}

extension Discussion {
  fileprivate func block(_ heading: String) -> [String]? {
    for case .block(heading, let lines) in parts { return lines }
    return nil
  }

  fileprivate func paragraphs(or abstract: String?) -> [String] {
    let found: [String] = parts.compactMap {
      if case .paragraph(let text) = $0 { text } else { nil }
    }
    return [abstract].compactMap { $0 } + found
  }
}
