import Foundation
import Manual
import Testing

@Suite struct ManualPageTests {
  static let description = #"""
    {"serializationVersion": 0, "command": {
      "commandName": "finder", "abstract": "Find In pictures.",
      "discussion": "EXIT CODES\n  0 found   1 nothing",
      "subcommands": [
        {"commandName": "look", "abstract": "Look at one.",
         "discussion": "A sentence. Another with `code` - and a dash.\n\n.hidden files count.\n\nEXAMPLES\n  finder look 'a \\ b' ~/x^2 \\\n    --model m\n  .finder",
         "arguments": [
           {"kind": "positional", "shouldDisplay": true, "isOptional": false, "isRepeating": true,
            "valueName": "images", "abstract": "Pictures."},
           {"kind": "option", "shouldDisplay": true, "isOptional": true, "isRepeating": false,
            "names": [{"kind": "long", "name": "max-size"}, {"kind": "short", "name": "k"}],
            "valueName": "k", "defaultValue": "5", "allValues": ["5", "6"], "abstract": "How many."},
           {"kind": "option", "shouldDisplay": false, "isOptional": true, "isRepeating": false,
            "names": [{"kind": "long", "name": "script"}], "valueName": "script"}]},
        {"commandName": "help", "abstract": "Show help."},
        {"commandName": "secret", "abstract": "Not told.", "shouldDisplay": false}]}}
    """#

  private func pages() throws -> [ManualPage] {
    let tool = try JSONDecoder().decode(ToolDescription.self, from: Data(Self.description.utf8))
    return ManualPage.pages(of: tool.command, version: "1.2", date: "2026-01-31")
  }

  @Test("there is a page of the program and of each command that it shows")
  func files() throws {
    #expect(try pages().map(\.file) == ["finder.1", "finder-look.1"])
  }

  @Test("a command's page has its sections in mdoc's order, and roff reads nothing into the text")
  func page() throws {
    #expect(
      try pages()[1].text == #"""
        .\" Made by manual-pages of what `finder --help` says; changes here are lost.
        .Dd January 31, 2026
        .Dt FINDER-LOOK 1
        .Os finder 1.2
        .Sh NAME
        .Nm finder-look
        .Nd look at one
        .Sh SYNOPSIS
        .Nm finder
        .Cm look
        .Op Fl \-max\-size Ar k
        .Ar images ...
        .Sh DESCRIPTION
        Look at one.
        .Pp
        A sentence.
        Another with \(gacode\(ga \- and a dash.
        .Pp
        \&.hidden files count.
        .Bl -tag -width Ds
        .It Ar images
        Pictures.
        .It Fl k , Fl \-max\-size Ar k
        How many.
        (values: 5, 6; default: 5)
        .El
        .Sh EXIT STATUS
        .Bd -literal
        0 found   1 nothing
        .Ed
        .Sh EXAMPLES
        .Bd -literal
        finder look \(aqa \e b\(aq \(ti/x\(ha2 \e
          \-\-model m
        \&.finder
        .Ed
        .Sh SEE ALSO
        .Xr finder 1

        """#)
  }

  @Test("a word of a title is no macro")
  func macros() throws {
    #expect(try pages()[0].text.contains("\n.Nd find \\&In pictures\n"))
  }
}
